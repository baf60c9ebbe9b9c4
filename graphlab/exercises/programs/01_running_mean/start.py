"""Exercise 1, a port that runs and is quietly wrong: find out where, and mend it."""

import tensorflow as tf


class Port:
    def __init__(self):
        self.m = tf.Variable(tf.zeros([3]), name="m")
        self.variables = [self.m]

    @tf.function
    def train_step(self, x):
        before = tf.identity(self.m)
        centred = x - self.m
        self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))
        return {"centred": centred, "before": before}

    def predict(self, x):
        return x - self.m

    def save(self, path):
        tf.train.Checkpoint(m=self.m).write(path)

    def restore(self, path):
        tf.train.Checkpoint(m=self.m).read(path).assert_consumed()


def build():
    return Port()
