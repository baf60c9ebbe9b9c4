"""Porting: against reading and drawing the graph, and what is ported against its Session.run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import Cost, Row, in_turns, quiet_tensorflow, row, stretch
from benchmarks.diagram import drawn

NODES = 6_000
PORTING, STEP = 5.0, 1.05
ROUNDS, STEPS = 5, 300
SCOPES = 12  # inside of each layer, all alike


def measure() -> Iterator[Row]:
    """A graph of layers in scopes, then a training of the benchmarks' medium network."""
    quiet_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        for alike in (True, False):
            yield _porting(Path(folder), alike)
        yield from _steps(Path(folder))


def _porting(folder: Path, alike: bool) -> Row:
    from graphlab.port.recorded import module_of
    from graphlab.port.written import written
    from graphlab.sources.files import read_model

    call, nodes, definition = _layers(alike)
    path = folder / "layers.pb"
    path.write_bytes(definition)

    def ours() -> Cost:
        return stretch(lambda: written(module_of(call), ["Layers."], "layers.npz", {}))

    def theirs() -> Cost:
        return stretch(lambda: drawn(read_model(path).graph))

    what = "alike" if alike else "none alike"
    said = f"porting, {nodes:,} nodes, scopes {what}, to reading and drawing"
    return row(said, in_turns(ours, theirs, ROUNDS), "cpu", PORTING)


def _layers(alike: bool) -> tuple[Any, int, bytes]:
    """A recorded call of a graph of so many nodes, how many they are, and its GraphDef."""
    import tensorflow as tf

    from graphlab import observe
    from graphlab.port.recorded import call_of

    tf1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 8], name="x")
        y = x
        while len(graph.get_operations()) < NODES:
            with tf.name_scope("layer"):
                for _ in range(SCOPES):
                    with tf.name_scope("cell"):
                        w = tf.constant(np.eye(8, dtype=np.float32) * 0.5)
                        scale = 0.5 if alike else 1.0 / (1 + len(graph.get_operations()))
                        y = tf.tanh(tf.matmul(y, w) * scale) + tf.sin(y) * 0.25
    definition = graph.as_graph_def().SerializeToString()
    with tf1.Session(graph=graph) as session, observe(values=True) as seen:
        session.run(y, {x: np.ones((2, 8), np.float32)})
    return call_of(seen.replays[-1]), len(graph.get_operations()), definition


def _steps(folder: Path) -> Iterator[Row]:
    """A step of what is ported against one of the session: with tensors, as TensorFlow 2 has its
    inputs, with the arrays that the session is fed, and without what `tf.function` does in Python
    to find out which trace a call is for: its one concrete function, with tensors."""
    import tensorflow as tf

    from benchmarks._programs import Network, session
    from graphlab import observe
    from graphlab.port.child import model_of
    from graphlab.port.recorded import call_of, module_of
    from graphlab.port.written import arrays, written

    running, fetches, feeds = session(Network("medium"))
    with observe(values=True) as seen:
        running.run(fetches, feeds)
    call = call_of(seen.replays[-1])
    module = module_of(call)
    file = folder / "training.py"
    file.write_text(written(module, ["A training."], "training.npz", {}).text)
    stored: dict[str, Any] = arrays(module, call.weights, {}, {})
    np.savez(folder / "training.npz", **stored)
    model = model_of(file)
    given = [call.inputs[each.tensor] for each in module.arguments]

    def theirs() -> None:
        for _ in range(STEPS):
            running.run(fetches, feeds)

    theirs()
    tensors = [*map(tf.constant, given)]
    concrete = model.__call__.get_concrete_function()
    for said, step, inputs in (
        ("with tensors", model, tensors),
        ("with arrays", model, given),
        ("of its concrete function", concrete, tensors),
    ):

        def ours(step: Callable = step, inputs: list = inputs) -> None:
            for _ in range(STEPS):
                {name: value.numpy() for name, value in step(*inputs).items()}

        ours()
        pairs = in_turns(_cost(ours), _cost(theirs), ROUNDS)
        yield row(f"a ported step {said}, to Session.run", pairs, "cpu", STEP)


def _cost(work: Callable[[], None]) -> Callable[[], Cost]:
    return lambda: stretch(work)
