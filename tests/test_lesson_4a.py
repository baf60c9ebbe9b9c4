"""What lessons 4.1 to 4.5 promise beyond the contract of a part.

The tables of the workshop's slides stand here as they were printed, and are compared with whole
numbers that plain Python counts; the lessons' own arrays take no part in that. Where the slides
themselves are beside the project, the tables are those that stand in them.
"""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from lessons.lesson_04_convolutional_networks import part_1_filtering as filtering
from lessons.lesson_04_convolutional_networks import part_3_transposed_convolution as transposed
from lessons.lesson_04_convolutional_networks import part_4_pooling as pooling
from lessons.lesson_04_convolutional_networks import part_5_activations as activations

MAP_1 = """
0.77 -0.11 0.11 0.33 0.55 -0.11 0.33
-0.11 1.00 -0.11 0.33 -0.11 0.11 -0.11
0.11 -0.11 1.00 -0.33 0.11 -0.11 0.55
0.33 0.33 -0.33 0.55 -0.33 0.33 0.33
0.55 -0.11 0.11 -0.33 1.00 -0.11 0.11
-0.11 0.11 -0.11 0.33 -0.11 1.00 -0.11
0.33 -0.11 0.55 0.33 0.11 -0.11 0.77
"""
MAP_2 = """
0.33 -0.11 0.55 0.33 0.11 -0.11 0.77
-0.11 0.11 -0.11 0.33 -0.11 1.00 -0.11
0.55 -0.11 0.11 -0.33 1.00 -0.11 0.11
0.33 0.33 -0.33 0.55 -0.33 0.33 0.33
0.11 -0.11 1.00 -0.33 0.11 -0.11 0.55
-0.11 1.00 -0.11 0.33 -0.11 0.11 -0.11
0.77 -0.11 0.11 0.33 0.55 -0.11 0.33
"""
MAP_3 = """
0.33 -0.55 -0.11 -0.11 0.11 -0.55 0.33
-0.55 0.55 -0.55 0.33 -0.55 0.55 -0.55
0.11 -0.55 0.55 -0.77 0.55 -0.55 0.11
-0.11 0.33 -0.77 1.00 -0.77 0.33 -0.11
0.11 -0.55 0.55 -0.77 0.55 -0.55 0.11
-0.55 0.55 -0.55 0.33 -0.55 0.55 -0.55
0.33 -0.55 0.11 -0.11 0.11 -0.55 0.33
"""
RELU = """
0.77 0.00 0.11 0.33 0.55 0.00 0.33
0.00 1.00 0.00 0.33 0.00 0.11 0.00
0.11 0.00 1.00 0.00 0.11 0.00 0.55
0.33 0.33 0.00 0.55 0.00 0.33 0.33
0.55 0.00 0.11 0.00 1.00 0.00 0.11
0.00 0.11 0.00 0.33 0.00 1.00 0.00
0.33 0.00 0.55 0.33 0.11 0.00 0.77
"""
AVERAGE_1 = """
0.39 0.22 0.17 0.28 0.11 0.06
0.22 0.45 0.22 0.00 0.00 0.11
0.17 0.22 0.22 0.00 0.00 0.28
0.28 0.00 0.00 0.22 0.22 0.17
0.11 0.00 0.00 0.22 0.45 0.22
0.06 0.11 0.28 0.17 0.22 0.39
"""
MAX_1 = """
1.00 1.00 0.33 0.55 0.55 0.33
1.00 1.00 1.00 0.33 0.11 0.55
0.33 1.00 1.00 0.55 0.33 0.55
0.55 0.33 0.55 1.00 1.00 0.33
0.55 0.11 0.33 1.00 1.00 1.00
0.33 0.55 0.55 0.33 1.00 1.00
"""
TITLED_AVERAGE_2 = """
1.00 0.33 0.55 0.33
0.33 1.00 0.33 0.55
0.55 0.33 1.00 0.11
0.33 0.55 0.11 0.77
"""
SLIDES = [MAP_1, MAP_2, MAP_3, RELU, AVERAGE_1, MAX_1, TITLED_AVERAGE_2]

