"""Wires become edges between the members of groups: one for all that join the same two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.model import TensorSpec
from visualize.kinds import size_of
from visualize.wires import CONTROL, Found, Wires


@dataclass(frozen=True, slots=True)
class Edges:
    """Columns: edge k joins the children `tail[k]` and `head[k]` of one group."""

    tail: tuple[int, ...] = ()
    head: tuple[int, ...] = ()
    count: tuple[int, ...] = ()  # of tensors, each once; of control inputs
    spec: tuple[int, ...] = ()  # a number of Hierarchy.specs; -1: they differ, or control inputs
    bytes: tuple[int, ...] = ()  # of all tensors together; -1: not known, or control inputs
    flags: tuple[int, ...] = ()  # 1: control inputs; 2: a loop's way back
    wires: tuple[int, ...] = ()  # where its wires begin; they end where the next edge's begin


NO_EDGES = Edges()


def ends(tail: np.ndarray, head: np.ndarray, parents: Sequence[int]) -> tuple[np.ndarray, ...]:
    """For each wire the two children, of the lowest group that holds both, that hold its ends.

    Both are the same where a wire leads from a node to itself.
    """
    up = np.append(np.asarray(parents, np.int64), -1)  # up[-1] == -1: above the whole graph
    levels = _levels(up)
    tail, head = tail.copy(), head.copy()
    for level in range(int(levels.max(initial=0)), 0, -1):
        for mine, other in ((tail, head), (head, tail)):
            deeper = (levels[mine] == level) & (levels[other] < level)
            mine[deeper] = up[mine[deeper]]
    while (apart := (tail != head) & (up[tail] != up[head])).any():
        tail[apart], head[apart] = up[tail[apart]], up[head[apart]]
    return tail, head


def _levels(up: np.ndarray) -> np.ndarray:
    """How deep each id lies: 0 for the whole graph."""
    levels = np.zeros(len(up), np.int64)
    here = up.copy()
    while (inside := here >= 0).any():
        levels[inside] += 1
        here[inside] = up[here[inside]]
    return levels


def bundled(
    found: Found, parents: Sequence[int], nodes: int
) -> tuple[Edges, Wires, dict[int, tuple[int, int]]]:
    """All edges, their wires in the edges' order, and where each group's edges lie.

    Edges are sorted by their group, then by tail and head; a group's id is `nodes` or more.
    """
    columns = (np.frombuffer(c, np.int64) if len(c) else np.zeros(0, np.int64) for c in (
        found.tail, found.head, found.spec, found.tensor, found.flags
    ))  # fmt: skip
    tail, head, spec, tensor, flags = columns
    a, b = ends(tail, head, parents)
    kept = a != b
    if not kept.any():
        return NO_EDGES, NO_WIRES_AT_ALL, {}
    a, b, tail, head, spec, tensor, flags = (
        c[kept] for c in (a, b, tail, head, spec, tensor, flags)
    )
    group = np.asarray(parents, np.int64)[a]
    order = np.lexsort((np.arange(len(a)), flags, b, a, group))
    group, a, b, flags, tail, head, spec, tensor = (
        c[order] for c in (group, a, b, flags, tail, head, spec, tensor)
    )
    new = np.ones(len(a), bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1]) | (flags[1:] != flags[:-1])
    starts = np.flatnonzero(new)
    number = np.cumsum(new) - 1
    once = _first_of_each(number, tensor)
    low, high = np.minimum.reduceat(spec, starts), np.maximum.reduceat(spec, starts)
    sizes = np.array([_size(*known) for known in found.specs] + [0.0])  # the last: control
    total = np.add.reduceat(np.where(once, sizes[spec], 0.0), starts)
    total[(flags[starts] & CONTROL) > 0] = np.nan
    edges = Edges(
        _plain(a[starts]),
        _plain(b[starts]),
        _plain(np.add.reduceat(once.astype(np.int64), starts)),
        _plain(np.where(low == high, low, -1)),
        tuple(-1 if size != size else int(size) for size in total.tolist()),
        _plain(flags[starts]),
        _plain(starts),
    )
    spans: dict[int, tuple[int, int]] = {}
    groups, first = np.unique(group[starts], return_index=True)
    stops = [*first[1:].tolist(), len(starts)]
    for one, start, stop in zip(groups.tolist(), first.tolist(), stops, strict=True):
        spans[one] = (start, stop)
    return edges, Wires(_plain(tail), _plain(head), _plain(spec)), spans


NO_WIRES_AT_ALL = Wires()


def _first_of_each(number: np.ndarray, tensor: np.ndarray) -> np.ndarray:
    """Which wires are the first of their bundle that carry their tensor."""
    order = np.lexsort((tensor, number))
    first = np.ones(len(order), bool)
    first[1:] = (number[order][1:] != number[order][:-1]) | (
        tensor[order][1:] != tensor[order][:-1]
    )
    result = np.zeros(len(order), bool)
    result[order] = first
    return result


def _size(dtype: str, shape: tuple | None) -> float:
    size = size_of(TensorSpec("", dtype, shape))
    return float("nan") if size is None or size > 2**53 else float(size)


def _plain(column: np.ndarray) -> tuple[int, ...]:
    return tuple(column.tolist())
