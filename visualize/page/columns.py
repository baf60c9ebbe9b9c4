"""Graphs and runs as columns: the plain data that a page carries.

    >>> from graphlab.model import Node, TensorSpec
    >>> add = Node("layer/add", "Add", ("layer/mm:0", "layer/mm:0"))
    >>> mm = Node("layer/mm", "MatMul", outputs=(TensorSpec("layer/mm:0", "float32"),))
    >>> graph_columns(Graph((mm, add)))["src"]
    [1, 1]

A column for each field packs to a tenth of a JSON object for each node: sources are stored as
differences, whatever repeats (op types, shapes, attributes) once. `static/graph/body.js` reads it;
it bundles the edges itself, a level at a time, when a group is opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from graphlab.model import UNMARKED, Graph, Node, Run, Step, node_of, plain
from visualize.busy import busy
from visualize.hierarchy.build import Hierarchy, hierarchy
from visualize.kinds import short_device
from visualize.lanes import about, lanes
from visualize.page.glimpse import glimpse

KINDS = ("op", "variable", "placeholder", "constant")


class Table:
    """What repeats, once, in the order in which it came."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def of(self, item: Any, written: Callable[[Any], Any] | None = None) -> int:
        """The number of a hashable item; `written` says how a new one stands in `items`."""
        number = self._numbers.get(item)
        if number is None:
            number = self._numbers[item] = len(self.items)
            self.items.append(written(item) if written else item)
        return number


def graph_columns(graph: Graph, tree: Hierarchy | None = None) -> dict[str, Any]:
    """A graph, its groups and its functions as plain columns. `tree` is its hierarchy, if known."""
    tree = tree or hierarchy(graph)
    packed = _body(graph, tree)
    packed["functions"] = {
        name: _body(body, tree.functions[name]) for name, body in graph.functions.items()
    }
    return packed


def _body(graph: Graph, tree: Hierarchy) -> dict[str, Any]:
    index = {node.name: i for i, node in enumerate(graph.nodes)}
    ops, specs, devices, attrs, files = (Table() for _ in range(5))
    packed: dict[str, Any] = {
        "op": [ops.of(node.op) for node in graph.nodes],
        "kind": "".join(str(KINDS.index(kind)) for kind in tree.kinds),
        "inputs": [len(node.inputs) for node in graph.nodes],
        "src": [],
        "slots": [],  # pairs: which input, which output of its source; where it is not the first
        "controls": [],  # of each node that has any: itself, how many, then their sources
        "outputs": [len(node.outputs) for node in graph.nodes],
        "spec": [specs.of((s.dtype, s.shape), _json) for node in graph.nodes for s in node.outputs],
        "device": [devices.of(short_device(node.device)) for node in graph.nodes],
        "attr": [_attrs(node, attrs) for node in graph.nodes],
        "source": _sources(graph, files),
        "calls": {str(i): list(node.calls) for i, node in enumerate(graph.nodes) if node.calls},
        "marks": {
            str(i): _marks(node) for i, node in enumerate(graph.nodes) if node.marks != UNMARKED
        },
        "hosts": [part for i, host in enumerate(tree.hosts) if host >= 0 for part in (i, host)],
    }
    taken = 0
    for i, node in enumerate(graph.nodes):
        for tensor in node.inputs:
            packed["src"].append(i - index[node_of(tensor)])
            slot = tensor.rpartition(":")[2]
            if slot not in ("0", tensor):
                packed["slots"] += [taken, int(slot)]
            taken += 1
        if node.controls:
            sources = [i - index[name] for name in dict.fromkeys(node.controls)]
            packed["controls"] += [i, len(sources), *sources]
    packed |= _groups(graph, tree)
    tables = {"ops": ops, "specs": specs, "devices": devices, "attrs": attrs, "files": files}
    return packed | {name: table.items for name, table in tables.items()}


_json = json.JSONEncoder(separators=(",", ":"), default=str).encode


def _attrs(node: Node, attrs: Table) -> int:
    # Most nodes share their attributes with others, and repr is quicker than JSON.
    if not node.attrs:
        return attrs.of("")
    return attrs.of(repr(node.attrs), lambda _: _json(plain(node.attrs)))


def _marks(node: Node) -> dict[str, Any]:
    return {name: value for name, value in asdict(node.marks).items() if value}


def _sources(graph: Graph, files: Table) -> list[int]:
    """Triples: node, file, line; a node on the same line as the one before it is left out."""
    told: list[int] = []
    last = None
    for i, node in enumerate(graph.nodes):
        if node.source != last:
            last = node.source
            told += [i, files.of(last[0]) if last else -1, last[1] if last else 0]
    return told


