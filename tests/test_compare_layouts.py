"""One model whose numbers stand otherwise: NCHW, transposed kernels, a folded normalization."""

from __future__ import annotations

import numpy as np
import pytest
from test_compare import line_of, script

from graphlab.comparison.index import Index
from graphlab.comparison.pieces import pieces
from graphlab.comparison.run import compare
from graphlab.comparison.values import relation

HEAD = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
"""
NHWC = (
    HEAD
    + """
X = draw.rand(2, 6, 6, 3).astype("f")
K = tf.Variable(draw.randn(3, 3, 3, 4).astype("f") / 5, name="conv/kernel")
b = tf.Variable(draw.randn(4).astype("f"), name="conv/bias")
W = tf.Variable(draw.randn(36, 5).astype("f") / 6, name="dense/kernel")


@tf.function
def model(x):
    h = tf.nn.conv2d(x, K, 1, "SAME")
    h = tf.nn.relu(tf.nn.bias_add(h, b))
    h = tf.nn.max_pool2d(h, 2, 2, "VALID")
    return tf.nn.softmax(tf.matmul(tf.reshape(h, [-1, 36]), W))


model(X)
"""
)
# What an exporter makes of it that knows NCHW only, for a CPU that knows NHWC only.
NCHW = (
    HEAD
    + """
X = draw.rand(2, 6, 6, 3).astype("f").transpose(0, 3, 1, 2)
K = (draw.randn(3, 3, 3, 4).astype("f") / 5).transpose(3, 2, 0, 1)
K = tf.Variable(K, name="conv/weight")
b = tf.Variable(draw.randn(4).astype("f"), name="conv/bias")
W = draw.randn(36, 5).astype("f") / 6
W = W.reshape(3, 3, 4, 5).transpose(2, 0, 1, 3).reshape(36, 5)
W = tf.Variable(W, name="dense/kernel")


def nchw(h):
    return tf.transpose(h, [0, 3, 1, 2])


def nhwc(h):
    return tf.transpose(h, [0, 2, 3, 1])


@tf.function
def model(x):
    h = nchw(tf.nn.conv2d(nhwc(x), tf.transpose(K, [2, 3, 1, 0]), 1, "SAME"))
    h = tf.nn.relu(tf.nn.bias_add(h, b, data_format="NCHW"))
    h = nchw(tf.nn.max_pool2d(nhwc(h), 2, 2, "VALID"))
    return tf.nn.softmax(tf.matmul(tf.reshape(h, [-1, 36]), W))


model(X)
"""
)


def ops(found) -> list[tuple[str | None, str | None]]:
    return [(part.a and part.a.op, part.b and part.b.op) for part in found.frontier]


def test_a_model_in_nchw_is_the_same_and_its_tensors_are_the_others_transposed(tmp_path):
    found = compare(script(tmp_path, "nhwc", NHWC), script(tmp_path, "nchw", NCHW))
    assert (found.same, found.frontier) == (True, ())
    assert {pair.b: (pair.how, pair.detail) for pair in found.variables} == {
        "conv/weight": ("transposed", "axes [3, 2, 0, 1]"),
        "conv/bias": ("same", ""),
        "dense/kernel": ("permuted", "as [9, 4] transposed along axis 0"),
    }
    # The transposes put in give what NHWC has; before them are the same numbers otherwise.
    assert {pair.how for pair in found.pairs} == {"same", "transposed", "permuted"}
    assert found.only_a == ()


@pytest.mark.parametrize(
    ("old", "new", "op", "said"),
    [
        ("W = W.reshape(3, 3, 4, 5).transpose(2, 0, 1, 3)", "W = W", "MatMul", "axes [0, 3, 1, 2]"),
        ("tf.transpose(K, [2, 3, 1, 0])", "tf.transpose(K, [3, 2, 1, 0])", "Conv2D", "axes [1, "),
    ],
)
def test_a_layout_that_was_forgotten_is_told_where_it_matters(tmp_path, old, new, op, said):
    other = script(tmp_path, "nchw", NCHW, (old, new))
    found = compare(script(tmp_path, "nhwc", NHWC), other)
    assert ops(found) == [(op, op)]
    assert any(
        pair.how == "transposed" and said in pair.detail for pair in found.frontier[0].inputs
    )


def test_in_another_layout_an_activation_that_is_another_is_where_they_part(tmp_path):
    other = script(tmp_path, "nchw", NCHW, ("nn.relu", "nn.elu"))
    found = compare(script(tmp_path, "nhwc", NHWC), other)
    assert ops(found) == [("Relu", "Elu")]
    assert found.frontier[0].b.source == (other, line_of(NCHW, "tf.nn.relu"))


NORMALIZED = (
    HEAD
    + """
