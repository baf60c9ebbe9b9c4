"""Lesson 22.1: a tape knows what it has seen.

`score = tanh(x @ W)`; `x` is [rows, 2], `W` is [2, 1]. The slope `dx` of a score in its `x`, [rows,
2], should be of length 1: `loss = mean(score) + 10 * mean((|dx| - 1)²)`. So `dW` is the gradient
of something in which there is a gradient.

Who ports this opens a tape for `dx`, and below it a tape for `dW`, one for each `tf.gradients`.
The loss is right to the last bit, and `dW` is (0.22, 0.47) instead of (-5.22, 2.46).

TF1 asks the graph, which holds every op. A tape holds what ran *while it was open*, and of that
what came from a variable or from what it **watches**. To the second tape `dx` is a number from
nowhere; of what it never saw it says `None`.

So the tape of `dx` is opened inside the tape of `dW`, watches `x`, which is no variable, and is
asked while the outer one still listens. Do not take the loss as proof: compare the gradients.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
START = np.float32([[0.5], [-0.25]])
CASES = [np.float32([[1, 2], [0.5, -1], [-1, 0.25]]), np.float32([[0, 0.75]])]
RTOL = ATOL = 1e-5  # tanh and its slopes may differ in their last bits


def penalised(score, dx):
    return tf.reduce_mean(score) + 10 * tf.reduce_mean(tf.square(tf.norm(dx, axis=1) - 1))


def by_name(answers):
    return {name: [np.array(a[i]) for a in answers] for i, name in enumerate(["dx", "total", "dW"])}


# `tf.gradients` gives the gradient of the *sum* of what it is asked for, as a
# tape does. No row's score depends on another: each row of `dx` is its slope.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        W = tf1.get_variable("W", initializer=START)
        # model
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        score = tf.tanh(tf.matmul(x, W), name="score")
        (dx,) = tf.gradients(score, [x])
        loss = penalised(score, dx)
        (dW,) = tf.gradients(loss, [W])
    # run
    with tf1.Session(graph=g) as session:
        session.run(W.initializer)
        answers = [session.run([dx, loss, dW], {x: case}) for case in cases]
    return by_name(answers)


# The indentation is the port: `dx` and what is made of it stand inside the
# outer tape. `W` is watched unasked, as a variable that can be trained.
def eager(cases, device):
    with tf.device(device):
        # variables
        W = tf.Variable(START, name="W")

        def gradients(x):
            # model
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    score = tf.tanh(tf.matmul(x, W), name="score")
                dx = inner.gradient(score, x)
                loss = penalised(score, dx)
            return dx, loss, outer.gradient(loss, W)

        # run
        answers = [gradients(tf.constant(case)) for case in cases]
    return by_name(answers)


# A function is a graph, and there `tf.gradients` still answers: the lines of TF1
# may stay as they are, once they are in a function.
def function(cases, device):
    with tf.device(device):
        # variables
        W = tf.Variable(START, name="W")

        @tf.function(input_signature=[tf.TensorSpec([None, 2], name="x")])
        def gradients(x):
            # model
            score = tf.tanh(tf.matmul(x, W), name="score")
            (dx,) = tf.gradients(score, [x])
            loss = penalised(score, dx)
            return dx, loss, tf.gradients(loss, [W])[0]

        # run
        answers = [gradients(case) for case in cases]
    return by_name(answers)


def claim_a_slope_from_an_earlier_tape_teaches_nothing(results):
    """The wrong port, two tapes one below the other: the loss is the same to the last bit, and `dW`
    is (0.22, 0.47) instead of (-5.22, 2.46)."""
    x, W = tf.constant(CASES[0]), tf.Variable(START)
    with tf.GradientTape() as first:
        first.watch(x)
        score = tf.tanh(tf.matmul(x, W))
    dx = first.gradient(score, x)
    with tf.GradientTape() as second:
        loss = penalised(tf.tanh(tf.matmul(x, W)), dx)
    assert loss.numpy() == results["eager"]["total"][0]
    assert np.allclose(second.gradient(loss, W)[:, 0], [0.218, 0.466], atol=0.001)
    assert np.allclose(results["graph"]["dW"][0][:, 0], [-5.219, 2.458], atol=0.001)


def claim_what_was_not_watched_is_none():
    """`x` is no variable: unwatched, its gradient is `None`, and an optimizer of TF1 passes over a
    `None` in silence. Who asks `tf.gradients` in eager mode is refused."""
    x, W, other = tf.constant(CASES[0]), tf.Variable(START), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        score = tf.tanh(tf.matmul(x, W))
    pairs = [(tape.gradient(score, x), W), (tf.constant(1.0), other)]
    tf1.train.GradientDescentOptimizer(0.5).apply_gradients(pairs)
    assert pairs[0][0] is None and (W == START).numpy().all() and other.numpy() == 0.5
    with raises(RuntimeError, match="Use tf.GradientTape instead"):
        tf.gradients(score, x)


def claim_stop_gradients_is_no_argument_of_a_tape():
    """`y = a * b` with `b = 2 * a` at 3: 12, and 6 where `stop_gradients` holds `b`. A tape has no
    such argument and says 12, until `tf.stop_gradient` stands in the model."""
    with tf.Graph().as_default() as g, tf1.Session(graph=g) as session:
        a = tf.constant(3.0)
        b = 2 * a
        held = tf.gradients(a * b, [a], stop_gradients=[b])
        assert session.run([tf.gradients(a * b, [a]), held]) == [[12.0], [6.0]]
    for hold, slope in ((tf.identity, 12.0), (tf.stop_gradient, 6.0)):
        a = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = a * hold(2 * a)
        assert tape.gradient(y, a).numpy() == slope


def claim_a_row_read_again_is_another_slice():
    """Of a table whose row 0 is read three times, a gradient is four `IndexedSlices`. Their norm is
    2, that of the dense gradient, in which rows are added, is 3.16: densify, and you clip more."""
    table = tf.Variable([[1.0], [2.0], [3.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(table, [0, 0, 0, 2])
    dt = tape.gradient(y, table)
    norms = [tf.linalg.global_norm([each]) for each in (dt, tf.convert_to_tensor(dt))]
    assert np.array_equal(dt.indices, [0, 0, 0, 2]) and np.allclose(norms, [2, 10**0.5])


def quiz_what_is_the_slope_when_a_factor_is_held():
    """`y = a * stop_gradient(2 * a)`, and `a` is 3. What is `dy/da`?

    The second factor counts as the number 6. Without `stop_gradient` the slope is that of `2 a²`,
    12.
    """
    a = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = a * tf.stop_gradient(2 * a)
    return float(tape.gradient(y, a))


def quiz_does_the_loss_show_that_a_tape_saw_too_little():
    """Two ports have the same loss, to the last bit. In one the tape of `dx` stands inside the tape
    of `dW`, in the other before it. Is `dW` the same?

    - yes
    - no

    To the second tape `dx` is a number from nowhere: the penalty adds nothing to `dW`. Compare
    gradients, not losses.
    """
    x, W = tf.constant(CASES[0]), tf.Variable(START)
    with tf.GradientTape() as first:
        first.watch(x)
        score = tf.tanh(tf.matmul(x, W))
    dx = first.gradient(score, x)
    with tf.GradientTape() as second:
        loss = penalised(tf.tanh(tf.matmul(x, W)), dx)
    return bool(np.allclose(second.gradient(loss, W), eager(CASES[:1], "CPU:0")["dW"][0]))
