"""Exercise 12, an empty port: write it."""

import tensorflow as tf

SHAPES = {"l1/kernel": [4, 5], "l1/bias": [5], "l2/kernel": [5, 3], "l2/bias": [3]}


class Port:
    def __init__(self):
        slow = {f"{name}/ExponentialMovingAverage": shape for name, shape in SHAPES.items()}
        self.variables = {
            name: tf.Variable(tf.zeros(shape)) for name, shape in {**SHAPES, **slow}.items()
        }

    def train_step(self, x, mask, labels):
        return {"loss": tf.constant(0.0), "norm": tf.constant(0.0), "rate": tf.constant(0.0)}

    def predict(self, x):
        return tf.fill([len(x), 3], 1 / 3)

    def save(self, path):
        raise NotImplementedError

    def restore(self, path):
        raise NotImplementedError


def build():
    return Port()
