"""Which groups are open: the largest, while the picture stays one that a reader takes in."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from visualize.hierarchy.groups import Group, Hierarchy
from visualize.kinds import VARIABLES

SAVING = frozenset({"SaveV2", "RestoreV2", "Save", "Restore"})
STORING = VARIABLES | frozenset(
    "AssignVariableOp Assign ReadVariableOp Identity Const Fill VarIsInitializedOp NoOp".split()
)
# What TensorFlow 1's optimizers end in, SparseApplyMomentum too; and what else is in their scopes.
_APPLIES = re.compile(r"(Resource)?(Sparse)?Apply[A-Z].*")
UPDATING = STORING | {"Mul", "Pow"}


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be opened.

    `depth` levels at most (None: any), `most` boxes; `late` groups only where all of each fits
    into `most_late`; never a `closed` or `idle` group.
    """

    most: int
    depth: int | None = None
    most_late: int | None = None
    late: Collection[int] = ()  # by id: gradients, updates, saving and restoring
    closed: Collection[str] = ()  # by name
    idle: Collection[int] = ()  # by id: the run that is shown executed nothing in them


def opened(tree: Hierarchy, policy: Policy) -> set[int]:
    """The ids of the groups to be drawn open, the first among them.

    Without a depth the largest go first, the late ones last. With a depth the outermost go
    first. Series stay closed. Ties are broken by the graph's own order, so the picture is stable.
    """
    boxes = len(tree.groups[0].children)
    shown = {tree.groups[0].id}
    queue: list[tuple[tuple, int, int, Group]] = []

    def push(group: Group, level: int) -> None:
        for child in group.children:
            if child >= tree.nodes:
                inner = tree.group(child)
                if inner.kind == "series" or inner.name in policy.closed or child in policy.idle:
                    continue
                deep = level + (inner.kind != "piece")
                largest = (inner.id in policy.late, -inner.count)
                order = largest if policy.depth is None else (deep,)
                heapq.heappush(queue, (order, inner.id, deep, inner))

    push(tree.groups[0], 0)
    while queue:
        _, _, level, group = heapq.heappop(queue)
        if policy.depth is not None and level > policy.depth:
            continue
        limit = policy.most_late if group.id in policy.late else None
        if limit is not None and boxes + _drawn(tree, group) - 1 > limit:
            continue
        if boxes + len(group.children) - 1 > policy.most:
            continue
        boxes += len(group.children) - 1
        shown.add(group.id)
        push(group, level)
    return shown


def late(tree: Hierarchy, ops: Sequence[str]) -> set[int]:
    """The groups that a reader asks for last: gradients, what an optimizer does with them, savers,
    and those of variables alone.

    `ops` are the types of the nodes.
    """
    found = set()
    for group in tree.groups[1:]:
        saves = any(child < tree.nodes and ops[child] in SAVING for child in group.children)
        keeps = STORING.issuperset(group.ops)  # an optimizer's slots, the metrics' counts
        backward = group.is_gradient or _updates(group.ops)
        if saves or keeps or backward or group.parent in found:
            found.add(group.id)
    return found


def _updates(ops: Collection[str]) -> bool:
    """Whether a group of such ops is an optimizer's: it draws a line from every variable."""
    others = [op for op in ops if not _APPLIES.fullmatch(op)]
    return len(others) < len(ops) and UPDATING.issuperset(others)


def idle(tree: Hierarchy, took_part: Sequence[bool]) -> set[int]:
    """The groups in which no node took part in a run; none where none did in the whole graph."""
    busy = {node if host < 0 else host for node, host in enumerate(tree.hosts) if took_part[node]}
    for group in reversed(tree.groups):  # the inner ones come behind those they are in
        if not busy.isdisjoint(group.children):
            busy.add(group.id)
    return {group.id for group in tree.groups if group.id not in busy} if busy else set()


def _drawn(tree: Hierarchy, group: Group) -> int:
    """How many boxes a group has when all in it is open."""
    if group.kind == "series":
        return 1
    return sum(1 if c < tree.nodes else _drawn(tree, tree.group(c)) for c in group.children)


def visible(tree: Hierarchy, shown: Collection[int]) -> list[int]:
    """For every id what is seen of it: itself, or the closed group that it is in.

    An icon is seen where its host is; an open group as itself.
    """
    seen = [-1] * (tree.nodes + len(tree.groups))
    seen[tree.groups[0].id] = tree.groups[0].id
    for group in tree.groups:
        is_open = group.id in shown and seen[group.id] == group.id
        for child in group.children:
            seen[child] = child if is_open else seen[group.id]
    for icon, host in enumerate(tree.hosts):
        if host >= 0:
            seen[icon] = seen[host]
    return seen


def holders(seen: Sequence[int], nodes: int) -> dict[int, list[int]]:
    """For each box that is seen, the nodes in it in creation order, icons too."""
    inside: dict[int, list[int]] = {}
    for node in range(nodes):
        inside.setdefault(seen[node], []).append(node)
    return inside
