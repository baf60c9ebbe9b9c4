"""A GAN: two losses, two train ops with their lists of variables."""

import tensorflow as tf

tf1 = tf.compat.v1


def generator(z):
    with tf1.variable_scope("g", reuse=tf1.AUTO_REUSE):
        w = tf1.get_variable("w", [2, 2], initializer=tf1.random_normal_initializer())
        b = tf1.get_variable("b", [2], initializer=tf1.zeros_initializer())
        return tf.tanh(tf.matmul(z, w) + b)


def discriminator(x):
    with tf1.variable_scope("d", reuse=tf1.AUTO_REUSE):
        w = tf1.get_variable("w", [2, 1], initializer=tf1.random_normal_initializer())
        b = tf1.get_variable("b", [1], initializer=tf1.zeros_initializer())
        return tf.matmul(x, w) + b


def entropy(logits, label):
    labels = tf.fill(tf.shape(logits), label)
    losses = tf1.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.z = tf1.placeholder(tf.float32, [None, 2], name="z")
            self.x = tf1.placeholder(tf.float32, [None, 2], name="x")
            self.fake = generator(self.z)
            judged = discriminator(self.fake)
            d_loss = entropy(discriminator(self.x), 1.0) + entropy(judged, 0.0)
            g_loss = entropy(judged, 1.0)
            jitter = tf1.random_normal([2])
            jittered = self.x[0] + jitter
            shown = {
                "d_loss": d_loss,
                "g_loss": g_loss,
                "jitter": jitter,
                "jittered": jittered,
                "rest": jittered - self.x[0] - jitter,
            }
            descent = tf1.train.GradientDescentOptimizer(0.1)
            self.fetches = [
                [shown, descent.minimize(loss, var_list=tf1.trainable_variables(scope))]
                for loss, scope in ((d_loss, "d/"), (g_loss, "g/"))
            ]
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, z, x, turn):
        return self.session.run(self.fetches[int(turn)], {self.z: z, self.x: x})[0]

    def predict(self, z):
        return self.session.run(self.fake, {self.z: z})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
