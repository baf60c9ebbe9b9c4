"""A classifier as training scripts were written: dropout, clipping, a rate, moving averages."""

import tensorflow as tf

tf1 = tf.compat.v1

KEEP = 0.5
CLIP = 0.5
DECAY = 0.9


def dense(x, units, name):
    with tf1.variable_scope(name):
        kernel = tf1.get_variable(
            "kernel",
            [x.shape[-1], units],
            initializer=tf1.glorot_uniform_initializer(),
        )
        bias = tf1.get_variable("bias", [units], initializer=tf1.zeros_initializer())
        return tf1.nn.xw_plus_b(x, kernel, bias)


def network(x, mask=None):
    hidden = tf.nn.relu(dense(x, 5, "l1"))
    if mask is not None:
        hidden = hidden * mask / KEEP
    return dense(hidden, 3, "l2")


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            # inputs
            self.x = tf1.placeholder(tf.float32, [None, 4], name="x")
            self.mask = tf1.placeholder(tf.float32, [None, 5], name="mask")
            self.labels = tf1.placeholder(tf.int32, [None], name="labels")
            # model
            with tf1.variable_scope(""):
                logits = network(self.x, self.mask)
            losses = tf1.nn.sparse_softmax_cross_entropy_with_logits(
                labels=self.labels, logits=logits
            )
            loss = tf.reduce_mean(losses)
            # training
            weights = tf1.trainable_variables()
            step = tf1.train.get_or_create_global_step()
            rate = tf1.train.exponential_decay(0.5, step, 2, 0.5, staircase=True)
            optimizer = tf1.train.GradientDescentOptimizer(rate)
            slopes, _ = zip(*optimizer.compute_gradients(loss, weights), strict=True)
            clipped, norm = tf.clip_by_global_norm(slopes, CLIP)
            descend = optimizer.apply_gradients(
                zip(clipped, weights, strict=True), global_step=step
            )
            averages = tf1.train.ExponentialMovingAverage(DECAY)
            with tf.control_dependencies([descend]):
                train = averages.apply(weights)
            self.fetches = [{"loss": loss, "norm": norm, "rate": rate}, train]
            # inference
            with tf1.variable_scope("", reuse=True, custom_getter=self.averaged(averages)):
                self.probabilities = tf.nn.softmax(network(self.x))
            self.variables = [each for each in tf1.global_variables() if each is not step]
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    @staticmethod
    def averaged(averages):
        """A getter that gives each variable's average in its place."""
        return lambda getter, *args, **how: averages.average(getter(*args, **how))

    def train_step(self, x, mask, labels):
        feeds = {self.x: x, self.mask: mask, self.labels: labels}
        return self.session.run(self.fetches, feeds)[0]

    def predict(self, x):
        return self.session.run(self.probabilities, {self.x: x})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
