"""Exercise 5: who moves the moving averages?

Images `x`, [rows, size, size, 2], go through a 1x1 convolution, a fused batch normalisation over
the four axes, and a relu; the `loss` is the mean square of what is left to `y`, [rows, 3], and
plain gradient descent trains the kernel, gamma and beta. In training the batch's own mean and
variance are used, and collection UPDATE_OPS moves the averages a tenth of the way (momentum 0.9);
the train op waits for them. `predict` uses the averages.

A fused kernel takes the biased variance, sum / n, to normalise with, and hands the unbiased one,
sum / (n - 1), to the moving average; n is rows * size * size, and small here. Name the variables
"kernel", "bn/gamma", "bn/beta", "bn/moving_mean" and "bn/moving_variance".
"""

import numpy as np

LESSON = "20.3"
HINTS = (
    "All losses are right; the state after the first call is not: two variables never moved.",
    "Look for `moving_mean`: `UPDATE_OPS` assigns it, so `train_step` has to.",
    "Lesson 20.3: what a collection kept for the train op, your own lines do now.",
)


def sizes(random):
    return {"rows": random.randint(2, 4), "side": random.randint(1, 3)}


def weights(random, size):
    return {
        "kernel": random.randn(1, 1, 2, 3).astype(np.float32),
        "bn/gamma": random.uniform(0.5, 2, 3).astype(np.float32),
        "bn/beta": random.randn(3).astype(np.float32),
        "bn/moving_mean": random.randn(3).astype(np.float32),
        "bn/moving_variance": random.uniform(0.5, 2, 3).astype(np.float32),
    }


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {
        "x": (random.randn(rows, size["side"], size["side"], 2) + 1).astype(np.float32),
        "y": random.randn(rows, 3).astype(np.float32),
    }


def queries(random, size):
    return {"x": feeds(random, size, 0)["x"]}


def special(random, size):
    y = np.zeros([2, 3], np.float32)
    yield "images that do not vary", {}, {"x": np.ones([2, 2, 2, 2], np.float32), "y": y}
    small = 1e-2 * random.randn(2, 2, 2, 2).astype(np.float32)
    yield "variances as small as epsilon", {}, {"x": small, "y": y}
