"""What a script did, from its graphs, its sessions and its calls: only what was executed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from graphlab.migration import optimizers
from graphlab.migration.calls import Call
from graphlab.migration.constructs import KINDS, OF_LAYERS
from graphlab.migration.found import Construct, Line
from graphlab.model import Graph, Node, node_of
from graphlab.targets.target import Watched

# Collections that TensorFlow fills for itself.
AUTOMATIC = frozenset(
    "variables trainable_variables trainable_resource_variables local_variables metric_variables"
    " model_variables train_op while_context cond_context summaries savers iterators init_op"
    " local_init_op ready_op ready_for_local_init_op table_initializer global_step"
    " queue_runners".split()
)
_OF_SAVERS = frozenset(
    "PlaceholderWithDefault SaveV2 RestoreV2 Save Restore StringJoin ShardedFilename Identity"
    " MergeV2Checkpoints Const".split()
)
MOST_NAMES = 12
MOST_LINES = 40


@dataclass(frozen=True)
class Executed:
    """One graph of sessions: what its runs needed."""

    graph: Graph
    nodes: tuple[Node, ...]  # in the order in which they were made, bodies of functions last
    fed: tuple[str, ...]  # tensors


def executed(watched: Watched) -> list[Executed]:
    """The graphs that sessions ran, each with the ops that any of its recorded calls needed."""
    largest: dict[int, Graph] = {}
    needed: dict[int, dict[str, None]] = {}
    fed: dict[int, dict[str, None]] = {}
    for run in watched.runs:
        graph = watched.live(run)
        if run.way != "graph" or run.built is None or graph is None:
            continue
        key = id(graph)
        if key not in largest or len(run.built) > len(largest[key]):
            largest[key] = run.built
        feeds = [spec.name for spec in run.feeds]
        fed.setdefault(key, {}).update(dict.fromkeys(feeds))
        names = needs(run.built, run.fetches, feeds)
        needed.setdefault(key, {}).update(dict.fromkeys(names))
    return [_of(largest[key], needed[key], tuple(fed[key])) for key in largest]


def _of(graph: Graph, names: dict[str, None], fed: tuple[str, ...]) -> Executed:
    nodes = [node for node in graph.nodes if node.name in names]
    seen: dict[str, None] = {}
    waiting = [name for node in nodes for name in node.calls]
    while waiting:  # what a function's body calls is executed as well
        name = waiting.pop()
        body = graph.functions.get(name)
        if name not in seen and body is not None:
            seen[name] = None
            nodes += body.nodes
            waiting += [inner for node in body.nodes for inner in node.calls]
    return Executed(graph, tuple(nodes), fed)


def needs(graph: Graph, fetches: Iterable[str], fed: Iterable[str]) -> list[str]:
    """The ops that a session runs for the fetches: back from them, to what is fed."""
    cut = set(fed)
    waiting = [node_of(name) for name in fetches if name not in cut]
    found = dict.fromkeys(waiting)
    while waiting:
        node = graph.by_name.get(waiting.pop())
        if node is None:
            continue
        before = [node_of(tensor) for tensor in node.inputs if tensor not in cut]
        for name in (*before, *node.controls):
            if name not in found:
                found[name] = None
                waiting.append(name)
    return list(found)


def constructs(
    watched: Watched, calls: Sequence[Call], slim: Sequence[Line]
) -> tuple[Construct, ...]:
    """All that was found, in the order of KINDS; of control dependencies `order` tells."""
    graphs = executed(watched)
    found = [
        *_sessions(watched),
        *_feeds(graphs),
        *_ops(graphs),
        *_collections(watched, calls),
        *_calls(calls),
        *optimizers.constructs(
            [c for c in calls if c.kind == "optimizers"],
            [node for graph in graphs for node in graph.nodes],
        ),
        *_devices(calls),
    ]
    if slim:
        found.append(_construct("slim", len(slim), slim))
    place = {kind: n for n, kind in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda each: place[each.kind]))


def _construct(
    kind: str,
    count: int,
    lines: Iterable[Line | None],
    names: Iterable[str] = (),
    detail: Iterable[str] = (),
) -> Construct:
    about = KINDS[kind]
    own = sorted({line for line in lines if line is not None})[:MOST_LINES]
    names = tuple(dict.fromkeys(names))
    other = not about.only or any(re.search(about.only, name) for name in names)
    return Construct(
        kind,
        about.title,
        count,
        about.of,
        tuple(own),
        about.becomes,
        about.lesson,
        about.numbers if other else "",
        names[:MOST_NAMES],
        tuple(detail),
    )


def _sessions(watched: Watched) -> list[Construct]:
    found = []
    for kind, wanted in (("sessions", False), ("partial_runs", True)):
        calls = [
            c
            for c in watched.calls
            if c.way == "graph" and (c.name == "Session.partial_run") is wanted
        ]
        if calls:
            count = sum(c.count for c in calls)
            detail = [f"{len(calls)} kinds of calls"] if len(calls) > 1 else []
            aside = sum(c.count for c in calls if c.thread)
            if aside:
                detail.append(f"{aside:,} of them by other threads, such as queue runners")
            found.append(_construct(kind, count, (c.source for c in calls), detail=detail))
    return found


def _feeds(graphs: Sequence[Executed]) -> list[Construct]:
    inner: dict[str, Node] = {}
    for each in graphs:
        for tensor in each.fed:
            node = each.graph.by_name.get(node_of(tensor))
            if node is not None and not node.op.startswith("Placeholder"):
                inner[tensor] = node
    if not inner:
        return []
    lines = (node.source for node in inner.values())
    return [_construct("inner_feeds", len(inner), lines, inner)]


def _ops(graphs: Sequence[Executed]) -> list[Construct]:
    """What is known by its ops."""
    found = []
    for kind, about in KINDS.items():
        if not about.ops:
            continue
        nodes = [n for each in graphs for n in _nodes_of(each, kind, about.is_op)]
        if nodes:
            names = (f"{node.name} ({node.op})" for node in nodes)
            if kind in ("placeholders", "variables", "resources"):
                names = (node.name for node in nodes)
            found.append(_construct(kind, len(nodes), (n.source for n in nodes), names))
    return found


def _nodes_of(each: Executed, kind: str, is_op: Callable[[str], bool]) -> list[Node]:
    if kind != "placeholders":
        return [node for node in each.nodes if is_op(node.op)]
    # One that is fed is cut off, and so no session runs it; those of functions are arguments.
    fed = {node_of(tensor) for tensor in each.fed}
    own = {node.name for node in each.nodes}
    users: dict[str, set[str]] = {}
    for node in each.graph.nodes:
        for tensor in node.inputs:
            users.setdefault(node_of(tensor), set()).add(node.op)
    return [
        node
        for node in each.graph.nodes
        if is_op(node.op)
        and (node.name in fed or node.name in own)
        and not (users.get(node.name) and users[node.name] <= _OF_SAVERS)  # a file's name
    ]


def _collections(watched: Watched, calls: Sequence[Call]) -> list[Construct]:
    graphs = {id(graph): graph for run in watched.runs if (graph := watched.live(run)) is not None}
    names = [n for g in graphs.values() for n in g.get_all_collection_keys() if _is_own(n, g)]
    lines = [call.line for call in calls if call.kind == "collections"]
    if not names and not lines:
        return []
    shown = [str(name) for name in names]
    return [_construct("collections", max(len(lines), len(shown)), lines, shown)]


def _is_own(name: object, graph: tf.Graph) -> bool:
    """Whether a collection is one that a program would use, not TensorFlow's bookkeeping."""
    if isinstance(name, str) and (name in AUTOMATIC or name.startswith("_")):
        return False
    return bool(graph.get_collection_ref(name))  # asking for one makes it


