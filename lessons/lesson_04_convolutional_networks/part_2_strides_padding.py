"""Lesson 4.2: strides and padding decide the size of a map.

A window of `k` cells has `n - k + 1` places along `n` pixels. A **stride** of `s` keeps every
`s`-th of them, so that the map is smaller, and cheaper. That is `VALID`: the window never leaves
the picture. `SAME` puts a rim of zeros around the picture, wide enough for a map of the picture's
own size at stride 1. Along each axis the map has `m` cells:

`VALID`: `m = ceil((n - k + 1) / s)`; `SAME`: `m = ceil(n / s)`, with a rim of
`max((m - 1) s + k - n, 0)` zeros in all. Half of the rim goes before, half behind; an odd zero
goes behind.

We go through a small grid: `n` is 7 or 8, `k` is 2 or 3, the strides are 1 to 3. The picture,
[1, n, n, 1], and the filter, [k, k, 1, 1], are all ones, so that a map says how many true pixels
each window sees. `static` is the side that TensorFlow knew before any number was there, `side`
the side of the map that came. Look at 8 pixels with `SAME` and a stride of 2: windows of 3 see 9
pixels at the top left and 4 at the bottom right.
"""

import itertools
import math

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, raises

tf1 = tf.compat.v1
CASES = [  # n, k, stride, padding
    (n, k, stride, padding)
    for n in (7, 8)
    for k in (2, 3)
    for stride in (1, 2, 3)
    for padding in ("SAME", "VALID")
]
RTOL = ATOL = 0.0  # sums of ones, which float32 holds exactly


def sizes(n, k, stride, padding):
    """The side of the map, and how much of the rim goes before; the rest goes behind."""
    if padding == "VALID":
        return math.ceil((n - k + 1) / stride), 0
    m = math.ceil(n / stride)
    return m, max((m - 1) * stride + k - n, 0) // 2


def sees(n, k, stride, padding):
    """Whether a window sees a pixel, along one axis: [windows, pixels]."""
    m, before = sizes(n, k, stride, padding)
    first = np.arange(m)[:, np.newaxis] * stride - before
    return (first <= np.arange(n)) & (np.arange(n) < first + k)


def ones(n, k):
    return np.ones([1, n, n, 1], np.float32), np.ones([k, k, 1, 1], np.float32)


def summary(static, maps):
    return {"static": static, "side": [y.shape[1] for y in maps], "map": maps}


# Strides and padding are attributes of the node, written into the graph, so
# each setting is a node of its own. What comes out has a shape as soon as the
# node is made: TF1 code asks `get_shape().as_list()`, new code `y.shape`.
def graph(cases, device):
    nodes, feeds = [], {}
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        for n, k, s, padding in cases:
            picture, filters = ones(n, k)
            x = tf1.placeholder(tf.float32, [None, n, n, 1], name="x")
            # model
            y = tf.nn.conv2d(x, filters, [1, s, s, 1], padding)
            nodes.append(y)
            feeds[x] = picture
    # run
    with tf1.Session(graph=g) as session:
        maps = session.run(nodes, feeds)
    # results
    return summary([y.shape.as_list()[1] for y in nodes], maps)


# Shape and numbers come together: there is no before. Code that asked for a
# static shape finds the true one, and `None` never stands in it.
def eager(cases, device):
    static, maps = [], []
    with tf.device(device):
        # inputs
        for n, k, s, padding in cases:
            picture, filters = ones(n, k)
            # model
            y = tf.nn.conv2d(picture, filters, [1, s, s, 1], padding)
            # run
            static.append(y.shape.as_list()[1])
            maps.append(y.numpy())
    # results
    return summary(static, maps)


# An argument that is a Python number is an attribute, too: every setting is a
# trace of its own. The trace knows its shapes before it has run once, as a
# graph does. A stride that comes as a tensor is the failure shown below.
def function(cases, device):
    static, maps = [], []

    # inputs
    @tf.function
    def look(x, filters, s, padding):
        # model
        y = tf.nn.conv2d(x, filters, [1, s, s, 1], padding)
        static.append(y.shape.as_list()[1])
        return y

    # run
    with tf.device(device):
        for n, k, s, padding in cases:
            maps.append(look(*ones(n, k), s, padding).numpy())
    # results
    return summary(static, maps)


def expected(cases):
    pixels = [sees(*case).sum(axis=1) for case in cases]
    maps = [np.float32(np.outer(p, p))[np.newaxis, :, :, np.newaxis] for p in pixels]
    return {"side": [len(p) for p in pixels], "map": maps}


