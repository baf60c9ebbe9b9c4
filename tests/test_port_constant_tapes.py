"""A constant whose gradient is asked for: a tape watches it, and it has a name in the file."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1


@pytest.mark.parametrize("size", [(), (4,), (40,)])
def test_a_gradient_of_a_constant_is_a_tapes_that_watches_it(size, tmp_path):
    """Two constants of one value are two, each with its own gradient."""
    value = np.full(size, 0.5, np.float32)
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, size, name="x")
        with tf1.name_scope("layer"):
            a, b = tf.constant(value, name="a"), tf.constant(value, name="b")
            y = tf.sin(a * x)
        loss = tf.reduce_sum(y * b * b)
        call = recorded([loss, *tf.gradients(loss, [a, b])], {x: value})
    told = methods_of(call)["__call__"]
    assert "tape.watch([self.b, self.a])" in told
    assert differences(call, tmp_path) == []


def test_only_constants_whose_gradient_is_asked_for_are_watched(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [3], name="x")
        w = tf1.get_variable("w", initializer=np.ones(3, np.float32))
        a = tf.constant([0.1, 0.2, 0.3], name="a")
        loss = tf.reduce_sum(tf.sin(w * x) * a)
        call = recorded([loss, *tf.gradients(loss, [w, a])], {x: np.ones(3, np.float32)})
        alone = recorded([loss, tf.gradients(loss, w)[0]], {x: np.ones(3, np.float32)})
    assert "tape.watch(self.a)" in methods_of(call)["__call__"]
    assert not any("watch" in line for line in methods_of(alone)["__call__"])
    assert differences(call, tmp_path) == []
