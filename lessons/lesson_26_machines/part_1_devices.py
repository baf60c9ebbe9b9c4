"""Lesson 26.1: a device that is not there is not missed.

A TF1 program places its operations by a function: variables on one device, all else on another.
`tf.device` does not take functions any more, so the port writes names, and one of them is wrong:
`GPU:7`. A session refuses to run that. Eagerly, and in a `tf.function`, it runs on CPU:0, and says
nothing: of two variables none is where it should be, and every number is right.

In TF1 **soft placement** is off unless a session's config asks for it; in TF2 it is on. Whoever
calls `tf.config.set_soft_device_placement(False)` has errors again; whoever does not can only look:
a tensor and a variable know where they are, `.device`.

The CPU is two devices here, CPU:0 and CPU:1. `w` and `b`, [2], live on CPU:1. An `x` of [2] comes
in, and `y = x * w + b`, [2], is computed on the device of the lesson. `places` are where `w`, `b`
and `y` are. Look at what a `with tf.device` in TF2 has to stand around: the line that makes the
variable, and the line that computes. A value that is needed elsewhere is copied there by itself.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import cpus, raises

tf1 = tf.compat.v1
_, STORE = cpus(2)
W, B = np.float32([1, 2]), np.float32([3, 4])
CASES = [np.float32(x) for x in ([1, 1], [2, 0], [0, 5])]
RTOL = ATOL = 0.0  # small whole numbers: bit-equal


def short(*devices):
    return np.array([each.rpartition("device:")[2] for each in devices])


# The function is asked for each operation when it is made: a variable is an operation of the type
# `VarHandleOp`, or `VariableV2` in old TF1. What it gives must be a whole name: a session does not
# know "CPU:1". Two devices have to be asked for in the session's config.
def graph(cases, device):
    def place(op):
        stored = op.type in ("VarHandleOp", "VariableV2")
        return "/device:" + (STORE if stored else device)

    with tf.Graph().as_default() as g, tf1.device(place):
        # variables
        w = tf1.get_variable("w", initializer=W)
        b = tf1.get_variable("b", initializer=B)
        # model
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = tf.add(x * w, b, name="y")
    # run
    config = tf1.ConfigProto(device_count={"CPU": 2})
    with tf1.Session(graph=g, config=config) as session:
        session.run(tf1.global_variables_initializer())
        ys = [session.run(y, {x: case}) for case in cases]
    # results
    return {"y": ys, "places": short(w.device, b.device, y.device)}


# A variable is where it was made. An operation that is made under no device follows its inputs;
# under one it goes there, and what it needs is copied.
def eager(cases, device):
    # variables
    with tf.device(STORE):
        w, b = tf.Variable(W, name="w"), tf.Variable(B, name="b")
    with tf.device(device):
        # model
        ys = []
        for x in cases:
            # run
            y = x * w + b
            ys.append(y.numpy())
    # results
    return {"y": ys, "places": short(w.device, b.device, y.device)}


# The device around the call is that of the function: what it returns is there. A `tf.device` in
# its body stands on the nodes, as it did in TF1.
def function(cases, device):
    # variables
    with tf.device(STORE):
        w, b = tf.Variable(W, name="w"), tf.Variable(B, name="b")

    # model
    @tf.function(input_signature=[tf.TensorSpec([2])])
    def line(x):
        with tf.device(device):
            return x * w + b

    # run
    with tf.device(device):
        answers = [line(x) for x in cases]
    # results
    ys = [y.numpy() for y in answers]
    return {"y": ys, "places": short(w.device, b.device, answers[0].device)}


def claim_a_wrong_name_moves_the_work_to_the_cpu():
    """Ask for GPU:7. Eagerly and in a function the sum is 3 and nothing is raised. The tensor knows
    where it is: CPU:0."""

    def add():
        with tf.device("GPU:7"):
            return tf.add(tf.constant(1.0), 2.0)

    for call in (add, tf.function(add)):
        assert (call().numpy(), *short(call().device)) == (3.0, "CPU:0")


def claim_a_session_refuses_it_unless_it_may_move_the_work():
    """The same in a session raises, and with `allow_soft_placement=True` it is 3."""
    with tf.Graph().as_default() as g, tf.device("GPU:7"):
        y = tf.add(1.0, 2.0)
    strict, soft = (tf1.ConfigProto(allow_soft_placement=each) for each in (False, True))
    failure = raises(tf.errors.InvalidArgumentError, match="GPU:7")
    with tf1.Session(graph=g, config=strict) as session, failure:
        session.run(y)
    with tf1.Session(graph=g, config=soft) as session:
        assert session.run(y) == 3.0


def claim_a_device_function_is_refused():
    """`tf.device(place)` raises, and `tf1.device(place)` raises where there is no graph."""
    for device in (tf.device, tf1.device):
        with raises(RuntimeError, match="does not support functions"), device(lambda op: "CPU:1"):
            tf.constant(1.0)


def claim_what_crosses_is_sent_and_received(runs):
    """The session has cut the graph in two, and put a `_Send` and a `_Recv` where a value crosses:
    the variables are on CPU:1, and the sum is not."""
    run = runs["graph"][-1]
    ran = {step.node: step.device for step in run.steps}
    assert (ran["w"], ran["y"] == STORE) == (STORE, False)
    assert {"_Send", "_Recv"} <= {step.op for step in run.steps}


def quiz_where_is_a_variable_that_is_used_under_another_device():
    """`w` was made under `CPU:1`, and `x * w` is computed under `CPU:0`. Where is `w` now?

    - CPU:0
    - CPU:1

    A variable stays where it was made. What is needed elsewhere is copied there, each time, without
    a word.
    """
    with tf.device(STORE):
        w = tf.Variable(W)
    with tf.device("CPU:0"):
        tf.constant(CASES[0]) * w
    return str(short(w.device)[0])


def quiz_what_does_a_function_do_under_a_device_that_is_not_there():
    """In a `tf.function` a sum stands under `GPU:7`, which is not there. What comes of the call?

    - an error
    - 3, from CPU:0

    Soft placement is on in TF2, in functions as in eager mode. Only a session's config, or
    `tf.config.set_soft_device_placement(False)`, makes it an error.
    """

    @tf.function
    def add():
        with tf.device("GPU:7"):
            return tf.add(tf.constant(1.0), 2.0)

    try:
        found = add()
    except tf.errors.InvalidArgumentError:
        return "an error"
    return f"{found.numpy():.0f}, from {short(found.device)[0]}"
