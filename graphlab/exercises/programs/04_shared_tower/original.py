"""A siamese tower: one scope, entered twice."""

import tensorflow as tf

tf1 = tf.compat.v1


def tower(x):
    with tf1.variable_scope("tower", reuse=tf1.AUTO_REUSE):
        kernel = tf1.get_variable("kernel", [4, 3], initializer=tf1.glorot_uniform_initializer())
        bias = tf1.get_variable("bias", [3], initializer=tf1.zeros_initializer())
        return tf.tanh(tf.matmul(x, kernel) + bias)


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.left = tf1.placeholder(tf.float32, [None, 4], name="left")
            self.right = tf1.placeholder(tf.float32, [None, 4], name="right")
            self.same = tf1.placeholder(tf.float32, [None], name="same")
            apart = tf.reduce_sum(tf.square(tower(self.left) - tower(self.right)), axis=1)
            self.distance = tf.sqrt(apart + 1e-6)
            missing = tf.maximum(1.0 - self.distance, 0.0)
            loss = tf.reduce_mean(self.same * apart + (1.0 - self.same) * tf.square(missing))
            train = tf1.train.GradientDescentOptimizer(0.2).minimize(loss)
            self.fetches = [loss, train]
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, left, right, same):
        feeds = {self.left: left, self.right: right, self.same: same}
        return {"loss": self.session.run(self.fetches, feeds)[0]}

    def predict(self, left, right):
        return {"distance": self.session.run(self.distance, {self.left: left, self.right: right})}

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
