"""Lesson 2.3: the gradient is a graph, too.

The **gradient** of the loss says, for each weight, how fast the loss grows with it. Walk a little
the other way, `W -= rate * dW`, and the loss falls: **gradient descent**. TensorFlow writes the
gradient for us: going back from the loss, it adds for every op the op of its derivative.

We fit a plane through 64 noisy points: `x` is [64, 3], `y` is [64, 1], `W` is [3, 1], the loss is
`mean((x @ W - y)²)`, and its gradient `dW = 2/64 xᵀ (x @ W - y)` has the shape of `W`. The last
column of `x` is ones, so the last row of `W` is the bias. Each step sees all the points, and only
`W` moves. `accuracy` is the share of points met to within 0.2, two standard deviations of the
noise.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1


def cases(seed=0):
    random = np.random.RandomState(seed)
    x = np.hstack([random.normal(size=[64, 2]), np.ones([64, 1])])
    y = x @ [[3.0], [-2.0], [1.0]] + random.normal(scale=0.1, size=[64, 1])
    return [(np.float32(x), np.float32(y), np.float32(0.1))] * 200


RTOL = 1e-5  # two hundred steps in float32, which has 7 digits
ATOL = 1e-6  # near the minimum dW is a difference of sums of order 1, and 1e-7 of it is noise


def summary(steps, W):
    loss, near, dW = ([np.array(step[i]) for step in steps] for i in range(3))
    return {"loss": loss, "accuracy": near[-1].mean(), "dW": dW, "W": W}


# `tf.gradients` runs nothing: it walks from the loss back to `W` and adds nodes on its way.
# The picture of the graph shows them, a mirror image under `gradients/`.
def graph(cases, device):
    steps = []
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        W = tf1.get_variable("W", initializer=tf.zeros([3, 1]))
        # inputs
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        y = tf1.placeholder(tf.float32, [None, 1], name="y")
        rate = tf1.placeholder(tf.float32, [], name="rate")
        # model
        error = tf.matmul(x, W) - y
        near = tf.abs(error) < 0.2
        # loss
        loss = tf.reduce_mean(tf.square(error), name="loss")
        # train
        (dW,) = tf.gradients(loss, [W])
        descend = W.assign_sub(rate * dW)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.variables_initializer([W]))
        for points, heights, speed in cases:
            fed = {x: points, y: heights, rate: speed}
            steps.append(session.run([loss, near, dW, descend], fed))
        # results
        return summary(steps, session.run(W))


# Without a graph there is nothing to walk back along. A `GradientTape` writes down the ops as
# they run, and plays them backwards when it is asked for a gradient.
def eager(cases, device):
    with tf.device(device):
        # variables
        W = tf.Variable(tf.zeros([3, 1]), name="W")

        # inputs
        def descend(x, y, rate):
            # model
            with tf.GradientTape() as tape:
                error = tf.matmul(x, W) - y
                near = tf.abs(error) < 0.2
                # loss
                loss = tf.reduce_mean(tf.square(error))
            # train
            (dW,) = tape.gradient(loss, [W])
            W.assign_sub(rate * dW)
            return loss, near, dW

        # run
        steps = [descend(*case) for case in cases]
    # results
    return summary(steps, W.numpy())


# The tape is at work only while the body is traced. What it finds, the backward half, becomes
# part of the traced graph, just as in TF1; when that graph runs there is no tape any more.
def function(cases, device):
    with tf.device(device):
        # variables
        W = tf.Variable(tf.zeros([3, 1]), name="W")

        # inputs
        @tf.function
        def descend(x, y, rate):
            # model
            with tf.GradientTape() as tape:
                error = tf.matmul(x, W) - y
                near = tf.abs(error) < 0.2
                # loss
                loss = tf.reduce_mean(tf.square(error))
            # train
            (dW,) = tape.gradient(loss, [W])
            W.assign_sub(rate * dW)
            return loss, near, dW

        # run
        steps = [descend(*case) for case in cases]
    # results
    return summary(steps, W.numpy())


def claim_the_gradient_equals_finite_differences():
    """Nudge a weight by h: (loss(+h) - loss(-h)) / 2h is its gradient, in all three ways."""
    x, y, rate = (np.float64(each) for each in cases()[0])
    h = 0.001 * np.eye(3)  # a nudge of one weight in each column
    for way in (graph, eager, function):
        first, second = way(cases()[:2], "CPU:0")["dW"]
        up, down = (np.mean((x @ (W - rate * first) - y) ** 2, axis=0) for W in (h, -h))
        assert np.allclose((up - down) / 0.002, second[:, 0], rtol=1e-5)


def claim_descent_ends_at_the_closed_form():
    """After 200 steps W is the least-squares solution, which algebra gives in one."""
    W = np.linalg.lstsq(*cases()[0][:2], rcond=None)[0]
    assert all(np.allclose(way(cases(), "CPU:0")["W"], W, 1e-5) for way in (graph, eager, function))


def claim_a_rate_too_large_diverges():
    """The limit is 2 / curvature: at 0.9 of it the loss falls, at 1.1 it grows a millionfold."""
    x, y, _ = cases()[0]
    limit = 2 / np.linalg.eigvalsh(2 * x.T @ x / 64).max()
    good, bad = (eager([(x, y, rate * limit)] * 100, "CPU:0")["loss"] for rate in (0.9, 1.1))
    assert good[-1] < good[0] and bad[-1] > 1e6 * bad[0]


def claim_a_yes_or_no_has_no_gradient():
    """The gradient of the perceptron's `z > 0` is None, and goes unnoticed until it is used."""
    W = tf.Variable([[1.0]])
    with tf.GradientTape() as tape:
        answer = tf.cast(W > 0, tf.float32)
    with raises(ValueError, match="a value .None."):
        W.assign_sub(tape.gradient(answer, W))


def quiz_what_is_the_gradient_at_the_minimum():
    """After 200 steps the loss stands at its least. How large is the largest number of `dW` then,
    to three digits after the point?

    At the minimum the loss grows in no direction. The loss itself is not 0: the noise is left.
    """
    return round(float(np.abs(eager(cases(), "CPU:0")["dW"][-1]).max()), 3)


def quiz_what_is_the_gradient_of_a_yes_or_no():
    """A tape watches `answer = tf.cast(W > 0, tf.float32)`. What is `tape.gradient(answer, W)`?

    - 0
    - None
    - an error

    No path of derivatives leads through `>`. It goes unnoticed until somebody uses it.
    """
    W = tf.Variable([[1.0]])
    with tf.GradientTape() as tape:
        answer = tf.cast(W > 0, tf.float32)
    try:
        found = tape.gradient(answer, W)
    except ValueError:
        return "an error"
    return "None" if found is None else "0"
