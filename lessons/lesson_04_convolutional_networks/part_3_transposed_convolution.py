"""Lesson 4.3: a convolution turned round paints its filter.

A convolution only multiplies and adds. With picture and map written as columns it is
`map = C @ picture`, for some large matrix `C`. Going back, the gradient `d_map` of a loss becomes
`C.T @ d_map`: each number of the map goes to the pixels its window saw, weighted by the filter.
That is the gradient of `conv2d`, an op of its own, and it may as well be used to go forward.
`conv2d_transpose` does: it paints the filter at every cell of the map, times the cell's number,
and adds up what overlaps. With a stride the copies stand apart, and the picture grows. Networks
that draw are built of it.

Some call it deconvolution. It is no inverse: it brings back the shape, not the picture.

A map is [1, m, m, channels], the filter is the one that would lead from picture to map,
[k, k, 1, channels], and the picture comes as [1, n, n, 1]. `painted` is `conv2d_transpose`,
`gradient` the same found by differentiating `conv2d`. First we paint with the three filters of
4.1, only where they matched perfectly: nine ones. Then one cell, and maps of ones at stride 2.
Look at those two: windows of 3 overlap unevenly and leave a checkerboard, windows of 4 do not.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, raises

tf1 = tf.compat.v1
DOWN = 2 * np.eye(3, dtype=np.float32) - 1
STROKES = np.stack([DOWN, DOWN[:, ::-1], np.maximum(DOWN, DOWN[:, ::-1])], axis=-1)
MATCHES = np.zeros([1, 7, 7, 3], np.float32)  # where 4.1 found 9 in the X
MATCHES[0, 3, 3, 2] = 1
for i in (1, 2, 4, 5):
    MATCHES[0, i, i, 0] = MATCHES[0, i, 6 - i, 1] = 1
CELL, ONES = np.zeros([1, 4, 4, 1], np.float32), np.ones([1, 4, 4, 1], np.float32)
CELL[0, 1, 2] = 1

CASES = [  # map, filters, stride, padding, side of the picture
    (MATCHES, STROKES[:, :, np.newaxis], 1, "VALID", 9),
    (CELL, DOWN[:, :, np.newaxis, np.newaxis], 2, "SAME", 8),
    (ONES, np.ones([3, 3, 1, 1], np.float32), 2, "SAME", 8),
    (ONES, np.ones([4, 4, 1, 1], np.float32), 2, "SAME", 8),
]
RTOL = ATOL = 0.0  # small whole numbers, which float32 holds exactly


def summary(steps):
    return {name: [step[i] for step in steps] for i, name in enumerate(("painted", "gradient"))}


# `grad_ys` is what comes back to `y`: the map stands where a loss would send
# its gradient. `tf.gradients` adds the op of a convolution's gradient, and
# `conv2d_transpose` adds the same op: see `Conv2DBackpropInput` twice.
def graph(cases, device):
    nodes, feeds = [], {}
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        for found, filters, s, padding, n in cases:
            y = tf1.placeholder(tf.float32, found.shape, name="map")
            feeds[y] = found
            shape, strides = [1, n, n, 1], [1, s, s, 1]
            # model
            up = tf.nn.conv2d_transpose(y, filters, shape, strides, padding)
            # gradient
            x = tf.zeros(shape)
            down = tf.nn.conv2d(x, filters, strides, padding)
            nodes.append((up, tf.gradients(down, x, grad_ys=y)[0]))
    # run
    with tf1.Session(graph=g) as session:
        steps = session.run(nodes, feeds)
    # results
    return summary(steps)


# The tape takes it as `output_gradients`. As `x` is no variable, the tape has
# to be told to watch it. That `x` is zeros does not matter: an op that only
# multiplies and adds `x` has one gradient, whatever `x` is.
def eager(cases, device):
    steps = []
    with tf.device(device):
        # inputs
        for y, filters, s, padding, n in cases:
            shape, strides = [1, n, n, 1], [1, s, s, 1]
            # model
            up = tf.nn.conv2d_transpose(y, filters, shape, strides, padding)
            # gradient
            x = tf.zeros(shape)
            with tf.GradientTape() as tape:
                tape.watch(x)
                down = tf.nn.conv2d(x, filters, strides, padding)
            back = tape.gradient(down, x, output_gradients=tf.constant(y))
            # run
            steps.append((up.numpy(), back.numpy()))
    # results
    return summary(steps)


# The size of the picture and the stride are Python numbers: a trace for each
# setting. In the traced graph the tape is gone and the two ops of the graph
# way stand there; whatever ported code calls them, they are the same.
def function(cases, device):
    steps = []

    # inputs
    @tf.function
    def paint(y, filters, s, padding, n):
        shape, strides = [1, n, n, 1], [1, s, s, 1]
        # model
        up = tf.nn.conv2d_transpose(y, filters, shape, strides, padding)
        # gradient
        x = tf.zeros(shape)
        with tf.GradientTape() as tape:
            tape.watch(x)
            down = tf.nn.conv2d(x, filters, strides, padding)
        return up, tape.gradient(down, x, output_gradients=y)

    # run
    with tf.device(device):
        for case in cases:
            steps.append([each.numpy() for each in paint(*case)])
    # results
    return summary(steps)


def matrix(filters, stride, padding, n):
    """The transposed matrix of a convolution, [n * n, cells]: a row for each pixel, lit alone."""
    lit = np.eye(n * n, dtype=np.float32).reshape(-1, n, n, 1)
    return np.reshape(tf.nn.conv2d(lit, filters, stride, padding), [n * n, -1])


def claim_it_multiplies_by_the_transposed_matrix(results):
    """Light one pixel at a time, and the maps that come are the columns of `C`. What was painted
    is `C.T @ map`, and so is the gradient."""
    for case, (found, *setting) in enumerate(CASES):
        picture = matrix(*setting) @ found.ravel()
        for way in results.values():
            assert np.array_equal(way["painted"][case].ravel(), picture)
            assert np.array_equal(way["gradient"][case].ravel(), picture)


def claim_nine_matches_paint_the_x(results):
    """Nine ones and three filters are enough for the X: what they paint is above 0 where it has
    ink, and nowhere else."""
    ink = np.zeros([9, 9], bool)
    ink[range(1, 8), range(1, 8)] = ink[range(1, 8), range(7, 0, -1)] = True
    assert all(np.array_equal(way["painted"][0][0, :, :, 0] > 0, ink) for way in results.values())


def claim_it_does_not_undo_a_convolution():
    """One lit pixel, convolved with nine ones and painted again with them, comes back as a hill of
    5 by 5 with 9 on top. What windows have mixed, `C.T` does not take apart."""
    lit, ones = np.zeros([1, 9, 9, 1], np.float32), np.ones([3, 3, 1, 1], np.float32)
    lit[0, 4, 4] = 1
    found = tf.nn.conv2d(lit, ones, 1, "VALID")
    hill = tf.nn.conv2d_transpose(found, ones, lit.shape, 1, "VALID")[0, :, :, 0]
    assert np.array_equal(hill, np.outer([0, 0, 1, 2, 3, 2, 1, 0, 0], [0, 0, 1, 2, 3, 2, 1, 0, 0]))


def claim_the_size_must_be_told():
    """At stride 2 pictures of 7 and of 8 pixels have maps of 4, so the way back must be told which.
    9 is refused, but only when it runs, and the message may not name the sizes."""
    refused = (tf.errors.InvalidArgumentError, tf.errors.AbortedError)
    for n in (7, 8):
        assert eager([(*CASES[2][:4], n)], "CPU:0")["painted"][0].shape == (1, n, n, 1)
    with raises(refused):
        eager([(*CASES[2][:4], 9)], "CPU:0")


def claim_none_is_no_size():
    """The size may not hold the None of a placeholder: for a batch of any size take the number
    from the tensor that is there, `tf.shape(y)[0]`."""
    filters = CASES[2][1]
    with tf.Graph().as_default(), tf1.Session() as session:
        y = tf1.placeholder(tf.float32, [None, 4, 4, 1])
        with raises(TypeError, match="got .None, 8, 8, 1."):
            tf.nn.conv2d_transpose(y, filters, [y.shape[0], 8, 8, 1], [1, 2, 2, 1])
        painted = tf.nn.conv2d_transpose(y, filters, [tf.shape(y)[0], 8, 8, 1], [1, 2, 2, 1])
        assert session.run(painted, {y: np.ones([5, 4, 4, 1])}).shape == (5, 8, 8, 1)


def figures(results):
    rows = [
        [case[0].max(axis=-1)[0], picture[0, :, :, 0]]
        for case, picture in zip(CASES, results["painted"])
    ]
    return {
        "painted": Images(
            "What the maps paint",
            "Nine perfect matches paint an X above 0. One cell paints its filter. A map of ones "
            "paints a checkerboard with windows of 3; with windows of 4 it is even inside.",
            rows,
            row_names=["nine matches", "one cell", "3 x 3, stride 2", "4 x 4, stride 2"],
            column_names=["map", "painted"],
            signed=True,
        )
    }


def quiz_does_it_undo_a_convolution():
    """One pixel is lit. It is convolved with nine ones, `VALID`, and the map is painted with the
    same nine ones. What is at the place of that pixel now?

    All nine windows have seen the pixel, and each paints a one there. The shape has come back, the
    picture has not.
    """
    lit, ones = np.zeros([1, 9, 9, 1], np.float32), np.ones([3, 3, 1, 1], np.float32)
    lit[0, 4, 4] = 1
    found = tf.nn.conv2d(lit, ones, 1, "VALID")
    return tf.nn.conv2d_transpose(found, ones, lit.shape, 1, "VALID").numpy()[0, 4, 4, 0]


def quiz_which_window_leaves_a_checkerboard():
    """A map of ones is painted at stride 2 with windows of ones. Which leaves a checkerboard in the
    middle?

    - windows of 3
    - windows of 4
    - both

    4 is a multiple of the stride, so each pixel gets equally many copies. Of windows of 3 some
    pixels get one, some two and some four.
    """
    uneven = [np.ptp(eager([case], "CPU:0")["painted"][0][0, 2:6, 2:6]) > 0 for case in CASES[2:]]
    return ["neither", "windows of 4", "windows of 3", "both"][2 * uneven[0] + uneven[1]]
