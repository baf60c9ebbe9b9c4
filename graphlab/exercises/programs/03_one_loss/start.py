"""Exercise 3, a right port: break it so that the weak checker does not see it."""

import tensorflow as tf


class Port(tf.Module):
    def __init__(self):
        self.w = tf.Variable(tf.zeros([3]))
        self.b = tf.Variable(0.0)
        self.slots = [tf.Variable(tf.fill([3], 0.1)), tf.Variable(0.1)]

    @property
    def variables(self):
        return {
            "w": self.w,
            "b": self.b,
            "w/Adagrad": self.slots[0],
            "b/Adagrad": self.slots[1],
        }

    def predict(self, x):
        return tf.tensordot(x, self.w, 1) + self.b

    @tf.function
    def train_step(self, x, y):
        weights = [self.w, self.b]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.predict(x) - y))
        for weight, slot, slope in zip(
            weights, self.slots, tape.gradient(loss, weights), strict=True
        ):
            slot.assign_add(slope**2)
            weight.assign_sub(0.1 * slope / tf.sqrt(slot))
        return {"loss": loss}

    def save(self, path):
        tf.train.Checkpoint(port=self).write(path)

    def restore(self, path):
        tf.train.Checkpoint(port=self).read(path).assert_consumed()


def build():
    return Port()
