"""Exercise 4, ported: plain eager; both inputs are one batch, and its halves are compared."""

import tensorflow as tf


class Port:
    def __init__(self):
        self.kernel = tf.Variable(tf.random.uniform([4, 3], -((6 / 7) ** 0.5), (6 / 7) ** 0.5))
        self.bias = tf.Variable(tf.zeros([3]))
        self.variables = {"tower/kernel": self.kernel, "tower/bias": self.bias}

    def apart(self, left, right):
        both = tf.tanh(tf.concat([left, right], axis=0) @ self.kernel + self.bias)
        one, other = tf.split(both, 2)
        return tf.reduce_sum((one - other) ** 2, axis=1)

    def train_step(self, left, right, same):
        with tf.GradientTape() as tape:
            apart = self.apart(left, right)
            missing = tf.nn.relu(1.0 - tf.sqrt(apart + 1e-6))
            loss = tf.reduce_mean(same * apart + (1.0 - same) * missing**2)
        kernel, bias = tape.gradient(loss, [self.kernel, self.bias])
        self.kernel.assign_sub(0.2 * kernel)
        self.bias.assign_sub(0.2 * bias)
        return {"loss": loss}

    def predict(self, left, right):
        return {"distance": tf.sqrt(self.apart(left, right) + 1e-6)}

    def save(self, path):
        tf.train.Checkpoint(**{"kernel": self.kernel, "bias": self.bias}).write(path)

    def restore(self, path):
        found = tf.train.Checkpoint(**{"kernel": self.kernel, "bias": self.bias}).read(path)
        found.assert_consumed()


def build():
    return Port()
