"""Lesson 4.4: pooling keeps what was found and forgets exactly where.

A feature map says for each place how well a filter matched there. For naming what is in the
picture that is too much: whether the stroke lies here or one pixel on is all the same. **Pooling**
lays a small window over the map and makes one number of it, the largest (`max_pool`) or the mean
(`avg_pool`). It has a convolution's window, strides and padding, but works on every channel by
itself and has no weights: there is nothing to train. With a window of 2 and stride 2 a quarter of
the numbers is left for the layers after it.

The map is filter 1's on the X from 4.1, [1, 7, 7, 1], whole numbers over 9. We pool it as the
workshop's slides do, by windows of 2 by 2 at stride 1, `VALID`, and at stride 2, `SAME`. 7 is odd,
so with `SAME` the last windows hang over the edge. What lies outside counts for nothing, not for
zero; the third step, the map with all its signs turned, shows it.

Look at the tables. The slides have the same, but for one wrong title, and for two numbers that
show what comes of rounding on the way.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, raises

tf1 = tf.compat.v1
SUMS = np.float32(
    "7 -1 1 3 5 -1 3  -1 9 -1 3 -1 1 -1  1 -1 9 -3 1 -1 5  3 3 -3 5 -3 3 3"
    " 5 -1 1 -3 9 -1 1  -1 1 -1 3 -1 9 -1  3 -1 5 3 1 -1 7".split()
).reshape(7, 7)
MAP = SUMS[np.newaxis, :, :, np.newaxis] / 9
CASES = [(MAP, 1, "VALID"), (MAP, 2, "SAME"), (-MAP, 2, "SAME")]  # map, stride, padding
RTOL = 1e-6  # a mean of four ninths, summed in an order of the kernel's own
ATOL = 1e-7


# Window and strides are given along all four axes, and are attributes again.
# `tf.nn.max_pool` and `tf.nn.avg_pool` run in TF1 and TF2 alike; what was
# `tf.layers.max_pooling2d` is a layer of Keras now, `MaxPooling2D`.
def graph(cases, device):
    nodes, feeds = [], {}
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        for found, s, padding in cases:
            x = tf1.placeholder(tf.float32, [None, 7, 7, 1], name="map")
            feeds[x] = found
            # model
            window, strides = [1, 2, 2, 1], [1, s, s, 1]
            largest = tf.nn.max_pool(x, window, strides, padding)
            mean = tf.nn.avg_pool(x, window, strides, padding)
            nodes.append({"max": largest, "mean": mean})
    # run
    with tf1.Session(graph=g) as session:
        steps = session.run(nodes, feeds)
    # results
    return {k: [step[k] for step in steps] for k in steps[0]}


# One number does for a window or a stride that is the same along both axes;
# lists of four, as they stand in old code, run as well.
def eager(cases, device):
    steps = []
    with tf.device(device):
        # inputs
        for x, s, padding in cases:
            # model
            largest = tf.nn.max_pool(x, 2, s, padding)
            mean = tf.nn.avg_pool(x, 2, s, padding)
            # run
            steps.append({"max": largest, "mean": mean})
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


# Stride and padding are attributes here, too, so that each pair of them costs a
# trace. The third step has the pair of the second, and runs its trace.
def function(cases, device):
    steps = []

    # inputs
    @tf.function
    def pool(x, s, padding):
        # model
        largest = tf.nn.max_pool(x, 2, s, padding)
        mean = tf.nn.avg_pool(x, 2, s, padding)
        return {"max": largest, "mean": mean}

    # run
    with tf.device(device):
        for case in cases:
            steps.append(pool(*case))
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


def expected(cases):
    found = {"max": [], "mean": []}
    for x, s, padding in cases:
        at = range(0, 7 if padding == "SAME" else 6, s)  # a slice ends with the map
        for name, keep in (("max", np.max), ("mean", np.mean)):
            rows = [[keep(x[0, i : i + 2, j : j + 2]) for j in at] for i in at]
            found[name].append(np.float32(rows)[np.newaxis, :, :, np.newaxis])
    return found


# What the slides print: max, stride 1; average, stride 1; and, titled average as well, stride 2.
SLIDE_MAX = """1.00 1.00 0.33 0.55 0.55 0.33   1.00 1.00 1.00 0.33 0.11 0.55
               0.33 1.00 1.00 0.55 0.33 0.55   0.55 0.33 0.55 1.00 1.00 0.33
               0.55 0.11 0.33 1.00 1.00 1.00   0.33 0.55 0.55 0.33 1.00 1.00"""
SLIDE_MEAN = """0.39 0.22 0.17 0.28 0.11 0.06   0.22 0.45 0.22 0.00 0.00 0.11
                0.17 0.22 0.22 0.00 0.00 0.28   0.28 0.00 0.00 0.22 0.22 0.17
                0.11 0.00 0.00 0.22 0.45 0.22   0.06 0.11 0.28 0.17 0.22 0.39"""
SLIDE_2 = """1.00 0.33 0.55 0.33   0.33 1.00 0.33 0.55
             0.55 0.33 1.00 0.11   0.33 0.55 0.11 0.77"""


def table(text):
    numbers = np.float64(text.split())
    return numbers.reshape([int(numbers.size**0.5)] * 2)


def claim_the_slides_stride_2_is_no_average(results):
    """Two slides hold our maxima, cut to two decimals; but the second says "average pooling, stride
    2" in its title. The true averages are 7/18, 1/6, 1/9, 1/9 in the first row."""
    true = [[14, 6, 4, 4], [6, 8, 0, 16], [4, 0, 16, 0], [4, 16, 0, 28]]  # 36ths
    for way in results.values():
        for case, slide in enumerate((SLIDE_MAX, SLIDE_2)):
            ninths = np.rint(way["max"][case][0, :, :, 0] * 9).astype(int)
            assert np.array_equal(np.trunc(ninths * 100 / 9) / 100, table(slide))
        assert np.allclose(way["mean"][1][0, :, :, 0] * 36, true, atol=1e-5)


