"""Inputs that prove little: NaN, other feeds, calls of other numbers, nothing that is given."""

from __future__ import annotations

import pytest
from test_compare import TF2, script

from graphlab.comparison.run import compare

LOG = """
import tensorflow as tf

X = tf.constant([[1.5, 0.25, 2.25], [0.5, 0.75, 3.125]])


@tf.function
def f(x):
    return tf.reduce_sum(1.7 * tf.math.log(x), axis=1)


for _ in range(2):
    f(X)
"""
NAN = ("0.25", "-1.0")


def fed(one: str, other: str, name: str = "x") -> str:
    return (
        f"their inputs differ: {one} is fed {name} and {other} is fed {name}, which the other is"
        " not"
    )


HIDDEN = "Identity:0: NaN on both sides, which is taken for equal and hides what leads to it"


def test_nan_on_both_sides_is_taken_for_equal_and_told(tmp_path):
    nan = script(tmp_path, "nan", LOG, NAN)
    found = compare(nan, nan)
    assert (found.same, found.notes) == (True, (HIDDEN,))


def test_other_inputs_behind_a_nan_are_told(tmp_path):
    one = script(tmp_path, "one", LOG, NAN)
    other = script(tmp_path, "other", LOG, ("0.25", "-2.0"))
    found = compare(one, other)
    assert (found.same, found.notes) == (True, (fed(one, other), HIDDEN))


def test_nan_on_one_side_is_a_difference(tmp_path):
    one, other = script(tmp_path, "one", LOG), script(tmp_path, "other", LOG, NAN)
    found = compare(one, other)
    assert (found.same, found.notes[0]) == (False, fed(one, other))
    assert (found.frontier[0].a.op, found.frontier[0].a.node) == ("feed", "x")
    assert f"Identity:0: NaN in {other}, and not in the other" in found.notes


@pytest.mark.parametrize(
    "change",
    [
        ("X, Y = draw.rand(8, 4)", "X, Y = 2 * draw.rand(8, 4)"),
        ("\nW = tf.Variable(", "\nX, Y = X[:6], Y[:6]\nW = tf.Variable("),
    ],
)
def test_inputs_of_other_numbers_or_sizes_are_told(tmp_path, change):
    one, other = script(tmp_path, "one", TF2), script(tmp_path, "other", TF2, change)
    found = compare(one, other, calls=2)
    assert not found.same
    assert found.notes[0].startswith(f"their inputs differ: {one} is fed x")
    assert (found.frontier[0].a.op, found.frontier[0].a.node) == ("feed", "x")


def test_a_side_that_returns_nothing_is_compared_by_its_variables(tmp_path):
    nothing = ("    return loss\n", "")
    one, other = script(tmp_path, "one", TF2), script(tmp_path, "other", TF2, nothing)
    found = compare(one, other, calls=2)
    assert (found.same, found.results_only_a) == (True, ("Identity:0",))
    slower = script(tmp_path, "slower", TF2, nothing, ("0.1 * slope", "0.2 * slope"))
    assert compare(other, slower, calls=2).frontier[0].a.op == "Const"


def test_a_bias_that_begins_otherwise_is_a_difference_where_nothing_that_is_given_makes_up_for_it(
    tmp_path,
):
    # The slope of a sum does not depend on where the bias is: it stays as far away as it began.
    linear = [("tf.square(h - y)", "h"), ("tf.nn.relu(", "("), ("    return loss\n", "")]
    one = script(tmp_path, "one", TF2, *linear)
    other = script(tmp_path, "other", TF2, *linear, ("np.zeros(2", "np.ones(2"))
    found = compare(one, other, calls=2)
    assert not found.same
    assert (found.frontier[0].a.op, found.frontier[0].a.node) == ("variable", "b")


EAGER = """
import numpy as np
import tensorflow as tf

X, Y, Z = np.random.RandomState(0).rand(3, 3, 3).astype("f")
h = tf.matmul(X, Y)
s = tf.reduce_sum(h * Z)
"""


def test_what_eager_code_was_given_has_no_name_by_which_it_would_be_the_others(tmp_path):
    one = script(tmp_path, "one", EAGER)
    other = script(tmp_path, "other", EAGER, ("h * Z", "h * Y"))
    found = compare(one, other)
    assert [(part.a.op, part.b.op) for part in found.frontier] == [("Mul", "Mul")]