PICTURE = [
    [1 if i in range(1, 8) and (i == j or i + j == 8) else -1 for j in range(9)] for i in range(9)
]
FILTERS = [
    [[1 if i == j else -1 for j in range(3)] for i in range(3)],
    [[1 if i + j == 2 else -1 for j in range(3)] for i in range(3)],
    [[1 if i == j or i + j == 2 else -1 for j in range(3)] for i in range(3)],
]


def printed(text):
    return [line.split() for line in text.strip().splitlines()]


def ninths(filters):
    """The sums of the products over every window of the X, in whole numbers."""
    return [
        [
            sum(PICTURE[i + a][j + b] * filters[a][b] for a in range(3) for b in range(3))
            for j in range(7)
        ]
        for i in range(7)
    ]


def windows(cells, stride, hanging_over):
    """The cells in each window of 2 by 2; those that hang over the edge hold fewer."""
    at = range(0, 7 if hanging_over else 6, stride)
    return [[[n for row in cells[i : i + 2] for n in row[j : j + 2]] for j in at] for i in at]


def each(change, cells):
    return [[change(cell) for cell in row] for row in cells]


def cut(number):
    """A fraction as the slides print it: two decimals, and the rest let fall."""
    hundredths = int(number * 100)  # towards zero
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) / 100:.2f}"


def cut_ninths(cells):
    return each(lambda n: cut(Fraction(n, 9)), cells)


def half_up(hundredths):
    return f"{int(hundredths + Fraction(1, 2)) / 100:.2f}"  # no average here is negative


def unlike(table, slide):
    """(row, column, what it should be, what the slide prints) where they differ."""
    rows = zip(table, printed(slide), strict=True)
    return [
        (i, j, ours, theirs)
        for i, row in enumerate(rows)
        for j, (ours, theirs) in enumerate(zip(*row, strict=True))
        if ours != theirs
    ]


def test_the_maps_of_the_slides_are_cut_ninths_but_for_one_misprint():
    found = [
        unlike(cut_ninths(ninths(filters)), slide)
        for filters, slide in zip(FILTERS, (MAP_1, MAP_2, MAP_3), strict=True)
    ]
    assert found == [[], [], [(0, 2, "0.11", "-0.11")]]


def test_the_slide_of_relu_has_20_zeros_and_the_rest_of_map_1():
    positive = each(lambda n: max(n, 0), ninths(FILTERS[0]))
    assert unlike(cut_ninths(positive), RELU) == []
    assert sum(row.count("0.00") for row in printed(RELU)) == 20


def test_the_slides_of_maxima_are_maxima_also_where_the_title_says_average():
    cells = ninths(FILTERS[0])
    assert unlike(cut_ninths(each(max, windows(cells, 1, False))), MAX_1) == []
    assert unlike(cut_ninths(each(max, windows(cells, 2, True))), TITLED_AVERAGE_2) == []


def test_the_slide_of_averages_rounds_the_mean_of_cut_numbers():
    """Not cut, as the maps are: the exact means rounded differ in two cells, those of the cut
    numbers in none."""
    cells = ninths(FILTERS[0])
    exact = each(lambda four: half_up(Fraction(sum(four), 36) * 100), windows(cells, 1, False))
    assert unlike(exact, AVERAGE_1) == [(1, 1, "0.44", "0.45"), (4, 4, "0.44", "0.45")]
    hundredths = each(lambda n: int(Fraction(n * 100, 9)), cells)
    twice = each(lambda four: half_up(Fraction(sum(four), 4)), windows(hundredths, 1, False))
    assert unlike(twice, AVERAGE_1) == []


def test_the_tables_are_those_of_the_slides():
    folder = Path(__file__).parents[2] / "shared" / "seed"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.txt")]
    if not texts:
        pytest.skip("the slides' text is not beside the project")
    tables = re.findall(r"(?:^-?\d\.\d\d(?:\t-?\d\.\d\d)+\n)+", texts[0], re.MULTILINE)
    slides = {re.sub(r"[ \t]", " ", table) for table in tables}
    assert slides == {slide.lstrip("\n") for slide in SLIDES}


