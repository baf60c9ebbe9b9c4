"""Lesson 1.4: a session runs the plan on a device.

Operation, variable and placeholder together make a layer of a network: `h = ReLU(Wx + b)`. The
formula takes `x` as a column; code has one example a row and writes `x @ W + b`. `x` is
[None, 784], `W` is [784, 100] within [-1, 1], `b` is [100] and zero. We feed 64 random rows a
step and get `h`, [64, 100].

A plan does nothing until a **session** takes it. The session holds the variables, and runs each
node where `tf.device` asked for it. Asked and seen are two things: TensorFlow can record of a run
what ran where (`RunMetadata`), and a claim compares that with what we asked.

Look also at what ran. `MatMul`, `AddV2` and `Relu` were written; the session saw them in a row and
ran one kernel, a piece of compiled code, in their place. Eager TensorFlow cannot: at `MatMul` it
does not know what follows.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
SEED = [20, 18]  # of W, the same for every `--seed`

# Each kernel sums the 784 products in its own order; TF 1.15 ends 3e-5 away. Sums below 64 are
# spaced by 4e-6 in float32, and 1e-4 allows two dozen such roundings.
RTOL = 0.0
ATOL = 1e-4


def cases(seed=0):
    random = np.random.RandomState(seed)
    return [random.random_sample((64, 784)).astype(np.float32) for _ in range(10)]


# The device is asked for while the plan is made and honoured when it is run.
# `stateless_uniform` stands for the `random_uniform` of old code: from one seed
# it draws the same W in all three ways, and in TensorFlow 1.15.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        uniform = tf.random.stateless_uniform([784, 100], SEED, -1.0, 1.0)
        W = tf1.get_variable("W", initializer=uniform)
        b = tf1.get_variable("b", initializer=tf.zeros([100]))
        start = tf1.global_variables_initializer()
        # inputs
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        # model
        h = tf.nn.relu(tf.matmul(x, W) + b, name="h")
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        answers = [session.run(h, {x: case}) for case in cases]
        return {"h": answers, "W": session.run(W)}


# No session: the line runs where it stands, on the device that is asked for
# around it. Each op goes from Python to the runtime on its own, the reading of
# `W` and of `b` too. In ported code `session.run` goes and `tf.device` stays.
def eager(cases, device):
    with tf.device(device):
        # variables
        uniform = tf.random.stateless_uniform([784, 100], SEED, -1.0, 1.0)
        W = tf.Variable(uniform, name="W")
        b = tf.Variable(tf.zeros([100]), name="b")
        answers = []
        for case in cases:
            # inputs
            x = tf.constant(case)
            # model
            h = tf.nn.relu(tf.matmul(x, W) + b)
            # run
            answers.append(h.numpy())
    return {"h": answers, "W": W.numpy()}


# The call takes the place of `session.run`: feeds are arguments, fetches are
# what is returned. Ask for the device around the call; it then holds for the
# variables and for every op that does not ask for another.
def function(cases, device):
    with tf.device(device):
        # variables
        uniform = tf.random.stateless_uniform([784, 100], SEED, -1.0, 1.0)
        W = tf.Variable(uniform, name="W")
        b = tf.Variable(tf.zeros([100]), name="b")
        # inputs
        x_spec = tf.TensorSpec([None, 784], tf.float32, name="x")

        # model
        @tf.function(input_signature=[x_spec])
        def layer(x):
            return tf.nn.relu(tf.matmul(x, W) + b, name="h")

        # run
        answers = [layer(case).numpy() for case in cases]
    return {"h": answers, "W": W.numpy()}


def _trace(device):
    """What ran of the layer in a session, where, and by which kernel: TensorFlow's own trace."""
    with tf.Graph().as_default() as g, tf.device(device):
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        W = tf1.get_variable("W", initializer=tf.ones([784, 100]))
        b = tf1.get_variable("b", initializer=tf.zeros([100]))
        h = tf.nn.relu(tf.matmul(x, W, name="product") + b, name="h")
        start = tf1.global_variables_initializer()
    options, trace = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), tf1.RunMetadata()
    with tf1.Session(graph=g) as session:
        session.run(start)
        session.run(h, {x: np.ones((64, 784))}, options=options, run_metadata=trace)
    ran = [(d.device, n) for d in trace.step_stats.dev_stats for n in d.node_stats]
    return {n.node_name: (d, n.timeline_label) for d, n in ran if n.node_name[0] != "_"}


def claim_placement_seen_is_placement_asked():
    """Ask for each CPU device there is: every node that ran in the session ran there, and an
    eager tensor says the same of itself."""
    for name in [d.name for d in tf.config.list_logical_devices("CPU")]:
        seen = _trace(name)
        assert {"W", "b", "h"} <= set(seen)
        assert all(device.endswith(name) for device, _ in seen.values())
        with tf.device(name):
            assert tf.nn.relu(tf.ones([2])).device.endswith(name)


def claim_three_operations_were_written_and_one_kernel_ran():
    """`MatMul` and `AddV2` were not run: the kernel under the name of the last, `h`, did it all.
    It is oneDNN's, `_Mkl...` in a trace; a TensorFlow without oneDNN runs all three."""
    ran = _trace("CPU:0")
    written = {"product", "add", "h"}
    assert written & set(ran) == ({"h"} if "_Mkl" in str(ran) else written)


def claim_numpy_gives_the_same_h():
    """`h` is a matrix product and a maximum in NumPy too, and `W` is within [-1, 1]."""
    x = cases()[0]
    layer = eager([x], "CPU:0")
    assert np.abs(layer["W"]).max() <= 1.0 and layer["h"][0].shape == (64, 100)
    assert np.allclose(layer["h"][0], np.maximum(x @ layer["W"], 0.0), RTOL, ATOL)


def claim_the_decks_execution_slide_never_ran():
    """The workshop's slide feeds `np.random.random(64, 784)`, a TypeError: the shape is one tuple.
    Its `initialize_all_variables` was to be removed after 2017-03-02, and names what to write now:
    `global_variables_initializer`."""
    with raises(TypeError, match="at most 1 positional argument"):
        np.random.random(64, 784)
    assert np.random.random((64, 784)).shape == (64, 784)
    words = tf1.initialize_all_variables.__doc__
    assert "removed after 2017-03-02" in words and "global_variables_initializer" in words
    assert not hasattr(tf, "initialize_all_variables")


def quiz_what_is_in_the_session_after_a_run():
    """We run `h` for 64 rows, then fetch `W` from the same session. How many numbers come back?

    `W` is [784, 100]. The session holds the variables; `h` was handed out and is not kept.
    """
    return graph(cases()[:1], "CPU:0")["W"].size


def quiz_does_a_graph_made_for_a_device_run_at_once():
    """`tf.matmul(tf.ones([2, 784]), tf.ones([784, 100]))` is written in a graph under
    `tf.device("GPU:99")`, which is nowhere. No session has seen it yet. Is there an error?

    - yes
    - no

    A device is asked for while the plan is made, and looked for when a session places the nodes.
    """
    try:
        with tf.Graph().as_default(), tf.device("GPU:99"):
            tf.matmul(tf.ones([2, 784]), tf.ones([784, 100]))
    except (ValueError, tf.errors.OpError):
        return "yes"
    return "no"
