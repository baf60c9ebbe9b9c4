"""A backward loop becomes a tape's, where TensorFlow makes that loop of the one before it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32)
SQUARE = np.random.default_rng(1).normal(size=(4, 4)).astype(np.float32)


def descended(loss, rate=0.1):
    """A step of gradient descent, and the loss."""
    return [loss, tf1.train.GradientDescentOptimizer(rate).minimize(loss)]


def counted():
    """x, multiplied by w three times."""
    x = tf1.placeholder(tf.float32, [], name="x")
    w = tf1.get_variable("w", initializer=np.float32(1.1))
    _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * w), (0, x))
    return descended(tf.square(y - 2.0, name="loss")), {x: np.float32(0.7)}


def recurrent(passed=tf.identity):
    """A recurrent network, whose state is `passed` on."""
    x = tf1.placeholder(tf.float32, [None, None, 3], name="x")
    kernel = tf1.get_variable("kernel", initializer=SQUARE[:3])
    steep = tf1.get_variable("steep", initializer=0.3 * SQUARE)
    offset = tf1.get_variable("offset", initializer=np.zeros(4, np.float32))
    time, rows = tf.shape(x)[0], tf.shape(x)[1]

    def step(t, h, states):
        h = passed(tf.tanh(tf.matmul(x[t], kernel) + tf.matmul(h, steep) + offset))
        return t + 1, h, states.write(t, h)

    begin = 0, tf.zeros([rows, 4]), tf.TensorArray(tf.float32, time)
    states = tf.while_loop(lambda t, *_: t < time, step, begin)[2].stack()
    return descended(tf.reduce_mean(tf.square(states - 0.3), name="loss")), {x: X}


def stopped():
    """The state goes on twice, once without a gradient."""
    return recurrent(lambda h: h + 0.1 * tf.stop_gradient(h))


def two():
    """Two loops, the second with what the first gives."""
    x = tf1.placeholder(tf.float32, [4], name="x")
    w = tf1.get_variable("w", initializer=SQUARE[0])
    v = tf1.get_variable("v", initializer=SQUARE[1])
    _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.sin(y * w)), (0, x))
    _, z = tf.while_loop(lambda i, _: i < 2, lambda i, z: (i + 1, tf.tanh(z * v) + y), (0, y))
    return descended(tf.reduce_sum(z, name="loss")), {x: SQUARE[2]}


def nested(entered=tf.identity, passed=tf.identity):
    """A loop in a loop, whose state is `entered` in each turn of the outer one and `passed` on."""
    x = tf1.placeholder(tf.float32, [4], name="x")
    w = tf1.get_variable("w", initializer=SQUARE[0])

    def turn(i, y):
        start = 0, entered(y)
        _, z = tf.while_loop(lambda j, _: j < 2, lambda j, z: (j + 1, passed(tf.sin(z * w))), start)
        return i + 1, z + y

    _, y = tf.while_loop(lambda i, _: i < 3, turn, (0, x))
    return descended(tf.reduce_sum(y, name="loss")), {x: SQUARE[2]}


@pytest.mark.parametrize("build", [counted, recurrent, stopped, two, nested])
def test_a_backward_loop_is_a_tapes(build, tmp_path):
    with tf.Graph().as_default():
        call = recorded(*build())
    told = "\n".join(methods_of(call)["__call__"])
    assert "tape.gradient(" in told
    assert told.count("tf.while_loop(") == (2 if build is two else 1)
    assert not any("Accumul" in line or "PopBack" in line for line in told.splitlines())
    assert differences(call, tmp_path) == []


def test_a_loop_hands_on_only_what_is_needed():
    """No list for the way back, and no count of the turns besides the program's own."""
    with tf.Graph().as_default():
        call = recorded(*counted())
    found = methods_of(call)
    (body,) = [lines for name, lines in found.items() if "body" in name]
    assert len(body) == 1
    assert body[0].count(",") == 1
    (begin,) = [line for line in found["__call__"] if "(tf.constant(0), x)" in line]
    assert begin.startswith("self.while_cond, lambda *turn: self.while_body(")  # no number, no more


def test_what_a_body_is_given_has_its_shape():
    """A product of two of its arguments is tf.matmul, which wants to know that they are tables."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [4, 4], name="x")
        w = tf.tanh(x)
        _, y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.matmul(y, w)), (0, x))
        call = recorded([tf.identity(y, name="y")], {x: SQUARE})
    (body,) = [lines for name, lines in methods_of(call).items() if "body" in name]
    assert "tf.matmul(" in body[0]


@tf.custom_gradient
def halved(h):
    """h, of whose gradient half is handed back."""
    return tf.identity(h), lambda slope: 0.5 * slope


def clipped(h):
    """h, whose gradient may be no larger than a number that none of these reaches."""

    @tf.custom_gradient
    def cut(h):
        return tf.identity(h), lambda slope: tf.clip_by_value(slope, -1e6, 1e6)

    return cut(h)


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
    assert sum("tf.while_loop(" in line for line in told) == 1
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
