"""Train the network of lesson 4.6 once more, and keep its weights: by them lesson 9 sees pictures.

    python -m graphlab.course.make_features     (or: make features)

It writes lessons/data/clothes_features.npz. On another machine last bits differ, and over 1,600
steps they become digits; so the file is kept, and made anew only when 4.6 has changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab.course import outline
from graphlab.lesson import data_file

NAME = "clothes_features.npz"


def trained(steps: int | None = None) -> dict[str, np.ndarray]:
    """The weights of 4.6 by their names, after so many of its steps; None: after all of them."""
    import tensorflow as tf

    part = outline.load(outline.find("4.6")[0])
    cases = part.cases()
    weights = {name: tf.Variable(value, name=name) for name, value in cases.start.items()}

    @tf.function
    def train(images, kinds, rate):
        surprise = tf.nn.sparse_softmax_cross_entropy_with_logits
        with tf.GradientTape() as tape:
            logits = part.model(list(weights.values()), images)[-1]
            loss = tf.reduce_mean(surprise(kinds, logits))
        for name, slope in tape.gradient(loss, weights).items():
            weights[name].assign_sub(rate * slope)

    for case in cases[:steps]:
        train(*case)
    return {name: weight.numpy() for name, weight in weights.items()}


if __name__ == "__main__":
    weights: dict[str, Any] = trained()
    np.savez_compressed(data_file(NAME), **weights)
