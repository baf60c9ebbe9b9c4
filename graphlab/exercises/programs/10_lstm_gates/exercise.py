"""Exercise 10: the gates of an LSTM.

Here the port is empty, and you write it. The original is TensorFlow 1's BasicLSTMCell, written
out: sequences `x`, [rows, 3, 2], one LSTM of 3 units, the last output through a matrix `out`,
[3, 1], to guesses at `y`, [rows]; the `loss` is the mean square, and gradient descent trains it.

TensorFlow 1 keeps one kernel, [inputs + units, 4 * units], and its gates stand in the order
i, j, f, o: input, candidate, forget, output. A forget bias of 1 is added in each step, and is no
part of the bias. Keras keeps two kernels, in the order i, f, c, o, and puts the 1 into the bias.

Name the variables "kernel", [5, 12], "bias", [12], and "out": they are written and read as
TensorFlow 1 has them. Whatever has shape, dtype, assign(value) and numpy() may stand there: a few
lines that turn one layout into the other, for a port with keras.layers.LSTM.
"""

import numpy as np

LESSON = "7.1"
HINTS = (
    "Every prediction is zero: `predict` and `train_step` are still to be written.",
    "`tf.split(gates, 4, axis=1)` gives i, j, f, o; `sigmoid(f + 1)` keeps, `sigmoid(i) * tanh(j)`"
    " adds.",
    "Lesson 7.1: an LSTM, gate by gate.",
)


def sizes(random):
    return {"rows": random.randint(2, 6)}


def weights(random, size):
    return {
        "kernel": random.randn(5, 12).astype(np.float32),
        "bias": random.randn(12).astype(np.float32),
        "out": random.randn(3, 1).astype(np.float32),
    }


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {
        "x": random.randn(rows, 3, 2).astype(np.float32),
        "y": random.randn(rows).astype(np.float32),
    }


def queries(random, size):
    return {"x": feeds(random, size, 0)["x"]}


def special(random, size):
    x, y = np.zeros([2, 3, 2], np.float32), np.ones(2, np.float32)
    yield "weights of zero", {"kernel": np.zeros([5, 12], np.float32)}, {"x": x + 1, "y": y}
    yield "saturated gates", {}, {"x": x + 30, "y": y}
    yield "a batch of one", {}, {"x": x[:1] + 1, "y": y[:1]}
