"""The op at which two programs part, where the other side computes what it has anyway."""

from __future__ import annotations

import pytest
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


DENSITY = """
import numpy as np
import tensorflow as tf

BELL = tf.constant(np.random.RandomState(0).rand(3, 3, 1, 1).astype("f"))


@tf.function
def crowd(points):
    inside = tf.nn.conv2d(tf.ones([1, 6, 6, 1]), BELL, 1, "SAME")
    smeared = tf.nn.conv2d(points, BELL, 1, "SAME")
    density = tf.nn.conv2d(points / inside, BELL, 1, "SAME")
    return smeared, tf.nn.avg_pool2d(density, 2, 2, "SAME")


crowd(np.random.RandomState(1).rand(1, 6, 6, 1).astype("f"))
"""
BOUND = """
import tensorflow as tf


@tf.function
def divergence(mu, s):
    wide = tf.square(mu) + tf.exp(s) - 1 - s
    return wide / 2


divergence(tf.zeros(3), tf.zeros(3))
"""
PLACES = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)


@tf.function
def unpooled(x, first, second):
    signal = tf.reshape(x, [-1])
    one = tf.reshape(first, [-1, 1])
    two = tf.reshape(second, [-1, 1])
    places = tf.reshape(first, [-1, 1])
    return tf.scatter_nd(places, signal, [30]), one + 1, two + 1


unpooled(draw.rand(4, 3).astype("f"), *(draw.permutation(30)[:12].reshape(4, 3) for _ in range(2)))
"""
LOOP = """
import numpy as np
import tensorflow as tf


@tf.function
def last(x, lengths):
    mask = tf.cast(tf.range(4)[:, None] < lengths[None], tf.float32)[:, :, None]
    h, every = tf.zeros([2, 3]), tf.TensorArray(tf.float32, 4)
    for t in tf.range(4):
        new = tf.tanh(x[t] + 0.5 * h)
        h = h + mask[t] * (new - h)
        every = every.write(t, h)
    return tf.reduce_mean(every.stack(), axis=0)


last(np.random.RandomState(0).randn(4, 2, 3).astype("f"), tf.constant([4, 2]))
"""
# What it keeps for the gradient is numbered otherwise where nothing is kept of a mask.
LOOP_TRAINED = (
    LOOP.replace("@tf.function\n", "")
    .replace("\n\nlast(", "\n\nslope(tf.constant(")
    .replace('astype("f"), tf', 'astype("f")), tf')
    .replace(
        "\n\nslope(",
        """

@tf.function
def slope(x, lengths):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.square(last(x, lengths)))
    return loss, tape.gradient(loss, x)


