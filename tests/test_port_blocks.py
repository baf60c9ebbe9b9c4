"""Ops that repeat and of which no scope tells become one class, used many times."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.blocks import Run, repeated
from tests.test_port_scopes import built, called, check, code

tf1 = tf.compat.v1


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("abcabcabc", Run(3, (0, 3, 6))),
        ("xabcabcabcy", Run(3, (1, 4, 7))),
        ("abcxabcyabc", Run(3, (0, 4, 8))),
        ("abababababab", Run(2, (0, 2, 4, 6, 8, 10))),  # not abab, thrice
        ("abcab", None),
        ("abxabyab", None),  # three calls for six lines
        ("aaa", None),
        ("", None),
    ],
)
def test_what_is_saved_most_by_is_written_once(items, expected):
    assert repeated(items, [0] * (len(items) + 1)) == expected


def test_what_is_like_no_other_is_in_no_block():
    assert repeated(["a", None, "a", None, "a", None], [0] * 7) is None


def test_of_places_where_a_chain_may_be_cut_it_is_the_cheapest():
    chain = "bcabcabcabcabc"  # abc, of which the first is only there in part
    cuts = {cheap: [n % 3 != cheap for n in range(len(chain) + 1)] for cheap in range(3)}
    starts = {cheap: repeated(chain, cuts[cheap]).starts[0] for cheap in range(3)}
    assert starts == {0: 0, 1: 1, 2: 2}


def layer(x, size):
    """Without a scope: MatMul, BiasAdd, Relu, as they come."""
    w = tf1.get_variable(f"w{len(tf1.global_variables())}", [x.shape[-1], size])
    b = tf1.get_variable(f"b{len(tf1.global_variables())}", [size])
    return tf.nn.relu(tf.nn.bias_add(tf.matmul(x, w), b))


def test_layers_without_scopes_are_one_class_in_a_loop(tmp_path):
    def build(x):
        for size in (16, 12, 16, 8):
            x = layer(x, size)
        return tf.identity(x, name="y")

    text = check(tmp_path, built(build))
    assert code(text, "Block") == [
        "class Block(tf.Module):",
        "    def __init__(self, stored, name):",
        "        super().__init__()",
        '        self.w0 = tf.Variable(stored[f"{name}.w0"])',
        '        self.b1 = tf.Variable(stored[f"{name}.b1"])',
        "    def __call__(self, x):",
        "        return tf.nn.relu(tf.nn.bias_add(tf.matmul(x, self.w0), self.b1))",
    ]
    assert called(text) == [
        "        for block in self.blocks:",
        "            x = block(x)",
        '        return {"y": x}',
    ]


def test_blocks_that_do_not_follow_one_another_are_called_by_name(tmp_path):
    def build(x):
        for number in range(3):
            x = layer(x, 8) * [2.0, 3.0, 5.0][number]
        return tf.identity(x, name="y")

    lines = called(check(tmp_path, built(build)))
    assert len([line for line in lines if "self.block_" in line]) == 3


def test_blocks_have_scopes_that_repeat_inside(tmp_path):
    """Of a network of Keras: a layer is a scope, and no scope tells of what repeats."""

    def norm(x, name):
        with tf1.variable_scope(name):
            scale = tf1.get_variable("scale", [8], initializer=tf1.random_uniform_initializer())
            shift = tf1.get_variable("shift", [8], initializer=tf1.random_uniform_initializer())
            centered = x - tf.reduce_mean(x, -1, keepdims=True)
            return centered * tf.exp(scale) + tf.tanh(shift)

    def build(x):
        x = norm(x, "norm_first")
        for number in range(3):
            with tf1.variable_scope(f"dense_{number}"):
                w = tf1.get_variable("w", [8, 8])
                x = tf.tanh(tf.matmul(x, w)) + x
            x = norm(x, f"norm_{number}")
            x = tf.nn.relu(x)
        return tf.identity(x, name="y")

    text = check(tmp_path, built(build))
    assert len(code(text, "Block")) < 15
    assert sum(line.startswith("class ") for line in text.splitlines()) == 3  # Norm, Block, Model
    assert "        for block in self.blocks:" in called(text)


def test_what_has_nothing_of_its_own_is_no_block(tmp_path):
    def build(x):
        w = tf1.get_variable("w", [8, 8])
        for _ in range(4):
            x = tf.nn.relu(tf.matmul(x, w) * 0.5)
        return tf.identity(x, name="y")

    assert "Block" not in check(tmp_path, built(build))


@pytest.mark.parametrize("weights", ["variables", "constants"])
def test_a_tape_goes_through_blocks(tmp_path, weights):
    random = np.random.RandomState(0)

    def build(x):
        for _ in range(4):
            if weights == "variables":
                x = layer(x, 8)
            else:
                w, b = (random.uniform(-1, 1, shape).astype(np.float32) for shape in ([8, 8], [8]))
                x = x + 0.5 * tf.tanh(tf.nn.bias_add(tf.matmul(x, w), b))
        out = tf1.get_variable("out", [8, 1])
        loss = tf.reduce_mean(tf.square(tf.matmul(x, out)), name="loss")
        return [loss, tf1.train.GradientDescentOptimizer(0.1).minimize(loss)]

    text = check(tmp_path, built(build))
    assert "tf.GradientTape()" in text
    assert "for block in self.blocks:" in map(str.strip, text.splitlines())
