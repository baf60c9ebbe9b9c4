"""Wires become edges: one for all that join the same two boxes, control inputs apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.model import TensorSpec
from visualize.hierarchy.wires import CONTROL, Found, Wires
from visualize.kinds import size_of

LARGEST = 2**53  # bytes; no tensor is larger, and all numbers up to there are exact


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


def ends(found: Found, parents: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """For each wire the two children, of the lowest group that holds both, that hold its ends.

    Both are the same where a wire leads from a node to itself. `parents` has the group of every
    id, -1 for that of the whole graph.
    """
    up = np.append(np.asarray(parents, np.int64), -1)  # up[-1] == -1: above the whole graph
    levels = _levels(up)
    tail, head = _column(found.tail).copy(), _column(found.head).copy()
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
    found: Found, tail: np.ndarray, head: np.ndarray, group: np.ndarray | None = None
) -> tuple[Edges, Wires]:
    """All edges between the ends that are given for each wire, and their wires in that order.

    Edges are in the order of their first wire; with `group`, a number for each wire, those of a
    lower number come first. A wire from an end to itself is none.
    """
    kept = np.flatnonzero(tail != head)
    if not len(kept):
        return NO_EDGES, Wires()
    a, b, flags = tail[kept], head[kept], _column(found.flags)[kept]
    order = np.lexsort((kept, flags, b, a))
    new = _changes(a[order], b[order], flags[order])
    bundle = np.empty(len(kept), np.int64)
    bundle[order] = np.cumsum(new) - 1
    first = kept[order[np.flatnonzero(new)]]  # of each bundle; kept is sorted, lexsort is stable
    keys = (first,) if group is None else (first, group[first])
    rank = np.empty(len(first), np.int64)
    rank[np.lexsort(keys)] = np.arange(len(first))
    order = np.lexsort((kept, rank[bundle]))
    kept, bundle = kept[order], rank[bundle][order]
    return _summed(found, tail, head, kept, bundle)


def _summed(
    found: Found, tail: np.ndarray, head: np.ndarray, kept: np.ndarray, bundle: np.ndarray
) -> tuple[Edges, Wires]:
    starts = np.flatnonzero(_changes(bundle))
    spec, tensor = _column(found.spec)[kept], _column(found.tensor)[kept]
    flags = _column(found.flags)[kept][starts]
    order = np.lexsort((tensor, bundle))
    once = np.zeros(len(kept), bool)  # the first wire of a bundle that carries a tensor
    once[order] = _changes(bundle[order], tensor[order])
    low, high = np.minimum.reduceat(spec, starts), np.maximum.reduceat(spec, starts)
    sizes = np.array([_size(*known) for known in found.specs] + [np.nan])  # the last: control
    total = np.add.reduceat(np.where(once, sizes[spec], 0.0), starts)
    total[(flags & CONTROL) > 0] = np.nan
    edges = Edges(
        _plain(tail[kept][starts]),
        _plain(head[kept][starts]),
        _plain(np.add.reduceat(once.astype(np.int64), starts)),
        _plain(np.where(low == high, low, -1)),
        _plain(np.where(np.isnan(total), -1, np.nan_to_num(total)).astype(np.int64)),
        _plain(flags),
        _plain(starts),
    )
    wires = Wires(
        _plain(_column(found.tail)[kept]), _plain(_column(found.head)[kept]), _plain(spec)
    )
    return edges, wires


def _changes(*columns: np.ndarray) -> np.ndarray:
    """Where a row of the columns differs from the row before it; True for the first."""
    new = np.ones(len(columns[0]), bool)
    new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return new


def _size(dtype: str, shape: tuple | None) -> float:
    size = size_of(TensorSpec("", dtype, shape))
    return np.nan if size is None or size > LARGEST else float(size)


def _column(values: Sequence[int]) -> np.ndarray:
    return np.asarray(values, np.int64)


def _plain(column: np.ndarray) -> tuple[int, ...]:
    return tuple(column.tolist())