def claim_the_formula_gives_every_size(results):
    """On a grid of 320 settings, and on those above, TensorFlow's size is the formula's; and it is
    there while the graph is built, before anything has run."""
    grid = itertools.product(range(5, 15), range(1, 5), range(1, 5), ("SAME", "VALID"))
    with tf.Graph().as_default():
        for n, k, stride, padding in grid:
            y = tf.nn.conv2d(*ones(n, k), stride, padding)
            assert y.shape == (1, *[sizes(n, k, stride, padding)[0]] * 2, 1)
    sides = [sizes(*case)[0] for case in CASES]
    for way in results.values():
        assert np.array_equal(way["static"], sides) and np.array_equal(way["side"], sides)


def claim_a_stride_cannot_be_fed():
    """A stride is written into the node: a placeholder in its place is refused, and so is a tensor
    in a `tf.function`. A Python number is taken, and costs a trace for each."""
    picture, filters = ones(8, 3)

    def look(s):
        return tf.nn.conv2d(picture, filters, [1, s, s, 1], "SAME")

    with tf.Graph().as_default(), raises(TypeError, match="Expected int for argument 'strides'"):
        look(tf1.placeholder(tf.int32, []))
    with raises(TypeError, match="Expected int for argument 'strides'"):
        tf.function(look)(tf.constant(2))


def claim_a_window_must_fit_into_the_picture():
    """A map of 3 by 3 has no place for a window of 5. Where the shapes are known, it is refused as
    the graph is built, with both numbers. Use `SAME`, or smaller strides in the layers before."""
    with tf.Graph().as_default(), raises(ValueError, match="caused by subtracting 5 from 3"):
        tf.nn.conv2d(*ones(3, 5), 1, "VALID")


def claim_an_unknown_side_is_known_when_it_runs():
    """Promise no sides, and the static shape has None in their place; `tf.shape` is an op, which
    says at each run what came. So the same filters take pictures of any size."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, None, None, 1])
        y = tf.nn.conv2d(x, ones(8, 3)[1], [1, 2, 2, 1], "SAME")
        assert y.shape.as_list() == [None, None, None, 1]
        found = [session.run(tf.shape(y), {x: ones(n, 3)[0]})[1] for n in (8, 9, 15)]
        assert found == [4, 5, 8]


def claim_same_with_stride_2_is_not_a_rim_of_one():
    """Other frameworks put a rim of one pixel on either side. At stride 2 `SAME` pads an even
    picture behind only: the same shape, other numbers. Weights from there need their old rim."""
    picture, filters = ones(8, 3)
    rim = np.pad(picture, [(0, 0), (1, 1), (1, 1), (0, 0)])
    same, theirs = tf.nn.conv2d(picture, filters, 2, "SAME"), tf.nn.conv2d(rim, filters, 2, "VALID")
    assert np.array_equal(same[0, 0, :, 0], [9, 9, 9, 6])
    assert np.array_equal(theirs[0, 0, :, 0], [4, 6, 6, 6])


def figures(results):
    strides, paddings = (1, 2, 3), ("SAME", "VALID")
    names = {"row_names": [f"stride {s}" for s in strides], "column_names": paddings}
    settings = [[(8, 3, s, padding) for padding in paddings] for s in strides]
    maps = [[results["map"][CASES.index(each)][0, :, :, 0] for each in row] for row in settings]
    seen = [[np.outer(*[sees(*each).sum(axis=0)] * 2) for each in row] for row in settings]
    caption = (
        "A brighter cell saw more true pixels. With VALID each saw nine. With SAME the edges are "
        "darker, as there a window sees the rim; at strides 2 and 3 it is behind only."
    )
    left_out = (
        "At stride 1 the middle is seen nine times, a corner with VALID once. Black is never seen: "
        "with VALID the last row and column at stride 2, and the last two at stride 3."
    )
    return {
        "maps": Images("Maps of 8 x 8 pixels by windows of 3 x 3", caption, maps, **names),
        "seen": Images("How many windows see each pixel", left_out, seen, **names),
    }


def quiz_how_large_is_the_map_of_same_with_stride_2():
    """A picture of 7 pixels a side, a window of 3, stride 2, `SAME`. How many cells has the map
    along a side?

    `ceil(7 / 2)`: with `SAME` the window's size does not matter. `VALID` would give 3.
    """
    return eager([(7, 3, 2, "SAME")], "CPU:0")["side"][0]


def quiz_how_many_pixels_does_the_first_window_see():
    """8 pixels a side, all ones, a window of 3 by 3, `SAME`. At stride 1 the window at the top left
    sees 4 true pixels. How many at stride 2?

    Along an axis the rim is `(4 - 1) * 2 + 3 - 8 = 1` zero, and an odd zero goes behind: at the
    top left there is no rim, and all 9 are true.
    """
    return eager([(8, 3, 2, "SAME")], "CPU:0")["map"][0][0, 0, 0, 0]
