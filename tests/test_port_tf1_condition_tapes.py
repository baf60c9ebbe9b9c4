"""The gradient of a condition of TensorFlow 1 becomes a tape's: the conditions that its way back
asked again are in the file no more."""

from __future__ import annotations

import pytest
import tensorflow as tf

from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded
from tests.trained_loops import SQUARE, clipped, descended, halved

tf1 = tf.compat.v1


def scaled(passed=tf.identity):
    """What is scaled in one case and handed on in the other."""
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    h = tf.tanh(tf.matmul(x, w))
    h = tf1.cond(asked(), lambda: passed(h * 2.0 + 1.0), lambda: h)
    return tf.reduce_mean(tf.square(h), name="loss"), x


def bent():
    """What the way back takes of a case is made in it."""
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    h = tf.matmul(x, w)
    h = tf1.cond(asked(), lambda: tf.tanh(h) * 2.0, lambda: tf.nn.relu(h))
    return tf.reduce_sum(h * h, name="loss"), x


def read_inside():
    """A variable that is read in one case only."""
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    v = tf1.get_variable("v", initializer=SQUARE[1])
    h = tf1.cond(asked(), lambda: tf.matmul(x, w) + v, lambda: x * v)
    return tf.reduce_sum(tf.tanh(h), name="loss"), x


def one_in_another():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    h = tf.matmul(x, w)
    small = tf.reduce_sum(h) < 1e6
    h = tf1.cond(asked(), lambda: tf1.cond(small, lambda: tf.sin(h), lambda: h), lambda: tf.cos(h))
    return tf.reduce_sum(h, name="loss"), x


def turned(h, w, p, times):
    """A loop with a condition in it."""

    def turn(i, h):
        h = tf.matmul(h, w)
        return i + 1, tf1.cond(p, lambda: tf.tanh(h), lambda: tf.sin(h))

    return tf1.while_loop(lambda i, _: i < times, turn, [0, h])[1]


def in_a_loop():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    return tf.reduce_sum(turned(x, w, asked(), 3), name="loss"), x


def by_the_state():
    """What decides is another in each turn."""
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    asked()

    def turn(i, h):
        h = tf.matmul(h, w)
        return i + 1, tf1.cond(tf.reduce_sum(h) > 0.0, lambda: tf.tanh(h), lambda: tf.sin(h) * 2.0)

    h = tf1.while_loop(lambda i, _: i < 3, turn, [0, x])[1]
    return tf.reduce_mean(tf.square(h), name="loss"), x


def one_in_another_in_a_loop():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    p = asked()

    def turn(i, h):
        h = tf.matmul(h, w)

        def inner():
            return tf1.cond(i < 1, lambda: tf.tanh(h), lambda: tf.sigmoid(h))

        return i + 1, tf1.cond(p, inner, lambda: tf.sin(h))

    h = tf1.while_loop(lambda i, _: i < 3, turn, [0, x])[1]
    return tf.reduce_mean(tf.square(h), name="loss"), x


def two_in_another():
    """Of the inner cases the way back takes what is made in them."""
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    q, h = tf.reduce_sum(x) < 1e6, tf.matmul(x, w)

    def first():
        return tf1.cond(q, lambda: tf.tanh(h) * w, lambda: h * h)

    def second():
        return tf1.cond(q, lambda: tf.cos(h), lambda: tf.exp(h))

    return tf.reduce_mean(tf.square(tf1.cond(asked(), first, second)), name="loss"), x


def in_an_inner_loop():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    p = asked()

    def turn(i, h):
        return i + 1, turned(h, w, p, 2)

    h = tf1.while_loop(lambda i, _: i < 2, turn, [0, x])[1]
    return tf.reduce_mean(tf.square(h), name="loss"), x


def repeated(h, w, times):
    """A loop."""
    return tf1.while_loop(
        lambda i, _: i < times, lambda i, h: (i + 1, tf.tanh(tf.matmul(h, w))), [0, h]
    )[1]


def with_a_loop():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    h = tf.matmul(x, w)
    h = tf1.cond(asked(), lambda: repeated(h, w, 3), lambda: tf.sin(h))
    return tf.reduce_mean(tf.square(h), name="loss"), x


def with_a_loop_in_a_loop():
    x, w = tf1.placeholder(tf.float32, [4, 4], name="x"), weights()
    p = asked()

    def turn(i, h):
        return i + 1, tf1.cond(p, lambda: repeated(h, w, 2), lambda: tf.sin(h * w))

    h = tf1.while_loop(lambda i, _: i < 2, turn, [0, x])[1]
    return tf.reduce_mean(tf.square(h), name="loss"), x


def weights():
    return tf1.get_variable("w", initializer=0.3 * SQUARE)


def asked():
    return tf1.placeholder(tf.bool, [], name="asked")


def built(build, answer):
    def program():
        loss, x = build()
        return recorded(descended(loss), {x: SQUARE, "asked:0": answer})

    return in_graph_of_tf1(program)


SINGLE = [scaled, bent, read_inside]
OF_LOOPS = [in_a_loop, by_the_state, in_an_inner_loop, with_a_loop, with_a_loop_in_a_loop]
SEVERAL = {one_in_another: 2, one_in_another_in_a_loop: 2, two_in_another: 3}


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("build", [*SINGLE, *OF_LOOPS, *SEVERAL])
def test_the_gradient_of_a_condition_is_asked_for_in_one_line(build, answer, tmp_path):
    """By a tape, or by tf.gradients where a tape adds up in another order."""
    call = built(build, answer)
    lines = "\n".join(line for each in methods_of(call).values() for line in each)
    assert ".gradient(" in lines or "tf.gradients(" in lines
    assert lines.count("tf.cond(") == SEVERAL.get(build, 1)
    assert "raw_ops" not in lines
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("passed", [halved, clipped])
def test_a_gradient_that_somebody_has_changed_in_a_case_stays_written_out(passed, tmp_path):
    call = built(lambda: scaled(passed), True)
    assert "GradientTape" not in "\n".join(methods_of(call)["__call__"])
    assert differences(call, tmp_path) == []
