"""Lanes of live things beside a list of events, as `git log --graph` draws them.

>>> lines = draw([(), (), (0,), (0, 1)], [(0,), (1,), (2,), ()], most=8)
>>> print(*(line.rstrip() for line in lines), sep="\\n")
●
│ ●
├─│─●
●─╯
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

# Where a line of a row meets a lane. The key: the lane is there above, it goes on below, the
# line comes from the left, it goes on to the right.
CORNERS = {
    (1, 1, 1, 1): "┼",
    (1, 1, 1, 0): "┤",
    (1, 1, 0, 1): "├",
    (1, 0, 1, 1): "┴",
    (1, 0, 1, 0): "╯",
    (1, 0, 0, 1): "╰",
    (0, 1, 1, 1): "┬",
    (0, 1, 1, 0): "╮",
    (0, 1, 0, 1): "╭",
}


def draw(takes: Sequence[Sequence[int]], gives: Sequence[Sequence[int]], most: int) -> list[str]:
    """A line of text for each event, all of one width.

    `takes` and `gives` hold, per event, the numbers of the things it takes and makes. A thing has
    a lane from the event that makes it to the last that takes it. At most `most` lanes are drawn;
    after a row is written how many more are alive there: `+3`.
    """
    last = {thing: i for i, taken in enumerate(takes) for thing in taken}
    lane_of: dict[int, int] = {}  # of each thing that is alive
    drawn = [False] * most  # whether each of the drawn lanes is taken
    free: list[int] = []  # lanes that were given back; those from `end` on were never taken
    end = 0
    lines, more = [], []
    for i, (taken, given) in enumerate(zip(takes, gives, strict=True)):
        before = list(drawn)
        used = sorted(lane_of[thing] for thing in taken)
        ended = sorted(lane_of.pop(thing) for thing in taken if last[thing] == i)
        made = [thing for thing in given if last.get(thing, i) > i]
        # The op sits where its first input ends, or in the first lane that is free.
        if not ended and not free:
            free.append(end)
            end += 1
        dot = ended[0] if ended else heapq.heappop(free)
        opened = [dot] * bool(made)
        for _ in made[1:]:
            # A lane that ends in this row cannot begin in it too, but for the op's own.
            opened.append(heapq.heappop(free) if free else end)
            end = max(end, opened[-1] + 1)
        lane_of.update(zip(made, opened, strict=True))
        for k in ended + ([] if made or ended else [dot]):
            if k not in opened:
                heapq.heappush(free, k)
        for k in ended + opened:
            if k < most:
                drawn[k] = k in opened
        lines.append(_row(before, drawn, dot, used, opened, most))
        more.append(len(lane_of) - sum(drawn))
    lines = [f"{line} +{n}" if n else line for line, n in zip(lines, more, strict=True)]
    width = max(map(len, lines), default=0)
    return [line.ljust(width) for line in lines]


def _row(
    before: Sequence[bool],
    after: Sequence[bool],
    dot: int,
    used: Sequence[int],
    opened: Sequence[int],
    most: int,
) -> str:
    """One row: `●` in the op's lane, `│` for each other lane, and a line to each it touches."""
    touched = {dot, *used, *opened}
    left, right = min(touched), max(touched)
    cells = []
    for k in range(most):
        if k in touched:
            cells.append(CORNERS.get((before[k], after[k], k > left, k < right), "│"))
        else:  # a line crosses a lane that it does not touch behind it
            cells.append("│" if after[k] else "─" if left < k < right else " ")
    cells.append(" ")
    cells[min(dot, most)] = "●"  # an op beyond the last lane that is drawn sits at the edge
    text = "".join(cell + ("─" if left <= k < right else " ") for k, cell in enumerate(cells))
    return text[: 2 * most + 1].rstrip()
