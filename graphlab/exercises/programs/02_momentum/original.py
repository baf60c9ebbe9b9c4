"""Logistic regression with momentum, and a rate that falls with the global step."""

import tensorflow as tf

tf1 = tf.compat.v1


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [None, 4], name="x")
            self.y = tf1.placeholder(tf.float32, [None], name="y")
            w = tf1.get_variable("w", [4], initializer=tf1.zeros_initializer())
            b = tf1.get_variable("b", [], initializer=tf1.zeros_initializer())
            logits = tf.tensordot(self.x, w, 1) + b
            losses = tf1.nn.sigmoid_cross_entropy_with_logits(labels=self.y, logits=logits)
            loss = tf.reduce_mean(losses) + 0.01 * tf.nn.l2_loss(w)
            step = tf1.train.get_or_create_global_step()
            rate = tf1.train.piecewise_constant(step, [3, 5], [0.5, 0.1, 0.02])
            train = tf1.train.MomentumOptimizer(rate, 0.9).minimize(loss, global_step=step)
            self.fetches = {"loss": loss, "rate": rate, "train": train}
            self.probability = tf.sigmoid(logits)
            self.variables = [each for each in tf1.global_variables() if each is not step]
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, x, y):
        found = self.session.run(self.fetches, {self.x: x, self.y: y})
        return {"loss": found["loss"], "rate": found["rate"]}

    def predict(self, x):
        return self.session.run(self.probability, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
