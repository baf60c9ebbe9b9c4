"""Which control dependencies matter: an order is turned round, and the values change or do not.

A recorded call is executed again op by op, once as it was and once with the other order. What
its fetches and its variables are then tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.migration.calls import Call
from graphlab.migration.constructs import KINDS
from graphlab.migration.executed import needs
from graphlab.migration.found import Construct, Line
from graphlab.model import Graph
from graphlab.targets.target import Watched
from graphlab.watch.replay import Replay

MOST_LINES = 12  # of control dependencies that are tried; of more it is said that they were not
MOST_CALLS = 3  # in which each is tried
_EFFECT = re.compile("Assign|Apply|Scatter|Enqueue|Dequeue|Print|Assert|Write|Save|Summary|Update")
_PYTHON = ("PyFunc", "PyFuncStateless", "EagerPyFunc")


@dataclass(frozen=True)
class Ordered:
    """What one line of the script put in an order, within one graph."""

    first: tuple[str, ...]  # ops that were to run before
    then: tuple[str, ...]  # ops that wait for them


def constructs(watched: Watched, calls: Sequence[Call]) -> Iterator[Construct]:
    """The control dependencies that were executed; none where there were none."""
    own = [call for call in calls if call.kind == "control"]
    by_line: dict[Line, set[str]] = {}
    for call in own:
        by_line.setdefault(call.line, set()).update(_ops_of(call))
    told: list[tuple[Line, str]] = []
    matter = unknown = 0
    for number, (line, first) in enumerate(by_line.items()):
        found = list(_replays(watched, first))
        if not found:
            continue  # nothing of it was run
        if number >= MOST_LINES:
            told.append((line, "not tried: there are too many lines"))
            continue
        verdicts = [_verdict(replay, ordered) for replay, ordered in found]
        said = next((v for v in verdicts if v.startswith("matters")), verdicts[0])
        matter += said.startswith("matters")
        unknown += said.startswith("may matter")
        told.append((line, said))
    if told:
        about = KINDS["control"]
        numbers = ""
        if matter:
            numbers = "other values where the lines of the function stand in another order"
        elif unknown:
            numbers = "not known of every line"
        yield Construct(
            "control",
            about.title,
            len(told),
            about.of,
            tuple(line for line, _ in told),
            about.becomes,
            about.lesson,
            numbers,
            (),
            tuple(f"line {line[1]} {said}" for line, said in told),
        )


def _ops_of(call: Call) -> Iterator[str]:
    """The names of the ops that were given to a call of `control_dependencies`."""
    given = call.kwargs.get("control_inputs", call.args[-1] if call.args else None)
    for each in given if isinstance(given, list | tuple) else [given]:
        operation = getattr(each, "op", each)
        name = getattr(operation, "name", None)
        if isinstance(name, str):
            yield name


def _replays(watched: Watched, first: set[str]) -> Iterator[tuple[Replay, Ordered]]:
    """Recorded calls in which ops waited for one of `first`, a few of them."""
    found = 0
    for replay in watched.replays:
        run = replay.run
        if run.way != "graph" or run.built is None or found == MOST_CALLS:
            continue
        ran = set(needs(run.built, run.fetches, [spec.name for spec in run.feeds]))
        then = [n.name for n in run.built.nodes if n.name in ran and first & set(n.controls)]
        before = {c for name in then for c in run.built[name].controls if c in first}
        if then:
            found += 1
            yield replay, Ordered(tuple(sorted(before)), tuple(then))


def _verdict(replay: Replay, ordered: Ordered) -> str:
    """Whether it matters in this call that `first` runs before `then`."""
    graph = replay.run.built
    assert graph is not None
    fed = [spec.name for spec in replay.run.feeds]
    without = _without(graph, ordered)
    if set(needs(without, ordered.then, fed)) & set(ordered.first):
        return "changes nothing: what waits takes a value of what it waits for"
    run_anyway = set(ordered.first) <= set(needs(without, replay.run.fetches, fed))
    if any(
        graph[n].op in _PYTHON for n in needs(graph, replay.run.fetches, fed) if n in graph.by_name
    ):
        return "may matter: the call runs Python of the script's own, which is not run again"
    try:
        as_it_was = _values(replay, None)
        turned = _values(replay, ordered)
        again = _values(replay, None) if _differing(as_it_was, turned) else as_it_was
    except GraphlabError as error:
        return f"may matter: the call cannot be executed again ({error})"
    late = _differing(replay.start.results, as_it_was)
    if late:
        return (
            f"matters: {late[0]} was {_text(replay.start.results[late[0]])}, and is"
            f" {_text(as_it_was[late[0]])} where what is read stays as it was read: a reference"
            " is read late"
        )
    differ = _differing(as_it_was, turned)
    if _differing(as_it_was, again):
        return "may matter: the call draws random numbers, and differs from itself"
    if differ:
        name = differ[0]
        return (
            f"matters: {name} is {_text(as_it_was[name])}, and {_text(turned[name])} the other"
            " way round"
        )
    before = [graph[n].op for n in needs(graph, ordered.first, fed)]
    if not run_anyway and any(map(_EFFECT.search, before)):
        return (
            f"makes {', '.join(ordered.first[:3])} run, which no fetch needs otherwise; the order"
            " changed no value"
        )
    return "changed no value in the calls that were recorded"


def _without(graph: Graph, ordered: Ordered) -> Graph:
    """The graph without the edges from `first` to `then`."""
    first, then = set(ordered.first), set(ordered.then)
    nodes = tuple(
        replace(n, controls=tuple(c for c in n.controls if c not in first)) if n.name in then else n
        for n in graph.nodes
    )
    return Graph(nodes, graph.functions)


def _values(replay: Replay, turned: Ordered | None) -> Mapping[str, Any]:
    """What a call gives and leaves behind; with an order turned round, where one is given."""
    graph = replay.source()
    definition = graph.as_graph_def(add_shapes=True)
    fetches = list(replay.start.fetches)
    if turned is not None:
        first, then = set(turned.first), set(turned.then)
        for node in definition.node:
            if node.name in then:
                kept = [i for i in node.input if not (i[:1] == "^" and i[1:] in first)]
                del node.input[:]
                node.input.extend(kept)
            elif node.name in first:
                node.input.extend(f"^{name}" for name in turned.then)
        fetches += [name for name in turned.first if name not in fetches]
    start = replay.start
    execution = Engine(definition).steps(
        fetches, start.feeds, None, start.state, 0, start.soft_placement, again=True
    )
    found = dict(execution.results())
    kept_names = set(replay.start.fetches)
    values = {name: value for name, value in found.items() if name in kept_names}
    return {**values, **{f"variable {n}": v for n, v in execution.state().items()}}


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    return [name for name in a if name in b and not _same(a[name], b[name])]


def _same(a: Any, b: Any) -> bool:
    one, other = _array(a), _array(b)
    if one is None or other is None:
        return True  # of a handle there is no value
    if one.dtype.kind in "fc" and one.shape == other.shape:
        return bool(np.allclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True))
    return one.shape == other.shape and bool(np.all(one == other))


def _array(value: Any) -> np.ndarray | None:
    if isinstance(value, str | tuple) or value is None:
        return None
    value = value.numpy() if hasattr(value, "numpy") else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufcOS" else None


def _text(value: Any) -> str:
    array = _array(value)
    assert array is not None
    flat = array.ravel()
    shown = ", ".join(f"{x:.6g}" if array.dtype.kind == "f" else str(x) for x in flat[:3])
    return f"[{shown}, …]" if flat.size > 3 else (shown if array.ndim == 0 else f"[{shown}]")
