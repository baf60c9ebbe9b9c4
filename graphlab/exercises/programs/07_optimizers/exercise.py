"""Exercise 7: two optimizers' small print.

Ids, [rows], are looked up in an `embedding`, [6, 3], and a vector `w` turns what is found into
guesses at `y`, [rows]; the `loss` is the mean square. Adam (rate 0.01, TensorFlow 1's epsilon
1e-8) trains the embedding, RMSProp (rate 0.01, decay 0.9, momentum 0.5, epsilon 1e-10) trains `w`.
`predict` gives the guesses.

The text of Keras' optimizers looks the same, and some of their numbers are not: another epsilon,
accumulators that begin at another value, epsilon in another place. And the gradient of a lookup is
sparse: an id that comes twice in a batch is in it twice. The slots are named
"embedding/Adam", "embedding/Adam_1", "w/RMSProp" and "w/RMSProp_1".
"""

import numpy as np

LESSON = "22.3"
HINTS = (
    "The loss is right; after the first call `w` has moved too far, and its slot is far from 0.9.",
    "RMSProp's accumulator of squares begins at 1 in TensorFlow 1, and at 0 in Keras.",
    "Lesson 22.3: the numbers that optimizers of one name do not share.",
)


def sizes(random):
    return {"rows": random.randint(3, 6)}


def weights(random, size):
    return {
        "embedding": random.randn(6, 3).astype(np.float32),
        "w": random.randn(3).astype(np.float32),
    }


def feeds(random, size, call):
    # Each id at most once, and some never: what comes twice is a special input.
    return {
        "ids": random.permutation(6)[: size["rows"]].astype(np.int32),
        "y": random.randn(size["rows"]).astype(np.float32),
    }


def queries(random, size):
    return {"ids": random.randint(0, 6, size["rows"]).astype(np.int32)}


def special(random, size):
    y = random.randn(4).astype(np.float32)
    twice = np.array([2, 5, 2, 2], np.int32)
    yield "repeated ids", {}, [{"ids": twice, "y": y}, {"ids": twice, "y": 2 * y}]
    # Guesses near y, so that gradients are of the size of epsilon.
    ones = {"embedding": np.ones([6, 3], np.float32), "w": np.full([3], 1e-6, np.float32)}
    few = {"ids": np.array([0, 1], np.int32), "y": np.array([1e-2, 2e-2], np.float32)}
    yield "gradients x 1e-6", ones, [few, few]
