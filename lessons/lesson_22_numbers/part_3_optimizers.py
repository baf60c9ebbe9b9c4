"""Lesson 22.3: an optimizer is a formula, not a name.

Adam becomes Adam, RMSProp RMSprop, Momentum SGD with a momentum. Three weights go eight steps by
the same gradients, and with Keras' defaults each ends elsewhere: by Adam 0.18 away where gradients
are small, by RMSProp 0.31, by Momentum 0.35.

`adam`, `rmsprop` and `momentum` are [2]: the first number gets gradients `d` of about 1, the second
a millionth of them. From step 5 on, the `rate` is half. TF1's formulas are in `expected`.

Adam divides by `sqrt(v) + epsilon`: TF1's is 1e-8, Keras' 1e-7. RMSProp's mean of squares begins at
1 in TF1, in Keras at 0, where the first step is three times the rate. Of Momentum TF1 keeps
`sum = 0.9 sum + d` and does `w -= rate * sum`; Keras keeps `sum = 0.9 sum - rate * d` and does
`w += sum`: the same, until the rate changes.

A port carries over what a name leaves out: epsilon, the start of a slot, the place of the rate.
Prove it as here, by gradients that are given, small ones too, and across a change of the rate.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Lines, raises

tf1, K = tf.compat.v1, tf.keras.optimizers
HEIGHTS = [1, 0.5, -1, 2, 1.5, -0.5, 1, 0.75]
CASES = [(0.1 if n < 4 else 0.05, np.float32([d, d / 1e6])) for n, d in enumerate(HEIGHTS)]
NAMES = ("adam", "rmsprop", "momentum")
RTOL = ATOL = 1e-5  # TF1 multiplies Adam's powers up, Keras computes each: 2e-6 apart at step 8


def by_name(answers):
    return dict(zip(NAMES, np.swapaxes(np.float32(answers), 0, 1)))


# A rate that changes is a placeholder. What an optimizer remembers are
# variables that it makes in the graph, its **slots**.
def graph(cases, device):
    answers = []
    with tf.Graph().as_default() as g, tf.device(device):
        # weights
        ones = tf.ones([2])
        w = [tf1.get_variable(name, initializer=ones) for name in NAMES]
        # step
        rate = tf1.placeholder(tf.float32, [], name="rate")
        d = tf1.placeholder(tf.float32, [2], name="d")
        adam = tf1.train.AdamOptimizer(rate)
        rms = tf1.train.RMSPropOptimizer(rate)
        heavy = tf1.train.MomentumOptimizer(rate, 0.9)
        pairs = zip((adam, rms, heavy), w)
        step = [own.apply_gradients([(d, each)]) for own, each in pairs]
        start = tf1.global_variables_initializer()
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        for speed, slope in cases:
            session.run(step, {rate: speed, d: slope})
            answers.append(session.run(w))
    return by_name(answers)


class Ported(tf.Module):
    def __init__(self):
        self.w = [tf.Variable([1.0, 1.0], name=name) for name in NAMES]
        self.sum = tf.Variable([0.0, 0.0], name="sum")
        self.adam, self.rms = K.Adam(epsilon=1e-8), K.RMSprop(epsilon=1e-10)
        self.adam.build(self.w[:1])
        self.rms.build(self.w[1:2])
        self.rms.variables[-1].assign([1.0, 1.0])  # its only slot, the mean of squares

    def step(self, rate, d):
        for optimizer, w in ((self.adam, self.w[0]), (self.rms, self.w[1])):
            optimizer.learning_rate.assign(rate)
            optimizer.apply_gradients([(d, w)])
        self.sum.assign(0.9 * self.sum + d)
        self.w[2].assign_sub(rate * self.sum)
        return [w + 0.0 for w in self.w]


# `Ported`, above, has Keras' Adam and RMSprop with TF1's numbers. Momentum is
# two lines and a variable, as no optimizer of Keras has its formula.
def eager(cases, device):
    with tf.device(device):
        # weights
        ported = Ported()
        # step
        step = ported.step
        # run
        answers = [step(*case) for case in cases]
    return by_name(answers)


# The rate comes as a tensor: a number of Python's would be a constant of the
# trace. The slots are there before it begins.
def function(cases, device):
    with tf.device(device):
        # weights
        ported = Ported()
        # step
        rate, d = tf.TensorSpec([]), tf.TensorSpec([2])
        step = tf.function(ported.step, input_signature=[rate, d])
        # run
        answers = [step(*case) for case in cases]
    return by_name(answers)


def expected(cases):
    w, m, v, square, total, found = np.ones([3, 2]), 0, 0, 1, 0, []
    for t, (rate, d) in enumerate(cases, 1):
        m, v = 0.9 * m + 0.1 * d, 0.999 * v + 0.001 * d**2
        square, total = 0.9 * square + 0.1 * d**2, 0.9 * total + d
        unbiased = rate * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        w[0] -= unbiased * m / (v**0.5 + 1e-8)
        w[1] -= rate * d / (square + 1e-10) ** 0.5
        w[2] -= rate * total
        found.append(w.copy())
    return by_name(found)


def _apart(optimizer, right):
    """How far a Keras optimizer's weights are from the right ones after each step: [steps, 2]."""
    w, found = tf.Variable([1.0, 1.0]), []
    for (rate, d), _ in zip(CASES, right):
        optimizer.learning_rate = rate
        optimizer.apply_gradients([(tf.constant(d), w)])
        found.append(w.numpy())
    return np.abs(np.subtract(found, right))


