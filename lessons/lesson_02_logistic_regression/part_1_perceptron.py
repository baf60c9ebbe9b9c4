"""Lesson 2.1: a perceptron learns from its mistakes.

A **perceptron** weighs its inputs, adds them up, `z = x @ W + b`, and answers 1 where `z > 0`
and 0 elsewhere. When it is wrong, `error = target - answer` is +1 or -1, and the whole rule
of learning is `W += xᵀ error` and `b += error`; for one row, [1, 2] and [1, 3], the first is
[2, 1] @ [1, 3]. A right answer has the error 0 and changes nothing.

We train three perceptrons side by side, one in each column of `W`, on the truth tables of
AND, OR and XOR: `x` is [rows, 2], `W` is [2, 3], `b` is [3], the answer is [rows, 3]. A step
shows one row of the tables, and four steps are a sweep. `loss` counts a step's wrong answers.

Watch the loss. After a few sweeps AND and OR make no more mistakes, and it stands at 1: that
is XOR, wrong at every step, and a claim below shows why no patience will help it.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
GATES = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1], [1, 1, 0]], np.float32)  # AND, OR, XOR
SWEEPS = 10
CASES = [(X[row : row + 1], GATES[row : row + 1]) for row in range(4)] * SWEEPS
RTOL = ATOL = 0.0  # small whole numbers, which float32 holds exactly


def summary(steps, W, b):
    loss, error = ([np.array(step[i]) for step in steps] for i in range(2))
    accuracy = np.mean((X @ W + b > 0) == GATES)  # of the 12 answers
    return {"loss": loss, "error": error, "accuracy": accuracy, "W": W, "b": b}


# `assign_add` makes a node, and `W` changes only when a session runs that node. So the loop
# fetches `learn` beside the loss; without it the weights would stay zero, and nobody would say.
def graph(cases, device):
    steps = []
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        W = tf1.get_variable("W", initializer=tf.zeros([2, 3]))
        b = tf1.get_variable("b", initializer=tf.zeros([3]))
        # inputs
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        target = tf1.placeholder(tf.float32, [None, 3], name="target")
        # model
        z = tf.add(tf.matmul(x, W), b, name="z")
        answer = tf.cast(z > 0, tf.float32, name="answer")
        # loss
        error = tf.subtract(target, answer, name="error")
        loss = tf.reduce_sum(tf.abs(error), name="loss")
        # train
        add_W = W.assign_add(tf.matmul(x, error, transpose_a=True))
        add_b = b.assign_add(tf.reduce_sum(error, axis=0))
        learn = tf.group(add_W, add_b, name="learn")
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.variables_initializer([W, b]))
        for row, gates in cases:
            fed = {x: row, target: gates}
            steps.append(session.run([loss, error, learn], fed)[:2])
        # results
        return summary(steps, *session.run([W, b]))


# The same lines, but each does its work when Python comes to it: `assign_add` adds there and
# then, so nothing need be fetched for its effect. The placeholders have become arguments.
def eager(cases, device):
    steps = []
    with tf.device(device):
        # variables
        model = tf.Module()
        model.W = tf.Variable(tf.zeros([2, 3]), name="W")
        model.b = tf.Variable(tf.zeros([3]), name="b")

        # inputs
        def learn(x, target):
            # model
            z = tf.matmul(x, model.W) + model.b
            answer = tf.cast(z > 0, tf.float32)
            # loss
            error = target - answer
            loss = tf.reduce_sum(tf.abs(error))
            # train
            model.W.assign_add(tf.matmul(x, error, transpose_a=True))
            model.b.assign_add(tf.reduce_sum(error, axis=0))
            return loss, error

        # run
        for row, gates in cases:
            steps.append(learn(row, gates))
    # results
    return summary(steps, model.W.numpy(), model.b.numpy())


# `learn` is traced once into a graph of its own. TF1 needed `tf.group`; here whatever changes
# a variable runs, in the order of the lines, also when nobody returns it.
def function(cases, device):
    steps = []
    with tf.device(device):
        # variables
        model = tf.Module()
        model.W = tf.Variable(tf.zeros([2, 3]), name="W")
        model.b = tf.Variable(tf.zeros([3]), name="b")

        # inputs
        @tf.function
        def learn(x, target):
            # model
            z = tf.matmul(x, model.W) + model.b
            answer = tf.cast(z > 0, tf.float32)
            # loss
            error = target - answer
            loss = tf.reduce_sum(tf.abs(error))
            # train
            model.W.assign_add(tf.matmul(x, error, transpose_a=True))
            model.b.assign_add(tf.reduce_sum(error, axis=0))
            return loss, error

        # run
        for row, gates in cases:
            steps.append(learn(row, gates))
    # results
    return summary(steps, model.W.numpy(), model.b.numpy())


def claim_and_and_or_are_learned(results):
    """AND and OR make no mistake in the last sweep."""
    for way in results.values():
        sweeps = np.reshape(way["error"], [SWEEPS, 4, 3])
        assert not sweeps[-1, :, :2].any()


def claim_xor_is_not(results):
    """XOR is wrong in every sweep, and would be for any weights: a sum cannot tell
    z(0,0) + z(1,1) from z(0,1) + z(1,0), and XOR wants one small and the other large."""
    for way in results.values():
        sweeps = np.reshape(way["error"], [SWEEPS, 4, 3])
        assert sweeps[:, :, 2].any(axis=1).all()
        z = X @ way["W"] + way["b"]
        np.testing.assert_array_equal(z[0] + z[3], z[1] + z[2])


def claim_a_python_if_cannot_decide_in_a_graph():
    """`if z > 0` fails while a graph is built: z is a promise and has no value to ask for."""
    with tf.Graph().as_default(), raises(TypeError, match="Python `bool`"):
        z = tf1.placeholder(tf.float32, [])
        _ = 1 if z > 0 else 0


def quiz_which_weight_does_a_mistake_on_zeros_move():
    """The perceptron of OR is wrong on `x = (0, 0)`: it answers 1 where 0 is right. Which of its
    parameters changes?

    - both weights and the bias
    - the bias only
    - none of them

    The step adds `error * x` to the weights, and `x` is zero; the bias gets `error`, -1.
    """
    x, error = X[:1], np.array([[-1.0]])
    moved = (x.T @ error).any(), error.sum() != 0
    return {(True, True): "both weights and the bias", (False, True): "the bias only"}.get(
        moved, "none of them"
    )


def quiz_how_often_is_xor_wrong_after_many_sweeps():
    """Ten sweeps have passed. In the last one, on how many of the four rows is XOR wrong?

    On all four. Each step mends its own row and spoils the next one; the weights go round in a
    ring. AND and OR are wrong on none.
    """
    return np.abs(np.reshape(eager(CASES, "CPU:0")["error"], [SWEEPS, 4, 3])[-1, :, 2]).sum()
