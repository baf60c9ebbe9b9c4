"""Scopes with too many members are cut into pieces, where the fewest tensors cross the cut.

The pieces are ours, not the program's: their labels say so. They are stretches of creation order,
so an edge between two of them never closes a cycle of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from visualize.hubs import hubs
from visualize.tree import Scope

PIECES = 15  # about so many are made of one scope
SMALLEST = 5  # members of a piece
REPEATS = 3  # so many equal stretches in a row are one piece
LONGEST = 40  # members of a stretch that is looked for
MOST_LOOKS = 2_000_000  # for stretches in one scope: of a million members only those of one or two

Pairs = Sequence[tuple[int, int]]


def cut(scope: Scope, pairs: Pairs, labels: Sequence[object], most: int) -> None:
    """Put the members of a scope into pieces, each of at most `most` members.

    `pairs` are the edges between members, `labels` what each member is, both by place in the
    scope. Equal stretches in a row are looked for first; the rest is cut at the cheapest places.
    """
    if len(scope.members) <= most:
        return
    apart = hubs(len(scope.members), pairs)
    kept = [(a, b) for a, b in pairs if a not in apart and b not in apart]
    runs = repeats(labels, kept)
    members: list[Scope | int] = []
    places: list[tuple[int, int]] = []  # of each: its first and last place in the scope
    at = 0
    for start, length, times in [*runs, (len(scope.members), 0, 0)]:
        members += scope.members[at:start]
        places += [(i, i) for i in range(at, start)]
        at = start + length * times
        if times:
            members.append(_repeated(scope, start, length, times, most))
            places.append((start, at - 1))
    crossing = crossings(places, kept)
    scope.members = _pieces(scope.name, members, places, crossing, most)


def repeats(labels: Sequence[object], pairs: Pairs) -> list[tuple[int, int, int]]:
    """Equal stretches in a row, as (start, length of one, how many), longest runs first chosen.

    Equal: the same labels in the same order, joined with one another in the same way.
    """
    inner: dict[int, list[int]] = {}
    for a, b in pairs:
        inner.setdefault(a, []).append(b)
    found = []
    longest = min(LONGEST, len(labels) // REPEATS, MOST_LOOKS // max(len(labels), 1))
    for length in range(1, longest + 1):
        start = 0
        while start + length * REPEATS <= len(labels):
            end = start
            while end + length < len(labels) and labels[end] == labels[end + length]:
                end += 1
            times = (end - start) // length + 1
            if times >= REPEATS and (same := _joined_alike(start, length, times, inner)) >= REPEATS:
                found.append((start, length, same))
            start = max(end - length + 1, start) + 1
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
    """Before each of the places: from how many members something crosses a cut there."""
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


def _pieces(
    name: str,
    members: list[Scope | int],
    places: list[tuple[int, int]],
    crossing: list[int],
    most: int,
) -> list[Scope | int]:
    if len(members) <= most:
        return members
    size = max(SMALLEST, -(-len(members) // min(PIECES, most)))
    result: list[Scope | int] = []
    start = 0
    while start < len(members):
        end = start + size
        if end + size // 3 >= len(members):
            end = len(members)
        else:  # somewhere near, where the least crosses
            near = range(end - size // 3, end + size // 3 + 1)
            end = min(near, key=lambda k: (crossing[k], abs(k - start - size)))
        part = members[start:end]
        first, last = places[start][0] + 1, places[end - 1][1] + 1
        label = f"members {first}\N{EN DASH}{last}"
        span = slice(start, end)
        inner = _pieces(name, part, places[span], crossing[span], most)
        result.append(Scope(name, inner, "piece", label) if len(part) > 1 else part[0])
        start = end
    return result


def _repeated(scope: Scope, start: int, length: int, times: int, most: int) -> Scope:
    """A run of equal stretches: a piece of pieces, or of the members where one is a stretch."""
    members = scope.members[start : start + length * times]
    first, last = start + 1, start + length * times
    label = f"{times} equal parts, members {first}\N{EN DASH}{last}"
    if length > 1:
        members = [
            Scope(
                scope.name,
                members[k : k + length],
                "piece",
                f"members {start + k + 1}\N{EN DASH}{start + k + length}",
            )
            for k in range(0, length * times, length)
        ]
    places = [(k, k) for k in range(len(members))]
    inner = _pieces(scope.name, members, places, [0] * len(members), most)
    return Scope(scope.name, inner, "piece", label)
