"""Exercise 12: one whole program.

The port is empty, and you write it. The original is what a training script of 2018 did in a
hundred lines. `x` [rows, 4] goes through "l1" (5 units, relu), a dropout whose `mask` [rows, 5] is
fed and keeps half (what is kept is doubled), and "l2" (3 units) to logits for `labels` [rows]. The
loss is the mean cross entropy; gradients are clipped together to a global norm of 0.5; plain
gradient descent, its rate 0.5 * 0.5 ** (step // 2), trains; after each step moving averages of all
four weights go a tenth of the way. A call gives `loss`, `norm`, which is the global norm before it
is clipped, and `rate`.

`predict` gives class probabilities from the *averages*, without dropout. Name the variables
"l1/kernel", "l1/bias", "l2/kernel", "l2/bias", and for each its average, as in
"l1/kernel/ExponentialMovingAverage". What `save` writes, the step too, `restore` reads.
"""

import numpy as np

LESSON = "20.1"
AVERAGE = "/ExponentialMovingAverage"
SHAPES = {"l1/kernel": (4, 5), "l1/bias": (5,), "l2/kernel": (5, 3), "l2/bias": (3,)}
HINTS = (
    "Every prediction is uniform: `predict` and `train_step` are still to be written.",
    "`tf.clip_by_global_norm` gives the norm; the averages move after `assign_sub`, not before.",
    "Lesson 20.1: what a control dependency put last stands on the last lines here.",
)


def sizes(random):
    return {"rows": random.randint(3, 7)}


def weights(random, size):
    names = [*SHAPES, *(name + AVERAGE for name in SHAPES)]
    return {
        name: random.randn(*SHAPES[name.removesuffix(AVERAGE)]).astype(np.float32) for name in names
    }


def feeds(random, size, call):
    rows = size["rows"] + call % 2
    return {
        "x": random.randn(rows, 4).astype(np.float32),
        "mask": random.randint(0, 2, [rows, 5]).astype(np.float32),
        "labels": random.randint(0, 3, rows).astype(np.int32),
    }


def queries(random, size):
    return {"x": random.randn(size["rows"], 4).astype(np.float32)}


def special(random, size):
    given = feeds(random, size, 0)
    yield "a norm far above the limit", {}, {**given, "x": 30 * given["x"]}
    # Nothing but the last bias has a slope, of the norm 0.2.
    calm = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    x, mask = random.randn(4, 4).astype(np.float32), np.ones([4, 5], np.float32)
    few = {"x": x, "mask": mask, "labels": np.array([0, 1, 2, 0], np.int32)}
    yield "a norm below the limit", calm, few
    yield "all units dropped", {}, {**given, "mask": 0 * given["mask"]}
