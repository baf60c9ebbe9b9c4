"""Exercise 6: fool a checker that looks at losses only.

The roles are turned round again. The original is that of exercise 5: a convolution, fused batch
normalisation over four axes, moving averages. The weak checker is one that many people write: it
gives both programs the same weights, trains both for eight calls, each with another batch, and is
content when all eight losses are equal.

    def weak(sides):
        random = np.random.RandomState(0)
        sides.write(weights(random))
        losses = [sides.call("train_step", batch(random)) for _ in range(8)]
        return all(np.allclose(a["loss"], b["loss"], rtol=1e-5) for a, b in losses)

Your port begins as a right one. Break it so that the weak checker is content and the nine probes
are not: what does training never read?
"""

import numpy as np

TURNED = True
LESSON = "20.3"
HINTS = (
    "Eight losses are equal when eight times the same weights meet the same batch.",
    "In training batch normalisation reads the batch: nothing reads moving_mean.",
    "Lesson 20.3: UPDATE_OPS, and what is missed in inference only.",
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
