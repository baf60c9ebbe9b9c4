"""The op at which two programs part, where the other side computes what it has anyway."""

from __future__ import annotations

from test_compare import line_of, script

from graphlab.comparison.found import ANOTHER
from graphlab.comparison.run import compare
from graphlab.screen import comparison as screen

SCORES = """
import tensorflow as tf


@tf.function
def loss(z, target):
    likely = tf.sigmoid(z)
    error = target - tf.nn.softmax(z)
    return likely, tf.reduce_mean(tf.square(error))


loss(tf.constant([[2.5, 1.25, 0.5], [-0.75, 0.25, 3.0]]), tf.constant([[1.0, 0, 0], [0, 0, 1]]))
"""
SHAPES = """
import tensorflow as tf


@tf.function(input_signature=[tf.TensorSpec([4, 3]), tf.TensorSpec([None], tf.int32)])
def taken(x, ids):
    rows = tf.gather(x, ids)
    size = tf.shape(rows)
    return {"rows": rows, "size": size}


taken(tf.reshape(tf.range(12.0), [4, 3]), [2, 0])
"""
AREA = """
import tensorflow as tf

for n in (1, 3):
    n = tf.cast(n, tf.float32)
    print(n * 50_000 * 50_000)
"""


def test_what_is_computed_in_place_of_an_op_is_its_partner_though_both_have_the_value(tmp_path):
    one = script(tmp_path, "one", SCORES)
    other = script(tmp_path, "other", SCORES, ("tf.nn.softmax(z)", "tf.sigmoid(z)"))
    found = compare(one, other)
    (part,) = found.frontier
    assert (part.a.op, part.b.op) == ("Softmax", "Sigmoid")
    assert part.a.source[1] == part.b.source[1] == line_of(SCORES, "error =")
    assert screen.how_of(part).startswith("the same input, Softmax and Sigmoid, ")


def test_what_only_one_side_does_to_what_both_take_is_told_once_with_what_goes_on_without(tmp_path):
    one = script(tmp_path, "one", SCORES)
    other = script(tmp_path, "other", SCORES, ("tf.nn.softmax(z)", "z"))
    for a, b, ops in ((one, other, ("Softmax", "Sub")), (other, one, ("Sub", "Softmax"))):
        (part,) = compare(a, b).frontier
        assert (part.a.op, part.b.op) == ops
        assert [pair.how for pair in part.inputs] == ["same"]


def test_a_result_that_comes_of_another_op_is_told_though_no_op_differs(tmp_path):
    one = script(tmp_path, "one", SHAPES)
    other = script(tmp_path, "other", SHAPES, ('"size": size', '"size": rows'))
    found = compare(one, other)
    (part,) = found.frontier
    assert (found.same, part.how, part.a.op, part.b.op) == (False, ANOTHER, "Shape", "GatherV2")
    assert "no op differs, but what is given is another tensor" in screen.said(found)


def test_a_cast_that_only_one_side_makes_is_where_they_part(tmp_path):
    one = script(tmp_path, "one", AREA)
    other = script(tmp_path, "other", AREA, ("tf.cast(n, tf.float32)", "tf.convert_to_tensor(n)"))
    found = compare(one, other)
    assert not found.same
    assert (found.frontier[0].a.op, found.frontier[0].b) == ("Cast", None)
    assert found.frontier[0].a.source[1] == line_of(AREA, "tf.cast")
