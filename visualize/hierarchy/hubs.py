"""Hubs: what is joined with so much that its lines would hide all others is drawn apart."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence

from visualize.hierarchy.links import Links

FEWEST = 15  # members of a level on which there can be hubs
MOST_LOOKS = 20_000  # at edges of one level, for the spans that they have
SPANS = 4  # ranks that edges may cross, for each member, before more is drawn apart


def hubs(count: int, pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Which of `count` members, joined in pairs of (tail, head), are to be drawn apart.

    Those with more edges in than max(4, Q3 + (Q3 - Q1)) or out than max(4, Q3 + 4 (Q3 - Q1)), the
    quartiles being those of the level. Then, while edges cross more than about four ranks for each
    member, the member whose edges cross most.
    """
    if count < FEWEST or not pairs:
        return set()
    joined = dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])
    apart: set[int] = set()
    for side, spread in ((1, 1), (0, 4)):
        degrees = [0] * count
        for pair in joined:
            degrees[pair[side]] += 1
        low, _, high = statistics.quantiles(degrees, n=4)
        most = max(4, high + spread * (high - low))
        apart |= {member for member, degree in enumerate(degrees) if degree > most}
    # One after the other, each over all edges: where that takes too long, degrees must do.
    for _ in range(min(count // 10, MOST_LOOKS // len(joined))):
        spans = _spans(count, [p for p in joined if not apart.intersection(p)])
        if sum(spans) <= 2 * SPANS * count:  # every edge counts at both of its ends
            break
        apart.add(max(range(count), key=lambda member: (spans[member], -member)))
    return apart


def level_hubs(
    children: Sequence[int], pairs: Sequence[tuple[int, int]], aside: Collection[int] = ()
) -> tuple[int, ...]:
    """The children of a level that are drawn apart: hubs, and those of `aside` that are joined.

    Pairs are of ids of children. In their order; none on a level with fewer than 15 children.
    """
    if len(children) < FEWEST or not pairs:
        return ()
    place = {child: at for at, child in enumerate(children)}
    moved = {id for pair in pairs for id in pair if id in aside}
    rest = [(place[a], place[b]) for a, b in pairs if a not in moved and b not in moved]
    found = hubs(len(children), rest)
    return tuple(id for at, id in enumerate(children) if at in found or id in moved)


def _spans(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each member how many ranks its edges cross."""
    spans = [0] * count
    if pairs:
        links = Links(count, [tail for tail, _ in pairs], [head for _, head in pairs])
        ranks = links.ranks()
        for tail, head in pairs:
            if max(ranks[tail], ranks[head]) < count:  # not in a cycle
                crossed = abs(ranks[head] - ranks[tail])
                spans[tail] += crossed
                spans[head] += crossed
    return spans