def _calls(calls: Sequence[Call]) -> list[Construct]:
    """What is known by calls alone."""
    found = []
    for kind in ("scopes", "seeds", "gradients", "saved_models", "writers", "layers", "servers"):
        own = [call for call in calls if call.kind == kind and _counts(call)]
        if own:
            names = (f"tf.{call.name}" for call in own)
            each = _construct(kind, len(own), (call.line for call in own), names)
            if kind == "layers":
                told = [
                    said
                    for part, said in OF_LAYERS.items()
                    if any(part in name.lower() for name in each.names)
                ]
                each = replace(each, numbers="; ".join(told))
            found.append(each)
    return found


def _counts(call: Call) -> bool:
    """A scope counts where it shares variables."""
    shares = bool(call.kwargs.get("reuse")) or call.name.endswith("reuse_variables")
    return call.kind != "scopes" or shares


def _devices(calls: Sequence[Call]) -> list[Construct]:
    own = [call for call in calls if call.kind == "devices"]
    names = dict.fromkeys(_device(call) for call in own)
    if not names:
        return []
    return [_construct("devices", len(names), (call.line for call in own), names)]


def _device(call: Call) -> str:
    """What was asked for: a name, or a function that chooses one."""
    asked = call.args[-1] if call.args else next(iter(call.kwargs.values()), None)
    return asked if isinstance(asked, str) else "chosen by a function" if asked else "none"
