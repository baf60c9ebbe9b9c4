"""A convolution with fused batch normalisation, whose averages move by UPDATE_OPS."""

import tensorflow as tf

tf1 = tf.compat.v1
MOMENTUM = 0.9


def batch_norm(x, training):
    with tf1.variable_scope("bn"):
        gamma = tf1.get_variable("gamma", [3], initializer=tf1.ones_initializer())
        beta = tf1.get_variable("beta", [3], initializer=tf1.zeros_initializer())
        mean = tf1.get_variable(
            "moving_mean", [3], initializer=tf1.zeros_initializer(), trainable=False
        )
        variance = tf1.get_variable(
            "moving_variance", [3], initializer=tf1.ones_initializer(), trainable=False
        )
    if not training:
        return tf1.nn.fused_batch_norm(
            x, gamma, beta, mean, variance, epsilon=1e-3, is_training=False
        )[0]
    out, seen_mean, seen_variance = tf1.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-3)
    for average, seen in ((mean, seen_mean), (variance, seen_variance)):
        move = tf1.assign_sub(average, (1 - MOMENTUM) * (average - seen))
        tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, move)
    return out


def network(x, training):
    kernel = tf1.get_variable("kernel", [1, 1, 2, 3])
    out = tf.nn.conv2d(x, kernel, 1, "SAME")
    return tf.reduce_mean(tf.nn.relu(batch_norm(out, training)), axis=[1, 2])


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [None, None, None, 2], name="x")
            self.y = tf1.placeholder(tf.float32, [None, 3], name="y")
            with tf1.variable_scope(""):
                loss = tf.reduce_mean(tf.square(network(self.x, training=True) - self.y))
            with tf1.variable_scope("", reuse=True):
                self.out = network(self.x, training=False)
            updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
            with tf.control_dependencies(updates):
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
        return self.session.run(self.out, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
