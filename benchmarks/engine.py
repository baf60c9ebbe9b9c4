"""How fast the engine is, as ratios measured side by side in one run: python benchmarks/engine.py

- time per op against the same ops called by hand through `tf.raw_ops`: target at most 1.5
- planning (prune and order) of a graph of about 34,000 nodes: target under 1 s, and per node
  within 1.3 of a graph of about 6,000
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from graphlab.engine import Engine

tf1 = tf.compat.v1
ROUNDS = 15
SMALL, LARGE = 5_949, 33_816  # nodes of MobileNetV2's and NASNetLarge's training step


def ms(run: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def side_by_side(*runs: Callable[[], object]) -> list[list[float]]:
    """Milliseconds of each, taken in turns, so that what else goes on meets all alike."""
    for run in runs:
        run()  # the first does not count
    rounds = [[ms(run) for run in runs] for _ in range(ROUNDS)]
    return [list(times) for times in zip(*rounds, strict=True)]


def per_op(size: int, layers: int = 200) -> None:
    """A chain of MatMul, AddV2 and Tanh on [size, size]."""
    w = np.random.RandomState(0).normal(0, size**-0.5, (size, size)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        x = y = tf1.placeholder(tf.float32, [size, size], name="x")
        weights = tf.constant(w)
        for _ in range(layers):
            y = tf.tanh(tf.matmul(y, weights) + y)
    engine = Engine(graph)
    x_value, w_value = tf.constant(w), tf.constant(w)

    def by_hand() -> None:
        y = x_value
        for _ in range(layers):
            product = tf.raw_ops.MatMul(a=y, b=w_value)
            y = tf.raw_ops.Tanh(x=tf.raw_ops.AddV2(x=product, y=y))
        y.numpy()

    def stepped() -> None:
        for _ in execution():
            pass

    def execution():
        return engine.steps(y, {x: x_value})

    hand, whole, planning = side_by_side(by_hand, stepped, execution)
    ratios = [(w - p) / h for h, w, p in zip(hand, whole, planning, strict=True)]
    ops = 3 * layers
    engine_us = (statistics.median(whole) - statistics.median(planning)) / ops * 1e3
    print(
        f"{ops} ops on [{size}, {size}]: by hand {statistics.median(hand) / ops * 1e3:.1f} us an"
        f" op, engine {engine_us:.1f} us: ratio {statistics.median(ratios):.2f}"
    )


def chain(nodes: int) -> Callable[[], None]:
    """Plans a graph of so many nodes that are all needed, as if for the first time."""
    with tf.Graph().as_default() as graph:
        x = y = skip = tf1.placeholder(tf.float32, [2, 2], name="x")
        for _ in range(nodes // 3):
            product = tf.raw_ops.MatMul(a=y, b=skip)
            y, skip = tf.raw_ops.Relu(features=tf.raw_ops.AddV2(x=product, y=x)), y
    engine = Engine(graph)
    value = np.ones((2, 2), np.float32)

    def plan() -> None:
        engine._kernels.clear()
        engine.steps(y, {x: value})

    return plan


def planning() -> None:
    """Planning of two graphs, one six times the other."""
    small, large = side_by_side(chain(SMALL), chain(LARGE))
    print(
        f"{SMALL:,} nodes: planned in {min(small):.0f} ms, {min(small) / SMALL * 1e3:.1f} us each"
    )
    print(
        f"{LARGE:,} nodes: planned in {min(large):.0f} ms, {min(large) / LARGE * 1e3:.1f} us each"
    )
    print(f"cost per node, large against small: {min(large) / LARGE / (min(small) / SMALL):.2f}")


def main() -> None:
    """Print all ratios."""
    for size in (4, 64, 256):
        per_op(size)
    planning()


if __name__ == "__main__":
    main()
