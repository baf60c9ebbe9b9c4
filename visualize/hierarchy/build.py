"""A Graph becomes a Hierarchy: every group of ops, and what flows between its members.

    >>> from graphlab.model import Node, TensorSpec
    >>> x = Node("a/x", "Placeholder", outputs=(TensorSpec("a/x:0", "float32", (2,)),))
    >>> y = Node("b/y", "Relu", ("a/x:0",), outputs=(TensorSpec("b/y:0", "float32", (2,)),))
    >>> z = Node("b/z", "Relu", ("b/y:0",))
    >>> tree = hierarchy(Graph((x, y, z)))
    >>> [(group.id, group.label, group.children) for group in tree.groups]
    [(3, '', (0, 4)), (4, 'b', (1, 2))]
    >>> tree.edges_of(3)
    [Bundle(tail=0, head=4, count=1, dtype='float32', shape=(2,), same=True, bytes=8, flags=0)]

It holds the whole graph, however large, and says nothing of what is open: from it the static
Diagram is made, and the page opens and closes groups with it.

Ids: a node's id is its index in `Graph.nodes`; a group's goes on from there, so `groups[k]` has
the id `nodes + k`. The first group is the whole graph.

Edges lie in columns, sorted by the group they are drawn in. An edge joins two children of one
group, the lowest that holds both of its ends. It stands for the wires from its place in
`edges.wires` up to the next edge's (`wires_of`): when one of its ends is opened, each of its
wires is drawn to what is visible there (climb `parents()` from the wire's end). An edge with an
end in its group's `apart` is not drawn as a line but as a stub at its other end, its wires too.

Functions have a Hierarchy each, with ids of their own, to be drawn under every node that calls
them (`Node.calls`) when a reader opens it. Whoever opens them keeps the chain of names that are
open around: a function in `recursive` would have no end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from graphlab.model import Graph
from visualize.hierarchy.groups import Bundle, Group, Hierarchy
from visualize.hierarchy.grow import WIDE, grow

__all__ = ["Bundle", "Group", "Hierarchy", "hierarchy", "recursive"]


def hierarchy(graph: Graph, without: Collection[str] = (), wide: int = WIDE) -> Hierarchy:
    """The tree of all groups of a graph and of the functions it calls, with their edges.

    Linear in size x depth. `without` names steps to be left out, as in visualize.diagram.steps. A
    scope of more than `wide` members is cut into pieces.
    """
    whole, _ = grow(graph, without, wide)
    bodies = {
        name: grow(body, without, wide, "function")[0] for name, body in graph.functions.items()
    }
    return replace(whole, functions=bodies, recursive=recursive(graph.functions))


def recursive(functions: Mapping[str, Graph]) -> tuple[str, ...]:
    """The functions that call themselves, directly or through others, in the library's order."""
    pairs = [(f, called) for f, body in functions.items() for n in body.nodes for called in n.calls]
    if not pairs:
        return ()
    import networkx as nx

    calls = nx.DiGraph(pairs)
    looped: set[str] = set()
    for component in nx.strongly_connected_components(calls):
        if len(component) > 1 or any(calls.has_edge(name, name) for name in component):
            looped |= component
    return tuple(name for name in functions if name in looped)
