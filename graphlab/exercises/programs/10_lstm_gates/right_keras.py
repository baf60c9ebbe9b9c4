"""Exercise 10, ported: keras.layers.LSTM, whose weights are shown in TensorFlow 1's layout."""

import keras
import numpy as np

FORGET = np.repeat([0, 0, 1, 0], 3).astype(np.float32)  # the bias that Keras keeps in its own


def swapped(value):
    """Gates i, j, f, o as i, f, c, o, and back: the middle ones change places."""
    i, j, f, o = np.split(value, 4, axis=-1)
    return np.concatenate([i, f, j, o], axis=-1)


class Kernel:
    shape, dtype = (5, 12), "float32"

    def __init__(self, cell):
        self.parts = cell.kernel, cell.recurrent_kernel

    def assign(self, value):
        for part, rows in zip(self.parts, (value[:2], value[2:]), strict=True):
            part.assign(swapped(rows))

    def numpy(self):
        return swapped(np.concatenate([np.array(part) for part in self.parts]))


class Bias:
    shape, dtype = (12,), "float32"

    def __init__(self, cell):
        self.whole = cell.bias

    def assign(self, value):
        self.whole.assign(swapped(value + FORGET))

    def numpy(self):
        return swapped(np.array(self.whole)) - FORGET


class Port:
    def __init__(self):
        glorot = keras.initializers.RandomUniform(-((6 / 17) ** 0.5), (6 / 17) ** 0.5)
        lstm = keras.layers.LSTM(3, kernel_initializer=glorot, recurrent_initializer=glorot)
        out = keras.layers.Dense(1, use_bias=False)
        flat = keras.layers.Reshape([])
        self.model = keras.Sequential([keras.Input([3, 2]), lstm, out, flat])
        self.model.compile(keras.optimizers.SGD(0.1), "mse")
        self.variables = {"kernel": Kernel(lstm.cell), "bias": Bias(lstm.cell), "out": out.kernel}

    def train_step(self, x, y):
        return {"loss": self.model.train_on_batch(x, y)}

    def predict(self, x):
        return self.model(x)

    def save(self, path):
        self.model.save_weights(f"{path}.weights.h5")

    def restore(self, path):
        self.model.load_weights(f"{path}.weights.h5")


def build():
    return Port()
