"""What is seen of a tree, and which of its edges are drawn as lines and which as stubs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.model import Graph
from visualize.diagram.drawn import Edge, Stub
from visualize.hierarchy.bundles import bundled
from visualize.hierarchy.groups import Hierarchy
from visualize.hierarchy.hubs import level_hubs
from visualize.hierarchy.wires import BACK, CONTROL, Found
from visualize.kinds import is_aside

ALL_LINES = 30  # boxes; a picture of so few is legible with every line, that of a hub too
FEW = 9  # the same where room is short, and a hub's lines would take most of it


@dataclass(frozen=True, slots=True)
class View:
    """What of a tree is seen."""

    tree: Hierarchy
    found: Found
    shown: frozenset[int]  # groups that are open
    seen: tuple[int, ...]  # for each id, the id of what is seen of it
    rests: dict[int, int]  # ids of boxes that stand for what is not near, and their groups
    near: int | None = None  # how many ops are drawn around a focus, where not all could be


def joined(
    view: View, graph: Graph, skipped: Collection[str], all_lines: int = ALL_LINES
) -> tuple[list[Edge], dict[int, list[Stub]]]:
    """The edges between what is seen, by id; and the stubs of each id that has some.

    Where at most `all_lines` boxes are seen, each edge is a line.
    """
    seen = np.asarray(view.seen, np.int64)
    columns, _ = bundled(view.found, *(seen[np.asarray(c, np.int64)] for c in view.found.ends))
    edges = []
    for i, flags in enumerate(columns.flags):
        control = bool(flags & CONTROL)
        same = control or columns.spec[i] >= 0
        dtype, shape = view.found.specs[columns.spec[i]] if same and not control else ("", None)
        size = None if columns.bytes[i] < 0 else columns.bytes[i]
        ends = columns.tail[i], columns.head[i], columns.count[i]
        edges.append(Edge(*ends, shape, dtype, same, size, control, bool(flags & BACK)))
    ids = list(dict.fromkeys(view.seen[: view.tree.nodes]))
    apart = set(view.rests)
    lined = edges
    if "hubs" not in skipped and len(ids) > all_lines:
        lined = [edge for edge in told(edges) if not apart & {edge.tail, edge.head}]
        aside = {i for i in ids if i < view.tree.nodes and is_aside(graph.nodes[i])}
        apart |= set(level_hubs(ids, [(edge.tail, edge.head) for edge in lined], aside))
    lined = [edge for edge in lined if not apart & {edge.tail, edge.head}]
    stubs: dict[int, list[Stub]] = {}
    for edge in _but(edges, lined):
        stubs.setdefault(edge.tail, []).append(Stub(edge.head, True, edge.count, edge.control))
        stubs.setdefault(edge.head, []).append(Stub(edge.tail, False, edge.count, edge.control))
    return lined, stubs


def told(edges: Sequence[Edge]) -> list[Edge]:
    """The edges that are lines in a large picture, where too many would hide one another.

    A resource is no number that flows: its edge tells where a variable is read or assigned. And
    who takes something from another has waited for it.
    """
    flows = {(e.tail, e.head) for e in edges if not e.control}
    return [
        edge
        for edge in edges
        if edge.dtype != "resource" and not (edge.control and (edge.tail, edge.head) in flows)
    ]


def _but(edges: Sequence[Edge], lined: Sequence[Edge]) -> list[Edge]:
    """The edges that are no lines, but for control inputs beside a line."""
    lines = {(e.tail, e.head, e.control) for e in lined}
    return [
        edge
        for edge in edges
        if (edge.tail, edge.head, edge.control) not in lines
        and not (edge.control and (edge.tail, edge.head, False) in lines)
    ]
