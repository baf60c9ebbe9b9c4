"""Exercise 2: momentum, and a rate that changes.

A logistic regression: `x` [rows, 4] and labels `y` [rows] give a `loss`, the mean of the cross
entropies and a little l2 of the weights. TensorFlow 1's MomentumOptimizer trains it, and the rate
falls with the count of steps: 0.5 up to step 3, 0.1 up to step 5, then 0.02. A training call gives
`loss`, as it was before the step, and the `rate` of that step. `predict` gives probabilities.

Slots are part of the program: name "w", "b", "w/Momentum" and "b/Momentum" in `variables`. After
`restore` training goes on as if nothing had happened.
"""

import numpy as np

LESSON = "23.2"
HINTS = (
    "Four calls are right; in the fifth `rate` should have fallen, and it never falls.",
    "A `tf.function` reads a Python number once, when it is traced. Keep the count in a"
    " `tf.Variable`.",
    "Lesson 23.2: what Python decides while it traces stays decided.",
)


def sizes(random):
    return {"rows": random.randint(4, 9)}


def weights(random, size):
    return {
        "w": random.randn(4).astype(np.float32),
        "b": np.float32(random.randn()),
    }


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {
        "x": random.randn(rows, 4).astype(np.float32),
        "y": random.randint(0, 2, rows).astype(np.float32),
    }


def queries(random, size):
    return {"x": random.randn(size["rows"], 4).astype(np.float32)}


def special(random, size):
    x = np.array([[1, 2, 3, 4], [-4, -3, -2, -1]], np.float32)
    y = np.array([0, 1], np.float32)
    yield "saturated logits", {}, {"x": 100 * x, "y": y}
    yield "a batch of one", {}, {"x": x[:1], "y": y[:1]}
