"""The neighbourhood of one op: what is near it is drawn, the rest is folded."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping

from graphlab.model import Graph
from visualize.hierarchy.groups import Group, Hierarchy
from visualize.hierarchy.links import Links
from visualize.hierarchy.wires import Found


def near(tree: Hierarchy, graph: Graph, found: Found, focus: str, radius: int) -> dict[int, int]:
    """How many edges each node within the radius is away from the focus, both ways.

    The focus is an op or a scope; icons are no nodes of their own. ValueError where there is
    neither of that name, or for a negative radius.
    """
    if radius < 0:
        raise ValueError(f"radius {radius}: expected 0 (only the focus) or more")
    start = [
        i if tree.hosts[i] < 0 else tree.hosts[i]
        for i, node in enumerate(graph.nodes)
        if node.name == focus
    ] or [
        i
        for i, node in enumerate(graph.nodes)
        if node.name.startswith(f"{focus}/") and tree.hosts[i] < 0
    ]
    if not start:
        raise ValueError(f"no op and no scope of this graph is named {focus!r}")
    return Links(tree.nodes, found.tail, found.head).within(start, radius)


def nearest(far: Mapping[int, int], most: int) -> dict[int, int]:
    """Those of `near`, of which there are too many, that are nearest: about so many.

    Whole distances where that leaves more than the focus; else those that come first.
    """
    kept = list(far.items())[:most]  # they are in the order of their distance
    last = far[kept[-1][0]]
    if len(far) > most and last > 1:
        kept = [pair for pair in kept if pair[1] < last]
    return dict(kept)


def opened_near(tree: Hierarchy, far: Mapping[int, int], most: int) -> set[int]:
    """The groups to be drawn open: those of the focus, then nearest first while there is room."""
    parents = tree.parents()
    nearest: dict[int, int] = {}  # of each group, how far its nearest node is
    kept: dict[int, int] = {}  # of each group, how many of its children hold a node that is near
    for node, distance in far.items():
        child, above = node, parents[node]
        while above >= 0:
            kept[above] = kept.get(above, 0) + (child not in nearest)
            nearest[child] = min(nearest.get(child, distance), distance)
            child, above = above, parents[above]
    root = tree.groups[0]
    shown = {root.id}
    boxes = kept.get(root.id, 0)
    queue: list[tuple[int, int, Group]] = []

    def push(group: Group) -> None:
        for child in group.children:
            if child >= tree.nodes and child in nearest:
                heapq.heappush(queue, (nearest[child], child, tree.group(child)))

    push(root)
    while queue:
        distance, _, group = heapq.heappop(queue)
        if distance and boxes + kept[group.id] - 1 > most:
            continue
        boxes += kept[group.id] - 1
        shown.add(group.id)
        push(group)
    return shown


def visible_near(
    tree: Hierarchy, seen: list[int], far: Mapping[int, int], shown: Collection[int]
) -> dict[int, int]:
    """Fold what is not near: `seen` is changed. For each id of a rest, the open group it is of.

    A rest is all members of an open group in which nothing is near, as one box.
    """
    holds = {seen[node] for node in far}
    first = tree.nodes + len(tree.groups)
    rests: dict[int, int] = {}
    stands: dict[int, int] = {}
    for k, group in enumerate(tree.groups):
        if group.id not in shown:
            continue
        others = [c for c in group.children if c not in shown and c not in holds]
        if others:
            rests[first + k] = group.id
            stands |= dict.fromkeys(others, first + k)
    for id, box in enumerate(seen):
        seen[id] = stands.get(box, box)
    return rests
