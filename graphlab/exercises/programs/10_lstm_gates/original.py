"""TensorFlow 1's BasicLSTMCell, written out, over three steps."""

import tensorflow as tf

tf1 = tf.compat.v1


def lstm(x, kernel, bias):
    """The last output, [rows, 3], from a state of zeros."""
    c = h = tf.zeros([tf.shape(x)[0], 3])
    for time in range(3):
        gates = tf.matmul(tf.concat([x[:, time], h], axis=1), kernel) + bias
        i, j, f, o = tf.split(gates, 4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
    return h


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [None, 3, 2], name="x")
            self.y = tf1.placeholder(tf.float32, [None], name="y")
            glorot = tf1.glorot_uniform_initializer()
            kernel = tf1.get_variable("kernel", [5, 12], initializer=glorot)
            bias = tf1.get_variable("bias", [12], initializer=tf1.zeros_initializer())
            out = tf1.get_variable("out", [3, 1], initializer=glorot)
            self.guess = tf.matmul(lstm(self.x, kernel, bias), out)[:, 0]
            loss = tf.reduce_mean(tf.square(self.guess - self.y))
            train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
            self.fetches = [loss, train]
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, x, y):
        return {"loss": self.session.run(self.fetches, {self.x: x, self.y: y})[0]}

    def predict(self, x):
        return self.session.run(self.guess, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
