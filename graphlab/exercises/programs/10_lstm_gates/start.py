"""Exercise 10, an empty port: write it."""

import tensorflow as tf


class Port:
    def __init__(self):
        self.variables = {
            "kernel": tf.Variable(tf.zeros([5, 12])),
            "bias": tf.Variable(tf.zeros([12])),
            "out": tf.Variable(tf.zeros([3, 1])),
        }

    def train_step(self, x, y):
        return {"loss": tf.constant(0.0)}

    def predict(self, x):
        return tf.zeros([len(x)])

    def save(self, path):
        tf.train.Checkpoint(**self.variables).write(path)

    def restore(self, path):
        tf.train.Checkpoint(**self.variables).read(path).assert_consumed()


def build():
    return Port()
