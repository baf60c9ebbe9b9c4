"""Rows of pictures that are longer than a sheet or a screen, cut into bands that fit.

>>> [[(s.row, s.first, len(s.pictures)) for s in band] for band in bands([["a"] * 5], 3, False)]
[[(0, 0, 3)], [(0, 3, 2)]]
>>> [[(s.row, s.first) for s in band] for band in bands([["a"] * 4, ["b"] * 4], 2, True)]
[[(0, 0), (1, 0)], [(0, 2), (1, 2)]]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab.figure import Images


@dataclass(frozen=True)
class Strip:
    """Pictures of one row that lie side by side; `first` is the column of the first of them."""

    row: int
    first: int
    pictures: Sequence[Any]


def bands(rows: Sequence[Sequence[Any]], most: int, together: bool) -> list[list[Strip]]:
    """The strips, from top to bottom, of at most `most` pictures.

    `together`: what stands below one another stays so, a band has a strip of every row. Else
    each row goes on by itself.
    """
    longest = max(map(len, rows))
    if together:
        width = even(longest, most)
        starts = range(0, longest, width)
        cut = [[Strip(r, at, row[at : at + width]) for r, row in enumerate(rows)] for at in starts]
        return [[strip for strip in band if len(strip.pictures)] for band in cut]
    return [
        [Strip(r, at, row[at : at + even(len(row), most)])]
        for r, row in enumerate(rows)
        for at in range(0, len(row), even(len(row), most))
    ]


def even(count: int, most: int) -> int:
    """How many a line, where `count` go on as few lines of at most `most` as can be.

    >>> even(10, 16), even(20, 16), even(64, 16)
    (10, 10, 16)
    """
    return max(math.ceil(count / max(math.ceil(count / max(most, 1)), 1)), 1)


def stay_together(figure: Images) -> bool:
    """Whether the columns mean something: they have names, or the rows are alike.

    Rows of pictures of other sizes are maps of another layer: nothing there belongs together.
    """
    lengths = {len(row) for row in figure.rows}
    sizes = {np.shape(picture) for row in figure.rows for picture in row}
    return bool(figure.column_names) or (len(lengths) == 1 and len(sizes) == 1)
