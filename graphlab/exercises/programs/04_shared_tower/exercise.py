"""Exercise 4: two inputs, one weight.

Two questions, `left` and `right`, both [rows, 4], go through one tower: the original calls the same
function twice in a variable scope with `reuse=tf.AUTO_REUSE`, so the second call finds the kernel
and the bias of the first. The `loss` is that of contrast: towers of equal pairs (`same` is 1)
should be near, others at least 1 apart. Plain gradient descent trains it. `predict` gives the
`distance` of each pair.

The text of the program says `tower` twice, and a port that makes a layer for each, with equal
initial values, tells the right loss once. Name the variables "tower/kernel" and "tower/bias".
"""

import numpy as np

LESSON = "20.2"
HINTS = (
    "The first prediction at given weights already differs, or a variable has no partner.",
    "Count the kernels. `AUTO_REUSE` makes one, whoever asks first.",
    "Lesson 20.2: what a variable scope shares, an object shares by being one.",
)


def sizes(random):
    return {"rows": random.randint(3, 8)}


def weights(random, size):
    return {
        "tower/kernel": random.randn(4, 3).astype(np.float32),
        "tower/bias": random.randn(3).astype(np.float32),
    }


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {
        "left": random.randn(rows, 4).astype(np.float32),
        "right": random.randn(rows, 4).astype(np.float32),
        "same": random.randint(0, 2, rows).astype(np.float32),
    }


def queries(random, size):
    given = feeds(random, size, 0)
    return {name: given[name] for name in ("left", "right")}


def special(random, size):
    near = random.randn(4, 4).astype(np.float32)
    far = 10 * random.randn(4, 4).astype(np.float32)
    yield "all pairs equal", {}, {"left": near, "right": far, "same": np.ones(4, np.float32)}
    yield "all pairs far apart", {}, {"left": near, "right": far, "same": np.zeros(4, np.float32)}
    yield "pairs of no distance", {}, {"left": near, "right": near, "same": np.zeros(4, np.float32)}
