"""A While becomes a loop of Python's where AutoGraph makes the same While of it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded

tf1 = tf.compat.v1
X = np.array([0.5, -1.5, 2.0], np.float32)


def looped(more, turn, *start, fetched=slice(None), **options):
    """A graph of one loop, over x and what `start` makes of it."""

    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")
        begins = tuple(begin(x) if callable(begin) else begin for begin in start)
        ends = tf.while_loop(more, lambda *each: turn(x, *each), begins, **options)
        named = [tf.identity(end, name="end") for end in ends[fetched]]
        return named, {x: X}

    return build


@pytest.fixture(params=["While", "Enter and Exit"])
def check(request, tmp_path):
    """The lines of a program that is ported to the last bit, with either form of loop."""

    def checked(build):
        if request.param == "While":
            with tf.Graph().as_default():
                call = recorded(*build())
        else:
            call = in_graph_of_tf1(lambda: recorded(*build()))
        assert differences(call, tmp_path) == []
        found = methods_of(call)
        return found.pop("__call__"), found

    return checked


LAST = slice(1, None)
FOR = {
    "turns that nothing takes": (
        looped(lambda i, y: i < 4, lambda x, i, y: (i + 1, y * x), 0, tf.sin, fetched=LAST),
        ["end = tf.sin(x)", "for _ in tf.range(4):", "end *= x"],
    ),
    "turns that are taken": (
        looped(
            lambda i, y: i < 4,
            lambda x, i, y: (i + 1, y * tf.cast(i, tf.float32) + x),
            *(0, tf.sin),
            fetched=LAST,
        ),
        ["end = tf.sin(x)", "for i in tf.range(4):", "end = end * tf.cast(i, tf.float32) + x"],
    ),
    "the lower of two limits": (
        looped(
            lambda i, y: i < 3,
            lambda x, i, y: (i + 1, y + x),
            *(0, tf.sin),
            fetched=LAST,
            maximum_iterations=2,
        ),
        ["end = tf.sin(x)", "for _ in tf.range(2):", "end += x"],
    ),
    "variables that change places": (
        looped(
            lambda i, *_: i < 3,
            lambda x, i, a, b: (i + 1, b, a + b),
            *(0, tf.sin, tf.cos),
            fetched=LAST,
        ),
        [
            *("end = tf.sin(x)", "end_2 = tf.cos(x)"),
            "for _ in tf.range(3):",
            "end, end_2 = end_2, end + end_2",
        ],
    ),
    "what nothing needs": (
        looped(
            lambda i, *_: i < 3,
            lambda x, i, a, b: (i + 1, a + x, b * a),
            *(0, tf.sin, tf.cos),
            fetched=slice(1, 2),
        ),
        ["end = tf.sin(x)", "for _ in tf.range(3):", "end += x"],
    ),
}
WHILE = {
    "a condition of the values": (
        looped(lambda y: tf.reduce_sum(y) < 40.0, lambda x, y: (y * 2.0 + 1.0,), tf.abs),
        [
            "end = tf.abs(x)",
            "while tf.reduce_sum(end) < 40.0:",
            "end = end * 2.0 + 1.0",
        ],
    ),
    "turns that are a result": (
        looped(lambda i, y: i < 4, lambda x, i, y: (i + 1, y * x), 0, tf.sin),
        [
            *("end = tf.constant(0)", "end_2 = tf.sin(x)"),
            *("while end < 4:", "end += 1", "end_2 *= x"),
        ],
    ),
    "turns from one on": (
        looped(lambda i, y: i < 3, lambda x, i, y: (i + 1, y + x), 1, tf.sin, fetched=LAST),
        ["i = tf.constant(1)", "end = tf.sin(x)", "while i < 3:", "i += 1", "end += x"],
    ),
    "every second turn": (
        looped(lambda i, y: i < 5, lambda x, i, y: (i + 2, y + x), 0, tf.sin, fetched=LAST),
        ["i = tf.constant(0)", "end = tf.sin(x)", "while i < 5:", "i += 2", "end += x"],
    ),
    "turns of 64 bits": (
        looped(
            lambda i, y: i < 3,
            lambda x, i, y: (i + 1, y + x),
            *(lambda x: tf.constant(0, tf.int64), tf.sin),
            fetched=LAST,
        ),
        ["i = tf.constant(0, tf.int64)", "end = tf.sin(x)", "while i < 3:", "i += 1", "end += x"],
    ),
}


@pytest.mark.parametrize("name", [*FOR, *WHILE])
def test_a_loop_is_pythons(check, name):
    build, expected = {**FOR, **WHILE}[name]
    lines, others = check(build)
    assert lines[:-1] == expected
    assert not others


def test_a_loop_in_a_loop_is_pythons(check):
    def turn(x, i, y):
        _, z = tf.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, z * x), (0, y))
        return i + 1, z + y

    lines, others = check(looped(lambda i, _: i < 3, turn, 0, tf.sin, fetched=LAST))
    assert lines[1:5] == [
        "for i in tf.range(3):",
        "state = end",
        "for _ in tf.range(i):",
        "state *= x",
    ]
    assert not others


def test_what_is_outside_of_a_loop_is_computed_once(check):
    """Also where only the loop takes it."""

    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")
        slow = tf.exp(x)
        _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * slow), (0, x))
        return [tf.identity(y, name="end")], {x: X}

    lines, _ = check(build)
    assert lines[:4] == ["exp = tf.exp(x)", "end = x", "for _ in tf.range(3):", "end *= exp"]


def test_a_loop_that_begins_with_a_variable_begins_with_its_value(check):
    """And no turn gives the variable itself to the next."""

    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")
        w, v = (tf1.get_variable(name, initializer=n * X) for name, n in (("w", 2), ("v", 3)))
        _, y, z = tf.while_loop(
            lambda i, *_: i < 3, lambda i, y, z: (i + 1, y * x + z, tf.identity(v)), (0, w, w)
        )
        return [tf.identity(y, name="end"), tf.identity(z, name="last")], {x: X}

    lines, _ = check(build)
    assert lines[0] == "end = self.w.read_value()"


def test_two_variables_may_begin_with_one_tensor_unless_a_tape_goes_to_it(check):
    """AutoGraph orders the variables by their names, and so the gradients that are added up."""

    def build(of):
        def built():
            x = tf1.placeholder(tf.float32, [3], name="x")
            begin = of(x)
            _, y, z = tf.while_loop(
                lambda i, *_: i < 3,
                lambda i, y, z: (i + 1, y * x + z, z * y + x),
                (0, begin, begin),
            )
            both = tf.reduce_sum(y + z)
            return [both, tf.identity(tf.gradients(both, x)[0], name="end")], {x: X}

        return built

    for of in (tf.zeros_like, lambda x: tf.fill(tf.shape(x), 0.5)):
        lines, _ = check(build(of))
        assert "for _ in tf.range(3):" in lines
    lines, _ = check(build(tf.sin))
    assert any("tf.while_loop(" in line for line in lines)


def test_a_condition_may_be_a_call_or_a_variable(check):
    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")
        y = tf.while_loop(lambda y: tf.reduce_any(y < 9.0), lambda y: (y * y + 1.0,), (x,))[0]
        _, z = tf.while_loop(
            lambda more, z: more,
            lambda more, z: (tf.reduce_sum(z) < 9.0, z * z + 1.0),
            (tf.constant(True), y),
        )
        return [tf.identity(y, name="end"), tf.identity(z, name="last")], {x: X}

    lines, others = check(build)
    assert sum(line.startswith("while ") for line in lines) == 2
    assert not others


OTHERS = {
    "what has an effect": looped(
        lambda i, y: i < 3,
        lambda x, i, y: (i + 1, tf1.Print(y + x, [y])),
        *(0, tf.sin),
        fetched=LAST,
    ),
    "a shape that changes": looped(
        lambda i, y: i < 3,
        lambda x, i, y: (i + 1, tf.concat([y, x], 0)),
        *(0, tf.sin),
        fetched=LAST,
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    ),
    "a condition of several lines": looped(
        lambda i, y: (
            (i < 3)
            & (tf.reduce_sum(tf.square(tf.sin(y) * tf.cos(y) + tf.exp(y) * tf.tanh(y) - y)) < 1e6)
        ),
        lambda x, i, y: (i + 1, y + x),
        *(0, tf.sin),
        fetched=LAST,
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_loop_is_a_call_of_while_loop(check, name):
    lines, others = check(OTHERS[name])
    assert any("tf.while_loop(" in line for line in lines)
    assert len(others) == 2


def test_a_loop_in_a_case_is_a_call_of_while_loop(check):
    """AutoGraph does not convert the methods that `tf.cond` is given."""

    def build():
        x = tf1.placeholder(tf.float32, [3], name="x")

        def looped():
            return tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * x), (0, x))[1]

        y = tf1.cond(tf.reduce_sum(x) > 0.0, looped, lambda: -x)
        return [tf.identity(y, name="end")], {x: X}

    _, others = check(build)
    assert any("tf.while_loop(" in line for lines in others.values() for line in lines)
