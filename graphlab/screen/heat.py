"""A matrix in a terminal: coloured cells, or their numbers, or characters of more and less ink."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.figure import Heat
from graphlab.screen import pixels
from graphlab.screen.plots import COLOURS
from visualize.plots import shades
from visualize.words import middle

HIGH, TALL = 48, 24  # rows of a matrix whose rows have no names, and more share lines
NAME = 20  # columns that a row's name may have at any width
HEAD = 12  # and a column's, where there is room
LEAST_NUMBER, LEAST_NAME = 5, 7  # columns of a column, before the matrix is cut into bands


def heat(figure: Heat, width: int) -> RenderableType:
    """The matrix, in bands of columns where it is too wide and the columns have names."""
    values = np.asarray(figure.values, np.float64)
    ramp = shades.DIVERGING if figure.signed else shades.BLUES
    names = [middle(name, max(NAME, width * 2 // 5)) for name in figure.row_names]
    left = max((cell_len(name) + 1 for name in names), default=0)
    room = max(width - left, LEAST_NAME)
    note: list[Text] = []
    if not _named(figure):
        shown = shades.shrunk(values, len(values) if names else HIGH, room)
        if shown.shape != values.shape:
            high, wide = values.shape
            note = [Text(f"{high:,} x {wide:,} numbers as means of blocks", "dim")]
        values = shown
    of = shades.scale([values], figure.signed)
    widths = _widths(figure, values, room)
    bands = _bands(widths, room)
    halved = not names and not figure.numbers and len(values) * len(bands) > TALL
    fine: list[Text] = []
    plain: list[Text] = []
    for number, (start, stop) in enumerate(bands):
        for lines in (fine, plain):
            lines += [pixels.line()] * (number > 0)
            lines += _heads(figure, start, stop, left, widths)
            if len(bands) > 1 and not (figure.column_names or figure.column_groups):
                lines.append(_numbered(start, stop))
        part, cells = values[:, start:stop], widths[start:stop]
        colours = shades.rgb(part, of, ramp)
        if halved:
            fine += pixels.half_blocks(colours.repeat(cells, axis=1))
            part = shades.shrunk(part, math.ceil(len(part) / 2), part.shape[1])
        else:
            fine += _coloured(figure, part, colours, names, left, cells)
        plain += _inked(figure, part, of, names, left, cells)
    if halved:
        note.append(Text("two rows to a line", "dim"))
    odd = shades.odd(figure.values)
    key = pixels.key(of, figure.signed, ramp, odd, written=figure.numbers)
    return Group(pixels.Either(fine, plain), pixels.line(), *note, key)


def _named(figure: Heat) -> bool:
    """Whether each column has something written to it."""
    return bool(figure.column_names or figure.column_groups or figure.numbers)


def _widths(figure: Heat, values: np.ndarray, room: int) -> list[int]:
    """Columns of the terminal for each column of the matrix."""
    count = values.shape[1]
    if not _named(figure):
        return [2 if 2 * count <= room else 1] * count
    ideal = [2] * count
    for names in (figure.column_names, figure.column_groups):
        for k, name in enumerate(names):
            ideal[k] = max(ideal[k], min(cell_len(name) + 1, HEAD))
    texts = [figure.number_format.format(x) for x in values.ravel()] if figure.numbers else []
    need = max((cell_len(text) + 2 for text in texts), default=0)
    ideal = [max(each, need) for each in ideal]
    if max(ideal) * count <= room:  # a table
        return [max(ideal)] * count
    least = max(need, LEAST_NUMBER if figure.numbers else LEAST_NAME)
    if sum(ideal) > room and room // count >= least:  # their names are cut
        return [room // count] * count
    return ideal


def _bands(widths: Sequence[int], room: int) -> list[tuple[int, int]]:
    """The columns of each band, from and to, as many as there is room for.

    >>> _bands([5, 5, 5], 10), _bands([12], 10)
    ([(0, 2), (2, 3)], [(0, 1)])
    """
    starts = [0]
    filled = 0
    for k, width in enumerate(widths):
        if filled and filled + width > room:
            starts.append(k)
            filled = 0
        filled += width
    return list(zip(starts, [*starts[1:], len(widths)], strict=True))


def _heads(figure: Heat, start: int, stop: int, left: int, widths: Sequence[int]) -> list[Text]:
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
            name = middle(names[k], widths[k] - 1)
            side = " " * (widths[k] - 1 - cell_len(name)) if figure.numbers else ""
            text.append(set_cell_size(side + name, widths[k]), style)
        lines.append(text)
    return lines


def _numbered(start: int, stop: int) -> Text:
    """Which columns a band has whose columns have no names, counted from 0."""
    said = f"column {start}" if stop - start == 1 else f"columns {start} to {stop - 1}"
    return pixels.line().append(said, "dim")


def _coloured(
    figure: Heat,
    part: np.ndarray,
    colours: np.ndarray,
    names: Sequence[str],
    left: int,
    widths: Sequence[int],
) -> list[Text]:
    lines = []
    for k, row in enumerate(part):
        text = pixels.line().append(set_cell_size(names[k] if names else "", left))
        for value, colour, width in zip(row, colours[k], widths, strict=True):
            text.append(*pixels.cell(_number(figure, value, width), colour))
        lines.append(text)
    return lines


def _inked(
    figure: Heat,
    part: np.ndarray,
    of: shades.Scale,
    names: Sequence[str],
    left: int,
    widths: Sequence[int],
) -> list[Text]:
    lines = []
    for k, inks in enumerate(pixels.inked(part, of, figure.signed)):
        text = pixels.line().append(set_cell_size(names[k] if names else "", left))
        for value, ink, width in zip(part[k], inks, widths, strict=True):
            wide = width - 1 if _named(figure) else width
            text.append(
                _number(figure, value, width) if figure.numbers else f"{ink * wide:<{width}}"
            )
        lines.append(text)
    return lines


def _number(figure: Heat, value: float, width: int) -> str:
    return f"{figure.number_format.format(value) if figure.numbers else '':>{width - 1}} "
