"""Tensors of one number are the same to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.engine.kernels.nodes import read
from graphlab.port.lowered import lowered
from graphlab.port.numbering import Numbering
from graphlab.port.numbers import Numbers
from graphlab.port.recorded import shape_of
from tests.port_proof import in_graph_of_tf1

tf1 = tf.compat.v1


def repeated(x, least=1):
    """What a sum's gradient is brought to, by TensorFlow 1 and by TensorFlow 2."""
    shape = tf.shape(x)
    kept = tf.dynamic_stitch([tf.range(2), [0]], [shape, [1]])
    slope = tf.reshape(tf.reduce_max(x, 0), kept)
    return tf.tile(slope, shape // tf.maximum(kept, least)), tf.broadcast_to(slope, shape)


def repeated_from_ones(x, axes=1, told=1):
    """Of a sum that keeps its axes: TensorFlow 2 reckons no shape, as it has the ones."""
    kept = tf.dynamic_stitch([tf.range(2), [told]], [tf.shape(x), [1]])
    slope = tf.sin(tf.reduce_sum(x, axes, keepdims=True))
    times = tf.shape(x) // tf.maximum(kept, 1)
    return tf.tile(tf.reshape(slope, kept), times), tf.broadcast_to(slope, tf.shape(x))


def chosen(test, x):
    """By TensorFlow 1 and by TensorFlow 2."""
    zeros = tf.zeros_like(x)
    return tf.raw_ops.Select(condition=test, x=x, y=zeros), tf.where(test, x, zeros)


def summed_for(x, slope, other=()):
    """What `x` gets of the gradient of a sum of it and of what has the shape `other`."""
    axes, _ = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(x), s1=tf.constant(other, tf.int32))
    return tf.reshape(tf.reduce_sum(slope, axes), tf.shape(x)), slope


def negated(x, other):
    """What the second of a squared difference gets, by TensorFlow 1 and by TensorFlow 2, where the
    first has the shape of `other`."""
    axes, _ = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(x), s1=tf.shape(other))
    slope = tf.sin(x)
    brought = [tf.reshape(tf.reduce_sum(each, axes), tf.shape(x)) for each in (slope, -slope)]
    return -brought[0], brought[1]


def averaged(x, axis, over, keepdims=True):
    """How many items a mean is of: all by the means, and the product of the sizes over axes."""
    counts = [tf.reduce_prod(tf.shape(y)) for y in (x, tf.reduce_mean(x, axis, keepdims=keepdims))]
    part = tf.gather(tf.shape(x), over)
    return counts[0] // tf.maximum(counts[1], 1), tf.reduce_prod(part) if over.ndim else part


def stitched(one, other):
    """Two lists of two, of which the second is laid over the first."""
    return tf.dynamic_stitch([tf.range(2), tf.range(2)], [one, other])


def beside(x):
    """Another of a shape of which as much is known."""
    return tf1.placeholder(x.dtype, x.shape, name="other")


def of_mean(x, axis=1, told=(-1, 1)):
    """What a mean that keeps its axis has of a gradient, by TensorFlow 1 and by TensorFlow 2."""
    kept = tf.dynamic_stitch([tf.range(2), axis], [tf.shape(x), 1])
    slope = tf.boolean_mask(tf.reduce_sum(tf.sin(x), 1), x[:, 0] > 0.0)
    return tf.reshape(slope, kept), tf.reshape(slope, told)


def with_ones(x, axis=1):
    """What two means that keep their axis have of a gradient together, brought to their shape."""
    slope = tf.reduce_sum(tf.sin(x), 1, keepdims=True) + tf.reduce_sum(tf.cos(x), 1, keepdims=True)
    return tf.reshape(slope, tf.dynamic_stitch([tf.range(2), axis], [tf.shape(x), 1])), slope