X = draw.rand(2, 6, 6, 3).astype("f")
K = tf.Variable(draw.randn(3, 3, 3, 4).astype("f") / 5, name="conv/kernel")
gamma = tf.Variable(draw.rand(4).astype("f") + 0.5, name="gamma")
beta = tf.Variable(draw.randn(4).astype("f"), name="beta")
mean = tf.Variable(draw.randn(4).astype("f"), name="mean")
variance = tf.Variable(draw.rand(4).astype("f") + 0.5, name="variance")


@tf.function
def model(x):
    h = tf.nn.conv2d(x, K, 1, "SAME")
    h = tf.nn.batch_normalization(h, mean, variance, beta, gamma, 1e-3)
    return tf.reduce_mean(tf.nn.relu(h), [1, 2])


model(X)
"""
)
FOLDED = (
    HEAD
    + """
X = draw.rand(2, 6, 6, 3).astype("f")
K = draw.randn(3, 3, 3, 4).astype("f") / 5
gamma, beta = draw.rand(4).astype("f") + 0.5, draw.randn(4).astype("f")
mean, variance = draw.randn(4).astype("f"), draw.rand(4).astype("f") + 0.5
scale = gamma / np.sqrt(variance + 1e-3)
K = tf.Variable(K * scale, name="conv/kernel")
b = tf.Variable(beta - mean * scale, name="conv/bias")


@tf.function
def model(x):
    h = tf.nn.bias_add(tf.nn.conv2d(x, K, 1, "SAME"), b)
    return tf.reduce_mean(tf.nn.relu(h), [1, 2])


model(X)
"""
)


@pytest.mark.parametrize(
    ("old", "new", "factor", "parted"),
    [
        ("gamma / np", "gamma / np", "batchnorm/mul:0 of A", []),
        ("gamma / np", "1 / np", "batchnorm/Rsqrt:0 of A", ("conv/kernel", "conv/kernel")),
        ("beta - mean", "beta + mean", "batchnorm/mul:0 of A", ("batchnorm/add_1", "BiasAdd")),
        ("nn.relu", "nn.elu", "batchnorm/mul:0 of A", ("Relu", "Elu")),
    ],
)
def test_a_normalization_folded_into_a_kernel_is_told_by_its_factors(
    tmp_path, old, new, factor, parted
):
    other = script(tmp_path, "folded", FOLDED, (old, new))
    found = compare(script(tmp_path, "whole", NORMALIZED), other)
    (kernel,) = found.variables
    assert kernel.how == "scaled"
    assert kernel.detail == f"B is A times a factor for each of 4 along axis 3, {factor}"
    first = found.frontier[:1]
    assert [(part.a.node, part.b.node) for part in first] == ([parted] if parted else [])
    assert found.same == (not parted)


TRAINED = (
    HEAD
    + """
X, Y = draw.rand(8, 4).astype("f"), draw.rand(8, 3).astype("f")
W = [draw.randn(4, 5).astype("f"), draw.randn(5, 3).astype("f")]
order = [3, 1, 4, 0, 2]
W = [tf.Variable(w, name=name) for w, name in zip(W, ["first", "second"])]


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        h = tf.nn.relu(tf.matmul(x, W[0]))
        loss = tf.reduce_mean(tf.square(tf.matmul(h, W[1]) - y))
    for variable, slope in zip(W, tape.gradient(loss, W)):
        variable.assign_sub(0.1 * slope)
    return loss


for _ in range(3):
    step(X, Y)
"""
)
MADE = "W = [tf.Variable(w, name=name)"
TRANSPOSED = [
    (MADE, "W = [tf.Variable(w.T, name=name)"),
    ("matmul(x, W[0])", "matmul(x, W[0], transpose_b=True)"),
    ("matmul(h, W[1])", "matmul(h, W[1], transpose_b=True)"),
]
SHUFFLED = [(MADE, "W = [W[0][:, order], W[1][order]]\n" + MADE)]


@pytest.mark.parametrize(
    ("changes", "how", "detail"),
    [
        (TRANSPOSED, "transposed", "axes [1, 0]"),
        (SHUFFLED, "permuted", "in the order [3, 1, 4, 0, 2] along axis 1"),
    ],
)
def test_a_training_with_its_kernels_arranged_otherwise_is_the_same_after_each_call(
    tmp_path, changes, how, detail
):
    one, other = script(tmp_path, "one", TRAINED), script(tmp_path, "other", TRAINED, *changes)
    found = compare(one, other)
    assert (found.same, found.frontier) == (True, ())
    assert (found.variables[0].how, found.variables[0].detail) == (how, detail)
    held = [(each.a, each.moment, each.detail) for each in found.results if each.a == "first"]
    assert held == [("first", moment, detail) for moment in (1, 2, 3)]


@pytest.mark.parametrize("changes", [TRANSPOSED, SHUFFLED])
def test_another_rate_with_kernels_arranged_otherwise_is_the_constant(tmp_path, changes):
    one = script(tmp_path, "one", TRAINED)
    other = script(tmp_path, "other", TRAINED, *changes, ("0.1 * slope", "0.2 * slope"))
    found = compare(one, other)
    assert ops(found) == [("Const", "Const")]
    apart = {each.moment: each.apart for each in found.results if each.a == "first"}
    assert 0 < apart[1] < 0.1  # as it stands in B: as it stands in A it would be some


# Columns


CLASSES = (
    HEAD
    + """
