"""Lesson 4.1: a filter looks for one pattern everywhere.

Is there an X in the picture? Whoever compares pixel by pixel says no as soon as the X moves. So
look for its pieces instead: a stroke down, a stroke up, a crossing. Each is a **filter** of 3 by
3 numbers. Lay it over the picture, multiply each number by the pixel beneath, and add up: over all
`a` and `b`, `sums[i, j] = sum(picture[i + a, j + b] * filter[a, b])`. Picture
and filter are 1 where there is ink and -1 elsewhere, so a cell that agrees adds 1 and one that
differs takes 1 away: 9 is a perfect match. Divided by 9 it is the *mean* of the products.

**Convolution** does this at every place. The picture is [1, 9, 9, 1]: one example, height, width,
one **channel**, as grey has one number a pixel where colour has three. The three filters are one
array, [3, 3, 1, 3]: height, width, channels in, channels out. Out come `sums` and `maps`,
[1, 7, 7, 3], a **feature map** for each filter. 7, as a window of 3 has 7 places along 9 pixels;
`VALID` means that it never leaves the picture.

The pictures are the X of the workshop's slides, the same X moved right, and a single stroke. Look
at the maps: each filter finds its own stroke, wherever that is. The slides print the maps of the
X; a claim holds them against ours, and finds one misprint.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, Images, raises

tf1 = tf.compat.v1
DOWN = 2 * np.eye(3, dtype=np.float32) - 1  # 1 on the diagonal, -1 elsewhere
UP = DOWN[:, ::-1]
CROSSING = np.maximum(DOWN, UP)
FILTERS = np.stack([DOWN, UP, CROSSING], axis=-1)[:, :, np.newaxis, :]  # [3, 3, 1, 3]

STROKE = np.full([9, 9], -1, np.float32)
STROKE[range(1, 8), range(7, 0, -1)] = 1
X = np.maximum(STROKE, STROKE[:, ::-1])
CASES = [each[np.newaxis, :, :, np.newaxis] for each in (X, np.roll(X, 1, axis=1), STROKE)]

RTOL = 1e-6  # sums are exact; a rewritten graph may divide the filters: 3e-8 off where measured
ATOL = 0.0


# `conv2d` makes one node, whatever the number of pictures and of filters. The
# strides, one for each axis, come in the next part. TF1's argument `filter` is
# called `filters` now: given by position, as here, it runs in both.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 9, 9, 1], name="x")
        # model
        sums = tf.nn.conv2d(x, FILTERS, [1, 1, 1, 1], "VALID", name="sums")
        found = {"sums": sums, "maps": tf.divide(sums, 9.0, name="maps")}
    # run
    with tf1.Session(graph=g) as session:
        steps = [session.run(found, {x: case}) for case in cases]
    # results
    return {k: [step[k] for step in steps] for k in found}


# The same node, run at once. An eager convolution takes NumPy's arrays as they
# are; in a program that trains, the filters would be a `tf.Variable`.
def eager(cases, device):
    # inputs
    def look(x):
        # model
        sums = tf.nn.conv2d(x, FILTERS, [1, 1, 1, 1], "VALID")
        return {"sums": sums, "maps": sums / 9.0}

    # run
    with tf.device(device):
        steps = [look(case) for case in cases]
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


# Traced once, for any number of pictures: the `None` of the placeholder stands
# in the signature. The filters are a NumPy array, so the trace holds them as a
# constant, as the graph does.
def function(cases, device):
    # inputs
    @tf.function(input_signature=[tf.TensorSpec([None, 9, 9, 1])])
    def look(x):
        # model
        sums = tf.nn.conv2d(x, FILTERS, [1, 1, 1, 1], "VALID")
        return {"sums": sums, "maps": sums / 9.0}

    # run
    with tf.device(device):
        steps = [look(case) for case in cases]
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


def windows(picture):
    """Every window of 3 by 3 in a picture [1, 9, 9, 1]: [1, 7, 7, 3, 3, 1]."""
    view = np.lib.stride_tricks.sliding_window_view(picture[0, :, :, 0], (3, 3))
    return view[np.newaxis, ..., np.newaxis]


def expected(cases):
    products = [windows(case) * FILTERS[:, :, 0] for case in cases]
    sums = [each.sum(axis=(3, 4)) for each in products]
    return {"sums": sums, "maps": [each.mean(axis=(3, 4)) for each in products]}


# What the slides print for filter 1 and filter 3. Filter 2 has the mirror image of the first.
SLIDE_1 = """ 0.77 -0.11  0.11  0.33  0.55 -0.11  0.33
             -0.11  1.00 -0.11  0.33 -0.11  0.11 -0.11
              0.11 -0.11  1.00 -0.33  0.11 -0.11  0.55
              0.33  0.33 -0.33  0.55 -0.33  0.33  0.33
              0.55 -0.11  0.11 -0.33  1.00 -0.11  0.11
             -0.11  0.11 -0.11  0.33 -0.11  1.00 -0.11
              0.33 -0.11  0.55  0.33  0.11 -0.11  0.77"""
SLIDE_3 = """ 0.33 -0.55 -0.11 -0.11  0.11 -0.55  0.33
             -0.55  0.55 -0.55  0.33 -0.55  0.55 -0.55
              0.11 -0.55  0.55 -0.77  0.55 -0.55  0.11
             -0.11  0.33 -0.77  1.00 -0.77  0.33 -0.11
              0.11 -0.55  0.55 -0.77  0.55 -0.55  0.11
             -0.55  0.55 -0.55  0.33 -0.55  0.55 -0.55
              0.33 -0.55  0.11 -0.11  0.11 -0.55  0.33"""


def claim_pixel_by_pixel_a_moved_x_is_another():
    """Move the X one pixel right, and none of its 13 pixels of ink lies on one of the old 13."""
    assert np.count_nonzero(CASES[0] + CASES[1] == 2) == 0 and (X > 0).sum() == 13


def claim_a_sum_counts_the_cells_that_differ(results):
    """Every sum is the whole number 9 - 2 x the cells that differ, exactly: 9 where a stroke is
    the filter's own, and 5 at the crossing of the X, where filter 1 misses two corners."""
    for way in results.values():
        for picture, sums in zip(CASES, way["sums"], strict=True):
            differ = (windows(picture) != FILTERS[:, :, 0]).sum(axis=(3, 4))
            assert np.array_equal(sums, 9 - 2 * differ)
        assert way["sums"][0][0, 1, 1, 0] == 9 and way["sums"][0][0, 3, 3, 0] == 5


