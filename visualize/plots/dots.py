"""Points and lines as braille dots: two dots to a column, four to a line.

>>> braille(dots([[(0, 0), (7, 7)]], 4, 2))
['⠑⢄', '  ⠑⢄']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Place = tuple[int, int]  # dots from the left and from above

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille cell, by row


def at(value: float, low: float, high: float, most: int) -> int:
    """Where a value is from low, 0, to high, `most`; half way where low is high."""
    # Halves first: the difference of two large numbers may be too large for a float.
    share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.49
    return round(share * most)


def drawable(value: float) -> bool:
    """Whether an axis can reach it; beyond 1e300 they overflow. False for nan too."""
    return abs(float(value)) < 1e300


def joined(places: Iterable[Place | None]) -> Iterator[Place]:
    """All dots of the straight lines from each place to the next; None is a gap."""
    last: Place | None = None
    for here in places:
        if here is not None:
            yield from _between(last or here, here)
        last = here


def dots(lines: Iterable[Sequence[Place | None]], columns: int, rows: int) -> list[list[int]]:
    """The braille cells, row by row, of lines on so many columns and rows."""
    grid = [[0] * columns for _ in range(rows)]
    for line in lines:
        for x, y in joined(line):
            grid[y // 4][x // 2] |= DOTS[y % 4][x % 2]
    return grid


def braille(grid: Iterable[Sequence[int]]) -> list[str]:
    """A text for each row of cells, without spaces at its end."""
    # A blank braille cell shows faint rings in some fonts: a space does not.
    return ["".join(chr(0x2800 + cell) if cell else " " for cell in row).rstrip() for row in grid]


def _between(start: Place, end: Place) -> list[Place]:
    far = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (
            round(start[0] + (end[0] - start[0]) * k / far),
            round(start[1] + (end[1] - start[1]) * k / far),
        )
        for k in range(far + 1)
    ]
