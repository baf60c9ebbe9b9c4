"""Lesson 6.1: a recurrence is a loop in the graph.

A recurrent network reads a sequence step by step, and keeps what it has read in a **state**:
`h = tanh(x[t] @ W + h @ U)`. `x` is [time, rows, 1], `W` is [1, 4], `U` is [4, 4], and `h`, four
units a row, starts at zero. The same matrices serve every step, so a sequence may have any
length: ours have 1, 6 and 32 steps.

A sequence shows its length when it is fed, and the graph is built before that. So the loop has to
be in the graph. The gradient runs back through it, last step to first. With `da[t]`, [rows, 4], for
what came to the `tanh` of step `t`, `dU = sum over t of h[t-1].T @ da[t]`, [4, 4], and
`dx[t] = da[t] @ W.T` says how much an input still counts in the end.

`U` is written by hand. Unit 0 forgets at once, unit 1 fades by a fifth a step, units 2 and 3
turn what they hold and hand it to each other, so they swing. Look at the picture of the states:
inputs come at steps 2 and 18, and each unit remembers them in its own manner.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, raises

tf1 = tf.compat.v1
W = np.array([[1, 1, 1, 0]], np.float32)
U = np.diag(np.float32([0, 0.8, 0.75, 0.75]))
U[2, 3], U[3, 2] = 0.6, -0.6  # with 0.75: a turn of 39 degrees, and a little shorter each time
CASES = [np.zeros([time, rows, 1], np.float32) for time, rows in ((1, 1), (6, 2), (32, 3))]
CASES[0][0, 0] = CASES[1][:3, 0] = CASES[1][3, 1] = 1
CASES[2][[2, 18], 0] = CASES[2][0, 1] = CASES[2][:, 2] = 1
RTOL = 1e-5  # tanh may differ in its last bit, and 32 steps hand that on
ATOL = 1e-6


# Python runs the body once, to build it: a list would collect one tensor, not one a round. A
# `TensorArray` collects in the graph. The body takes all that changes from round to round, the
# array too, and returns it. `tf.gradients` builds a second loop, for the way back.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, None, 1], name="x")
        time, rows, u = tf.shape(x)[0], tf.shape(x)[1], tf.constant(U)
        states = tf.TensorArray(tf.float32, time)

        # model
        def step(t, h, states):
            h = tf.tanh(tf.matmul(x[t], W) + tf.matmul(h, u))
            return t + 1, h, states.write(t, h)

        begin = (0, tf.zeros([rows, 4]), states)
        _, h, states = tf.while_loop(lambda t, *_: t < time, step, begin)
        # gradient
        dU, dx = tf.gradients(tf.reduce_sum(h), [u, x])
        found = {"h": states.stack(), "dU": dU, "dx": dx}
    # run
    with tf1.Session(graph=g) as session:
        answers = [session.run(found, {x: case}) for case in cases]
    # results
    return {name: [a[name] for a in answers] for name in found}


# A ported `while_loop` is Python's own loop here, and the `TensorArray` a list. The tape writes
# down the rounds as they happen, one after the other: the loop is **unrolled**, as long as the
# sequence is.
def eager(cases, device):
    def read(x):
        # inputs
        x, u, states = tf.constant(x), tf.constant(U), []
        # model
        with tf.GradientTape() as tape:
            tape.watch([u, x])
            h = tf.zeros([x.shape[1], 4])
            for t in range(x.shape[0]):
                h = tf.tanh(tf.matmul(x[t], W) + tf.matmul(h, u))
                states.append(h)
            last = tf.reduce_sum(h)
        # gradient
        dU, dx = tape.gradient(last, [u, x])
        return {"h": tf.stack(states), "dU": dU, "dx": dx}

    # run
    with tf.device(device):
        answers = [read(case) for case in cases]
    # results
    return {name: [a[name].numpy() for a in answers] for name in answers[0]}


# AutoGraph rewrites the Python of a function: a `for` over a tensor becomes the `while_loop`, and
# the names its body sets are what it hands on. A `for` over a Python `range` stays Python, and
# unrolls. So a `while_loop` is ported as a `for` over `tf.range`, and keeps its `TensorArray`.
def function(cases, device):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 1])])
    def read(x):
        # inputs
        time, rows, u = tf.shape(x)[0], tf.shape(x)[1], tf.constant(U)
        states = tf.TensorArray(tf.float32, time)
        # model
        with tf.GradientTape() as tape:
            tape.watch([u, x])
            h = tf.zeros([rows, 4])
            for t in tf.range(time):
                h = tf.tanh(tf.matmul(x[t], W) + tf.matmul(h, u))
                states = states.write(t, h)
            last = tf.reduce_sum(h)
        # gradient
        dU, dx = tape.gradient(last, [u, x])
        return {"h": states.stack(), "dU": dU, "dx": dx}

    # run
    with tf.device(device):
        answers = [read(case) for case in cases]
    # results
    return {name: [a[name].numpy() for a in answers] for name in answers[0]}


def expected(cases):
    states = [[np.zeros([case.shape[1], 4])] for case in cases]
    for i, case in enumerate(cases):
        for x in case:
            states[i].append(np.tanh(x @ W + states[i][-1] @ U))
    return {"h": [np.float32(h[1:]) for h in states]}


def claim_an_unrolled_graph_grows_and_a_loop_does_not():
    """Unrolled over `range`, the last state and its gradient take 131 operations for 6 steps, 677
    for 32; over `tf.range` 39 for either. The gradients agree."""

    def read(x, steps):
        h = tf.zeros([3, 4])
        for t in steps:
            h = tf.tanh(tf.matmul(x[t], W) + tf.matmul(h, U))
        return tf.gradients(h, x)[0]

    for x, size in ((CASES[2][:6], 131), (CASES[2], 677)):
        slopes = []
        for steps, most in ((range(len(x)), size), (tf.range(len(x)), 39)):
            plan = tf.function(read).get_concrete_function(x, steps)
            assert len(plan.graph.get_operations()) == most
            slopes.append(plan(x, steps))
        assert np.allclose(*slopes, RTOL, ATOL)


def claim_a_write_whose_answer_is_dropped_is_lost():
    """`states.write(t, h)` without `states =` is forgotten, in silence: the stack is zeros. An
    `append` in such a loop at least raises."""

    def sevens(collect):
        states, kept = tf.TensorArray(tf.float32, 3), []
        for t in tf.range(3):
            if collect == "append":
                kept.append(tf.cast(t, tf.float32))
            elif collect == "keep":
                states = states.write(t, 7.0)
            else:
                states.write(t, 7.0)
        return tf.stack(kept) if kept else states.stack()

    assert tf.function(sevens)("keep").numpy().tolist() == [7.0, 7.0, 7.0]
    assert tf.function(sevens)("drop").numpy().tolist() == [0.0, 0.0, 0.0]
    with raises(ValueError, match="out of scope"):
        tf.function(sevens)("append")


def claim_a_state_keeps_its_shape():
    """Start `h` as [1, 4], for the first step to spread over the rows, and the loop is refused: a
    state leaves the body in the shape in which it came."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, None, 1])
        with raises(ValueError, match="shape_invariants"):
            tf.while_loop(lambda h: True, lambda h: tf.matmul(x[0], W) + h, [tf.zeros([1, 4])])


