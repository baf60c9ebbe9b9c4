"""A matrix in a terminal: coloured cells, or their numbers, or characters of more and less ink."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.figure import Heat
from graphlab.screen import pixels
from graphlab.screen.plots import COLOURS
from visualize import shades
from visualize.bands import even
from visualize.words import middle

HIGH = 48  # lines of a matrix whose rows have no names
NAME, HEAD = 20, 12  # columns of a row's name, and of a column's where there is room
LEAST_NUMBER, LEAST_NAME = 5, 7  # columns of a column, before the matrix is cut into bands


def heat(figure: Heat, width: int) -> RenderableType:
    """The matrix, in bands of columns where it is too wide and the columns have names."""
    values = np.asarray(figure.values, np.float64)
    ramp = shades.DIVERGING if figure.signed else shades.BLUES
    names = [middle(name, NAME) for name in figure.row_names]
    left = max((cell_len(name) + 1 for name in names), default=0)
    room = max(width - left, LEAST_NAME)
    named = bool(figure.column_names or figure.column_groups or figure.numbers)
    note: list[Text] = []
    if not named:
        shown = shades.shrunk(values, len(values) if names else HIGH, room)
        if shown.shape != values.shape:
            high, wide = values.shape
            note = [Text(f"{high:,} x {wide:,} numbers as means of blocks", "dim")]
        values = shown
    of = shades.scale([values], figure.signed)
    cell = _cell(figure, values, room)
    starts = range(0, values.shape[1], even(values.shape[1], room // cell))
    fine: list[Text] = []
    plain: list[Text] = []
    for start, stop in zip(starts, [*starts[1:], values.shape[1]], strict=True):
        if start:
            fine.append(pixels.line())
            plain.append(pixels.line())
        heads = _heads(figure, start, stop, left, cell)
        fine += heads
        plain += heads
        part = values[:, start:stop]
        texts = _texts(figure, part, cell)
        colours = shades.rgb(part, of, ramp)
        inked = pixels.inked(part, of, figure.signed)
        for row, side in enumerate(names or [""] * len(part)):
            lines = [pixels.line().append(set_cell_size(side, left)) for _ in range(2)]
            for column, text in enumerate(texts[row]):
                lines[0].append(*pixels.cell(text, colours[row, column]))
                lines[1].append(text if figure.numbers else _ink(inked[row][column], cell, named))
            fine.append(lines[0])
            plain.append(lines[1])
    key = pixels.key(of, figure.signed, ramp, shades.odd(figure.values))
    return Group(pixels.Either(fine, plain), pixels.line(), *note, key)


def _cell(figure: Heat, values: np.ndarray, room: int) -> int:
    """Columns of the terminal for each column of the matrix."""
    count = values.shape[1]
    if not (figure.column_names or figure.column_groups or figure.numbers):
        return 2 if 2 * count <= room else 1
    texts = [figure.number_format.format(x) for x in values.ravel()] if figure.numbers else []
    need = max((cell_len(text) + 2 for text in texts), default=0)
    named = [*figure.column_names, *figure.column_groups]
    ideal = max(need, min(max((cell_len(name) + 1 for name in named), default=0), HEAD), 2)
    least = max(need, LEAST_NUMBER if figure.numbers else LEAST_NAME)
    fit = room // count
    return min(ideal, max(fit, least)) if fit >= least else ideal


def _heads(figure: Heat, start: int, stop: int, left: int, cell: int) -> list[Text]:
    """The names of the columns, and below them their groups, each group in a colour."""
    order = list(dict.fromkeys(figure.column_groups))
    lines = []
    for names in (figure.column_names, figure.column_groups):
        if not names:
            continue
        text = pixels.line().append(" " * left)
        for k in range(start, stop):
            group = order.index(figure.column_groups[k]) if order else -1
            style = COLOURS[group % len(COLOURS)] if order else ""
            name = middle(names[k], cell - 1)
            side = " " * (cell - 1 - cell_len(name)) if figure.numbers else ""
            text.append(set_cell_size(side + name, cell), style)
        lines.append(text)
    return lines


def _texts(figure: Heat, part: np.ndarray, cell: int) -> list[list[str]]:
    """What stands in each cell."""
    if not figure.numbers:
        return [[" " * cell] * part.shape[1] for _ in part]
    return [[f"{figure.number_format.format(x):>{cell - 1}} " for x in row] for row in part]


def _ink(character: str, cell: int, named: bool) -> str:
    return character * (cell - 1) + " " if named else character * cell
