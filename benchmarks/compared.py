"""Comparing: a program with itself against one run with values, two files against reading them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import Cost, Row, in_turns, process, quiet_tensorflow, row, stretch
from benchmarks.diagram import LARGE, SMALL, synthetic
from graphlab.comparison import structure
from graphlab.model import Graph, node_of
from graphlab.sources import messages
from graphlab.sources.files import read_model

ROUNDS = 7
ITSELF, READING, PER_NODE = 2.5, 3.0, 1.3
MANY, MEMORY = 1_000_000, 6 * 1024  # nodes, and MiB in which they are compared
CALLS = 6
PROGRAM = """
import sys
import tensorflow as tf
from benchmarks._programs import WAYS, Network

WAYS[{way!r}](Network("medium"))(range({calls}))
"""


def measure() -> Iterator[Row]:
    """Two synthetic graphs, then a training as a session, as a function and eagerly."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(Path(folder) / f"{n}.pb", synthetic(n)) for n in (SMALL, LARGE)]
        yield from measure_files(paths)
        yield _memory(Path(folder), MANY)
        yield from _itself(Path(folder))


def measure_files(paths: Sequence[Path]) -> Iterator[Row]:
    """Each file compared with itself as it stands: against reading it twice, and a node of the
    largest against one of the smallest."""
    graphs = {path: read_model(path).graph for path in paths}
    for path, graph in graphs.items():
        pairs = in_turns(_compared(graph), _read_twice(path), ROUNDS)
        yield row(f"structure, {len(graph):,} nodes, to reading both", pairs, "cpu", READING)
    ordered = sorted(graphs.values(), key=len)
    if len(ordered) > 1:
        small, large = ordered[0], ordered[-1]
        pairs = [
            (_each(a, large), _each(b, small))
            for a, b in in_turns(_compared(large), _compared(small), ROUNDS)
        ]
        said = f"structure a node, {len(large):,} : {len(small):,}"
        yield row(said, pairs, "cpu", PER_NODE)


def _memory(folder: Path, count: int) -> Row:
    """So many nodes compared with themselves, in a process of its own: its memory."""
    path = str(_written(folder / "many.pb", synthetic(count)))
    ours = process("-m", "graphlab", "compare", path, path, "--structure")
    allowed = Cost(0.0, 0.0, MEMORY)
    return row(f"structure, {count:,} nodes with themselves", [(ours, allowed)], "memory", 1.0)


def _compared(graph: Graph):
    def work() -> Cost:
        return stretch(lambda: structure.compare(graph, graph))

    return work


def _read_twice(path: Path):
    def work() -> Cost:
        return stretch(lambda: (read_model(path), read_model(path)))

    return work


def _each(cost: Cost, graph: Graph) -> Cost:
    return Cost(cost.wall / len(graph), cost.cpu / len(graph))


def _itself(folder: Path) -> Iterator[Row]:
    quiet_tensorflow()
    from graphlab import _private
    from graphlab.comparison.run import compare
    from graphlab.targets import run
    from graphlab.targets.target import parse

    for way in ("session", "function", "eager"):
        path = folder / f"{way}.py"
        path.write_text(PROGRAM.format(way=way, calls=CALLS))
        target = parse(str(path))

        def ours(path: Path = path) -> Cost:
            return stretch(lambda: compare(str(path), str(path)))

        def theirs(target=target) -> Cost:
            def once() -> None:
                with _private.own_seeds():  # without kernels, as each side of ours begins
                    watched = run.watch_alone(target, None, None, values=True, first=CALLS)
                for replay in watched.replays:
                    for step in replay.as_written().steps:
                        dict(step.values or {})

            return stretch(once)

        ours(), theirs()
        yield row(f"{way}, with itself", in_turns(ours, theirs, ROUNDS), "wall", ITSELF)


def _written(path: Path, graph: Graph) -> Path:
    """The graph as a file."""
    message = messages.GraphDef()
    for node in graph.nodes:
        made = message.node.add(name=node.name, op=node.op)
        made.input.extend(node_of(tensor) for tensor in node.inputs)
        made.attr["T"].type = 1
    path.write_bytes(message.SerializeToString())
    return path
