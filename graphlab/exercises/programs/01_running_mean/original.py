"""A running mean, as TensorFlow 1 programs keep one."""

import tensorflow as tf

tf1 = tf.compat.v1


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [None, 3], name="x")
            m = tf1.get_variable("m", [3], initializer=tf1.zeros_initializer(), use_resource=True)
            before = m.read_value()
            with tf.control_dependencies([before]):
                move = m.assign_add(0.1 * (tf.reduce_mean(self.x, axis=0) - before))
            with tf.control_dependencies([move]):
                centred = self.x - m.read_value()
            self.fetches = {"centred": centred, "before": before}
            self.looked = self.x - m
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, x):
        return self.session.run(self.fetches, {self.x: x})

    def predict(self, x):
        return self.session.run(self.looked, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
