"""What TensorFlow is asked about the calls of ops, and how often."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from graphlab.port import exact
from graphlab.port.recorded import module_of
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1


def test_an_operator_is_asked_about_once_for_all_numbers_that_are_finite(monkeypatch, tmp_path):
    asked = []
    ask = exact.given_by
    monkeypatch.setattr(exact, "given_by", lambda *told: asked.append(told[1]) or ask(*told))
    numbers = [0.1, -0.0, 2.0, 1e-30, 1 / 3, float("inf"), float("-inf")]
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None], name="x")
        y = tf1.placeholder(tf.float64, [None], name="y")
        found = [tf.identity(each * n, name="found") for each in (x, y) for n in numbers]
    values = {x: np.array([1.0, -3.0], np.float32), y: np.array([2.0, 1e-300])}
    call = recorded(found, values)
    assert differences(call, tmp_path) == []
    of_a_type = [(op.dtypes[0], op.name) for op in asked if op.type == "Mul"]
    assert sorted(of_a_type) == sorted(
        (dtype, f"mul{number}")
        for dtype, numbers in (("float32", ("", "_5", "_6")), ("float64", ("_7", "_12", "_13")))
        for number in numbers
    )


def test_paddings_that_are_told_are_written_by_the_public_functions(tmp_path):
    images = np.arange(48.0, dtype=np.float32).reshape(1, 4, 4, 3)
    kernel = np.ones((2, 2, 3, 1), np.float32)
    pairs = [[0, 0], [1, 0], [0, 1], [0, 0]]
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 4, 4, 3], name="x")
        found = [
            tf.identity(tf.nn.conv2d(x, kernel, 1, pairs), name="folded"),
            tf.identity(tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], pairs), name="each"),
            tf.identity(tf.nn.max_pool2d(x, 2, 2, pairs), name="most"),
        ]
    call = recorded(found, {x: images})
    assert module_of(call).raw == ()
    said = "".join(methods_of(call)["__call__"])
    assert said.count("[[0, 0], [1, 0], [0, 1], [0, 0]]") == 3
    assert differences(call, tmp_path) == []