def claim_tf1_wrote_out_what_is_one_op_here(runs):
    """The loop is one op, a `StatelessWhile`, and its gradient a second. Before they run they are
    taken apart into `Enter`, `Merge`, `Switch` and so on; TF1 had put those into the graph."""
    run = runs["graph"][-1]
    written, ran = [node.op for node in run.built.nodes], {step.op for step in run.steps}
    parts = {"Enter", "Merge", "Switch", "NextIteration", "Exit"}
    assert written.count("StatelessWhile") == 2
    assert not parts & set(written) and parts <= ran


def figures(results):
    return {
        "states": Heat(
            "What four units remember of two inputs",
            "The input, and the four units over 32 steps. Unit 0 forgets at once. Unit 1 fades, "
            "without a change of sign. Units 2 and 3 swing between above 0 and below, "
            "and have not come to rest when the second input arrives.",
            np.hstack([CASES[2][:, 0], results["h"][2][:, 0]]).T,
            row_names=["x", "unit 0", "unit 1", "unit 2", "unit 3"],
            column_names=[str(t) for t in range(32)],
            signed=True,
        )
    }


def quiz_how_much_longer_is_the_graph_of_a_longer_sequence():
    """Over `tf.range` the graph of a sequence of 6 steps has 39 operations, gradient and all. How
    many has that of a sequence of 32?

    The loop is in the graph once, and how often it goes round is a number that is computed. Over a
    Python `range` it would be 677.
    """

    def read(x, steps):
        h = tf.zeros([3, 4])
        for t in steps:
            h = tf.tanh(tf.matmul(x[t], W) + tf.matmul(h, U))
        return tf.gradients(h, x)[0]

    plan = tf.function(read).get_concrete_function(CASES[2], tf.range(32))
    return len(plan.graph.get_operations())


def quiz_what_is_in_an_array_whose_write_was_dropped():
    """In a loop of a function, `states.write(t, 7.0)` stands without `states =` before it. What is
    the sum of the three numbers in the stack?

    `write` gives an array with the number in it; who drops the answer keeps the old, empty one.
    """

    @tf.function
    def dropped():
        states = tf.TensorArray(tf.float32, 3)
        for t in tf.range(3):
            states.write(t, 7.0)
        return tf.reduce_sum(states.stack())

    return float(dropped())
