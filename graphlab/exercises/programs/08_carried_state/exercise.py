"""Exercise 8: a state that goes from chunk to chunk.

Three long sequences are read in chunks `x`, [3, 4, 2]. A simple cell, tanh([x, state] kernel +
bias), begins each chunk with the `state`, [3, 2], that the last one left. `lengths`, [3], says
how many steps of each row count: as in `dynamic_rnn`, outputs are zero after the end and the state
stays what it was there. The `loss` is the mean square of all outputs to `y`, [3, 4, 2], the zeros
too; gradient descent trains the cell, and no gradient goes back into an earlier chunk.

`train_step` gives `loss` and `outputs`, and moves the state. `predict` gives the outputs of a chunk
from the state as it is, and leaves it. Name the variables "kernel", "bias" and "state".
"""

import numpy as np

LESSON = "6.2"
HINTS = (
    "The first call is right where the state is zero; the state after it never moves.",
    "Look at what becomes of the last state of the loop: the original assigns it to a variable.",
    "Lesson 6.2: sequences of unequal lengths, and what comes after their ends.",
)


def weights(random, size):
    return {
        "kernel": random.randn(4, 2).astype(np.float32),
        "bias": random.randn(2).astype(np.float32),
        "state": random.uniform(-1, 1, [3, 2]).astype(np.float32),
    }


def feeds(random, size, call):
    return {
        "x": random.randn(3, 4, 2).astype(np.float32),
        "lengths": random.randint(1, 5, 3).astype(np.int32),
        "y": random.randn(3, 4, 2).astype(np.float32),
    }


def queries(random, size):
    given = feeds(random, size, 0)
    return {name: given[name] for name in ("x", "lengths")}


def special(random, size):
    given = feeds(random, size, 0)
    for name, lengths in (
        ("full rows", [4, 4, 4]),
        ("a row of no length", [0, 4, 2]),
        ("nothing but ends", [0, 0, 0]),
    ):
        yield name, {}, {**given, "lengths": np.array(lengths, np.int32)}
