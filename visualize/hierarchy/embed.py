"""Small ops are drawn on the op that takes them; a variable's ops are grouped by its name."""

from __future__ import annotations

from collections.abc import Mapping

from graphlab.model import Graph, Node, node_of
from visualize.kinds import CONSTANTS, PLACEHOLDERS, VARIABLES, is_read

MANY = -2  # more than one consumer, or somebody waits for it


def embed(graph: Graph) -> dict[int, int]:
    """Which nodes are drawn on the one op that takes what they give: those that are `is_small`.

    Indexes of nodes. A chain ends at a node that is drawn itself; one that ends nowhere is drawn.
    """
    small = {node.name: i for i, node in enumerate(graph.nodes) if is_small(graph, node)}
    consumer: dict[int, int] = {}
    for i, node in enumerate(graph.nodes):
        for tensor in node.inputs:
            taken = small.get(node_of(tensor))
            if taken is not None and consumer.setdefault(taken, i) != i:
                consumer[taken] = MANY
        for control in node.controls:
            if control in small:  # somebody waits for it: it must stay a box
                consumer[small[control]] = MANY
    hosts = {
        i: consumer[i]
        for i in small.values()
        if consumer.get(i, MANY) != MANY and may_leave(graph, i, consumer[i])
    }
    return {i: end for i, end in _ends(hosts).items() if end not in hosts}


def is_small(graph: Graph, node: Node) -> bool:
    """Whether an op computes nothing: a constant, a read, an identity, a body's argument."""
    if node.op in CONSTANTS or is_read(graph, node):
        return True
    passes = node.op == "Identity" or node.op in PLACEHOLDERS
    return bool(node.inputs) and passes and not node.controls


def may_leave(graph: Graph, small: int, host: int) -> bool:
    """Whether a small op may be drawn on its consumer: an identity only within its own scope.

    `gradients/.../control_dependency` belongs to the gradients, whoever takes it.
    """
    node = graph.nodes[small]
    return node.op != "Identity" or is_read(graph, node) or node.scope == graph.nodes[host].scope


def _ends(hosts: Mapping[int, int]) -> dict[int, int]:
    """For each icon where its chain ends: a node that is none, or an icon of a circle."""
    ends: dict[int, int] = {}
    for first in hosts:
        path: dict[int, None] = {}
        i = first
        while i in hosts and i not in ends and i not in path:
            path[i] = None
            i = hosts[i]
        ends |= dict.fromkeys(path, ends.get(i, i))
    return ends


def places(graph: Graph) -> list[str]:
    """Under which name each node is grouped: its own, or that of the variable it stands for.

    A function reaches a variable through a placeholder that is named after its first reader,
    `MatMul/ReadVariableOp/resource`, deep in a scope where nobody would look for `W`.
    """
    return [node.marks.variable or node.name for node in graph.nodes]


def variable_names(graph: Graph) -> set[str]:
    """The names of all variables."""
    return {node.name for node in graph.nodes if node.op in VARIABLES}
