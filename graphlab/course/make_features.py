"""Train networks of two lessons once more, and keep their weights for later parts.

    python -m graphlab.course.make_features     (or: make features)

By the network of 4.6 lesson 9 sees pictures, by those of 8.3 part 8.5 knows how full they are. It
writes clothes_features.npz and crowd_context.npz into lessons/data. On another machine last bits
differ, and over hundreds of steps they become digits; so the files are kept, and made anew only
when 4.6 or 8.3 has changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab.course import outline
from graphlab.lesson import data_file

NAME = "clothes_features.npz"
CONTEXT = "crowd_context.npz"


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


def context(steps: int | None = None) -> dict[str, np.ndarray]:
    """The weights of 8.3 by their names, after so many of its steps; None: after all of them."""
    import tensorflow as tf

    part = outline.load(outline.find("8.3")[0])
    cases = part.cases()
    networks = part.Networks(cases.start)
    step = tf.function(networks.step)
    for case in cases[:steps]:
        step(*case)
    return {name: weight.numpy() for name, weight in networks.w.items()}


if __name__ == "__main__":
    made: dict[str, dict[str, Any]] = {NAME: trained(), CONTEXT: context()}
    for name, weights in made.items():
        np.savez_compressed(data_file(name), **weights)
