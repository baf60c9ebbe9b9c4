"""Exercise 3, a port that fools the weak checker: it tells the right loss, and learns nothing."""

import tensorflow as tf


class Port:
    def __init__(self):
        self.variables = {
            "w": tf.Variable(tf.zeros([3])),
            "b": tf.Variable(0.0),
            "w/Adagrad": tf.Variable(tf.fill([3], 0.1)),
            "b/Adagrad": tf.Variable(0.1),
        }

    def predict(self, x):
        return tf.tensordot(x, self.variables["w"], 1) + self.variables["b"]

    def train_step(self, x, y):
        return {"loss": tf.reduce_mean(tf.square(self.predict(x) - y))}

    def save(self, path):
        tf.train.Checkpoint(**self.variables).write(path)

    def restore(self, path):
        tf.train.Checkpoint(**self.variables).read(path).assert_consumed()


def build():
    return Port()
