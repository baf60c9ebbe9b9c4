"""A reshape to sizes that are taken from a tensor says -1, where that comes out the same."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)


def sized(tensor, axis=0):
    return tf.shape(tensor)[axis]


# What is made of x, [None, 3, 4], and y, of no known sizes; and how that is written.
PLAIN = {
    "flattened": (lambda x, y, n: tf.reshape(x, [sized(x), -1]), "tf.reshape(x, [-1, 12])"),
    "by another's size": (
        lambda x, y, n: tf.reshape(x, [sized(y), 6, 2]),
        "tf.reshape(x, [-1, 6, 2])",
    ),
    "the size at the end": (
        lambda x, y, n: tf.reshape(tf.transpose(x), [4, 3, sized(x)]),
        "tf.reshape(tf.transpose(x, [2, 1, 0]), [4, 3, -1])",
    ),
    "in a loop": (
        lambda x, y, n: tf.while_loop(
            lambda i, z: i < 2, lambda i, z: (i + 1, tf.reshape(z * 2.0, [sized(z), 3, 4])), [0, x]
        )[1],
        "tf.reshape(found * 2.0, [-1, 3, 4])",
    ),
}
AS_IT_IS = {
    "of two sizes that are not known": lambda x, y, n: tf.reshape(y, [sized(y), sized(y, 1), 4]),
    "of which one follows from what is not known": lambda x, y, n: tf.reshape(y, [sized(y), -1]),
    "flattened by another's size": lambda x, y, n: tf.reshape(x, [sized(y), -1]),
    "by a number that is fed": lambda x, y, n: tf.reshape(x, [n, 12]),
    "of nothing": lambda x, y, n: tf.reshape(x[:, :0], [sized(x), 0, 4]),
}


def call_of(build):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3, 4], name="x")
        y = tf1.placeholder(tf.float32, [None, None, None], name="y")
        n = tf1.placeholder(tf.int32, [], name="n")
        found = tf.identity(build(x, y, n), name="found")
    return recorded(found, {x: X, y: X, n: 2})


def said(call):
    return "\n".join(line for lines in methods_of(call).values() for line in lines)


@pytest.mark.parametrize("kind", PLAIN)
def test_sizes_are_said_as_a_person_would(kind, tmp_path):
    build, written = PLAIN[kind]
    call = call_of(build)
    assert written in said(call)
    assert "tf.shape(" not in said(call)
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("kind", AS_IT_IS)
def test_sizes_that_say_more_stay(kind, tmp_path):
    call = call_of(AS_IT_IS[kind])
    assert "tf.stack(" in said(call)
    assert differences(call, tmp_path) == []


def test_a_size_that_is_taken_for_more_stays_for_that(tmp_path):
    call = call_of(lambda x, y, n: tf.reshape(x, [sized(x), 12]) * tf.cast(sized(x), tf.float32))
    assert "tf.reshape(x, [-1, 12]) * tf.cast(tf.shape(x)[0], tf.float32)" in said(call)
    assert differences(call, tmp_path) == []
