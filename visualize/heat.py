"""A matrix on a sheet: coloured cells with their names, numbers in them where asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from graphlab.figure import Heat
from visualize import shades
from visualize.canvas import MARGIN, NAMES, SMALL, Canvas, extent, framed
from visualize.mosaic import odd_entries
from visualize.plots import COLOURS
from visualize.words import middle

# In pixels of the sheet.
WIDE, HIGH = 1240, 800  # all cells
CELL, LINE = 48, 24  # the largest cell, the least one that has a name beside it
LEAST_WIDE, LEAST_HIGH = 360, 140  # all cells of a small matrix
LEAST_TITLE = 620
GAP, LONG = 10, 150  # between things, and the longest name that may make a column wider
BAR = 10  # the height of a group's colour below a name
GROUPS = (*COLOURS[:6], "#f0c808", *COLOURS[7:])  # for black, one that is seen in the dark too


def heat(figure: Heat, titled: bool = True) -> Figure:
    """The sheet with the matrix."""
    values = np.asarray(figure.values, np.float64)
    most = (max(len(values) * (LINE if figure.row_names else 0), HIGH), WIDE)
    shown = shades.shrunk(values, *most)
    width, height = _cell(figure, shown)
    of = shades.scale([values], figure.signed)
    ramp = shades.DIVERGING if figure.signed else shades.BLUES
    rows = [middle(name, 28) for name in figure.row_names] or ends(len(values))
    left = MARGIN + int(max(extent(name, NAMES)[0] for name in rows)) + 2 * GAP
    canvas = Canvas()
    wide = max(left + width * shown.shape[1], LEAST_TITLE)
    y = canvas.title(figure.title if titled else "", wide)
    y = _write_columns(canvas, figure, left, y, width * shown.shape[1] / values.shape[1])
    colours = shades.rgb(shown, of, ramp)
    canvas.block(left, y, _cells(colours, width, height))
    for k, name in enumerate(rows):
        if name:
            canvas.text(
                left - GAP, y + (k + 0.5) * height * len(shown) / len(rows), name, ha="right"
            )
    if figure.numbers and shown.shape == values.shape:
        for row, column in np.ndindex(values.shape):
            text = figure.number_format.format(values[row, column])
            x = left + (column + 0.5) * width
            ink = "#000000" if shades.is_light(colours[row, column]) else "#ffffff"
            canvas.text(x, y + (row + 0.5) * height, text, SMALL, ink, ha="center")
    y += height * len(shown) + 2 * GAP
    y = canvas.legend(_groups(figure), left, y, wide)
    y = canvas.key(left, y, of, ramp)
    canvas.legend(odd_entries([values]), left, y, wide)
    return canvas.sheet()


def ends(count: int) -> list[str]:
    """Names of so many rows that have none: the number of the first and of the last."""
    return [str(k) if k in (0, count - 1) else "" for k in range(count)]


def _cell(figure: Heat, shown: np.ndarray) -> tuple[int, int]:
    """Width and height of a cell: squares where there is no number or name to be written."""
    rows, columns = shown.shape
    named = int(max((extent(name, NAMES)[0] for name in figure.column_names), default=0)) + 12
    wide = named if named <= LONG and named * columns <= WIDE else 0  # names lie, as one reads
    if figure.numbers:
        texts = [figure.number_format.format(x) for x in np.asarray(figure.values).ravel()]
        written = int(max(extent(text, SMALL)[0] for text in texts)) + 16
        return max(written, CELL, wide), int(CELL * 0.8)
    width = max(min(WIDE // columns, CELL), wide, LINE if figure.column_names else 1)
    height = max(min(HIGH // rows, CELL), LINE if figure.row_names else 1)
    square = min(width, height)
    least_wide, least_high = LEAST_WIDE // columns, LEAST_HIGH // rows
    return max(square, wide, min(width, least_wide)), max(square, min(height, least_high))


def _cells(colours: np.ndarray, width: int, height: int) -> np.ndarray:
    """The cells enlarged, and between those that are large enough a fine line."""
    large = colours.repeat(height, axis=0).repeat(width, axis=1)
    if min(width, height) >= 12:
        large[height::height] = 255
        large[:, width::width] = 255
    return framed(large)


def _write_columns(canvas: Canvas, figure: Heat, left: int, y: int, width: float) -> int:
    """The columns' names above them, upright where they are too long; where the cells begin.

    Columns of a group have a bar of its colour below their names.
    """
    count = np.shape(figure.values)[1]
    names = [middle(name, 28) for name in figure.column_names] or ends(count)
    order = list(dict.fromkeys(figure.column_groups))
    if len(order) > len(GROUPS):  # colours come again: the group is written out
        names = [f"{n} · {middle(g, 20)}" for n, g in zip(names, figure.column_groups, strict=True)]
    turned = any(extent(name, NAMES)[0] > width - 6 for name in names) and bool(figure.column_names)
    sizes = [extent(name, NAMES)[:: -1 if turned else 1] for name in names]
    height = int(max(each[1] for each in sizes)) + (6 if turned else 0)
    for k, name in enumerate(names):
        x = left + (k + 0.5) * width
        if name:
            how: dict[str, Any] = {"rotation": 90} if turned else {}
            canvas.text(x, y + height, name, ha="center", va="bottom", **how)
        if order:
            start, stop = (left + round(at * width) for at in (k, k + 1))
            painted = _bytes(GROUPS[order.index(figure.column_groups[k]) % len(GROUPS)])
            canvas.block(start + 2, y + height + 6, np.tile(painted, (BAR, stop - start - 2, 1)))
    return y + height + (BAR + 10 if order else 4)


def _bytes(colour: str) -> np.ndarray:
    return (np.array(to_rgb(colour)) * 255).round().astype(np.uint8)


def _groups(figure: Heat) -> list[tuple[np.ndarray, str]]:
    order = list(dict.fromkeys(figure.column_groups))
    if len(order) > len(GROUPS):
        return []
    return [(_bytes(GROUPS[k]), middle(name, 40)) for k, name in enumerate(order)]
