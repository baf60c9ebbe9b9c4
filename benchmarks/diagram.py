"""Graph to picture at any size: cost per node, a million nodes, what the steps are worth.

Graphs are made here. `python -m benchmarks diagram SMALL.pb LARGE.pb...` measures files of real
ones instead, the smallest against each other: GraphDefs of training steps, say.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import ROOT, Cost, Row, in_turns, peak_memory, row, stretch
from graphlab.model import Graph, Node, TensorSpec

SMALL, LARGE, MILLION = 6_000, 34_000, 1_000_000
PER_NODE = 1.3  # how much more a node of the large graph may cost
MEMORY = 4096  # MiB for a million nodes
ROUNDS = 5


def measure() -> Iterator[Row]:
    """Cost per node, large against small; then a million nodes in a process of their own."""
    yield from _against("synthetic", synthetic(SMALL), synthetic(LARGE))
    yield from _million()


def measure_files(paths: Sequence[Path]) -> Iterator[Row]:
    """Cost per node of each model, against that of the smallest."""
    from graphlab.sources.files import read_model

    ordered = sorted(paths, key=lambda path: path.stat().st_size)
    smallest, *others = [read_model(path).graph for path in ordered]
    for path, graph in zip(ordered[1:], others, strict=True):
        yield from _against(path.stem, smallest, graph)


def _against(name: str, small: Graph, large: Graph) -> Iterator[Row]:
    from visualize.hierarchy.build import hierarchy

    for what, work in (("hierarchy", hierarchy), ("diagram", _diagram), ("picture", drawn)):
        said = f"{what} a node, {name}, {len(large):,} : {len(small):,}"
        pairs = in_turns(_each(work, large), _each(work, small), ROUNDS)
        yield row(said, pairs, "cpu", PER_NODE if what != "picture" else None)


def synthetic(count: int) -> Graph:
    """So many ops: deep scopes in repeated blocks, series of like ops, and hubs joined to all."""
    nodes = [_op("step", "Placeholder"), _op("rate", "Placeholder"), _op("x", "Placeholder")]
    last = "x"
    while len(nodes) < count - 1:
        block = len(nodes) // 41
        scope = f"model/stage_{block % 7}/group_{block % 97}/block_{block}"
        for layer in range(4):
            inner = f"{scope}/layer_{layer}"
            nodes.append(_op(f"{inner}/W", "VarHandleOp"))
            nodes.append(_op(f"{inner}/read", "ReadVariableOp", f"{inner}/W"))
            nodes.append(_op(f"{inner}/mm", "MatMul", last, f"{inner}/read"))
            nodes.append(_op(f"{inner}/scaled", "Mul", f"{inner}/mm", "rate"))
            nodes.append(_op(f"{inner}/out", "Relu", f"{inner}/scaled"))
            last = f"{inner}/out"
        heads = [f"{scope}/head_{k}" for k in range(8)]
        nodes += [_op(head, "Tanh", last) for head in heads]
        nodes.append(_op(f"{scope}/join", "AddN", *heads, last))
        last = f"{scope}/join"
        for k in range(12):
            name = f"update/block_{block}/assign_{k}"
            nodes.append(_op(name, "AssignAdd", "step", heads[k % 8]))
    del nodes[count:]
    return Graph(tuple(nodes))


def _op(name: str, op: str, *inputs: str) -> Node:
    spec = TensorSpec(f"{name}:0", "float32", (64, 64))
    return Node(name, op, tuple(f"{source}:0" for source in inputs), outputs=(spec,))


def _each(work: Callable[[Graph], object], graph: Graph) -> Callable[[], Cost]:
    """The cost of the work for one node of the graph."""

    def cost() -> Cost:
        whole = stretch(lambda: work(graph))
        return Cost(whole.wall / len(graph), whole.cpu / len(graph))

    return cost


def _diagram(graph: Graph) -> object:
    from visualize.diagram.build import diagram

    return diagram(graph)


def drawn(graph: Graph) -> bytes:
    """The picture of a graph, as SVG."""
    from visualize.pictures.dot import dot
    from visualize.pictures.picture import picture

    return picture(dot(_diagram(graph)), "svg")


def _million() -> Iterator[Row]:
    """A million nodes to an SVG file's bytes: time for a node, and the memory of the process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.diagram"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"a million nodes were not drawn: {done.stderr.strip()[-500:]}")
    memory, seconds, boxes = (float(word) for word in done.stdout.split())
    what = f"a million nodes to a picture of {boxes:.0f} boxes"
    yield Row(f"{what}, memory", f"{memory:.0f} MiB", f"{MEMORY} MiB", memory / MEMORY, 1.0)
    small = synthetic(LARGE)
    began = time.perf_counter()
    drawn(small)
    each = (time.perf_counter() - began) / LARGE
    ours, theirs = f"{seconds:.1f} s", f"{each * MILLION:.1f} s"
    yield Row(
        f"{what}, wall, against {LARGE:,} nodes' rate", ours, theirs, seconds / each / MILLION
    )


def _draw_a_million() -> None:
    from visualize.diagram.drawn import boxes

    graph = synthetic(MILLION)
    began = time.perf_counter()
    drawn(graph)
    seconds = time.perf_counter() - began
    memory = peak_memory()
    print(memory, seconds, sum(1 for _ in boxes(_diagram(graph).members)))


if __name__ == "__main__":
    _draw_a_million()
