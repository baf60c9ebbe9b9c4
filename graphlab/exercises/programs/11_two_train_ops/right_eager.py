"""Exercise 11, ported: plain eager, a Python function for each turn."""

from pathlib import Path

import numpy as np
import tensorflow as tf


def entropy(logits, label):
    return tf.reduce_mean(tf.nn.softplus(-logits if label else logits))


class Port:
    def __init__(self):
        self.g = tf.Variable(tf.random.normal([2, 2])), tf.Variable(tf.zeros([2]))
        self.d = tf.Variable(tf.random.normal([2, 1])), tf.Variable(tf.zeros([1]))
        self.variables = dict(zip(("g/w", "g/b", "d/w", "d/b"), self.g + self.d, strict=True))

    def judge(self, x):
        return x @ self.d[0] + self.d[1]

    def train_step(self, z, x, turn):
        with tf.GradientTape() as tape:
            judged = self.judge(self.predict(z))
            d_loss = entropy(self.judge(x), True) + entropy(judged, False)
            g_loss = entropy(judged, True)
            loss, weights = (g_loss, self.g) if turn else (d_loss, self.d)
        for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.1 * slope)
        jitter = np.random.randn(2).astype(np.float32)
        jittered = x[0] + jitter
        shown = {"jitter": jitter, "jittered": jittered, "rest": jittered - x[0] - jitter}
        return {"d_loss": d_loss, "g_loss": g_loss, **shown}

    def predict(self, z):
        return tf.tanh(z @ self.g[0] + self.g[1])

    def save(self, path):
        with Path(path).open("wb") as file:
            np.savez(file, *(each.numpy() for each in self.variables.values()))

    def restore(self, path):
        with np.load(path) as values:
            for variable, value in zip(self.variables.values(), values.values(), strict=True):
                variable.assign(value)


def build():
    return Port()
