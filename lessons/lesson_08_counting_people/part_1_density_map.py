"""Lesson 8.1: a density map sums to a count.

How many people are in a picture? One number says little to a network about where it went wrong. So
a network that counts is taught a **density map**: a number for each pixel, people per pixel. Its
sum is the number of people, and the sum over any part is the number of those who stand there.

The lesson draws its crowds, so it knows where each head is: `heads` is [n, 2], a row and a column
each. `points` is [48, 48], 0 but for 1 at each head. A 1 on one pixel is hard to learn; off by one
pixel, a network would be as wrong as if it had seen nobody. So each 1 is smeared over 9 by 9 pixels
by a bell that sums to 1. That is a convolution:

    smeared = conv2d(points, BELL)

But near the edge a part of the bell falls off the picture. `inside`, [48, 48], says how much of a
bell stays in the picture, for each place that it may stand at; and divided by it, a head counts for
1 again:

    density = conv2d(points / inside, BELL)

`cells`, [12, 12], is a smaller map, which later parts need: each number is the sum over 4 by 4
pixels. Look at the pictures: where people stand densely, the bells flow into each other, and no
head can be told from the next. Their number can.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, crowds, raises

tf1 = tf.compat.v1
SIDE, REACH, SIGMA = 48, 4, 1.5
slope = np.exp(-(np.arange(-REACH, REACH + 1) ** 2) / (2 * SIGMA**2))
BELL = np.float32(np.outer(slope, slope) / slope.sum() ** 2)[:, :, np.newaxis, np.newaxis]
RTOL = ATOL = 1e-5  # NumPy adds the bells up in float64, and head by head


def cases(seed=0):
    """Heads: of three drawn crowds, and of five people, two of them at one place, two at edges."""
    five = np.array([[0, 0], [20, 20], [20, 20], [47, 30], [30, 10]])
    return [*crowds(3, seed)[1], five]


def by_name(answers):
    names = ["smeared", "density", "cells"]
    return {name: [np.array(a[i]) for a in answers] for i, name in enumerate(names)}


def expected(cases):
    answers = []
    for heads in cases:
        smeared, density = np.zeros([2, SIDE, SIDE])
        for y, x in heads:
            rows = slice(max(y - REACH, 0), y + REACH + 1)
            columns = slice(max(x - REACH, 0), x + REACH + 1)
            alone = np.zeros([SIDE + 2 * REACH] * 2)
            alone[y : y + 2 * REACH + 1, x : x + 2 * REACH + 1] = BELL[:, :, 0, 0]
            seen = alone[REACH:-REACH, REACH:-REACH][rows, columns]
            smeared[rows, columns] += seen
            density[rows, columns] += seen / seen.sum()
        answers.append((smeared, density, density.reshape(12, 4, 12, 4).sum(axis=(1, 3))))
    return by_name(answers)


# `scatter_nd` puts numbers at places of a tensor of zeros, and adds up what comes to one place. Its
# `None` heads are one placeholder for crowds of any size.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        heads = tf1.placeholder(tf.int64, [None, 2], name="heads")
        # model
        ones = tf.ones_like(heads[:, 0], tf.float32)
        points = tf.scatter_nd(heads, ones, [SIDE, SIDE])
        points = tf.reshape(points, [1, SIDE, SIDE, 1])
        inside = tf.nn.conv2d(tf.ones([1, SIDE, SIDE, 1]), BELL, 1, "SAME")
        smeared = tf.nn.conv2d(points, BELL, 1, "SAME")
        density = tf.nn.conv2d(points / inside, BELL, 1, "SAME")
        cells = 16 * tf.nn.avg_pool2d(density, 4, 4, "SAME")
        maps = [each[0, :, :, 0] for each in (smeared, density, cells)]
    # run
    with tf1.Session(graph=g) as session:
        answers = [session.run(maps, {heads: case}) for case in cases]
    # results
    return by_name(answers)


# A tensor cannot be written to, so a port of `points[y, x] = 1` is `scatter_nd` here, too. `inside`
# is reckoned anew with each call.
def eager(cases, device):
    # inputs
    def smear(heads):
        # model
        ones = tf.ones([len(heads)])
        points = tf.scatter_nd(heads, ones, [SIDE, SIDE])
        points = tf.reshape(points, [1, SIDE, SIDE, 1])
        inside = tf.nn.conv2d(tf.ones([1, SIDE, SIDE, 1]), BELL, 1, "SAME")
        smeared = tf.nn.conv2d(points, BELL, 1, "SAME")
        density = tf.nn.conv2d(points / inside, BELL, 1, "SAME")
        cells = 16 * tf.nn.avg_pool2d(density, 4, 4, "SAME")
        return [each[0, :, :, 0] for each in (smeared, density, cells)]

    # run
    with tf.device(device):
        answers = [smear(case) for case in cases]
    # results
    return by_name(answers)


# The signature has the `None` of the placeholder: one trace for all crowds. Without it each number
# of people would cost a trace of its own, as `heads` has another shape.
def function(cases, device):
    # inputs
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.int64)])
    def smear(heads):
        # model
        ones = tf.ones_like(heads[:, 0], tf.float32)
        points = tf.scatter_nd(heads, ones, [SIDE, SIDE])
        points = tf.reshape(points, [1, SIDE, SIDE, 1])
        inside = tf.nn.conv2d(tf.ones([1, SIDE, SIDE, 1]), BELL, 1, "SAME")
        smeared = tf.nn.conv2d(points, BELL, 1, "SAME")
        density = tf.nn.conv2d(points / inside, BELL, 1, "SAME")
        cells = 16 * tf.nn.avg_pool2d(density, 4, 4, "SAME")
        return [each[0, :, :, 0] for each in (smeared, density, cells)]

    # run
    with tf.device(device):
        answers = [smear(case) for case in cases]
    # results
    return by_name(answers)


def claim_a_head_at_the_edge_is_lost_in_part():
    """Only smeared, a head in the corner counts for 0.4: no error, and nobody notices, but crowds
    are smaller than they are, as some of their heads are at edges."""
    smeared = eager([np.array([[0, 0]])], "CPU:0")["smeared"][0]
    with raises(tf.errors.InvalidArgumentError, match="one person"):
        tf.debugging.assert_near(smeared.sum(), 1.0, message="one person")
    assert 0.39 < smeared.sum() < 0.41


def claim_the_density_sums_to_the_count(results):
    """Divided by what stays inside, a crowd sums to its number, and so do its cells."""
    for way in results.values():
        for heads, density, cells in zip(cases(), way["density"], way["cells"]):
            assert np.isclose(density.sum(), len(heads), rtol=1e-5)
            assert np.isclose(cells.sum(), len(heads), rtol=1e-5)


def claim_two_heads_at_one_place_are_two():
    """`points[rows, columns] = 1` in NumPy would make one of them: what is written twice is there
    once. `scatter_nd` adds."""
    points, heads = np.zeros([SIDE, SIDE]), cases()[-1]
    points[heads[:, 0], heads[:, 1]] = 1
    added = tf.scatter_nd(heads, tf.ones(len(heads)), [SIDE, SIDE])
    assert points.sum() == 4 and tf.reduce_sum(added) == 5


def claim_a_mean_is_no_sum(results):
    """Made smaller by `avg_pool2d` alone, a map holds a sixteenth of the people. It looks the same,
    as a picture does that is made smaller; a density has to be multiplied by 16."""
    for way in results.values():
        small = tf.nn.avg_pool2d(way["density"][0][np.newaxis, ..., np.newaxis], 4, 4, "SAME")
        assert np.isclose(16 * np.sum(small), len(cases()[0]), rtol=1e-5)


def figures(results):
    pictures, heads = crowds(3, 0)
    rows = zip(pictures[..., 0], results["density"], results["cells"])
    return {
        "maps": Images(
            "Three crowds and how densely they stand",
            "Each picture has its own scale. Leaves hang at the top, and the map has nothing there;"
            " far heads are small and stand densely; in the cells a few numbers are left.",
            list(rows),
            [f"{len(each)} people" for each in heads],
            ["picture", "density", "cells"],
            each=True,
        )
    }


def quiz_what_is_left_of_a_head_at_the_edge():
    """Somebody stands at the top edge, far from every corner, and his 1 is only smeared. What does
    `smeared` sum to?

    - 1
    - 0.5
    - more than 0.5, less than 1

    Half of the bell is outside but for its middle row, which is on the picture whole.
    """
    left = eager([np.array([[0, 24]])], "CPU:0")["smeared"][0].sum()
    return "more than 0.5, less than 1" if 0.5 < left < 0.99 else f"{left:.1g}"


def quiz_how_many_are_two_at_one_place():
    """Two people stand on one pixel, in a corner. To what does `density` sum?

    `scatter_nd` adds what comes to one place, and `inside` makes up for what the corner cuts off.
    """
    return round(float(eager([np.array([[0, 0], [0, 0]])], "CPU:0")["density"][0].sum()), 3)