def claim_the_slides_cut_and_misprint_one_number(results):
    """The slides cut after two decimals, 7/9 is 0.77, and their 147 numbers are ours but for one:
    filter 3's map has -0.11 in its first row where +0.11 is right, as in its mirror image."""
    slide_1, slide_3 = (np.float64(text.split()).reshape(7, 7) for text in (SLIDE_1, SLIDE_3))
    slides = np.stack([slide_1, slide_1[:, ::-1], slide_3], axis=-1)
    for way in results.values():
        cut = np.trunc(way["sums"][0][0].astype(int) * 100 / 9) / 100
        assert np.argwhere(cut != slides).tolist() == [[0, 2, 2]]
        assert (slides[0, 2, 2], slides[0, 4, 2], way["sums"][0][0, 0, 2, 2]) == (-0.11, 0.11, 1)


def claim_the_maps_move_with_the_picture(results):
    """Move the X one pixel right, and its maps move one pixel right: nothing is to be learned anew.
    Along the single stroke filter 2 says 9, at the two ends 7; filter 1 says 5 at most."""
    for way in results.values():
        still, moved, stroke = way["sums"]
        assert np.array_equal(moved[:, :, 1:], still[:, :, :-1])
        assert np.diag(stroke[0, :, ::-1, 1]).tolist() == [7, 9, 9, 9, 9, 9, 7]
        assert stroke[..., 0].max() == 5


def claim_filters_are_stacked_last():
    """Stack the filters in front, [3, 3, 3, 1], as some frameworks have them, and `conv2d` takes
    the second axis for the width and the third for the channels of a colour picture."""
    in_front = np.stack([DOWN, UP, CROSSING])[..., np.newaxis]
    with tf.Graph().as_default(), raises(ValueError, match="Depth of input .1. is not a multiple"):
        tf.nn.conv2d(CASES[0], in_front, [1, 1, 1, 1], "VALID")


def claim_conv2d_does_not_turn_the_filter():
    """Mathematics turns the filter half round before it is laid on, as `np.convolve` does. Our
    `conv2d` does not; our filters do not show it, as half round they are what they were."""
    signal, taps = np.float32([0, 0, 1, 0, 0]), np.float32([1, 2, 3])
    found = tf.nn.conv2d(signal[None, None, :, None], taps[None, :, None, None], 1, "VALID")
    assert np.ravel(found).tolist() == [3, 2, 1]
    assert np.convolve(signal, taps, "valid").tolist() == [1, 2, 3]
    assert np.array_equal(FILTERS, FILTERS[::-1, ::-1])


def figures(results):
    names = ["filter 1", "filter 2", "filter 3"]
    filters = [FILTERS[:, :, 0, i] for i in range(3)]
    rows = [
        [case[0, :, :, 0], *np.moveaxis(results["maps"][i][0], -1, 0)]
        for i, case in enumerate(CASES)
    ]
    map_1 = results["maps"][0][0, :, :, 0]
    shown = ["the X", "moved right", "one stroke"]
    alike = "A stroke down, a stroke up, a crossing: a filter is a picture of what it looks for."
    far = "Filter 1 on the X: 1.00 along its own stroke. Of 0.78 the slides have 0.77: they cut."
    return {
        "filters": Images("Three filters", alike, [filters], (), names, signed=True),
        "maps": Images(
            "What each filter finds",
            "Farthest above 0 is a match: filters 1 and 2 along their strokes, 3 where two cross.",
            rows,
            row_names=shown,
            column_names=["picture", *names],
            signed=True,
        ),
        "map-1": Heat("A feature map", far, map_1, signed=True, numbers=True),
    }


def quiz_how_large_is_a_sum_where_one_cell_differs():
    """A window agrees with the filter in eight cells of nine. What is its number in `sums`?

    Eight cells add 1 and one takes 1 away: `9 - 2 * 1`.
    """
    picture = np.full([1, 9, 9, 1], -1, np.float32)
    picture[0, :3, :3, 0] = DOWN
    picture[0, 0, 2] = 1
    return eager([picture], "CPU:0")["sums"][0][0, 0, 0, 0]


def quiz_does_conv2d_turn_the_filter():
    """The signal is 0, 0, 1, 0, 0 and the filter 1, 2, 3. `np.convolve` gives 1, 2, 3. What is the
    first number that `conv2d` gives?

    `conv2d` lays the filter on as it is, and the last 3 meets the 1 first. Mathematics turns the
    filter half round before.
    """
    signal, taps = np.float32([0, 0, 1, 0, 0]), np.float32([1, 2, 3])
    found = tf.nn.conv2d(signal[None, None, :, None], taps[None, :, None, None], 1, "VALID")
    return np.ravel(found)[0]