def _groups(graph: Graph, tree: Hierarchy) -> dict[str, Any]:
    """The groups as columns, outermost first; each node's group, and what its name adds to it."""
    place = [0] * tree.nodes
    for number, group in enumerate(tree.groups):
        for child in group.children:
            if child < tree.nodes:
                place[child] = number
    for guest, host in enumerate(tree.hosts):
        if host >= 0:
            place[guest] = place[host]
    # A scope is written with its slash, so that "" is the whole graph and nothing else.
    scopes = [f"{group.scope}/" if group.scope else "" for group in tree.groups]
    parents = [group.parent - tree.nodes if group.parent >= 0 else -1 for group in tree.groups]
    groups = {
        "parent": parents,
        "label": [group.label for group in tree.groups],
        "kind": [group.kind for group in tree.groups],
        "scope": [
            _short(scope, scopes[parent] if parent >= 0 else "")
            for scope, parent in zip(scopes, parents, strict=True)
        ],
        "gradient": "".join(str(int(group.is_gradient)) for group in tree.groups),
        "verified": "".join(str(int(group.verified)) for group in tree.groups),
        "template": [group.template for group in tree.groups],
        "apart": {str(i): list(group.apart) for i, group in enumerate(tree.groups) if group.apart},
    }
    short = [_short(node.name, scopes[place[i]]) for i, node in enumerate(graph.nodes)]
    return {"name": short, "group": place, "groups": groups}


def _short(name: str, scope: str) -> str:
    """A name without its scope; one that is not below the scope is whole, behind a NUL."""
    inside = name.removeprefix(scope)
    if not name.startswith(scope) or inside.startswith("\0"):
        return "\0" + name
    return inside


def run_columns(run: Run, built: int | None, executed: int | None) -> dict[str, Any]:
    """A run as plain columns; `built` and `executed` are the numbers of its graphs in the page."""
    nodes, ops, devices, threads, frames, specs = (Table() for _ in range(6))
    steps = run.steps
    return {
        "way": run.compiled_by or run.way,
        "name": run.name,
        "call": run.call,
        "clock": run.clock,
        "wall_us": run.wall_us,
        "step": run.step,
        "source": list(run.source) if run.source else None,
        "feeds": [
            [feed.name, feed.dtype, feed.shape, *_behind(run, feed.name)] for feed in run.feeds
        ],
        "fetches": list(run.fetches),
        "built": built,
        "executed": executed,
        "node": [nodes.of(step.node) for step in steps],
        "op": [ops.of(step.op) for step in steps],
        "device": [devices.of(short_device(step.device)) for step in steps],
        "thread": [threads.of(step.thread) for step in steps],
        "frame": [frames.of(step.frame) for step in steps],
        "start": [_rounded(step.start_us) for step in steps],
        "took": [_rounded(step.duration_us) for step in steps],
        "bytes": [step.bytes for step in steps],
        "outputs": [
            [specs.of(json.dumps([s.name, s.dtype, s.shape])) for s in step.outputs]
            for step in steps
        ],
        "ends": {str(i): _rounded(step.end_us) for i, step in enumerate(steps) if step.kernels},
        "unkerneled": [i for i, s in enumerate(steps) if s.launch and s.duration_us is None],
        "on_host": [i for i, step in enumerate(steps) if step.on_host],
        "gpu": _gpu(run),
        "values": {str(i): _values(step) for i, step in enumerate(steps) if step.values},
        "nodes": nodes.items,
        "ops": ops.items,
        "devices": devices.items,
        "threads": threads.items,
        "frames": frames.items,
        "specs": specs.items,
    }


def _behind(run: Run, tensor: str) -> list[Any]:
    """The name of the variable whose handle is fed, and its dtype and shape; [] where it is none.

    In the graph as executed the argument is another node, which says nothing of a variable.
    """
    node = run.built.by_name.get(node_of(tensor)) if run.built is not None else None
    known = node is not None and (node.marks.variable or node.marks.holds)
    return [node.marks.variable, node.marks.holds] if node is not None and known else []


def _gpu(run: Run) -> dict[str, Any] | None:
    """The lanes of a run in which a GPU did anything, and how it spent the time; else None.

    A bar is its step (-1: none is known), its kind, start and length, and what is said of it.
    """
    said = [line for each in busy(run) for line in each.lines()]
    if not said:
        return None
    numbers = {id(step): i for i, step in enumerate(run.steps)}
    every = [
        {
            "name": lane.name,
            "bars": [
                [
                    numbers.get(id(bar.step), -1),
                    "gap"
                    if bar.gap
                    else "launch"
                    if bar.launch
                    else "kernel"
                    if bar.kernel
                    else "",
                    _rounded(bar.start_us),
                    _rounded(bar.end_us - bar.start_us),
                    about(bar, ""),
                ]
                for bar in lane.bars
            ],
        }
        for lane in lanes(run)
    ]
    return {"said": said, "lanes": every}


def _rounded(us: float | None) -> float | None:
    return None if us is None else round(us, 3)


def _values(step: Step) -> dict[str, Any]:
    # What is no array, a handle or a variant, is told as a text: its dtype is that of its tensor.
    dtypes = {spec.name: spec.dtype for spec in step.outputs}
    return {
        name: glimpse(value)
        | ({"dtype": dtypes[name]} if isinstance(value, str) and name in dtypes else {})
        for name, value in (step.values or {}).items()
    }


def runs_columns(runs: Sequence[Run], graphs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs as columns. Their graphs are added to `graphs`, each once, saying what they are."""
    numbers: dict[int, int] = {}

    def number(graph: Graph | None, run: Run, stage: str) -> int | None:
        if graph is None or not len(graph):
            return None
        if id(graph) not in numbers:
            numbers[id(graph)] = len(graphs)
            about = {"way": run.way, "called": run.name, "call": run.call, "stage": stage}
            graphs.append(about | graph_columns(graph))
        return numbers[id(graph)]

    return [
        run_columns(run, number(run.built, run, "built"), number(run.executed, run, "executed"))
        for run in runs
    ]
