"""A linear regression that Adagrad trains."""

import tensorflow as tf

tf1 = tf.compat.v1


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [None, 3], name="x")
            self.y = tf1.placeholder(tf.float32, [None], name="y")
            w = tf1.get_variable("w", [3], initializer=tf1.zeros_initializer())
            b = tf1.get_variable("b", [], initializer=tf1.zeros_initializer())
            self.guess = tf.tensordot(self.x, w, 1) + b
            loss = tf.reduce_mean(tf.square(self.guess - self.y))
            train = tf1.train.AdagradOptimizer(0.1).minimize(loss)
            self.fetches = [loss, train]
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, x, y):
        loss, _ = self.session.run(self.fetches, {self.x: x, self.y: y})
        return {"loss": loss}

    def predict(self, x):
        return self.session.run(self.guess, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
