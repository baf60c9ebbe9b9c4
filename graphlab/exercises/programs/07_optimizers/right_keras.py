"""Exercise 7, ported: Keras' optimizers, told of TensorFlow 1's numbers, and the gradient dense."""

import keras
import tensorflow as tf


class Port:
    def __init__(self):
        self.embedding = keras.Variable(tf.random.normal([6, 3], stddev=0.1))
        self.w = keras.Variable(tf.ones([3]))
        self.adam = keras.optimizers.Adam(0.01, epsilon=1e-8)
        self.rms = keras.optimizers.RMSprop(0.01, rho=0.9, momentum=0.5, epsilon=1e-10)
        self.adam.build([self.embedding])
        self.rms.build([self.w])
        _, _, m, v = self.adam.variables
        _, _, squares, speed = self.rms.variables
        squares.assign(tf.ones([3]))
        self.variables = {
            "embedding": self.embedding,
            "w": self.w,
            "embedding/Adam": m,
            "embedding/Adam_1": v,
            "w/RMSProp": squares,
            "w/RMSProp_1": speed,
        }
        kept = [*self.variables.values(), self.adam.iterations, self.rms.iterations]
        self.saver = tf.train.Checkpoint(all=[each.value for each in kept])

    def predict(self, ids):
        return tf.tensordot(tf.gather(self.embedding.value, ids), self.w.value, 1)

    @tf.function(jit_compile=True, reduce_retracing=True)
    def train_step(self, ids, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.predict(ids) - y))
        sparse, dense = tape.gradient(loss, [self.embedding.value, self.w.value])
        self.adam.apply([tf.convert_to_tensor(sparse)], [self.embedding])
        self.rms.apply([dense], [self.w])
        return loss

    def save(self, path):
        self.saver.write(path)

    def restore(self, path):
        self.saver.read(path).assert_consumed()


def build():
    return Port()