def test_all_ways_give_the_ninths_that_python_counts():
    expected = np.stack([ninths(filters) for filters in FILTERS], axis=-1)
    for way in (filtering.graph, filtering.eager, filtering.function):
        assert np.array_equal(way(filtering.CASES, "CPU:0")["sums"][0][0], expected)


def test_the_later_parts_start_from_the_map_of_the_first():
    sums = filtering.eager(filtering.CASES[:1], "CPU:0")["sums"][0]
    assert np.array_equal(pooling.SUMS, sums[0, :, :, 0])
    assert np.array_equal(activations.SUMS, sums[0, :, :, 0].ravel())
    assert np.array_equal(transposed.MATCHES, sums == 9)
    assert np.array_equal(transposed.CASES[0][1], filtering.FILTERS)


def test_the_true_average_at_stride_2_leaves_out_what_hangs_over():
    expected = each(lambda w: Fraction(sum(w), 9 * len(w)), windows(ninths(FILTERS[0]), 2, True))
    assert expected[0] == [Fraction(7, 18), Fraction(1, 6), Fraction(1, 9), Fraction(1, 9)]
    assert expected[3] == [Fraction(1, 9), Fraction(4, 9), 0, Fraction(7, 9)]
    for way in (pooling.graph, pooling.eager, pooling.function):
        found = way(pooling.CASES, "CPU:0")["mean"][1][0, :, :, 0]
        np.testing.assert_allclose(found, np.float64(expected), rtol=1e-6, atol=1e-7)


def test_a_transposed_convolution_is_the_gradient_of_conv2d_for_any_filter_and_stride():
    """On filters without symmetry, of several channels, where a turned filter would show."""
    random = np.random.RandomState(4)
    for k, stride, padding, n in [(3, 1, "SAME", 6), (3, 2, "VALID", 7), (4, 3, "SAME", 8)]:
        filters = np.float32(random.randint(-3, 4, [k, k, 2, 5]))
        shape = tf.nn.conv2d(np.zeros([2, n, n, 2], np.float32), filters, stride, padding).shape
        y = np.float32(random.randint(-3, 4, shape))
        x = tf.Variable(np.float32(random.randint(-3, 4, [2, n, n, 2])))
        with tf.GradientTape() as tape:
            score = tf.reduce_sum(tf.nn.conv2d(x, filters, stride, padding) * y)
        painted = tf.nn.conv2d_transpose(y, filters, x.shape, stride, padding)
        assert np.array_equal(tape.gradient(score, x), painted)


def test_both_in_the_graph_are_one_kind_of_op(monkeypatch):
    seen = []

    class Watched(tf.compat.v1.Session):
        def run(self, *args, **kwargs):
            seen.append([op.type for op in self.graph.get_operations()])
            return super().run(*args, **kwargs)

    monkeypatch.setattr(tf.compat.v1, "Session", Watched)
    transposed.graph(transposed.CASES, "CPU:0")
    assert [types.count("Conv2DBackpropInput") for types in seen] == [2 * len(transposed.CASES)]


def test_slopes_are_those_of_finite_differences_but_for_the_step():
    """In float64 the curve's own differences give every slope; the step's true one is 0, and the
    custom gradient says 1/2."""
    h = 1e-3
    line, up, down = (np.float64(activations.LINE) + d for d in (0, h, -h))
    found = activations.eager([np.float64(line)], "CPU:0")["slope"][0]
    high, low = (activations.eager([x], "CPU:0")["y"][0] for x in (up, down))
    differences = (high - low) / (2 * h)
    assert list(activations.NAMES).index("step") == 6
    np.testing.assert_allclose(found[:6], differences[:6], atol=1e-6)
    assert not differences[6].any() and (found[6] == 0.5).all()