def claim_the_slides_averaged_what_they_had_cut(results):
    """The slide of averages has 0.45 twice where 4/9 = 0.44. It averaged numbers already cut: the
    mean of 1.00, -0.11, -0.11 and 1.00 is 0.445. Round once, and at the end."""
    hundredths = np.trunc(np.float64(SUMS) * 100 / 9)
    views = np.lib.stride_tricks.sliding_window_view(hundredths, (2, 2))
    assert np.array_equal(np.floor(views.sum(axis=(2, 3)) / 4 + 0.5) / 100, table(SLIDE_MEAN))
    for way in results.values():
        once = np.floor(way["mean"][0][0, :, :, 0] * 100 + 0.5) / 100
        assert np.argwhere(abs(once - table(SLIDE_MEAN)) > 0.005).tolist() == [[1, 1], [4, 4]]


def claim_outside_counts_for_nothing(results):
    """With all signs turned the corner of the map is -7/9, alone in its window. Maximum and mean
    are -7/9 there; if the rest of the window were zeros, they would be 0 and -7/36."""
    for way in results.values():
        assert way["max"][2][0, 3, 3, 0] == way["mean"][2][0, 3, 3, 0] == -MAP[0, 6, 6, 0]


def claim_a_step_within_a_window_is_forgotten():
    """A lit cell may move within its window and the pooled map stays as it is; one step more, and
    the cell is in the next window. Pooling forgets small moves, and not all of those."""
    dots = np.zeros([3, 8, 8, 1], np.float32)
    dots[range(3), 2, range(2, 5)] = 1  # columns 2, 3 and 4
    first, second, third = tf.nn.max_pool(dots, 2, 2, "SAME").numpy()
    assert np.array_equal(first, second) and not np.array_equal(second, third)


def claim_a_gradient_goes_back_to_the_largest():
    """Backwards the largest of a window gets all that comes, and the others nothing; a mean gives
    each a quarter."""
    x = tf.constant(MAP[:, :2, :2])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        largest, mean = (pool(x, 2, 2, "VALID") for pool in (tf.nn.max_pool, tf.nn.avg_pool))
    assert np.ravel(tape.gradient(largest, x)).tolist() == [0, 0, 0, 1]
    assert np.ravel(tape.gradient(mean, x)).tolist() == [0.25] * 4


def claim_a_window_too_large_is_refused_by_graphs_only():
    """A window of 8, left from larger pictures, on 7 pixels: a graph is not built. Run eagerly it
    gives an empty map, whose mean is NaN; a port may notice only in its loss."""
    with tf.Graph().as_default(), raises(ValueError, match="caused by subtracting 8 from 7"):
        tf.nn.avg_pool(MAP, 8, 1, "VALID")
    empty = tf.nn.avg_pool(MAP, 8, 1, "VALID")
    assert empty.shape == (1, 0, 0, 1) and np.isnan(tf.reduce_mean(empty))


def figures(results):
    largest, mean = results["max"], results["mean"]
    tables = {
        "map": ("The map", "Before pooling. The stroke is one cell wide.", MAP),
        "max-1": ("Max, stride 1", "Each 1.00 spreads, and the stroke gets wider.", largest[0]),
        "mean-1": ("Mean, stride 1", "It is blurred. For 0.44 the slide has 0.45.", mean[0]),
        "max-2": ("Max, stride 2", 'A quarter of the cells. Its slide says "average".', largest[1]),
        "mean-2": ("Mean, stride 2", "The averages that this slide should hold.", mean[1]),
    }
    return {
        name: Heat(title, caption, values[0, :, :, 0], signed=True, numbers=True)
        for name, (title, caption, values) in tables.items()
    }


def quiz_what_is_the_largest_of_one_number_and_the_outside():
    """With all signs turned, the corner of the map is -7/9, alone in its window: the rest hangs
    over the edge. What does `max_pool` make of it?

    - 0
    - -7/9

    What lies outside counts for nothing, not for zero.
    """
    corner = eager([CASES[2]], "CPU:0")["max"][0][0, 3, 3, 0]
    return f"{corner * 9:.0f}/9" if corner else "0"


def quiz_how_many_cells_get_a_gradient_of_a_maximum():
    """A window of 2 by 2 holds 7, -1, -1 and 9 ninths. The gradient 1 comes back to its maximum. To
    how many of the four cells does it go on?

    To the largest alone; small changes of the others change nothing. A mean gives each a quarter.
    """
    x = tf.constant(MAP[:, :2, :2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        largest = tf.nn.max_pool(x, 2, 2, "VALID")
    return np.count_nonzero(tape.gradient(largest, x))