def beside_a_bias(x, units=3):
    """What a batch of sequences gets of the gradient of it with a bias beside it."""
    x = tf.reshape(tf.sin(x), tf.stack([-1, tf.shape(x)[0] // 2, 3]))
    sum_ = x + tf1.placeholder(tf.float32, [units], name="bias")
    axes, _ = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(x), s1=[units])
    slope = tf.raw_ops.ReluGrad(gradients=tf.ones(tf.shape(sum_)), features=tf.nn.relu(sum_))
    return tf.reshape(tf.reduce_sum(slope, axes), tf.shape(x)), slope


def reshaped(x, shape):
    """A vector, by item, brought to a shape that only a run tells."""
    items = tf.sin(tf.reshape(x, [-1]))
    return tf.reshape(items, shape(items)), items


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
    "a reshape to a shape, and to what is known of it": lambda x: (
        tf.reshape(tf.reshape(tf.sin(x), [3, -1]), tf.shape(x)),
        tf.reshape(tf.reshape(tf.sin(x), [3, -1]), [-1, 3]),
    ),
    "a sum whose axes a reshape drops": lambda x: (
        tf.reshape(tf.reduce_sum(x, 0, keepdims=True), [3, 1]),
        tf.reshape(tf.reduce_sum(x, 0), [3, 1]),
    ),
    "a reshape of a vector to a vector": lambda x: reshaped(
        x, lambda items: tf.shape(tf.reverse(items, [0]))
    ),
    "a sum over what is one item long": lambda x: (
        tf.reshape(tf.reduce_sum(x[:, :1], [0, 1]), [1]),
        tf.reduce_sum(x[:, :1], [0]),
    ),
    "a sum with and without what is one item long, its axes kept": lambda x: (
        tf.reshape(tf.reduce_sum(x[:, None, :1], [0, 1, 2]), [1, 1, 1]),
        tf.reduce_sum(x[:, None, :1], [0], keepdims=True),
    ),
    "a sum over nothing, brought to its shape": lambda x: (
        tf.reshape(tf.reduce_sum(tf.ensure_shape(tf.sin(x[:1]), [1, 3]), [0]), [1, 3]),
        tf.sin(x[:1]),
    ),
    "a sum that keeps its axes, and one that gets them": lambda x: (
        tf.reshape(tf.reduce_sum(x, 0), [1, 3]),
        tf.reduce_sum(x, 0, keepdims=True),
    ),
    "a sum over what is one item long that gets its axes": lambda x: (
        tf.reshape(tf.reduce_sum(x[:, :1], [0, 1]), [1, 1]),
        tf.reduce_sum(x[:, :1], [0], keepdims=True),
    ),
    "a sum over one item more, of a column for a number": lambda x: (
        tf.reshape(tf.reduce_sum(x[:, :1], [0], keepdims=True), []),
        tf.reduce_sum(x[:, :1], [0, 1]),
    ),
    "a sum that is negated, and one of what is": lambda x: negated(x, tf.cos(x[::-1])),
    "how many items a mean is of": lambda x: averaged(x, 1, np.int32(1)),
    "how many rows": lambda x: averaged(x, 0, np.int32(0)),
    "how many rows, by the last axis but one": lambda x: averaged(
        x, -2, np.array([0], np.int32), False
    ),
    "a shape with ones as it is reckoned, and as it is known": of_mean,
    "what has a shape with ones as it is reckoned": with_ones,
    "a sum of nothing, of two sizes that nobody knows": beside_a_bias,
    "a gradient that is repeated, or broadcast": repeated,
    "one that is repeated of a sum with its axes": repeated_from_ones,
    "a shape in another type": lambda x: (
        tf.cast(tf.shape(x, tf.int64), tf.int32),
        tf.shape(x),
    ),
    "a sum beside a row": lambda x: summed_for(x, tf.sin(x), [1, 3]),
    "a choice by item": lambda x: chosen(x > 0.0, x),
    "a choice of all": lambda x: chosen(tf.reduce_all(x > 0.0), x),
    "a sum of nothing, beside a number": lambda x: summed_for(x, tf.sin(x) * tf.cos(2.0 * x)),
    "a shape divided by one": lambda x: (tf.shape(x) // 1, tf.shape(x)),
    "a shape divided by ones": lambda x: (tf.shape(x) // [1, 1], tf.shape(x)),
    "a shape with ones at all axes": lambda x: (stitched(tf.shape(x), [1, 1]), tf.constant([1, 1])),
    "a number in a shape that only the numbers tell": lambda x: (
        tf.reshape(-tf.constant(1.0), stitched(tf.shape(x), [1, 1])),
        tf.constant([[-1.0]]),
    ),
    "axes in the order that they have": lambda x: (tf.transpose(x, [0, 1]), x),
    "a reshape that tells the size that is not known": lambda x: (tf.reshape(x, [4, 3]), x),
    "all sizes of a shape": lambda x: (tf.gather(tf.shape(x), [0, 1]), tf.shape(x)),
    "the shape of what is added": lambda x: (tf.shape(tf.add_n([beside(x), x])), tf.shape(x)),
    "the shape of what is chosen": lambda x: (
        tf.shape(tf.raw_ops.Select(condition=x > 0.0, x=x, y=beside(x))),
        tf.shape(x),
    ),
    "the shape of what is computed by item": lambda x: (tf.shape(tf.exp(2.0 * x)), tf.shape(x)),
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
    "a reshape of a vector to a matrix": lambda x: reshaped(
        x, lambda items: tf.shape(tf.reverse(x, [0]))
    ),
    "a reshape to the sizes the other way round": lambda x: (
        tf.reshape(x, tf.shape(tf.transpose(x))),
        x,
    ),
    "a sum over three items": lambda x: (
        tf.reshape(tf.reduce_sum(x[:, None], [0, 1, 2]), [1]),
        tf.reduce_sum(x[:, None], [0, 1]),
    ),
    "a sum over another axis, its axes kept": lambda x: (
        tf.reshape(tf.reduce_sum(tf.ensure_shape(x, [3, 3]), [0]), [1, 3]),
        tf.reduce_sum(tf.ensure_shape(x, [3, 3]), [1], keepdims=True),
    ),
    "a sum that gets another axis": lambda x: (
        tf.reshape(tf.reduce_sum(x, 0), [3, 1]),
        tf.reduce_sum(x, 0, keepdims=True),
    ),
    "a sum that is not negated": lambda x: (-negated(x, x[::-1])[0], negated(x, x[::-1])[1]),
    "how many items a mean over another axis is of": lambda x: averaged(x, 1, np.int32(0)),
    "what is brought to a shape with ones at another axis": lambda x: with_ones(x, axis=0),
    "a shape with ones at another axis": lambda x: of_mean(x, told=(1, -1)),
    "a gradient that is repeated less often": lambda x: repeated(x, least=2),
    "one that is repeated along another axis": lambda x: repeated_from_ones(x, told=0),
    "one of a sum over another axis": lambda x: repeated_from_ones(x, axes=0),
    "a choice by row": lambda x: chosen(x[0] > 0.0, tf.transpose(x)),
    "a sum beside two rows": lambda x: summed_for(x, tf.sin(x), [2, 3]),
    "a sum of another shape": lambda x: summed_for(x, tf.sin(x[None])),
    "a shape divided by ones and a two": lambda x: (tf.shape(x) // [1, 2], tf.shape(x)),
    "ones that a shape covers": lambda x: (stitched([1, 1], tf.shape(x)), tf.constant([1, 1])),
    "axes in another order": lambda x: (tf.transpose(x, [1, 0]), x),
    "a reshape to as many items": lambda x: (tf.reshape(x, [6, -1]), x),
    "a number rounded down": lambda x: (x // 1.0, x),
    "the sizes of a shape the other way round": lambda x: (
        tf.gather(tf.shape(x), [1, 0]),
        tf.shape(x),
    ),
    "the shape of what may be broadcast": lambda x: (tf.shape(beside(x) + x), tf.shape(x)),
    "the shape of what is broadcast": lambda x: (tf.shape(x + tf.ones([2, 3])), tf.shape(x)),
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


def same_loops(one, other, functional) -> bool:
    """Whether two loops give the same by their numbers, as Whiles or as TensorFlow 1 built them."""

    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")
        return x.graph, one(x), other(x)

    if functional:
        with tf.Graph().as_default():
            graph, a, b = build()
    else:
        graph, a, b = in_graph_of_tf1(build)
    body, library = read(graph.as_graph_def())
    at = Numbering(Numbers(), "own", lambda tensor: shape_of(graph, tensor))
    at.add(lowered(body.ops.values(), library)[0])
    return at.number(a.name) == at.number(b.name)


def looped(step=lambda y, x: y * x, turns=3, begin=lambda x: x, which=0):
    """What a loop makes of x: y and z, of which `step` makes the next y and z is the last one."""

    def of(x):
        def turn(i, y, z):
            return i + 1, step(y, x), y

        start = 0, begin(x), x
        return tf.while_loop(lambda i, *_: i < turns, turn, start)[1 + which]

    return of


SAME_LOOPS = {
    "the same": looped(),
    "a sum the other way round in each turn": looped(lambda y, x: x * y),
    "what only hands on in each turn": looped(lambda y, x: tf.identity(y) * x),
}
OTHER_LOOPS = {
    "another step": looped(lambda y, x: y + x),
    "one turn more": looped(turns=4),
    "another first value": looped(begin=lambda x: x + 1.0),
    "what is kept of the turn before": looped(which=1),
    "a step that is another one turn later": looped(lambda y, x: y * x * x),
}


@pytest.mark.parametrize("functional", [True, False])
@pytest.mark.parametrize("name", SAME_LOOPS)
def test_loops_that_compute_the_same_have_one_number(name, functional):
    assert same_loops(looped(), SAME_LOOPS[name], functional)


@pytest.mark.parametrize("functional", [True, False])
@pytest.mark.parametrize("name", OTHER_LOOPS)
def test_loops_that_differ_have_two_numbers(name, functional):
    assert not same_loops(looped(), OTHER_LOOPS[name], functional)


def test_two_variables_that_begin_alike_and_change_places_are_two():
    """After a turn nobody could tell them apart, were one turn all that is looked at."""

    def loop(step):
        def of(x):
            return tf.while_loop(
                lambda i, *_: i < 5, lambda i, a, b, c: (i + 1, *step(a, b, c, x)), (0, x, x, x)
            )[1]

        return of

    def late(a, b, c, x):
        return b, c, tf.sin(c)

    def later(a, b, c, x):
        return b, c, tf.cos(c)

    assert same_loops(loop(late), loop(late), True)
    assert not same_loops(loop(late), loop(later), True)


def test_what_two_conditions_give_is_the_same_only_where_one_thing_decides():
    """Also where both of their cases are constants, which alone do not tell."""

    def program():
        p, q = (tf1.placeholder(tf.bool, [], name=name) for name in "pq")
        return [tf1.cond(each, lambda: 1.5, lambda: 0.5) for each in (p, p, q)]

    found = in_graph_of_tf1(program)
    graph = found[0].graph
    body, _ = read(graph.as_graph_def())
    at = Numbering(Numbers(), "own", lambda tensor: shape_of(graph, tensor))
    at.add(list(body.ops.values()))
    one, same_one, other = (at.number(tensor.name) for tensor in found)
    assert one == same_one
    assert one != other
