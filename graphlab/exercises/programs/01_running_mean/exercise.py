"""Exercise 1: a mean that runs along.

Each training call gets a batch `x` of numbers, [rows, 3], moves a running mean `m` a tenth of the
way towards the mean of the batch, and gives two fetches: `centred`, the batch less the running
mean as it is *after* the move, and `before`, the running mean as it was before it. `predict`
gives the batch less the running mean, and moves nothing.

The order is what the program is about. In the graph a control dependency makes `centred` wait for
the assignment, and another makes the assignment wait for `before`. In TensorFlow 2 the order is
that of your lines.

Port it without a Session. Name the variable "m" in `variables`.
"""

import numpy as np

LESSON = "20.1"
HINTS = (
    "In the first call `centred` is off by a tenth of the batch's mean: it is a move behind.",
    "Look at where the variable is read. `m + 0` before `m.assign(...)` is the old mean.",
    "Lesson 20.1: what a control dependency says in a graph, the order of the lines says here.",
)


def sizes(random):
    return {"rows": random.randint(3, 9)}


def weights(random, size):
    return {"m": random.randn(3).astype(np.float32)}


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {"x": (random.randn(rows, 3) + 2).astype(np.float32)}


def special(random, size):
    one = np.ones([1, 3], np.float32)
    yield "a batch of one", {}, {"x": 5 * one}
    yield "the same batch twice", {}, [{"x": 3 * one}, {"x": 3 * one}]
