"""The lists of a `tf.TensorArray` of TensorFlow 2 are a TensorArray again in the file."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded
from tests.trained_loops import clipped, recurrent

tf1 = tf.compat.v1
X = np.arange(6, dtype=np.float32).reshape(3, 2) / 4


def written(x):
    """An array that each turn writes to, without a known shape of its items."""
    array = tf.TensorArray(tf.float32, 3)
    turns = tf.while_loop(
        lambda i, *_: i < 3, lambda i, a: (i + 1, a.write(i, tf.sin(x[i]))), (0, array)
    )
    return turns[1].stack()


def read(x):
    """One that each turn reads from."""
    array = tf.TensorArray(tf.float32, 3).unstack(x)
    return tf.while_loop(
        lambda i, *_: i < 3, lambda i, y: (i + 1, y + array.read(i)), (0, tf.zeros([2]))
    )[1]


def gathered(x):
    """Some items, in an order of their own; and how many there are."""
    array = tf.TensorArray(tf.float32, tf.shape(x)[0], element_shape=[2]).unstack(x)
    return array.gather([2, 0]) * tf.cast(array.size(), tf.float32)


def chosen(x):
    """One that is written to in one case of a condition."""
    array = tf.TensorArray(tf.float32, 1, element_shape=[2])
    rising = tf.reduce_sum(x) > 0.0
    array = tf.cond(rising, lambda: array.write(0, x[0]), lambda: array.write(0, -x[0]))
    return array.stack()


ARRAYS = {
    written: ["outputs = tf.TensorArray(tf.float32, size=3)", ".write(i, ", ".stack()"],
    read: ["tf.TensorArray(tf.float32, size=tf.shape(x)[0]).unstack(x)", ".read(i)"],
    gathered: [".unstack(x)", ".gather([2, 0])"],
    chosen: ["tf.TensorArray(tf.float32, size=1, element_shape=[2])", ".write(0, ", ".stack()"],
}


@pytest.mark.parametrize("program", ARRAYS)
def test_a_list_is_an_array(program, tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        call = recorded([tf.identity(program(x), name="end")], {x: X})
    lines = "\n".join(line for lines in methods_of(call).values() for line in lines)
    for said in ARRAYS[program]:
        assert said in lines
    assert "raw_ops" not in lines
    assert differences(call, tmp_path) == []


def test_a_list_that_grows_stays_one(tmp_path):
    """Its array would have to be made as one that does."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        array = tf.TensorArray(tf.float32, 0, dynamic_size=True).write(0, x[0]).write(1, x[1])
        call = recorded([tf.identity(array.stack(), name="end")], {x: X})
    lines = methods_of(call)["__call__"]
    assert any("tf.raw_ops.TensorListSetItem(" in line for line in lines)
    assert differences(call, tmp_path) == []


def test_a_list_beside_those_for_the_way_back_stays_one(tmp_path):
    """Where a gradient is written out, its loop takes from lists that are no arrays."""
    with tf.Graph().as_default():
        call = recorded(*recurrent(clipped))
    lines = "\n".join(line for lines in methods_of(call).values() for line in lines)
    assert "tf.TensorArray(" not in lines
    assert differences(call, tmp_path) == []
