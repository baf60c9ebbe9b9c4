"""Scopes with too many members are cut into pieces, where the fewest tensors cross the cut.

The pieces are ours, not the program's, and are drawn so. They are stretches of creation order,
so an edge between two of them never closes a cycle of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from visualize.hierarchy.hubs import hubs
from visualize.hierarchy.tree import Scope

PIECES = 15  # about so many are made of one scope
SMALLEST = 5  # members of a piece
REPEATS = 3  # so many equal stretches in a row are one piece
LONGEST = 40  # members of a stretch that is looked for
MOST_LOOKS = 2_000_000  # for stretches in one scope: of a million members only those of one or two

TIMES = "\N{MULTIPLICATION SIGN}"
BETWEEN = " \N{HORIZONTAL ELLIPSIS} "  # the first and the last name of a stretch

Pairs = Sequence[tuple[int, int]]
Part = tuple[Scope | int, str]  # a member, and what it is called within the scope


def cut(
    scope: Scope, names: Sequence[str], labels: Sequence[Hashable], pairs: Pairs, most: int
) -> None:
    """Put the members of a scope into pieces, each of at most `most` members.

    `names` are those of the members within the scope, `labels` what each member is, `pairs` the
    edges between members, by place in the scope. Members whose names begin alike are one unit
    (`blocks`); equal stretches of units in a row become a series; the rest is cut at the cheapest
    places.
    """
    if len(scope.members) <= most:
        return
    units = blocks(names)
    unit_of = [k for k, (start, stop) in enumerate(units) for _ in range(start, stop)]
    apart = hubs(len(scope.members), pairs)
    kept = [(unit_of[a], unit_of[b]) for a, b in pairs if a not in apart and b not in apart]
    kept = [pair for pair in dict.fromkeys(kept) if pair[0] != pair[1]]
    kinds = [tuple(labels[start:stop]) for start, stop in units]
    parts: list[Part] = []  # members to be, and their names
    places: list[tuple[int, int]] = []  # of each: its first and last unit
    made = [_unit(scope, names, *unit) for unit in units]
    at = 0
    for start, length, times in [*repeats(kinds, kept), (len(units), 1, 0)]:
        parts += made[at:start]
        places += [(k, k) for k in range(at, start)]
        at = start + length * times
        if times:
            parts.append(_series(scope.name, made[start:at], length, most))
            places.append((start, at - 1))
    crossing = crossings(places, kept)
    scope.members = [member for member, _ in _pieces(scope.name, parts, crossing, most)]


def blocks(names: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches of members whose names begin with one block's, others alone: (start, stop).

    >>> blocks(["block_1_conv", "block_1_bn", "block_2_conv", "pool", "block_2_bn"])
    [(0, 2), (2, 3), (3, 4), (4, 5)]
    """
    stems = [block_of(name) for name in names]
    runs: list[list[int]] = []
    for i, stem in enumerate(stems):
        if runs and stem and stems[runs[-1][0]] == stem:
            runs[-1][1] = i + 1
        else:
            runs.append([i, i + 1])
    times = Counter(stems[start] for start, _ in runs)
    result: list[tuple[int, int]] = []
    for start, stop in runs:
        if times[stems[start]] == 1:  # a name that comes back elsewhere is no block's
            result.append((start, stop))
        else:
            result += [(i, i + 1) for i in range(start, stop)]
    return result


def block_of(name: str) -> str:
    """The part of a name up to its first number, where more follows; else "".

    >>> block_of("block_1_expand/conv"), block_of("conv2_block1_bn"), block_of("mul_1")
    ('block_1', 'conv2', '')
    """
    words = name.partition("/")[0].split("_")
    for k, word in enumerate(words[:-1]):
        if word[-1:].isdigit():
            return "_".join(words[: k + 1])
    return ""


