"""What is done to tensors of more axes than an op takes is one call, with what it asserts."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
LABELS = np.array([[0, 1, 2, 3, 0], [3, 2, 1, 0, 1]], np.int32)


def layer(x, kernel, older):
    """As TensorFlow 2 does, and as 1.15, which also moved the matrix, to where it was."""
    if not older:
        return tf.tensordot(x, kernel, [[2], [0]])
    shape = tf.shape(x)
    outer, inner = tf.gather(shape, [0, 1]), tf.gather(shape, [2])
    sizes = tf.stack([tf.reduce_prod(outer, [0]), tf.reduce_prod(inner, [0])])
    flat = tf.reshape(tf.transpose(x, tf.concat([[0, 1], [2]], 0)), sizes)
    matrix = tf.reshape(tf.transpose(kernel, [0, 1]), [3, 4])
    return tf.reshape(tf.matmul(flat, matrix), tf.concat([outer, [4]], 0))


def unchecked(labels, logits):
    """A loss that nobody's assertion stands before."""
    flat = tf.reshape(logits, tf.stack([-1, tf.shape(logits)[2]]))
    found = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(labels, [-1]), logits=flat
    )
    return tf.reshape(found, tf.shape(labels))


def call_of(older=False, resource=True, loss=tf.nn.sparse_softmax_cross_entropy_with_logits):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, None, 3], name="x")
        labels = tf1.placeholder(tf.int32, [None, 5], name="labels")
        start = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
        kernel = tf1.get_variable("kernel", initializer=start, use_resource=resource)
        logits = tf.nn.relu(layer(x, kernel, older), name="logits")
        found = tf.reduce_mean(loss(labels=labels, logits=logits), name="found")
        step = tf1.train.GradientDescentOptimizer(0.1).minimize(found)
    return recorded([found, step], {x: X, labels: LABELS})


def said(call):
    lines = " ".join(line for lines in methods_of(call).values() for line in lines)
    return lines.replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize("resource", [True, False], ids=["resource", "reference"])
@pytest.mark.parametrize("older", [False, True], ids=["today", "1.15"])
def test_a_layer_of_what_has_three_axes_is_one_product(older, resource, tmp_path):
    call = call_of(older, resource)
    assert "tf.nn.relu(tf.tensordot(x, self.kernel, 1))" in said(call)
    assert "tape.gradient(" in said(call) or "tf.gradients(found, self.kernel)" in said(call)
    assert differences(call, tmp_path) == []


def test_a_loss_of_what_has_three_axes_is_one_with_what_it_asserts(tmp_path):
    call = call_of()
    text = said(call)
    loss = "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)"
    assert loss in text
    assert "Assert" not in text
    assert differences(call, tmp_path) == []


def test_a_loss_that_asserts_nothing_stays_ops(tmp_path):
    """The function would refuse what the graph takes."""
    call = call_of(loss=unchecked)
    assert "labels=labels" not in said(call)
    assert differences(call, tmp_path) == []


def test_a_matrix_that_is_turned_round_is_no_layer(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, None, 3], name="x")
        square = tf.transpose(tf.constant(X[0, :3], name="square"), [1, 0])
        found = tf.tensordot(x, square, 1, name="found")
    call = recorded(found, {x: X})
    assert "tf.transpose(" in said(call)
    assert "tf.tensordot(x, " in said(call)
    assert differences(call, tmp_path) == []
