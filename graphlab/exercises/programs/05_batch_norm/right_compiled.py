"""Exercise 5, ported and compiled by XLA."""

import tensorflow as tf


class Port(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(tf.keras.initializers.GlorotUniform()([1, 1, 2, 3]))
        self.gamma = tf.Variable(tf.ones([3]))
        self.beta = tf.Variable(tf.zeros([3]))
        self.mean = tf.Variable(tf.zeros([3]), trainable=False)
        self.variance = tf.Variable(tf.ones([3]), trainable=False)

    @property
    def variables(self):
        return {
            "kernel": self.kernel,
            "bn/gamma": self.gamma,
            "bn/beta": self.beta,
            "bn/moving_mean": self.mean,
            "bn/moving_variance": self.variance,
        }

    def head(self, out, mean, variance):
        out = tf.nn.batch_normalization(out, mean, variance, self.beta, self.gamma, 1e-3)
        return tf.reduce_mean(tf.nn.relu(out), axis=[1, 2])

    @tf.function(jit_compile=True, reduce_retracing=True)
    def train_step(self, x, y):
        weights = [self.kernel, self.gamma, self.beta]
        with tf.GradientTape() as tape:
            out = tf.nn.conv2d(x, self.kernel, 1, "SAME")
            mean, variance = tf.nn.moments(out, [0, 1, 2])
            loss = tf.reduce_mean(tf.square(self.head(out, mean, variance) - y))
        n = tf.cast(tf.size(out) / 3, tf.float32)
        unbiased = variance * n / tf.maximum(n - 1, 1)
        self.mean.assign_sub(0.1 * (self.mean - mean))
        self.variance.assign_sub(0.1 * (self.variance - unbiased))
        for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.1 * slope)
        return {"loss": loss}

    def predict(self, x):
        out = tf.nn.conv2d(x, self.kernel, 1, "SAME")
        return self.head(out, self.mean, self.variance)

    def save(self, path):
        tf.train.Checkpoint(port=self).write(path)

    def restore(self, path):
        tf.train.Checkpoint(port=self).read(path).assert_consumed()


def build():
    return Port()