X = np.random.RandomState(3).rand(4, 6).astype("f")
W = tf.Variable(draw.randn(6, 3).astype("f"), name="W")
b = tf.Variable(np.zeros(3, "f"), name="b")


@tf.function
def step(x):
    with tf.GradientTape() as tape:
        p = tf.nn.softmax(tf.matmul(x, W) + b)
        loss = tf.reduce_mean(tf.square(p - [[0.2, 0.5, 0.3]]))
    for variable, slope in zip([W, b], tape.gradient(loss, [W, b])):
        variable.assign_sub(0.5 * slope)
    return loss


for _ in range(3):
    step(X)
"""
)
IN_ORDER = ("W) + b)", "W) + b)\n        p = tf.gather(p, [2, 0, 1], axis=1)")
ZEROS = ('draw.randn(6, 3).astype("f")', 'np.zeros([6, 3], "f")')
OTHERS = ("RandomState(0)", "RandomState(5)")


def test_columns_of_other_values_are_told_by_what_they_move(tmp_path):
    one = script(tmp_path, "one", CLASSES)
    found = compare(one, script(tmp_path, "two", CLASSES, IN_ORDER, OTHERS))
    kernel = found.variables[0]
    assert (kernel.how, kernel.order, kernel.axis) == ("different", (1, 2, 0), 1)
    assert kernel.detail == "in the order [1, 2, 0] along axis 1, by influence"
    # In the order in which they stand there is nothing to be told.
    found = compare(one, script(tmp_path, "three", CLASSES, OTHERS))
    assert (found.variables[0].how, found.variables[0].order) == ("different", ())


@pytest.mark.parametrize("changes", [[OTHERS], [ZEROS]])
def test_given_the_values_of_their_partners_shuffled_columns_compute_the_same(tmp_path, changes):
    zeros = [each for each in changes if each is ZEROS]
    one = script(tmp_path, "one", CLASSES, *zeros)
    two = script(tmp_path, "two", CLASSES, IN_ORDER, *changes)
    found = compare(one, two, state="a")
    assert (found.same, found.frontier) == (True, ())


def test_zeros_whose_columns_stand_otherwise_are_told_by_what_they_become(tmp_path):
    one = script(tmp_path, "one", CLASSES, ZEROS)
    found = compare(one, script(tmp_path, "two", CLASSES, ZEROS, IN_ORDER))
    assert (found.same, found.notes) == (
        True,
        (
            "B's W holds what A's W does in another arrangement: in the order [1, 2, 0] along"
            " axis 1",
            "B's b holds what A's b does in another arrangement: in the order [1, 2, 0]",
        ),
    )
    # No order of W's columns makes up for a bias that is not added.
    without = script(tmp_path, "three", CLASSES, ZEROS, IN_ORDER, ("W) + b)\n", "W) + 0 * b)\n"))
    assert not compare(one, without).same


def test_a_variable_that_is_cut_otherwise_is_told_piece_by_piece():
    draw = np.random.default_rng(0)
    whole = draw.standard_normal((7, 8)).astype("f")
    turned = whole[:, [0, 1, 4, 5, 2, 3, 6, 7]]
    lines = pieces({"kernel": whole}, {"x": turned[:3], "h": turned[3:]}, ())
    assert lines == [
        "A's kernel at [0:3, 0:2], [0:3, 2:4], [0:3, 4:6], [0:3, 6:8], [3:7, 0:2], [3:7, 2:4],"
        " [3:7, 4:6], [3:7, 6:8] is B's x[0:3, 0:2], x[0:3, 4:6], x[0:3, 2:4], x[0:3, 6:8],"
        " h[0:4, 0:2], h[0:4, 4:6], h[0:4, 2:4], h[0:4, 6:8]"
    ]
    assert pieces({"kernel": whole}, {"x": draw.standard_normal((3, 8)).astype("f")}, ()) == []
    assert pieces({"zeros": np.zeros(6, "f")}, {"more": np.zeros(9, "f")}, ()) == []


def test_a_factor_for_each_slice_is_a_relation():
    index = Index(1e-5, 1e-6)
    a = np.random.default_rng(0).standard_normal((5, 3)).astype("f")
    times = np.array([2.0, -0.5, 3.0], "f")
    assert (
        relation(a, a * times, index).detail == "B is A times a factor for each of 3 along axis 1"
    )
    assert relation(a, a * times + 0.1, index).how == "different"
