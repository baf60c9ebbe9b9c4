"""A Diagram cut into bands, to be set beside each other: a long chain fits a slide so.

A line that is cut goes to a small numbered box, and goes on from one of the same number.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from visualize.diagram.drawn import Box, Diagram, Edge, Group, boxes

MOST_LINKS = 6  # lines that one cut may go through; more are harder to follow than small text
SLACK = 0.25  # of a band's length: so far a cut may be from where it would make them equal


def bands(diagram: Diagram, places: Mapping[int, float], count: int) -> tuple[Diagram, ...]:
    """The diagram as `count` bands; () where that would cut too many lines.

    `places` says of each box how far along the chain it was drawn. A band is what lies between two
    cuts; each is made near where the bands would be equally long, through the fewest lines. Open
    groups that are cut are drawn in each of their bands.
    """
    cuts = _cuts(diagram.edges, places, count)
    if not cuts:
        return ()
    band = {key: sum(place > cut for cut in cuts) for key, place in places.items()}
    cut = [edge for edge in diagram.edges if band[edge.tail] != band[edge.head]]
    numbers = {tail: n for n, tail in enumerate(dict.fromkeys(edge.tail for edge in cut), 1)}
    free = max(places) + 1
    made = []
    for k in range(count):
        members = tuple(_members(diagram.members, band, k))
        if not members:
            return ()
        lines = [e for e in diagram.edges if band[e.tail] == band[e.head] == k]
        # Keys of links: two for each number, whose line leaves here and arrives elsewhere.
        leaves = {e.tail: e for e in cut if band[e.tail] == k}
        arrives = [e for e in cut if band[e.head] == k]
        links = [_link(free + 2 * numbers[tail], numbers[tail]) for tail in leaves]
        links += [
            _link(free + 2 * numbers[tail] + 1, numbers[tail])
            for tail in dict.fromkeys(edge.tail for edge in arrives)
        ]
        lines += [replace(e, head=free + 2 * numbers[e.tail]) for e in leaves.values()]
        lines += [replace(e, tail=free + 2 * numbers[e.tail] + 1) for e in arrives]
        made.append(Diagram((*members, *links), tuple(lines)))
    return tuple(made)


def _cuts(edges: Sequence[Edge], places: Mapping[int, float], count: int) -> list[float]:
    """Where the bands end but for the last; [] where a cut would go through too many lines."""
    levels = sorted(set(places.values()))
    if len(levels) < count:
        return []
    first, length = levels[0], (levels[-1] - levels[0]) / count
    between = [(a + b) / 2 for a, b in itertools.pairwise(levels)]
    found: list[float] = []
    for k in range(1, count):
        ideal = first + k * length
        near = [cut for cut in between if abs(cut - ideal) <= SLACK * length]
        near = [cut for cut in near if not found or cut > found[-1]]
        if not near:
            return []
        through = {cut: _through(edges, places, cut) for cut in near}
        best = min(near, key=lambda cut: (through[cut], abs(cut - ideal)))
        if through[best] > MOST_LINKS:
            return []
        found.append(best)
    return found


def _through(edges: Sequence[Edge], places: Mapping[int, float], cut: float) -> int:
    """How many boxes have a line to the other side of a cut."""
    return len({e.tail for e in edges if (places[e.tail] > cut) != (places[e.head] > cut)})


def _members(
    members: Sequence[Group | Box], band: Mapping[int, int], k: int
) -> Iterator[Group | Box]:
    """What of some members is in a band."""
    for member in members:
        if isinstance(member, Box):
            if band[member.key] == k:
                yield member
            continue
        inner = tuple(_members(member.members, band, k))
        if inner:
            yield replace(member, members=inner)


def _link(key: int, number: int) -> Box:
    return Box(key, f"line {number}", str(number), "link", "", 0)


def links(cut: Sequence[Diagram]) -> tuple[Box, ...]:
    """The numbered boxes of all bands."""
    return tuple(b for each in cut for b in boxes(each.members) if b.kind == "link")
