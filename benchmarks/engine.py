"""How fast the engine is, as ratios measured side by side in one run.

    python -m benchmarks engine
    python benchmarks/engine.py SMALL.pb LARGE.pb     planning of two GraphDefs of your own

- time per op against the same ops called by hand through `tf.raw_ops`: target at most 1.5
- planning (prune and order) of a graph of about 34,000 nodes: target under 1 s, and per node
  within 1.3 of a graph of about 6,000
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from benchmarks import HEADING, Row
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


def per_op(size: int, layers: int = 200) -> Row:
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
    by_hand_us = statistics.median(hand) / ops * 1e3
    told = f"{engine_us:.1f} µs", f"{by_hand_us:.1f} µs"
    return Row(f"an op on [{size}, {size}], against raw_ops", *told, statistics.median(ratios), 1.5)


def chain(nodes: int) -> Callable[[], None]:
    """Plans a graph of so many nodes that are all needed, as if for the first time."""
    with tf.Graph().as_default() as graph:
        x = y = skip = tf1.placeholder(tf.float32, [2, 2], name="x")
        for _ in range(nodes // 3):
            product = tf.raw_ops.MatMul(a=y, b=skip)
            y, skip = tf.raw_ops.Relu(features=tf.raw_ops.AddV2(x=product, y=x)), y
    return planner(Engine(graph), y, {x: np.ones((2, 2), np.float32)})


def planner(engine: Engine, fetches: object, feeds: dict) -> Callable[[], None]:
    """Plans as if for the first time."""

    def plan() -> None:
        engine._kernels.clear()
        vars(engine.program.body).pop("in_order", None)
        engine.steps(fetches, feeds)

    return plan


def of_file(path: str) -> tuple[Callable[[], None], int]:
    """Plans all of a GraphDef, its placeholders fed; and how many nodes it has."""
    graph_def = tf1.GraphDef.FromString(Path(path).read_bytes())
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(graph_def, name="")
    handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[])
    feeds = {}
    for op in graph.get_operations():
        if op.type == "Placeholder":
            (tensor,) = op.outputs
            sizes = [size or 1 for size in tensor.shape.as_list()] if tensor.shape.rank else []
            known = tensor.dtype != tf.resource
            feeds[tensor.name] = tf.zeros(sizes, tensor.dtype) if known else handle
    fetches = [op for op in graph.get_operations() if op.type != "Placeholder"]
    names = [op.name for op in fetches]
    return planner(Engine(graph_def), names, feeds), len(graph_def.node)


def planning(small: tuple[Callable, int], large: tuple[Callable, int]) -> Iterator[Row]:
    """Planning of two graphs: the larger against a second, and node by node."""
    times = side_by_side(small[0], large[0])
    each = [min(ms) / 1e3 / nodes for ms, (_, nodes) in zip(times, (small, large), strict=True)]
    whole = each[1] * large[1]
    yield Row(f"planning {large[1]:,} nodes, against 1 s", f"{whole:.3f} s", "1 s", whole, 1.0)
    told = f"{each[1] * 1e6:.1f} µs", f"{each[0] * 1e6:.1f} µs"
    yield Row(f"a node of {large[1]:,}, of {small[1]:,}", *told, each[1] / each[0], 1.3)


def measure() -> Iterator[Row]:
    """All ratios."""
    for size in (4, 64, 256):
        yield per_op(size)
    yield from planning((chain(SMALL), SMALL), (chain(LARGE), LARGE))


if __name__ == "__main__":
    print(HEADING)
    for row in planning(*map(of_file, sys.argv[1:3])) if sys.argv[1:] else measure():
        print(row, flush=True)