def figures(results):
    apart = {
        "Adam, small gradients": _apart(K.Adam(), results["adam"])[:, 1],
        "RMSprop": _apart(K.RMSprop(), results["rmsprop"])[:, 0],
        "SGD, momentum=0.9": _apart(K.SGD(momentum=0.9), results["momentum"])[:, 0],
    }
    return {
        "apart": Lines(
            "How far Keras' defaults are from TF1",
            "RMSprop is off by 0.2 to 0.3 from the first step on. Adam, where gradients are small, "
            "drifts away. Momentum is right for four steps, and leaves when the rate changes.",
            np.arange(1, len(results["adam"]) + 1),
            apart,
            x_label="step",
            y_label="distance of a weight",
        )
    }


def claim_adam_parts_where_gradients_are_small(results):
    """Adam as Keras has it: where gradients are about 1 the weight is right to 1e-5. Where they are
    1e-6 it is off by 0.05 after one step, by 0.18 after eight."""
    apart = _apart(K.Adam(), results["graph"]["adam"])
    assert apart[:, 0].max() < 1e-5
    assert np.allclose(apart[[0, 7], 1], [0.052, 0.176], atol=0.001)


def claim_epsilon_is_not_that_of_the_paper():
    """TF1's Adam and Keras' add epsilon before the bias of `v` is taken out, the paper after it. At
    step 1 a 1e-8 of TensorFlow's is 3.2e-7 of the paper's: by its formula the small weight goes
    0.099, not 0.076."""
    d = 1e-6
    paper = 0.1 * d / ((0.001 * d**2 / (1 - 0.999)) ** 0.5 + 1e-8)
    assert np.allclose([paper, 1 - expected(CASES)["adam"][0, 1]], [0.0990, 0.0760], atol=1e-4)


def claim_rmsprop_starts_at_one_and_cannot_be_told_to(results):
    """From 0, the first step of RMSProp is 3.2 times the rate and the weight off by 0.22, later by
    0.31. Keras' Adagrad can be told where to start; its RMSprop refuses the argument."""
    apart = _apart(K.RMSprop(), results["graph"]["rmsprop"])[:, 0]
    assert np.allclose([apart[0], apart.max()], [0.216, 0.313], atol=0.001)
    assert K.Adagrad(initial_accumulator_value=1.0)
    with raises(ValueError, match="initial_accumulator_value"):
        K.RMSprop(initial_accumulator_value=1.0)


def claim_momentum_parts_when_the_rate_changes(results):
    """`SGD(momentum=0.9)` is right to 1e-6 for four steps, as long as the rate stays. Then the rate
    is halved, and the weight is off by 0.10, four steps later by 0.35."""
    apart = _apart(K.SGD(momentum=0.9), results["graph"]["momentum"])[:, 0]
    assert apart[:4].max() < 1e-6
    assert np.allclose(apart[[4, 7]], [0.101, 0.346], atol=0.001)


def quiz_how_far_is_the_first_step_of_rmsprop():
    """Keras' `RMSprop` has the rate 0.1, and its mean of squares begins at 0. The first gradient is
    1. How far does the weight go?

    The mean is `0.1 * 1²`, and `0.1 / sqrt(0.1)` is 0.316. In TF1 it begins at 1, and the step is
    0.1.
    """
    w = tf.Variable(0.0)
    K.RMSprop(0.1).apply_gradients([(tf.constant(1.0), w)])
    return -float(w)


def quiz_how_far_does_the_momentum_of_tf1_go():
    """The gradient is 1 twice; the rate is 0.1 at the first step and 0.05 at the second. With a
    momentum of 0.9, how far has TF1's weight gone?

    `0.1 * 1 + 0.05 * 1.9`, 0.195: the rate of today multiplies the whole sum. Keras has it in the
    sum already, and goes 0.24.
    """
    w, rate = tf.Variable(0.0), tf.Variable(0.1)
    heavy = tf1.train.MomentumOptimizer(rate, 0.9)
    for speed in (0.1, 0.05):
        rate.assign(speed)
        heavy.apply_gradients([(tf.constant(1.0), w)])
    return -float(w)
