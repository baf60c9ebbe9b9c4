"""Lanes of live things beside a list of events, as `git log --graph` draws them.

>>> lines = draw([(), (), (0,), (0, 1)], [(0,), (1,), (2,), ()], most=8)
>>> print(*(line.rstrip() for line in lines), sep="\\n")
●
│ ●
├─│─●
●─╯
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    lanes: list[int | None] = []  # the thing in each lane
    lines, more = [], []
    for i, (taken, given) in enumerate(zip(takes, gives, strict=True)):
        before = list(lanes)
        ended = [k for k, thing in enumerate(before) if thing is not None and last[thing] == i]
        used = [k for k, thing in enumerate(before) if thing in set(taken)]
        dot = ended[0] if ended else _free(before, 0)
        for k in ended:
            lanes[k] = None
        made = [thing for thing in given if last.get(thing, i) > i]
        opened = []
        for n, thing in enumerate(made):
            # A lane that ends in this row cannot begin in it too, but for the op's own.
            k = dot if n == 0 else _free(before, dot + 1, opened)
            lanes += [None] * (k + 1 - len(lanes))
            lanes[k] = thing
            opened.append(k)
        while lanes and lanes[-1] is None:
            lanes.pop()
        lines.append(_row(before, lanes, dot, used, opened, most))
        more.append(sum(thing is not None for thing in lanes[most:]))
    suffix = [f"+{n}" if n else "" for n in more]
    lines = [line + (" " + s if s else "") for line, s in zip(lines, suffix, strict=True)]
    width = max((len(line) for line in lines), default=0)
    return [line.ljust(width) for line in lines] if width else lines


def _free(lanes: Sequence[int | None], start: int, taken: Sequence[int] = ()) -> int:
    k = start
    while k in taken or (k < len(lanes) and lanes[k] is not None):
        k += 1
    return k


def _row(
    before: Sequence[int | None],
    after: Sequence[int | None],
    dot: int,
    used: Sequence[int],
    opened: Sequence[int],
    most: int,
) -> str:
    """One row: `●` in the op's lane, `│` for each other lane, and a line to each it touches."""
    touched = {dot, *used, *opened}
    left, right = min(touched), max(touched)
    cells: dict[int, str] = {}
    for k in range(min(max(len(before), len(after), right + 1), most)):
        above = k < len(before) and before[k] is not None
        below = k < len(after) and after[k] is not None
        if k in touched:
            cells[k] = CORNERS.get((above, below, k > left, k < right), "│")
        else:  # a line crosses a lane that it does not touch behind it
            cells[k] = "│" if below else "─" if left < k < right else " "
    cells[min(dot, most)] = "●"
    return _joined(cells, left, right, most)


def _joined(cells: Mapping[int, str], left: int, right: int, most: int) -> str:
    text = ""
    for k in range(min(max(cells), most) + 1):
        text += cells.get(k, " ") + ("─" if left <= k < right else " ")
    return text.rstrip()