def repeats(labels: Sequence[Hashable], pairs: Pairs) -> list[tuple[int, int, int]]:
    """Equal stretches in a row, as (start, length of one, how many), longest runs first chosen.

    Equal: the same labels in the same order, joined with one another in the same way.
    """
    inner: dict[int, list[int]] = {}
    for a, b in pairs:
        inner.setdefault(a, []).append(b)
    found = []
    numbers: dict[Hashable, int] = {}
    kinds = np.array([numbers.setdefault(label, len(numbers)) for label in labels], np.int64)
    longest = min(LONGEST, len(labels) // REPEATS, MOST_LOOKS // max(len(labels), 1))
    for length in range(1, longest + 1):
        again = np.concatenate([[False], kinds[length:] == kinds[:-length], [False]])
        for start, end in np.flatnonzero(np.diff(again)).reshape(-1, 2).tolist():
            times = (end - start) // length + 1
            if times >= REPEATS and (same := _joined_alike(start, length, times, inner)) >= REPEATS:
                found.append((start, length, same))
    # The longest run first; of two the one whose stretch is shorter: it says more.
    found.sort(key=lambda run: (-run[1] * run[2], run[1], run[0]))
    taken = [False] * len(labels)
    chosen = []
    for start, length, times in found:
        if length * times >= SMALLEST and not any(taken[start : start + length * times]):
            taken[start : start + length * times] = [True] * (length * times)
            chosen.append((start, length, times))
    return sorted(chosen)


def _joined_alike(start: int, length: int, times: int, inner: dict[int, list[int]]) -> int:
    """How many stretches, from the first on, have the same edges inside."""

    def shape(k: int) -> list[tuple[int, list[int]]]:
        first = start + k * length
        inside = range(first, first + length)
        return [(a - first, [b - first for b in inner.get(a, ()) if b in inside]) for a in inside]

    first = shape(0)
    return next((k for k in range(1, times) if shape(k) != first), times)


def crossings(places: Sequence[tuple[int, int]], pairs: Pairs) -> list[int]:
    """Before each of the places: from how many of them something crosses a cut there."""
    place_of = {p: k for k, (first, last) in enumerate(places) for p in range(first, last + 1)}
    reach: dict[int, int] = {}
    for a, b in pairs:
        tail, head = place_of[a], place_of[b]
        if head > tail:
            reach[tail] = max(reach.get(tail, 0), head)
    steps = [0] * (len(places) + 1)
    for tail, last in reach.items():
        steps[tail + 1] += 1
        steps[min(last + 1, len(places))] -= 1
    total = 0
    return [total := total + step for step in steps[:-1]]


def _pieces(name: str, parts: list[Part], crossing: list[int], most: int) -> list[Part]:
    if len(parts) <= most:
        return parts
    size = max(min(SMALLEST, most), -(-len(parts) // max(min(PIECES, most), 2)))
    result: list[Part] = []
    start = 0
    while start < len(parts):
        end = start + size
        if start and end + size // 3 >= len(parts):
            end = len(parts)
        else:  # somewhere near, where the least crosses
            near = range(end - size // 3, min(end + size // 3 + 1, len(parts)))
            end = min(near, key=lambda k: (crossing[k], abs(k - start - size)))
        inner = _pieces(name, parts[start:end], crossing[start:end], most)
        result.append(_piece(name, inner, ends(parts[start:end])))
        start = end
    return result


def ends(parts: Sequence[Part]) -> str:
    """What a stretch is called: its first and its last name."""
    first, last = parts[0][1].partition(BETWEEN)[0], parts[-1][1].rpartition(BETWEEN)[2]
    first, last = (re.sub(rf"^\d+ {TIMES} ", "", name) for name in (first, last))
    return first if first == last else f"{first}{BETWEEN}{last}"


def _piece(name: str, parts: Sequence[Part], label: str, kind: str = "piece") -> Part:
    if len(parts) == 1:
        return parts[0]
    return Scope(name, [member for member, _ in parts], kind, label), label


def _unit(scope: Scope, names: Sequence[str], start: int, stop: int) -> Part:
    parts = list(zip(scope.members[start:stop], names[start:stop], strict=True))
    return _piece(scope.name, parts, block_of(names[start]))


def _series(name: str, parts: list[Part], length: int, most: int) -> Part:
    """A run of equal stretches: a series of pieces, or of the members where one is a stretch."""
    if length == 1 and all(isinstance(m, int) or m.kind == "series" for m, _ in parts):
        parts = [
            (i, called) for m, called in parts for i in ([m] if isinstance(m, int) else m.nodes())
        ]
    label = f"{len(parts) // length} {TIMES} {ends(parts[:length])}"
    if length > 1:
        stretches = [parts[k : k + length] for k in range(0, len(parts), length)]
        parts = [_piece(name, stretch, ends(stretch)) for stretch in stretches]
    inner = _pieces(name, parts, [0] * len(parts), most)
    return _piece(name, inner, label, "series")
