"""Lesson 23.3: a variable is made once.

A layer of TF1 is a function that calls `get_variable`, is called once to build the graph, and
never again. Ported word by word it calls `tf.Variable`, and is called in every step. It runs, and
its losses are 16, 16, 16: each step makes a weight of 0, moves it, and throws it away. TF1's are
16, 4, 1. The first loss proves nothing.

In a function the same lines are refused, and the error speaks of *singletons*: a variable may be
made while the function is traced for the first time, if later traces find it. So somebody has to
keep it. What TF1 kept in a scope by name, an *object* keeps as an attribute; a `tf.Module` also
finds what it holds.

Two places are right. `__init__` makes the variable where its shape is known; or the first call
does, where the shape comes with the input, behind `if self.w is None`. `x` is [rows], all of 2, `w`
is a number, the loss is the mean of `(w * x - 4)^2`, the rate is 1/16.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Lines, Losses, raises

tf1 = tf.compat.v1
CASES = [np.full(rows, 2, np.float32) for rows in (1, 1, 2, 2, 4)]
RTOL = ATOL = 0.0  # the distance is halved in each step, exact in float32: bit-equal


def error(y):
    return tf.reduce_mean(tf.square(y - 4.0))


# The layer is called once. The variable is in the graph under its name, and the
# session has its number: nobody else needs to keep it.
def graph(cases, device):
    losses = Losses()
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        def layer(x):
            w = tf1.get_variable("w", initializer=0.0)
            return w * x

        x = tf1.placeholder(tf.float32, [None], name="x")
        loss = error(layer(x))
        # train
        sgd = tf1.train.GradientDescentOptimizer(1 / 16)
        descend = sgd.minimize(loss)
        start = tf1.global_variables_initializer()
        (w,) = tf1.trainable_variables()
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        for case in cases:
            losses.append(session.run([loss, descend], {x: case})[0])
        return {"loss": losses, "w": session.run(w)}


class Layer(tf.Module):
    def __init__(self):
        super().__init__(name="layer")
        self.w = tf.Variable(0.0, name="w")

    def __call__(self, x):
        return self.w * x


def descend(layer, x):
    with tf.GradientTape() as tape:
        loss = error(layer(x))
    for w, dw in zip(layer.variables, tape.gradient(loss, layer.variables)):
        w.assign_sub(dw / 16)
    return loss


# `Layer`, above, makes its variable when it is made itself, and keeps it. To make
# the layer is what building the graph was; to call it is what a run was.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        layer = Layer()
        # train
        for x in cases:
            losses.append(descend(layer, x).numpy())
    # run
    return {"loss": losses, "w": layer.w.numpy()}


class Lazy(tf.Module):
    w = None

    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(tf.zeros(x.shape[1:]), name="w")
        return self.w * x


# `Lazy`, above, waits for an input to learn its shape. The first trace makes `w`;
# the traces for 2 and for 4 rows find it. Python's `if` is asked while tracing.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        layer = Lazy()

        # train
        @tf.function
        def step(x):
            layer(x)
            return descend(layer, x)

        for x in cases:
            losses.append(step(tf.constant(x)).numpy())
    # run
    return {"loss": losses, "w": layer.w.numpy()}


def _forgetful(x):
    """The wrong port: `get_variable` became `tf.Variable`."""
    w = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        loss = error(w * x)
    w.assign_sub(tape.gradient(loss, w) / 16)
    return loss


def figures(results):
    right = results["loss"]
    return {
        "losses": Lines(
            "A weight that is kept, and one that is made in each call",
            "Both begin with a loss of 16. The kept weight halves its distance each step, so its "
            "loss falls to a quarter. The other begins at 0 again, and its loss stays at 16.",
            np.arange(1, len(right) + 1),
            {"kept": right, "made anew": [_forgetful(x) for x, _ in zip(CASES, right)]},
            x_label="step",
            y_label="loss",
        )
    }


def claim_a_variable_of_each_call_learns_nothing(results):
    """The wrong port: 16, 16, 16 in eager mode, where TF1 had 16, 4, 1. In a function the second
    variable is refused."""
    assert [_forgetful(x).numpy() for x in CASES[:3]] == [16.0, 16.0, 16.0]
    assert list(results["graph"]["loss"][:3]) == [16.0, 4.0, 1.0]
    with raises(ValueError, match="only supports singleton tf.Variables"):
        tf.function(_forgetful)(CASES[0])


def claim_one_singleton_is_shared_by_all_who_call():
    """Kept beside the function, and not in an object, the variable is there once for all: move the
    weight of one layer, and the other's has moved. Two objects have two."""
    kept = []

    @tf.function
    def layer(x):
        if not kept:
            kept.append(tf.Variable(0.0))
        return kept[0] * x

    first, second = layer, layer
    one, two = Lazy(), Lazy()
    for each in (first, second, one, two):
        each(tf.constant([2.0]))
    kept[0].assign(3.0)
    one.w.assign(3.0)
    assert second(tf.constant([2.0])).numpy().tolist() == [6.0]
    assert two(tf.constant([2.0])).numpy().tolist() == [0.0]


def claim_what_a_variable_starts_from_is_asked_once():
    """A variable that starts from an argument takes that of the first call. The second call's is
    not looked at: from 2, one is added twice."""
    kept = []

    @tf.function
    def count(start):
        if not kept:
            kept.append(tf.Variable(start))
        return kept[0].assign_add(1.0)

    assert [count(tf.constant(start)).numpy() for start in (2.0, 50.0)] == [3.0, 4.0]


def claim_a_module_finds_its_own_but_nothing_in_keras():
    """A `tf.Module` finds variables in its attributes, in lists and dicts in them, and in modules.
    Of a layer of Keras 3, which is none, it sees nothing: kernel and bias are not among them."""
    module = tf.Module()
    module.layers = {"first": Layer(), "more": [Layer(), tf.Variable(1.0)]}
    module.dense = tf.keras.layers.Dense(1)
    module.dense(tf.ones([1, 1]))
    assert (len(module.variables), len(module.dense.variables)) == (3, 2)


def quiz_what_is_the_third_loss_of_a_layer_that_forgets():
    """The layer calls `tf.Variable(0.0)` whenever it is called, and trains. Its first loss is 16.
    What is its third, in eager mode?

    Each step makes a weight of 0, moves it and throws it away. Kept, the losses would be 16, 4, 1.
    """
    return float([_forgetful(x) for x in CASES[:3]][2])


def quiz_what_does_a_second_start_do():
    """A function makes its variable in the first call, of the argument, and adds 1 in each call. It
    is called with 2, and then with 50. What does the second call give?

    `tf.Variable(start)` was made once, from 2: 3, and then 4. The 50 is not looked at.
    """
    kept = []

    @tf.function
    def count(start):
        if not kept:
            kept.append(tf.Variable(start))
        return kept[0].assign_add(1.0)

    return [float(count(tf.constant(start))) for start in (2.0, 50.0)][1]
