"""Tensors of one number are the same to the last bit."""

from __future__ import annotations

import pytest
import tensorflow as tf

from graphlab.engine.kernels.nodes import read
from graphlab.port.numbering import Numbering, Numbers
from graphlab.port.recorded import shape_of

tf1 = tf.compat.v1


def same(build, shape=None) -> bool:
    """Whether the two tensors that `build` makes of a placeholder have one number."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 3] if shape is None else shape, name="x")
        one, other = build(x)
    body, _ = read(graph.as_graph_def())
    at = Numbering(Numbers(), "own", lambda tensor: shape_of(graph, tensor))
    at.add(list(body.ops.values()))
    return at.number(one.name) == at.number(other.name)


SAME = {
    "the same op of the same": lambda x: (tf.exp(x), tf.exp(x)),
    "a sum the other way round": lambda x: (x + tf.exp(x), tf.exp(x) + x),
    "two items of add_n": lambda x: (tf.add_n([x, tf.exp(x)]), x + tf.exp(x)),
    "a product with one": lambda x: (x * 1.0, x),
    "what only hands on": lambda x: (tf.stop_gradient(tf.identity(x)), x),
    "a reshape to what it is": lambda x: (tf.reshape(x, tf.shape(x)), x),
    "a reshape of a reshape": lambda x: (
        tf.reshape(tf.reshape(x, [-1]), [3, -1]),
        tf.reshape(x, [3, -1]),
    ),
    "a sum whose axes a reshape drops": lambda x: (
        tf.reshape(tf.reduce_sum(x, 0, keepdims=True), [3, 1]),
        tf.reshape(tf.reduce_sum(x, 0), [3, 1]),
    ),
    "reckoned shapes": lambda x: (tf.fill(tf.constant([2]) * 2, 1.0), tf.ones([4])),
}
OTHERS = {
    "a difference the other way round": lambda x: (x - tf.exp(x), tf.exp(x) - x),
    "three items in another order": lambda x: (
        tf.add_n([x, tf.exp(x), tf.sin(x)]),
        tf.add_n([tf.sin(x), tf.exp(x), x]),
    ),
    "a sum with minus zero": lambda x: (x + 0.0, x),
    "zero and minus zero": lambda x: (tf.zeros([4]), -tf.zeros([4])),
    "another attr": lambda x: (
        tf.matmul(x, x, transpose_a=True),
        tf.matmul(x, x, transpose_b=True),
    ),
    "two draws": lambda x: (tf.random.uniform([2]), tf.random.uniform([2])),
    "a larger and a smaller of two": lambda x: (tf.maximum(x, 0.0), tf.maximum(0.0, x)),
    "two placeholders": lambda x: (x, tf1.placeholder(tf.float32, [None, 3])),
}


@pytest.mark.parametrize("case", SAME)
def test_what_changes_no_bit_changes_no_number(case):
    assert same(SAME[case])


@pytest.mark.parametrize("case", OTHERS)
def test_what_may_change_a_bit_has_another_number(case):
    assert not same(OTHERS[case])
