"""Programs of TensorFlow 1 drawn at random: loops and conditions inside of each other, arithmetic
between them, variables that they change, and slopes of it all."""

import random

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
DEEPEST = 3


class Drawn:
    """One program, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.x = tf1.placeholder(tf.float32, [2], name="x")
        self.p = tf1.placeholder(tf.bool, [], name="p")
        self.n = tf1.placeholder(tf.int32, [], name="n")
        kind = self.random.random() < 0.5
        self.v = tf1.get_variable("v", initializer=np.float32([0.5, -0.25]), use_resource=kind)
        self.first = self.v * 1.0
        self.array = tf.constant(self.random.choice([[0.5, 1.5], [-1.0, 2.0]]))

    def build(self):
        """The fetches, and feeds that take different ways through it."""
        y = self.value([self.x, self.array, self.first], 0)
        fetches = [y]
        if self.random.random() < 0.5:
            slopes = tf1.gradients(tf.reduce_sum(y), [self.x, self.v])
            fetches += [slope for slope in slopes if isinstance(slope, tf.Tensor)]
        feeds = [{self.x: [0.3, -0.7], self.p: p, self.n: n} for p, n in ((True, 2), (False, 3))]
        return fetches, feeds

    def value(self, pool, depth):
        """A vector made of those in the pool."""
        pool = list(pool)
        for _ in range(self.random.randint(1, 3)):
            draw = self.random.random()
            if depth < DEEPEST and draw < 0.3:
                pool.append(self.condition(pool, depth))
            elif depth < DEEPEST and draw < 0.55:
                pool += self.loop(pool, depth)
            elif draw < 0.63:
                pool.append(self.change(pool))
            else:
                pool.append(self.arithmetic(pool))
        return self.arithmetic(pool[-2:])

    def arithmetic(self, pool):
        a, b = self.random.choice(pool), self.random.choice(pool)
        made = (
            lambda: a + b,
            lambda: a * b,
            lambda: tf.tanh(a - b),
            lambda: tf.sin(a) * 0.5,
            lambda: a - 0.25,
            lambda: tf.where(a > b, a, b),
        )
        return self.random.choice(made)()

    def predicate(self, pool):
        a = self.random.choice(pool)
        return self.random.choice((lambda: self.p, lambda: tf.reduce_sum(a) > 0.1))()

    def change(self, pool):
        """A value behind which a variable has changed: after it was read, and by so much that the
        sum is the same in any order, for TensorFlow 1 promises none."""
        change = self.v.assign_add(tf.stop_gradient(self.first) * 0.0 + [1.0, 0.25])
        with tf.control_dependencies([change]):
            return tf.identity(self.random.choice(pool))

    def condition(self, pool, depth):
        sides = [lambda: self.value(pool, depth + 1), lambda: self.value(pool, depth + 1)]
        if self.random.random() < 0.3:
            sides[self.random.randint(0, 1)] = lambda: self.random.choice(pool)
        if self.random.random() < 0.2:
            sides[self.random.randint(0, 1)] = lambda: tf.constant([0.5, 0.25])
        return tf1.cond(self.predicate(pool), *sides)

    def loop(self, pool, depth):
        count = self.random.choice([self.n, tf.constant(self.random.randint(0, 3))])
        size = self.random.randint(1, 2)
        begins = [self.random.choice(pool) for _ in range(size)]

        def body(i, *values):
            inside = [*pool, *values, tf.cast(i, tf.float32) * values[0]]
            return (i + 1, *(tf.tanh(self.value(inside, depth + 1)) for _ in values))

        ends = tf1.while_loop(lambda i, *_: i < count, body, (0, *begins))
        return list(ends[1:])
