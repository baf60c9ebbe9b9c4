"""Scopes as classes with tapes, loops and conditions: each is right, or the scope stays."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tests.port_proof import in_graph_of_tf1
from tests.test_port_scopes import built, called, check, code, dense

tf1 = tf.compat.v1
ZEROS = np.zeros(8, np.float32)


def trained(layers):
    """Layers, and a step of momentum on them, asked for by its loss and that the step is done."""

    def build(x):
        y = layers(x)
        loss = tf.reduce_mean(tf.square(y - 0.5), name="loss")
        train = tf1.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        with tf.control_dependencies([train]):
            return [loss, tf.identity(0.0, name="done")]

    return build


def three(x):
    for number in range(3):
        x = dense(x, 8, f"dense_{number}")
    return x


def test_a_tape_stands_around_the_loop_over_layers(tmp_path):
    text = check(tmp_path, built(trained(three)))
    lines = called(text)
    start = lines.index("        with tf.GradientTape() as tape:")
    assert "            for dense in self.dense_layers:" in lines[start:]
    assert "class Dense(tf.Module):" in text
    assert sum("tape.gradient(" in line for line in lines) == 1
    assert "self.dense_layers[0].kernel" in text


def test_a_tape_asks_for_what_is_inside_of_scopes_that_are_no_chain(tmp_path):
    def two(x):
        return tf.tanh(dense(x, 8, "a_1") * dense(x, 8, "a_2"))

    lines = called(check(tmp_path, built(trained(two))))
    assert sum("self.a_" in line and "(x)" in line for line in lines) == 2
    assert sum("tape.gradient(" in line for line in lines) == 1


def test_a_scope_with_a_loop_stands_where_it_was(tmp_path):
    def build(x):
        for number in range(2):
            with tf1.variable_scope(f"cell_{number}"):
                w = tf1.get_variable("w", initializer=ZEROS + 0.5 + number)
                x = tf.tanh(x * w) * 2.0 - tf.sin(x)
                _, x = tf1.while_loop(
                    lambda i, _: i < 3, lambda i, y, w=w: (i + 1, y * w + 1.0), [0, x]
                )
        return x

    text = check(tmp_path, in_graph_of_tf1(lambda: built(build)))
    assert "class Cell" not in text
    assert sum(line.strip() == "for _ in tf.range(3):" for line in called(text)) == 2


def test_a_method_of_a_condition_takes_the_variable_of_a_scope_by_its_path(tmp_path):
    def build(x):
        y = tf.identity(three(x), name="y")
        w = tf1.global_variables()[0]
        return tf1.cond(tf.reduce_sum(x) > 0.0, lambda: tf.matmul(y, w), lambda: y - 1.0)

    text = check(tmp_path, in_graph_of_tf1(lambda: built(build)))
    lines = code(text, "Model")
    start = next(n for n, line in enumerate(lines) if "def cond_true" in line)
    assert any("self.dense_layers[0].kernel" in line for line in lines[start:])


def test_a_loop_that_changes_a_variable_is_not_passed_by_scopes_that_read_it(tmp_path):
    def build(x):
        v = tf1.get_variable("v", initializer=ZEROS + 0.5, use_resource=True)

        def cell(x):
            with tf.name_scope("cell"):
                return tf.tanh(x * v.read_value()) * 2.0 - tf.sin(x) * v.read_value()

        def turn(i):
            with tf.control_dependencies([v.assign_add(ZEROS + 1.0, read_value=False)]):
                return i + 1

        before = cell(x)
        with tf.control_dependencies([before]):
            end = tf1.while_loop(lambda i: i < 3, turn, [0])
        with tf.control_dependencies([end]):
            return [cell(before), before + 0.0]

    text = check(tmp_path, in_graph_of_tf1(lambda: built(build)))
    assert "def cell(" in text