slope(""",
    )
)


@pytest.mark.parametrize(
    ("text", "old", "new", "ops", "line"),
    [
        (DENSITY, "points / inside", "points", ("RealDiv", "Conv2D"), "density ="),
        (BOUND, "- 1 - s", "- s", ("Sub",), "wide ="),
        (
            PLACES,
            "tf.reshape(first, [-1, 1])\n    return",
            "tf.reshape(second, [-1, 1])\n    return",
            ("Reshape", "Reshape"),
            "places =",
        ),
        (LOOP, "mask[t] *", "1.0 *", ("Mul", "Mul"), "h = h"),
        (LOOP_TRAINED, "mask[t] *", "1.0 *", ("Mul", "Mul"), "h = h"),
    ],
)
def test_programs_that_are_built_alike_part_where_they_take_something_else(
    tmp_path, text, old, new, ops, line
):
    one, other = script(tmp_path, "one", text), script(tmp_path, "other", text, (old, new))
    for a, b, step in ((one, other, 1), (other, one, -1)):
        part = compare(a, b).frontier[0]
        places = (part.a, part.b)[::step]
        assert tuple(place and place.op for place in places)[: len(ops)] == ops
        assert {place.source[1] for place in places if place} == {line_of(text, line)}


PIPELINE = """
import tensorflow as tf

data = tf.data.Dataset.from_tensor_slices([1.0, 2.0, 4.0, 8.0, 16.0])
data = data.repeat(2).batch(4)
w = tf.Variable(0.0, name="w")
for rows in data.take(2):
    w.assign_add(tf.reduce_mean(tf.square(rows)))
"""


def test_another_order_of_a_pipeline_is_where_they_part_and_not_the_loop_that_takes_of_it(tmp_path):
    one = script(tmp_path, "one", PIPELINE)
    other = script(tmp_path, "other", PIPELINE, ("repeat(2).batch(4)", "batch(4).repeat(2)"))
    found = compare(one, other)
    part = found.frontier[0]
    assert (part.a.op, part.b.op) == ("RepeatDataset", "BatchDatasetV2")
    assert part.a.source[1] == part.b.source[1] == line_of(PIPELINE, "repeat(2)")
    said = "the same input, RepeatDataset and BatchDatasetV2, and what comes of it differs"
    assert screen.how_of(part) == said


def test_another_size_of_batches_is_where_they_part_and_other_records_are_not(tmp_path):
    one = script(tmp_path, "one", PIPELINE)
    smaller = script(tmp_path, "smaller", PIPELINE, ("batch(4)", "batch(3)"))
    part = compare(one, smaller).frontier[0]
    assert (part.a.op, part.b.op) == ("BatchDatasetV2", "BatchDatasetV2")
    records = script(tmp_path, "records", PIPELINE, ("2.0, 4.0", "2.0, 5.0"))
    part = compare(one, records).frontier[0]
    assert part.a.source[1] == line_of(PIPELINE, "from_tensor_slices")


OVER_NO_AXIS = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
X = np.random.RandomState(0).rand(8, 6).astype("float32")
W = np.random.RandomState(1).randn(6, 4).astype("float32")
x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.float32, [None, 4])
kernel = tf.get_variable("kernel", initializer=W)
bias = tf.get_variable("bias", [4], initializer=tf.zeros_initializer())
h = tf.nn.relu(tf.matmul(x, kernel))
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=h + bias))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    print(session.run([train, loss], {x: X, y: np.eye(8, 4, dtype="float32")}))
"""
OVER_NONE = """
import numpy as np
import tensorflow as tf

X = np.random.RandomState(0).rand(8, 6).astype("float32")
W = np.random.RandomState(1).randn(6, 4).astype("float32")
kernel, bias = tf.Variable(W), tf.Variable(tf.zeros([4]))


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        h = tf.nn.leaky_relu(x @ kernel)
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=h + bias))
    for variable, gradient in zip([kernel, bias], tape.gradient(loss, [kernel, bias])):
        variable.assign_sub(0.5 * gradient)
    return loss


step(tf.constant(X), tf.eye(8, 4))
"""


ONES = (("tf.zeros_initializer()", "tf.ones_initializer()"), ("tf.zeros([4])", "tf.ones([4])"))


def test_what_gives_what_it_took_is_no_place_where_programs_part(tmp_path):
    # A gradient of unknown sizes is summed over axes that are none: numbers that say little, as
    # 1/32 everywhere, come out as they went in.
    one = script(tmp_path, "one", OVER_NO_AXIS, ONES[0])
    other = script(tmp_path, "other", OVER_NONE, ONES[1])
    (part,) = compare(one, other).frontier
    assert (part.a.op, part.b.op) == ("Relu", "LeakyRelu")


def test_an_op_whose_value_the_other_side_has_elsewhere_is_told_beside_the_one_in_its_place(
    tmp_path,
):
    # The loss takes the larger of 0 and what it is given: with a bias of 0, what A's Relu gave.
    one, other = script(tmp_path, "one", OVER_NO_AXIS), script(tmp_path, "other", OVER_NONE)
    (part,) = compare(one, other).frontier
    assert (part.a.op, part.b.op) == ("Relu", "LeakyRelu")
    assert part.a.source[1] == line_of(OVER_NO_AXIS, "tf.nn.relu")
