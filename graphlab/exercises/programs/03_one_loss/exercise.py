"""Exercise 3: fool a checker that looks at one loss.

Here the roles are turned round. The original is a linear regression that AdagradOptimizer trains.
`weak.py` is the checker of somebody in a hurry: it gives both programs the same weights, asks for
one training call each, and is content when the losses are equal.

    def weak(sides):
        sides.write({"w": W, "b": B})
        mine, theirs = sides.call("train_step", {"x": X, "y": Y})
        return bool(np.allclose(mine["loss"], theirs["loss"], rtol=1e-5))

Your port begins as a right one. Break it so that the weak checker is content and the nine probes
are not. There are many ways: what does one loss *not* say?
"""

import numpy as np

TURNED = True
LESSON = "22.3"
HINTS = (
    "The loss of the first call is computed before anything was learned.",
    "Look at `assign_sub`: who would miss it in the first call?",
    "Lesson 22.3: what an optimizer keeps, and what it does to the weights.",
)


def sizes(random):
    return {"rows": random.randint(3, 7)}


def weights(random, size):
    return {"w": random.randn(3).astype(np.float32), "b": np.float32(random.randn())}


def feeds(random, size, call):
    return {
        "x": random.randn(size["rows"], 3).astype(np.float32),
        "y": random.randn(size["rows"]).astype(np.float32),
    }


def queries(random, size):
    return {"x": random.randn(size["rows"], 3).astype(np.float32)}
