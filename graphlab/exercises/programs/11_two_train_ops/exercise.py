"""Exercise 11: two train ops, and whose variables each moves.

A small GAN. The generator makes pairs out of noise `z`, [rows, 2]; the discriminator gives logits
to them and to real pairs `x`, [rows, 2]. There are two losses and two train ops, each with its own
`var_list`: with `turn` 0 the discriminator learns, from real and fake, and leaves the generator
alone; with `turn` 1 the generator learns, through the discriminator, and leaves that alone. Both
give both losses, as they were before the step. `predict` gives the fakes of `z`.

Each call also shows what a summary once showed: `jitter`, noise drawn in the program, [2],
`jittered`, the first real pair with that noise on it, and `rest`, jittered less the pair less the
jitter. One node drew it for all three, so `rest` is zero; it is drawn anew in each call.

The variables are "g/w", "g/b", "d/w" and "d/b".
"""

import numpy as np

LESSON = "22.1"
RANDOM = ("jitter", "jittered")
CALLS = 8, 12
HINTS = (
    "Both losses are right in the first call; after it variables have moved that should not.",
    "Look at `tape.gradient`: the list that it is given is what `var_list` was.",
    "Lesson 22.1: a tape gives the slopes that it is asked for, and no others.",
)


def sizes(random):
    return {"rows": random.randint(3, 7)}


def weights(random, size):
    return {
        "g/w": random.randn(2, 2).astype(np.float32),
        "g/b": random.randn(2).astype(np.float32),
        "d/w": random.randn(2, 1).astype(np.float32),
        "d/b": random.randn(1).astype(np.float32),
    }


def feeds(random, size, call):
    return {
        "z": random.randn(size["rows"], 2).astype(np.float32),
        "x": (random.randn(size["rows"], 2) + 1).astype(np.float32),
        "turn": np.int32(call % 3 == 2),
    }


def queries(random, size):
    return {"z": random.randn(size["rows"], 2).astype(np.float32)}


def special(random, size):
    z, x = random.randn(2, 3, 2).astype(np.float32)
    yield "the generator first", {}, {"z": z, "x": x, "turn": np.int32(1)}
    sure = {"d/w": np.array([[200], [100]], np.float32)}
    both = [{"z": z, "x": x, "turn": np.int32(turn)} for turn in (0, 1)]
    yield "saturated logits", sure, both
