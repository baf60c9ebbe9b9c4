"""A backward loop becomes a tape's, where TensorFlow makes that loop of the one before it."""

from __future__ import annotations

import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded
from tests.trained_loops import (
    SQUARE,
    clipped,
    counted,
    halved,
    nested,
    recurrent,
    routed,
    stopped,
    two,
)

tf1 = tf.compat.v1


def loops(lines):
    """The lines that begin a loop."""
    return [line for line in lines if line.startswith(("for ", "while ")) or "while_loop(" in line]


@pytest.mark.parametrize("build", [counted, recurrent, routed, stopped, two, nested])
def test_a_backward_loop_is_a_tapes(build, tmp_path):
    with tf.Graph().as_default():
        call = recorded(*build())
    told = "\n".join(methods_of(call)["__call__"])
    assert "tape.gradient(" in told
    assert len(loops(told.splitlines())) == (2 if build in (two, nested) else 1)
    assert not any("Accumul" in line or "PopBack" in line for line in told.splitlines())
    assert differences(call, tmp_path) == []


def test_a_loop_hands_on_only_what_is_needed():
    """No list for the way back, and no count of the turns besides the program's own."""
    with tf.Graph().as_default():
        found = methods_of(recorded(*counted()))
    assert [*found] == ["__call__"]
    assert found["__call__"][1:4] == ["state = x", "for _ in tf.range(3):", "state *= self.w"]


def test_a_loop_hands_on_what_nobody_takes_where_the_way_back_adds_its_zero():
    """A zero and one of the other sign are told apart by their bits."""
    with tf.Graph().as_default():
        found = methods_of(recorded(*routed()))
    (body,) = [lines for name, lines in found.items() if "body" in name]
    assert body[-1].count(",") == 3  # the count of turns, which has a limit, b, v and c
    assert not any("tf.raw_ops" in line for lines in found.values() for line in lines)


def test_what_a_body_is_given_has_its_shape():
    """A product of two of its arguments is tf.matmul, which wants to know that they are tables."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [4, 4], name="x")
        w = tf.tanh(x)
        _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.matmul(y, w)), (0, x))
        call = recorded([tf.identity(y, name="y")], {x: SQUARE})
    assert "state = tf.matmul(state, tanh)" in methods_of(call)["__call__"]


@pytest.mark.parametrize("passed", [halved, clipped])
def test_a_backward_loop_that_somebody_has_changed_stays_written_out(passed, tmp_path):
    """Also where the numbers of this call are the same: a limit that nothing reaches."""
    with tf.Graph().as_default():
        call = recorded(*recurrent(passed))
    told = "\n".join(line for lines in methods_of(call).values() for line in lines)
    assert "GradientTape" not in told
    assert differences(call, tmp_path) == []


def test_the_gradient_of_what_a_loop_gives_for_an_argument_is_a_tapes(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [4], name="x")
        _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.sin(y * x)), (0, x))
        call = recorded([y, tf.gradients(y, x)[0]], {x: SQUARE[0]})
    told = methods_of(call)["__call__"]
    assert "tape.watch(x)" in told
    assert differences(call, tmp_path) == []


def test_what_else_a_loop_gives_is_in_it_when_its_gradient_is_asked_for(tmp_path):
    """For an array that is fetched TensorFlow adds zeros on the way back."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [4], name="x")

        def step(t, h, kept):
            h = tf.sin(h * x)
            return t + 1, h, kept.write(t, h)

        start = 0, x, tf.TensorArray(tf.float32, 3)
        _, h, kept = tf.while_loop(lambda t, *_: t < 3, step, start)
        call = recorded([kept.stack(), tf.gradients(h, x)[0]], {x: SQUARE[0]})
    told = methods_of(call)["__call__"]
    assert "tape.watch(x)" in told
    assert len(loops(told)) == 1
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("changed", [{"entered": halved}, {"passed": halved}])
def test_the_gradient_of_a_loop_in_a_loop_runs_where_it_is_no_tapes(changed, tmp_path):
    """A list out of a list does not know the shape of its items: the inner loop is told."""
    with tf.Graph().as_default():
        call = recorded(*nested(**changed))
    told = "\n".join(line for lines in methods_of(call).values() for line in lines)
    assert "GradientTape" not in told
    assert "tf.ensure_shape(" in told
    assert differences(call, tmp_path) == []
