"""What parses examples is `tf.io.parse_example`; what gives lists of lists is taken out of them."""

from __future__ import annotations

import ast

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.recorded import module_of
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
HOSTILE = 'a"]; quit(); ["\\\n'
FEATURES = {
    "age": tf.io.FixedLenFeature([1], tf.float32),
    "height": tf.io.FixedLenFeature([], tf.int64, 7),
    "past": tf.io.FixedLenSequenceFeature([2], tf.float32, allow_missing=True),
    "words": tf.io.VarLenFeature(tf.string),
    HOSTILE: tf.io.VarLenFeature(tf.int64),
}


def example(age, past, words):
    features = {
        "age": tf.train.Feature(float_list=tf.train.FloatList(value=[age])),
        "past": tf.train.Feature(float_list=tf.train.FloatList(value=past)),
        "words": tf.train.Feature(bytes_list=tf.train.BytesList(value=words)),
        HOSTILE: tf.train.Feature(int64_list=tf.train.Int64List(value=[3] * len(past))),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


EXAMPLES = [example(1.5, [1.0, 2.0], [b"one", b"two"]), example(-2.0, [], [])]


def today(serialized):
    return tf.io.parse_example(serialized, FEATURES)


def older(serialized):
    """The op of TensorFlow 1, which takes the keys one by one."""
    sparse, dense = sorted([HOSTILE, "words"]), ["age", "height", "past"]
    found = tf.raw_ops.ParseExample(
        serialized=serialized,
        names=[],
        sparse_keys=sparse,
        dense_keys=dense,
        dense_defaults=[
            tf.constant([], tf.float32),
            tf.constant(7, tf.int64),
            tf.constant(0, tf.float32),
        ],
        sparse_types=[tf.int64, tf.string],
        dense_shapes=[[1], [], [None, 2]],
    )
    parts = zip(found.sparse_indices, found.sparse_values, found.sparse_shapes, strict=True)
    wholes = (tf.SparseTensor(*each) for each in parts)
    return dict(zip(sparse, wholes, strict=True)) | dict(
        zip(dense, found.dense_values, strict=True)
    )


def call_of(parse, take=lambda parsed: parsed):
    with tf.Graph().as_default():
        serialized = tf1.placeholder(tf.string, [None], name="serialized")
        found = tf.nest.flatten(take(parse(serialized)), expand_composites=True)
    return recorded(found, {serialized: np.array(EXAMPLES, object)})


def said(call):
    return "\n".join(methods_of(call)["__call__"])


@pytest.mark.parametrize("parse", [today, older])
def test_examples_are_parsed_by_what_is_in_them(parse, tmp_path):
    call = call_of(parse)
    text = said(call)
    for key, kind in {
        "age": "tf.io.FixedLenFeature([1], tf.float32)",
        "height": "tf.io.FixedLenFeature([], tf.int64, default_value=7)",
        "words": "tf.io.VarLenFeature(tf.string)",
    }.items():
        assert f'"{key}": {kind}' in text
    assert "tf.io.FixedLenSequenceFeature(" in text
    assert 'parse_example["words"].values' in "\n".join(module_text(call))
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def module_text(call):
    return [line for lines in methods_of(call).values() for line in lines]


@pytest.mark.parametrize("parse", [today, older])
def test_a_key_that_would_be_code_is_a_text(parse):
    body = " ".join(said(call_of(parse)).splitlines()).replace(" return ", "\n return ")
    tree = ast.parse(f"def call(self, serialized):\n {body}")
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    called = {node.func.id for node in ast.walk(tree) if hasattr(getattr(node, "func", 0), "id")}
    assert HOSTILE in texts
    assert called == set()


def test_what_was_parsed_is_handed_on_as_a_whole(tmp_path):
    def crossed(parsed):
        return tf.sparse.cross_hashed([parsed["words"], parsed["words"]], 10, hash_key=3)

    call = call_of(older, crossed)
    whole = 'tf.sparse.cross_hashed([parse_example["words"], parse_example["words"]]'
    assert whole in "".join(line.strip() for line in module_text(call))
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def test_lists_that_an_op_gives_beside_one_another_are_taken_by_their_names(tmp_path):
    """Their flat number was taken for that of the list: it stopped with an IndexError."""
    with tf.Graph().as_default():
        x = tf1.sparse_placeholder(tf.float32, [2, 4], name="x")
        parts = tf.raw_ops.SparseSplit(
            split_dim=tf.constant(1, tf.int64),
            indices=x.indices,
            values=x.values,
            shape=tf.constant([2, 4], tf.int64),
            num_split=2,
        )
        found = [*parts.output_indices, *parts.output_values]
    places = np.array([[0, 0], [1, 3]], np.int64)
    call = recorded(found, {x.indices: places, x.values: np.ones(2, np.float32)})
    assert "sparse_split.output_values[1]" in "\n".join(module_text(call))
    assert differences(call, tmp_path) == []
