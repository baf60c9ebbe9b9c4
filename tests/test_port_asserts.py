"""A condition that only asserts is `tf.debugging.Assert`."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded

tf1 = tf.compat.v1
X = np.array([1.0, 2.0], np.float32)


def guarded(check):
    """The call of a program that goes on when `check` of its input has held, in both forms."""

    def build():
        x = tf1.placeholder(tf.float32, [None], name="x")
        with tf.control_dependencies([check(x)]):
            return [tf.identity(x * 2.0, name="y")], {x: X}

    with tf.Graph().as_default():
        functional = recorded(*build())
    return functional, in_graph_of_tf1(lambda: recorded(*build()))


def all_positive(x):
    return tf1.Assert(tf.reduce_all(x > 0.0), ["not positive:", x])


def known_to_fit(x):
    """A condition that comes out of another one, whose answer is in the graph."""
    fits = tf.cond(tf.equal(1, tf.constant(1)), lambda: tf.size(x) > 1, lambda: tf.size(x) > 9)
    return tf1.Assert(fits, ["too short:", fits])


CHECKS = {
    "what came out of a condition": (known_to_fit, 'tf.debugging.Assert(_, ["too short:", '),
    "what it was given": (all_positive, 'tf.debugging.Assert(reduced, ["not positive:", x])'),
    "more of it": (
        lambda x: tf1.Assert(tf.reduce_all(x > 0.0), [x], summarize=9),
        "tf.debugging.Assert(reduced, [x], summarize=9)",
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_condition_that_only_asserts_is_an_assertion(name, tmp_path):
    check, expected = CHECKS[name]
    for call in guarded(check):
        lines = methods_of(call)["__call__"]
        (said,) = [line for line in lines if "Assert(" in line]
        assert said.partition("(")[0] == expected.partition("(")[0]
        assert said.partition("[")[2].startswith(expected.partition("[")[2])
        assert not any("tf.cond(" in line for line in lines)
        assert differences(call, tmp_path) == []


def test_a_condition_that_does_more_stays_one(tmp_path):
    """What is told is reckoned in its case alone."""

    def reckoned(x):
        return tf.cond(
            tf.reduce_all(x > 0.0),
            tf.no_op,
            lambda: tf.raw_ops.Assert(condition=tf.reduce_all(x > 0.0), data=[x * 3.0]),
        )

    for call in guarded(reckoned):
        assert any("tf.cond(" in line for line in methods_of(call)["__call__"])
        assert differences(call, tmp_path) == []
