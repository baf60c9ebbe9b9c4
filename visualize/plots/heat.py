"""A matrix on a sheet: coloured cells with their names, numbers in them where asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab.figure import Heat
from visualize.plots import shades
from visualize.plots.canvas import MARGIN, NAMES, SMALL, Canvas, extent, framed
from visualize.plots.mosaic import odd_entries
from visualize.plots.mpl import Figure, to_rgb
from visualize.plots.style import COLOURS
from visualize.words import middle

# In pixels of the sheet.
WIDE, HIGH = 1240, 800  # all cells
CELL, LINE = 48, 24  # the largest cell, the least one that has a name beside it
LEAST_WIDE, LEAST_HIGH = 360, 140  # all cells of a small matrix
LEAST_TITLE = 620
GAP = 10
BAR = 10  # the height of a group's colour below a name
GROUPS = (*COLOURS[:6], "#f0c808", *COLOURS[7:])  # for black, one that is seen in the dark too


def heat(figure: Heat, titled: bool = True) -> Figure:
    """The sheet with the matrix."""
    values = np.asarray(figure.values, np.float64)
    most = (max(len(values) * (LINE if figure.row_names else 0), HIGH), WIDE)
    shown = shades.shrunk(values, *most)
    widths, height = _cells(figure, shown)
    edges = np.concatenate([[0], widths.cumsum()])
    if shown.shape != values.shape:  # the names are those of the values
        edges = np.linspace(0, edges[-1], values.shape[1] + 1).round().astype(int)
    of = shades.scale([values], figure.signed)
    ramp = shades.DIVERGING if figure.signed else shades.BLUES
    rows = [middle(name, 34) for name in figure.row_names] or ends(len(values))
    left = MARGIN + int(max(extent(name, NAMES)[0] for name in rows)) + 2 * GAP
    canvas = Canvas()
    wide = max(left + int(edges[-1]), LEAST_TITLE)
    y = canvas.title(figure.title if titled else "", wide)
    y = _write_columns(canvas, figure, edges + left, y)
    colours = shades.rgb(shown, of, ramp)
    canvas.block(left, y, _painted(colours, widths, height))
    for k, name in enumerate(rows):
        if name:
            canvas.text(
                left - GAP, y + (k + 0.5) * height * len(shown) / len(rows), name, ha="right"
            )
    if figure.numbers and shown.shape == values.shape:
        for row, column in np.ndindex(values.shape):
            text = figure.number_format.format(values[row, column])
            x = left + (edges[column] + edges[column + 1]) / 2
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


def _cells(figure: Heat, shown: np.ndarray) -> tuple[np.ndarray, int]:
    """The width of each column of cells, and their height; names lie where there is room."""
    width, height = _cell(figure, shown)
    columns = shown.shape[1]
    named = [int(extent(middle(name, 28), NAMES)[0]) + 12 for name in figure.column_names]
    lying = np.array([max(width, each) for each in named] or [width] * columns)
    if lying.max() * columns <= WIDE:  # a table
        return np.full(columns, lying.max()), height
    if lying.sum() <= WIDE:  # a sentence
        return lying, height
    return np.full(columns, width), height


def _cell(figure: Heat, shown: np.ndarray) -> tuple[int, int]:
    """Width and height of a cell: squares where there is no number or name to be written."""
    rows, columns = shown.shape
    if figure.numbers:
        texts = [figure.number_format.format(x) for x in np.asarray(figure.values).ravel()]
        written = int(max(extent(text, SMALL)[0] for text in texts)) + 16
        return max(written, CELL), int(CELL * 0.8)
    width = max(min(WIDE // columns, CELL), LINE if figure.column_names else 1)
    height = max(min(HIGH // rows, CELL), LINE if figure.row_names else 1)
    square = min(width, height)
    least_wide, least_high = LEAST_WIDE // columns, LEAST_HIGH // rows
    return max(square, min(width, least_wide)), max(square, min(height, least_high))


def _painted(colours: np.ndarray, widths: np.ndarray, height: int) -> np.ndarray:
    """The cells enlarged, and between those that are large enough a fine line."""
    large = colours.repeat(height, axis=0).repeat(widths, axis=1)
    if min(height, widths.min()) >= 12:
        large[height::height] = 255
        large[:, widths.cumsum()[:-1]] = 255
    return framed(large)


def _write_columns(canvas: Canvas, figure: Heat, edges: np.ndarray, y: int) -> int:
    """The columns' names above them, upright where they are too long; where the cells begin.

    `edges` are where columns begin and the last ends. Columns of a group have a bar of its
    colour below their names.
    """
    names = [middle(name, 28) for name in figure.column_names] or ends(len(edges) - 1)
    order = list(dict.fromkeys(figure.column_groups))
    if len(order) > len(GROUPS):  # colours come again: the group is written out
        names = [f"{n} · {middle(g, 20)}" for n, g in zip(names, figure.column_groups, strict=True)]
    sizes = [extent(name, NAMES) for name in names]
    wide = zip(sizes, np.diff(edges), strict=True)
    turned = bool(figure.column_names) and any(size[0] > room - 6 for size, room in wide)
    height = int(max(size[0 if turned else 1] for size in sizes)) + (6 if turned else 0)
    for k, (name, start, stop) in enumerate(zip(names, edges[:-1], edges[1:], strict=True)):
        if name:
            how: dict[str, Any] = {"rotation": 90} if turned else {}
            canvas.text((start + stop) / 2, y + height, name, ha="center", va="bottom", **how)
        if order:
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
