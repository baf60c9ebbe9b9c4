"""Exercise 12, ported: Keras layers, and Keras' optimizer, which clips and has the rate."""

import keras
import tensorflow as tf

NAMES = "l1/kernel", "l1/bias", "l2/kernel", "l2/bias"


def model():
    hidden = keras.layers.Dense(5, activation="relu")
    return keras.Sequential([keras.Input([4]), hidden, keras.layers.Dense(3)])


class Port:
    def __init__(self):
        self.model, self.slow = model(), model()
        self.slow.set_weights(self.model.get_weights())
        rate = keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5, staircase=True)
        self.optimizer = keras.optimizers.SGD(rate, global_clipnorm=0.5)
        self.optimizer.build(self.model.trainable_variables)
        self.variables = dict(zip(NAMES, self.model.weights, strict=True))
        for name, average in zip(NAMES, self.slow.weights, strict=True):
            self.variables[f"{name}/ExponentialMovingAverage"] = average
        kept = [*self.variables.values(), self.optimizer.iterations]
        self.saver = tf.train.Checkpoint(all=[each.value for each in kept])

    @tf.function(reduce_retracing=True)
    def train_step(self, x, mask, labels):
        first, last = self.model.layers
        with tf.GradientTape() as tape:
            logits = last(first(x) * mask * 2.0)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        weights = self.model.trainable_variables
        slopes = tape.gradient(loss, weights)
        rate = tf.identity(self.optimizer.learning_rate)
        self.optimizer.apply(slopes, weights)
        for average, weight in zip(self.slow.weights, self.model.weights, strict=True):
            average.assign(0.9 * average + 0.1 * weight)
        return {"loss": loss, "norm": tf.linalg.global_norm(slopes), "rate": rate}

    def predict(self, x):
        return tf.nn.softmax(self.slow(x))

    def save(self, path):
        self.saver.write(path)

    def restore(self, path):
        self.saver.read(path).assert_consumed()


def build():
    return Port()
