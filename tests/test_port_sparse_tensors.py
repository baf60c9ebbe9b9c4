"""What sparse tensors are given to and give is written as such, and rows are looked up by them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.recorded import module_of
from graphlab.port.table import SPARSE
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
INDICES = np.array([[0, 3], [0, 1], [2, 0]], np.int64)  # not in order, and a row has none
VALUES = np.array([1.5, -2.0, 3.25], np.float32)
SHAPE = np.array([4, 5], np.int64)
DENSE = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)

# An op: what gives it, and how that is written.
GIVEN = {
    "SparseDenseCwiseDiv": (lambda x: x / DENSE, "tf.SparseTensor(indices, values, shape) / "),
    "SparseDenseCwiseMul": (lambda x: x * 2.0, "tf.SparseTensor(indices, values, shape) * 2.0"),
    "SparseReduceMax": (
        lambda x: tf.sparse.reduce_max(x, 1),
        "tf.sparse.reduce_max(tf.SparseTensor(indices, values, shape), axis=1)",
    ),
    "SparseReduceSum": (
        lambda x: tf.sparse.reduce_sum(x, [0, 1], keepdims=True),
        "tf.sparse.reduce_sum(tf.SparseTensor(indices, values, shape), axis=[0, 1], keepdims=True)",
    ),
    "SparseReorder": (
        tf.sparse.reorder,
        "tf.sparse.reorder(tf.SparseTensor(indices, values, shape))",
    ),
    "SparseSlice": (
        lambda x: tf.sparse.slice(x, [0, 0], [2, 3]),
        "tf.sparse.slice(tf.SparseTensor(indices, values, shape), [0, 0], [2, 3])",
    ),
    "SparseSoftmax": (
        tf.sparse.softmax,
        "tf.sparse.softmax(tf.SparseTensor(indices, values, shape))",
    ),
    "SparseTensorDenseAdd": (
        lambda x: tf.sparse.add(x, DENSE),
        "tf.sparse.add(tf.SparseTensor(indices, values, shape), ",
    ),
    "SparseTensorDenseMatMul": (
        lambda x: tf.sparse.sparse_dense_matmul(x, DENSE, adjoint_b=True),
        "tf.sparse.sparse_dense_matmul(tf.SparseTensor(indices, values, shape), ",
    ),
    "StringSplit": (
        lambda x: tf1.string_split(tf.as_string(x.values), "."),
        'tf.compat.v1.string_split(tf.as_string(values), sep=".")',
    ),
    "StringSplitV2": (
        lambda x: tf1.strings.split(tf.as_string(x.values), ".", maxsplit=1),
        'tf.compat.v1.strings.split(tf.as_string(values), sep=".", maxsplit=1)',
    ),
    "SparseToDense": (
        lambda x: tf.sparse.to_dense(tf.sparse.reorder(x), 0.5),
        "tf.sparse.to_dense(sparse_reorder, default_value=0.5)",
    ),
}


def call_of(build):
    """The call for what `build` gives for a sparse x, the parts one by one."""
    with tf.Graph().as_default():
        x = tf1.sparse_placeholder(tf.float32, [None, None], name="x")
        found = tf.nest.flatten(build(x), expand_composites=True)
    return recorded(found, {x.indices: INDICES, x.values: VALUES, x.dense_shape: SHAPE})


def said(call):
    lines = "\n".join(methods_of(call)["__call__"])
    return " ".join(lines.split()).replace("( ", "(").replace(" )", ")").replace(", )", ")")


@pytest.mark.parametrize("kind", SPARSE)
def test_an_op_on_a_sparse_tensor_is_the_public_function_of_one(kind, tmp_path):
    build, written = GIVEN[kind]
    call = call_of(build)
    assert written in said(call)
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def test_a_sparse_tensor_that_a_call_gave_is_handed_on_by_its_name(tmp_path):
    call = call_of(lambda x: tf.sparse.reduce_sum(tf.sparse.softmax(tf.sparse.reorder(x)), 1))
    text = said(call)
    assert "sparse_softmax = tf.sparse.softmax(sparse_reorder)" in text
    assert "tf.sparse.reduce_sum(sparse_softmax, axis=1)" in text
    assert differences(call, tmp_path) == []


def test_a_part_that_is_used_by_itself_is_told_by_its_name(tmp_path):
    call = call_of(lambda x: tf.reduce_sum(tf.sparse.softmax(tf.sparse.reorder(x)).values))
    assert "tf.reduce_sum(sparse_softmax.values)" in said(call)
    assert differences(call, tmp_path) == []


def test_places_in_one_axis_are_no_sparse_tensor(tmp_path):
    """As TensorFlow 1 filled a vector."""
    with tf.Graph().as_default():
        at = tf1.placeholder(tf.int32, [None], name="at")
        found = tf1.sparse_to_dense(at, [6], 1.0, 0.0)
    call = recorded(found, {at: [1, 4]})
    assert "tf.compat.v1.sparse_to_dense(at, [6], 1.0" in said(call)
    assert differences(call, tmp_path) == []


def looked_up(table, ids, combiner, older):
    """As TensorFlow 2 does, and with the types of TensorFlow 1.15, which had segments in int32."""
    if not older:
        return tf.nn.safe_embedding_lookup_sparse(table, ids, combiner=combiner)
    shape = ids.dense_shape
    rows = tf.reduce_prod(tf.slice(shape, [0], [1]))
    ids = tf.sparse.reshape(ids, [rows, tf.gather(shape, 1)])
    there = tf.reshape(tf.where(tf.greater_equal(ids.values, 0)), [-1])
    ids = tf.SparseTensor(
        tf.gather(ids.indices, there), tf.gather(ids.values, there), tf.identity(ids.dense_shape)
    )
    filled, is_empty = tf.sparse.fill_empty_rows(ids, np.int64(0))
    segments = tf.cast(filled.indices[:, 0], tf.int32)
    unique, places = tf.unique(filled.values)
    combine = {
        "sum": tf.sparse.segment_sum,
        "mean": tf.sparse.segment_mean,
        "sqrtn": tf.sparse.segment_sqrt_n,
    }[combiner]
    found = combine(tf.nn.embedding_lookup(table, unique), places, segments)
    empty = tf.tile(tf.reshape(is_empty, [-1, 1]), tf.stack([1, tf.shape(found)[1]]))
    found = tf1.where(empty, tf.zeros_like(found), found)
    first = tf.slice(tf.cast(shape, tf.int32), [0], [1])
    return tf.reshape(found, tf.concat([first, tf.slice(tf.shape(found), [1], [-1])], 0))


def lookup(resource, combiner, older, also=""):
    """The call of a training step of a table whose rows are looked up by words' numbers, -1 for a
    word that is not known."""
    with tf.Graph().as_default() as graph:
        ids = tf1.sparse_placeholder(tf.int64, [None, None], name="ids")
        start = DENSE.repeat(4, 0)
        table = tf1.get_variable("table", initializer=start, use_resource=resource)
        found = tf.identity(looked_up(table, ids, combiner, older), name="found")
        loss = tf.reduce_sum(tf.square(found), name="loss")
        step = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        besides = [each.outputs[1] for each in graph.get_operations() if each.type == also]
    feeds = {ids.indices: INDICES[::-1], ids.values: [3, -1, 9], ids.dense_shape: SHAPE}
    return recorded([found, loss, step, *besides], feeds)


@pytest.mark.parametrize("combiner", ["sum", "mean", "sqrtn"])
@pytest.mark.parametrize(
    ("resource", "older"),
    [(True, False), (True, True), (False, True)],
    ids=["resource", "resource of 1.15", "reference of 1.15"],
)
def test_looking_up_rows_by_a_sparse_tensor_is_one_call(resource, combiner, older, tmp_path):
    call = lookup(resource, combiner, older)
    text = said(call)
    assert (
        "tf.nn.safe_embedding_lookup_sparse(self.table, tf.SparseTensor(indices, values, shape),"
        f' combiner="{combiner}")'
    ) in text
    assert "tf.unique" not in text
    assert "tape.gradient(" in text
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("combiner", ["sum", "mean", "sqrtn"])
def test_rows_of_a_reference_are_taken_by_todays_ops_of_its_copy(combiner, tmp_path):
    """From a tensor on the same device TensorFlow 2.21 takes rows without looking which are the
    same; a file's variable is on a device of its own."""
    call = lookup(resource=False, combiner=combiner, older=False)
    text = said(call)
    assert (
        "tf.nn.safe_embedding_lookup_sparse(tf.identity(self.table),"
        f' tf.SparseTensor(indices, values, shape), combiner="{combiner}")'
    ) in text
    assert "tape.gradient(" in text
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def test_a_lookup_of_which_something_inside_is_asked_for_stays_ops(tmp_path):
    call = lookup(True, "mean", older=True, also="Unique")
    assert "safe_embedding_lookup_sparse" not in said(call)
    assert differences(call, tmp_path) == []
