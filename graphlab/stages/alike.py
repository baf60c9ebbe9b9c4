"""Which ops of a graph are needed, which compute the same, and which names and types are alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from graphlab.model import Graph, Node, node_of

CONSTANTS = ("Const", "HostConst", "_Const")
BACK = ("NextIteration", "RefNextIteration")
ENDS = ("_Arg", "_Retval")
SHAPES = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "BroadcastGradientArgs")
COMMUTATIVE = ("Add", "AddV2", "Mul", "Maximum", "Minimum", "SquaredDifference", "LogicalAnd")
PASSING = ("Identity", "IdentityN", "Snapshot", "StopGradient", "PreventGradient", "NoOp")
_COUNTER = re.compile(r"^(__(?:inference|forward|backward)_.*?)_\d+(?=/|$)")


def fuses(before: str, now: str) -> bool:
    """Whether an op type does more than the one that it replaced, not the same by another kernel.

    >>> fuses("Relu", "_FusedMatMul"), fuses("MatMul", "_MklMatMul"), fuses("Placeholder", "_Arg")
    (True, False, False)
    """
    return bool(now) and kernel(now) != kernel(before) and now not in (*ENDS, *CONSTANTS)


def kernel(op: str) -> str:
    """An op type without the name of the library whose kernel it asks for."""
    return re.sub("^_?(Mkl)?(Native)?", "", op)


def needed(graph: Graph, fetches: Sequence[str], feeds: Iterable[str] = ()) -> set[str]:
    """The nodes that have to run for the fetches, when the feeds are given."""
    fed = set(feeds)
    waiting = [node_of(name) for name in fetches if name not in fed]
    result = set(waiting)
    while waiting:
        node = graph[waiting.pop()]
        for name in [*(node_of(t) for t in node.inputs if t not in fed), *node.controls]:
            if name not in result:
                result.add(name)
                waiting.append(name)
    return result


def twins(graph: Graph) -> dict[str, tuple[str, ...]]:
    """For each node the others that compute the same: equal op, attributes, device, inputs.

    Inputs are equal also where they are outputs of twins. Stateful ops have none.
    """
    number: dict[object, str] = {}
    first: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name in ordered(graph):
        node = graph[name]
        inputs = [first.get(node_of(t), node_of(t)) + t[len(node_of(t)) :] for t in node.inputs]
        if node.op in COMMUTATIVE:
            inputs.sort()
        attrs = {k: a for k, a in node.attrs.items() if k[:1] != "_"}
        whole = node.op not in CONSTANTS or "values" in (attrs.get("value") or {})
        controls = sorted({first.get(name, name) for name in node.controls})
        key = (node.op, tuple(inputs), tuple(controls), repr(sorted(attrs.items())))
        if _stateful(node) or not whole:
            key = (name,)  # type: ignore[assignment]
        first[name] = number.setdefault(key, name)
        groups.setdefault(first[name], []).append(name)
    return {
        name: tuple(other for other in group if other != name)
        for group in groups.values()
        if len(group) > 1
        for name in group
    }


def strip(name: str) -> str:
    """A name without the counter that a function's name carries at each trace.

    >>> strip("__inference_train_23/mul")
    '__inference_train/mul'
    """
    return _COUNTER.sub(r"\1", name)


def _stateful(node: Node) -> bool:
    """Whether two equal nodes may still give different values."""
    return (
        bool(node.calls)
        or re.search("Random|Variable|Assign|Placeholder|_Arg", node.op) is not None
    )


def ordered(graph: Graph) -> list[str]:
    """Every node behind its inputs, otherwise as created; a loop's way back does not count."""
    import networkx as nx  # a tenth of a second that the page of a file does not need

    position = {node.name: i for i, node in enumerate(graph.nodes)}
    edges = graph.networkx()
    back = [node.name for node in graph.nodes if node.op in BACK]
    edges.remove_edges_from([edge for name in back for edge in list(edges.out_edges(name))])
    return list(nx.lexicographical_topological_sort(edges, position.__getitem__))
