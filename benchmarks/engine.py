"""How fast the engine is, as ratios measured side by side in one run: python benchmarks/engine.py

- time per op against the same ops called by hand through `tf.raw_ops`: target at most 1.5
- planning (prune and order) of a graph of about 34,000 nodes: target under 1 s, and per node
  within 1.3 of a graph of about 6,000
"""

from __future__ import annotations

import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from graphlab.engine import Engine

tf1 = tf.compat.v1
ROUNDS = 15


def median_ms(run) -> float:
    """The median of some rounds, after one that does not count."""
    run()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


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

    hand, whole = median_ms(by_hand), median_ms(stepped)
    planning = median_ms(execution)
    ops = 3 * layers
    ratio = (whole - planning) / hand
    print(
        f"{ops} ops on [{size}, {size}]: by hand {hand / ops * 1e3:.1f} us an op, engine"
        f" {(whole - planning) / ops * 1e3:.1f} us: ratio {ratio:.2f}"
        f" (with planning {whole / hand:.2f})"
    )


def planning(nodes: int) -> float:
    """Seconds to plan a graph of so many nodes that are all needed."""
    with tf.Graph().as_default() as graph:
        x = y = tf1.placeholder(tf.float32, [2, 2], name="x")
        skip = y
        while len(graph.get_operations()) < nodes:
            product = tf.raw_ops.MatMul(a=y, b=skip)
            y, skip = tf.raw_ops.Relu(features=tf.raw_ops.AddV2(x=product, y=x)), y
    started = time.perf_counter()
    engine = Engine(graph)
    loaded = time.perf_counter() - started
    value = np.ones((2, 2), np.float32)
    seconds = min(_timed(lambda: planned(engine, y, {x: value})) for _ in range(5))
    size = len(graph.get_operations())
    print(
        f"{size:,} nodes: planned in {seconds:.3f} s, {seconds / size * 1e6:.1f} us a node"
        f" (loaded in {loaded:.2f} s)"
    )
    return seconds / size


def planned(engine: Engine, fetches, feeds) -> None:
    """Plan as if for the first time: no kernel has been looked up yet."""
    engine._kernels.clear()
    engine.steps(fetches, feeds)


def _timed(run) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    """Print all ratios."""
    for size in (4, 64, 256):
        per_op(size)
    small, large = planning(5_949), planning(33_816)
    print(f"cost per node, large against small: {large / small:.2f}")


if __name__ == "__main__":
    main()
