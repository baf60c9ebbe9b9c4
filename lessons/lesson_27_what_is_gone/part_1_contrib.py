"""Lesson 27.1: contrib had defaults.

`tf.contrib.layers.fully_connected(x, 3)` becomes `Dense(3)`, and its `l2_regularizer(0.1)` the `l2`
of Keras with the same 0.1. It runs, the shapes are right, and with the same weights the outputs are
off by up to 4: where they were 0 they are negative now. The penalty is 0.45 instead of 0.225.

The names are gone with `tf.contrib`, and the defaults with the names. `fully_connected` has a
`relu` unless you say otherwise; `Dense` has nothing unless you say so. And `l2_regularizer` takes
`sum(w²) / 2`, as `tf.nn.l2_loss` does; Keras' `l2` takes all of it. A port states what
the old default was: `activation="relu"`, and half of the scale.

`x` is [rows, 2], the weights are [2, 3] and the biases [3]; `y` is [rows, 3], and `penalty` is one
number. The variables were called `weights` and `biases`, not `kernel` and `bias`: these are the
`names` that a checkpoint has. Look at the graph way, which is what contrib made, written out.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
SCALE = 0.1
W, B = np.float32([[1, -1, 0.5], [0.5, 1, -1]]), np.zeros(3, np.float32)
CASES = [np.float32(x) for x in ([[1, 2], [3, -1]], [[0, 1]], [[2, 2], [4, 0]])]
RTOL = ATOL = 1e-6  # a penalty of six squares may be added in any order
KERAS_RTOL = KERAS_ATOL = 1e-6  # the same


# What `fully_connected(x, 3, weights_regularizer=l2_regularizer(0.1))` made in TF1. It ran `relu`
# without being asked, and left the penalty in a collection, for whoever built the loss.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        with tf1.variable_scope("fully_connected"):
            w = tf1.get_variable("weights", initializer=W)
            b = tf1.get_variable("biases", initializer=B)
        # model
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        y = tf.nn.relu(tf.matmul(x, w) + b)
        penalty = SCALE * tf.nn.l2_loss(w)
        tf1.add_to_collection("regularization_losses", penalty)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        found = [session.run([y, penalty], {x: case}) for case in cases]
    # results
    ys, penalties = zip(*found)
    names = np.array([w.name, b.name])
    return {"y": list(ys), "penalty": list(penalties), "names": names}


class FullyConnected(tf.Module):
    def __init__(self):
        super().__init__("fully_connected")
        with self.name_scope:
            self.w = tf.Variable(W, name="weights")
            self.b = tf.Variable(B, name="biases")

    def __call__(self, x):
        y = tf.nn.relu(tf.matmul(x, self.w) + self.b)
        return y, SCALE * tf.nn.l2_loss(self.w)


# `FullyConnected`, above: the `relu` and the half are in the text now. There is no collection, so
# the penalty is returned.
def eager(cases, device):
    with tf.device(device):
        # variables
        layer = FullyConnected()
        # model
        call = layer.__call__
        # run
        found = [call(case) for case in cases]
    # results
    ys, penalties = zip(*[(y.numpy(), p.numpy()) for y, p in found])
    names = np.array([layer.w.name, layer.b.name])
    return {"y": list(ys), "penalty": list(penalties), "names": names}


# The same, traced; the number of rows is open, as that of the placeholder was.
# Its names are those of the old checkpoint, as the module enters its scope.
def function(cases, device):
    with tf.device(device):
        # variables
        layer = FullyConnected()
        # model
        x = tf.TensorSpec([None, 2])
        call = tf.function(layer.__call__, input_signature=[x])
        # run
        found = [call(case) for case in cases]
    # results
    ys, penalties = zip(*[(y.numpy(), p.numpy()) for y, p in found])
    names = np.array([layer.w.name, layer.b.name])
    return {"y": list(ys), "penalty": list(penalties), "names": names}


# Keras has the layer and the penalty: say `relu`, and give `l2` half of the scale. What the layer
# adds to a loss is in `layer.losses`.
def keras(cases, device):
    with tf.device(device):
        # model
        l2 = tf.keras.regularizers.L2(SCALE / 2)
        layer = tf.keras.layers.Dense(3, "relu", kernel_regularizer=l2)
        layer.build([None, 2])
        layer.set_weights([W, B])
        # run
        found = [(layer(case), layer.losses[0]) for case in cases]
    # results
    ys, penalties = zip(*[(y.numpy(), p.numpy()) for y, p in found])
    return {"y": list(ys), "penalty": list(penalties)}


def claim_a_dense_of_the_same_weights_is_another_layer(results):
    """`Dense(3)` with the same weights gives down to -4 where contrib gave 0, and is equal where
    nothing was cut off."""
    layer = tf.keras.layers.Dense(3)
    layer.build([None, 2])
    layer.set_weights([W, B])
    for way in results.values():
        for case, y in zip(CASES, way["y"]):
            assert np.allclose(np.maximum(layer(case), 0), y)
    assert min(np.min(layer(case)) for case in CASES) == -4.0


def claim_the_l2_of_keras_is_twice_that_of_contrib(results):
    """With the same 0.1 the penalty is 0.45, in all right ways 0.225."""
    assert round(float(tf.keras.regularizers.L2(SCALE)(W)), 4) == 0.45
    for way in results.values():
        assert [round(float(each), 4) for each in way["penalty"]] == [0.225] * 3


def claim_contrib_is_gone_also_from_compat_v1():
    """Neither `tf` nor `tf.compat.v1` has `contrib`."""
    for module in (tf, tf1):
        with raises(AttributeError, match="no attribute 'contrib'"):
            module.contrib.layers.fully_connected(CASES[0], 3)


def quiz_what_is_the_l2_loss_of_3_and_4():
    """`w` is (3, 4). What is `tf.nn.l2_loss(w)`?

    `sum(w²) / 2`: half of 25. Keras' `L2(1.0)` is the whole 25, so a port halves the scale.
    """
    return float(tf.nn.l2_loss(tf.constant([3.0, 4.0])))


def quiz_how_many_outputs_of_fully_connected_are_negative():
    """`fully_connected(x, 3)` names no activation, and its product has numbers down to -4. How many
    of its outputs are below 0?

    contrib's default was `relu`. A `Dense(3)` has none unless you say so.
    """
    return sum((y < 0).sum() for y in graph(CASES, "CPU:0")["y"])
