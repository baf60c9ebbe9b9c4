"""Exercise 4, a port that runs and is quietly wrong: find out where, and mend it."""

import tensorflow as tf


class Tower(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(tf.keras.initializers.GlorotUniform()([4, 3]))
        self.bias = tf.Variable(tf.zeros([3]))

    def __call__(self, x):
        return tf.tanh(tf.matmul(x, self.kernel) + self.bias)


class Port(tf.Module):
    def __init__(self):
        self.tower, self.other = Tower(), Tower()
        self.other.kernel.assign(self.tower.kernel)

    @property
    def variables(self):
        return {"tower/kernel": self.tower.kernel, "tower/bias": self.tower.bias}

    def apart(self, left, right):
        return tf.reduce_sum(tf.square(self.tower(left) - self.other(right)), axis=1)

    @tf.function(reduce_retracing=True)
    def train_step(self, left, right, same):
        weights = [*self.tower.trainable_variables, *self.other.trainable_variables]
        with tf.GradientTape() as tape:
            apart = self.apart(left, right)
            missing = tf.maximum(1.0 - tf.sqrt(apart + 1e-6), 0.0)
            loss = tf.reduce_mean(same * apart + (1.0 - same) * tf.square(missing))
        for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.2 * slope)
        return {"loss": loss}

    def predict(self, left, right):
        return {"distance": tf.sqrt(self.apart(left, right) + 1e-6)}

    def save(self, path):
        tf.train.Checkpoint(port=self).write(path)

    def restore(self, path):
        tf.train.Checkpoint(port=self).read(path).assert_consumed()


def build():
    return Port()
