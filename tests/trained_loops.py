"""Small programs that train through a loop, or ask for its gradient."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

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


def routed():
    """Routing by agreement, at most three turns: no `v` and no `c` goes into the next."""
    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    w = tf1.get_variable("w", initializer=np.resize(SQUARE, (4, 10)))
    u = tf.reshape(tf.matmul(x, w), [-1, 2, 5])

    def turn(b, *_):
        c = tf.nn.softmax(b, axis=1)
        v = tf.tanh(tf.reduce_sum(c[..., None] * u, axis=0))
        return b + tf.reduce_sum(u * v, axis=2), v, c

    b, v = tf.zeros(tf.shape(u)[:2]), tf.zeros(tf.shape(u)[1:])
    _, v, _ = tf.while_loop(lambda *_: True, turn, (b, v, b), maximum_iterations=3)
    return descended(tf.reduce_mean(tf.square(v), name="loss")), {x: SQUARE}


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
