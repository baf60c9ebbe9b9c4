"""Lesson 28.2: a training graph becomes a tape.

Most of what is in a training graph nobody wrote: `tf.gradients` has made it. Ported op by op these
lines are right, and a trap. Someone changes `tanh` to `relu` in the forward lines, and the backward
lines still multiply by `1 - h * h`, the slope of tanh. All runs, and the gradient of `w1` is off by
0.26 where its largest number is 0.21.

What was derived is not ported, it is derived again: a `GradientTape` around the forward lines. One
may do so only if TensorFlow, asked for these gradients, makes exactly the ops of the file; else
they are somebody's own, and stay.

The update is an op too, `ApplyMomentum`, with one more variable for each weight. It becomes the
formula that it is.

`x` is [3, 2] and `t` is [3]; the weights are `w1` [2, 3] and `w2` [3]. Each step gives `loss`, and
the weights after it. Look at `Model.__call__`: `graphlab port 28.2:graph -o model.py` writes it.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Losses, raises

tf1 = tf.compat.v1
W1, W2 = np.float32([[0.5, -1, 0.25], [1, 0.5, -0.75]]), np.float32([1, -0.5, 0.75])
CASES = [
    (np.float32([[n % 3, 1], [1, -n % 2], [-1, n % 4]]) / 2, np.float32([1, n % 2, -1]))
    for n in range(6)
]
RTOL = ATOL = 1e-6  # the losses are means of three numbers, added in any order


# The forward lines are what the author wrote. `minimize` puts the backward ops under
# `gradients/`, and an update for each variable.
def graph(cases, device):
    losses, w1s, w2s = Losses(), [], []
    with tf.Graph().as_default() as g, tf.device(device):
        # weights
        w1 = tf1.get_variable("w1", initializer=W1)
        w2 = tf1.get_variable("w2", initializer=W2)
        # step
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        t = tf1.placeholder(tf.float32, [None], name="t")
        h = tf.tanh(tf.matmul(x, w1), name="h")
        error = tf.subtract(tf.reduce_sum(h * w2, 1), t, name="error")
        loss = tf.reduce_mean(tf.square(error), name="loss")
        step = tf1.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        start = tf1.global_variables_initializer()
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        for rows, wanted in cases:
            now, _ = session.run([loss, step], {x: rows, t: wanted})
            losses.append(now)
            after = session.run([w1, w2])
            w1s.append(after[0])
            w2s.append(after[1])
    return {"loss": losses, "w1": w1s, "w2": w2s}


def momentum(variable, accum, lr, grad, momentum):
    """A step of tf.compat.v1.train.MomentumOptimizer."""
    accum.assign(accum * momentum + grad)
    variable.assign_sub(accum * lr)


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.w1 = tf.Variable(W1, name="w1")
        self.w2 = tf.Variable(W2, name="w2")
        self.w1_momentum = tf.Variable(np.zeros_like(W1))
        self.w2_momentum = tf.Variable(np.zeros_like(W2))

    def __call__(self, x, t):
        with tf.GradientTape() as tape:
            error = tf.reduce_sum(tf.tanh(tf.matmul(x, self.w1)) * self.w2, axis=1) - t
            loss = tf.reduce_mean(tf.square(error))
        w1_grad, w2_grad = tape.gradient(loss, [self.w1, self.w2])
        for variable, accum, grad in [
            (self.w1, self.w1_momentum, w1_grad),
            (self.w2, self.w2_momentum, w2_grad),
        ]:
            momentum(variable, accum, grad=grad, lr=0.1, momentum=0.9)
        return {"loss": loss}


# `Model`, above. The tape sees the forward lines as they are now, and so its slopes are
# theirs, whatever one changes.
def eager(cases, device):
    losses, w1s, w2s = Losses(), [], []
    with tf.device(device):
        # weights
        model = Model()
        # step
        step = model.__call__
        # run
        for rows, wanted in cases:
            losses.append(step(rows, wanted)["loss"].numpy())
            w1s.append(model.w1.numpy())
            w2s.append(model.w2.numpy())
    return {"loss": losses, "w1": w1s, "w2": w2s}


# Traced, the tape makes the backward ops that TF1 had in its file, and forgets them with
# the trace.
def function(cases, device):
    losses, w1s, w2s = Losses(), [], []
    with tf.device(device):
        # weights
        model = Model()
        # step
        x, t = tf.TensorSpec([None, 2]), tf.TensorSpec([None])
        step = tf.function(model.__call__, input_signature=[x, t])
        # run
        for rows, wanted in cases:
            losses.append(step(rows, wanted)["loss"].numpy())
            w1s.append(model.w1.numpy())
            w2s.append(model.w2.numpy())
    return {"loss": losses, "w1": w1s, "w2": w2s}


def copied(f, x, t):
    """The gradient of `w1` by the lines of the file's backward graph, for a layer with `f`."""
    h = f(tf.matmul(x, W1))
    error = tf.reduce_sum(h * W2, 1) - t
    above = (2 * error / 3)[:, None] * W2
    return tf.matmul(x, above * (1 - h * h), transpose_a=True)


def derived(f, x, t):
    """The same by a tape around the forward lines."""
    w1 = tf.Variable(W1)
    with tf.GradientTape() as tape:
        error = tf.reduce_sum(f(tf.matmul(x, w1)) * W2, 1) - t
        loss = tf.reduce_mean(tf.square(error))
    return tape.gradient(loss, w1)


def claim_copied_backward_lines_do_not_follow_a_change(results):
    """With `tanh` the copied lines give the first step of `w1` in all ways. With `relu` they are
    off by 0.26, of at most 0.21; the tape follows."""
    right = copied(tf.tanh, *CASES[0])
    for way in results.values():
        assert np.allclose(W1 - way["w1"][0], 0.1 * right, atol=1e-6)
    assert np.allclose(right, derived(tf.tanh, *CASES[0]), atol=1e-6)
    right = derived(tf.nn.relu, *CASES[0])
    off = np.abs(copied(tf.nn.relu, *CASES[0]) - right)
    assert (round(float(off.max()), 2), round(float(np.abs(right).max()), 2)) == (0.26, 0.21)


def claim_most_ops_of_the_file_were_derived(runs):
    """More ops of the step stand below `gradients/` than anywhere else."""
    names = [step.node for step in runs["graph"][1].steps]
    assert sum(name.startswith("gradients/") for name in names) > len(names) / 2


def claim_a_tape_must_see_the_forward_lines():
    """What is computed above the `with` has no slope: `None`, and the formula refuses it."""
    w, slot, x = tf.Variable(W2), tf.Variable(np.zeros_like(W2)), tf.constant(W2)
    loss = tf.reduce_mean(tf.square(w * x - 1.0))
    with tf.GradientTape() as tape:
        pass
    with raises(ValueError, match=r"Attempt to convert a value \(None\)"):
        momentum(w, slot, grad=tape.gradient(loss, w), lr=0.1, momentum=0.9)


def quiz_whose_slope_do_copied_backward_lines_have():
    """Forward and backward lines are ported op by op, with `tanh`. Then someone writes `relu` in
    the forward lines. Whose slope does the gradient have now?

    - that of tanh
    - that of relu
    - neither

    It is `1 - h * h`, which was the slope of tanh, of an `h` that is no tanh any more.
    """
    found = copied(tf.nn.relu, *CASES[0])
    slopes = {name: derived(getattr(tf.nn, name), *CASES[0]) for name in ("tanh", "relu")}
    right = [f"that of {name}" for name, slope in slopes.items() if np.allclose(found, slope)]
    return right[0] if right else "neither"
