"""Images on a sheet: every pixel a square, names at the side and above, a key below."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab.figure import Images
from visualize.plots import shades
from visualize.plots.bands import Strip, bands, even, stay_together
from visualize.plots.canvas import MARGIN, NAMES, SMALL, Canvas, extent, framed
from visualize.plots.mpl import Figure
from visualize.plots.style import FAINT, wrapped
from visualize.words import middle

# In pixels of the sheet.
WIDE, HIGH = 1240, 720  # all the pictures: what fills a slide
LARGEST, LEAST = 280, 44  # a picture: where there are few, and where there are too many
GAP = 10
ONE_LINE, MOST_COLUMNS = 12, 20
RAGGED = 0.75  # a last line that is not full is worth pictures so much smaller
LEAST_TITLE = 620  # a title's line, also over one small picture


def mosaic(figure: Images, titled: bool = True) -> Figure:
    """The sheet with all pictures of the figure."""
    together = stay_together(figure)
    cut = _cut(figure)
    columns = max(len(strip.pictures) for band in cut for strip in band)
    cell = _cell(figure, columns, sum(map(len, cut)))
    names = [wrapped(name, 20, 3) for name in figure.row_names]
    widest = max((int(extent(name, NAMES)[0]) for name in names), default=0)
    left = MARGIN + (widest + 2 * GAP if widest else 0)
    canvas = Canvas()
    width = max(left + columns * (cell[0] + GAP), LEAST_TITLE)
    y = canvas.title(figure.title if titled else "", width)
    paint = _painter(figure)
    for number, band in enumerate(cut):
        if number and (len(band) > 1 or band[0].first == 0):
            y += GAP  # between bands, and between rows that go on
        if figure.column_names:
            y = _write_columns(canvas, figure, band, left, y, cell[0])
        for strip in band:
            if names and (together or strip.first == 0):
                middle_of = y + cell[1] / 2
                canvas.text(left - 2 * GAP, middle_of, names[strip.row], ha="right")
            for k, picture in enumerate(strip.pictures):
                block = _enlarged(paint(picture), cell)
                x = left + k * (cell[0] + GAP) + (cell[0] - block.shape[1]) // 2
                canvas.block(x, y + (cell[1] - block.shape[0]) // 2, framed(block))
            y += cell[1] + GAP
    _write_key(canvas, figure, left, y + GAP, width)
    return canvas.sheet()


def _cut(figure: Images) -> list[list[Strip]]:
    """The bands, of as many columns as make the pictures large."""
    together = stay_together(figure)
    longest = max(map(len, figure.rows))
    if longest <= ONE_LINE:
        return bands(figure.rows, longest, together)

    def worth(most: int) -> float:
        lines = sum(map(len, bands(figure.rows, most, together)))
        full = all(len(row) % even(len(row), most) == 0 for row in figure.rows)
        room = min(WIDE / even(longest, most), HIGH / lines, LARGEST)
        return room * (1 if full else RAGGED)

    return bands(figure.rows, max(range(4, MOST_COLUMNS + 1), key=worth), together)


def _cell(figure: Images, columns: int, lines: int) -> tuple[int, int]:
    """Width and height of every picture's place: that of the largest, in whole pixels."""
    shapes = [np.shape(picture)[:2] for row in figure.rows for picture in row]
    high, wide = max(s[0] for s in shapes), max(s[1] for s in shapes)
    room = max(min(WIDE // columns - GAP, HIGH // lines - GAP, LARGEST), LEAST)
    times = max(room // max(high, wide), 1)
    return min(times * wide, room), min(times * high, room)


def _enlarged(colours: np.ndarray, cell: tuple[int, int]) -> np.ndarray:
    """The picture as large as fits into the cell, each of its pixels as large as any other."""
    high, wide, _ = colours.shape
    times = max(min(cell[0] // wide, cell[1] // high), 1)
    large = colours.repeat(times, axis=0).repeat(times, axis=1)
    return shades.shrunk(large, cell[1], cell[0]).astype(np.uint8)


def _painter(figure: Images) -> Any:
    """Gives the colours, bytes [height, width, 3], of a picture."""
    whole = shades.scale((p for row in figure.rows for p in row), figure.signed)
    ramp = shades.DIVERGING if figure.signed else shades.GREYS

    def paint(picture: Any) -> np.ndarray:
        of = shades.scale([picture], figure.signed) if figure.each else whole
        return (
            shades.own_rgb(picture, of) if np.ndim(picture) == 3 else shades.rgb(picture, of, ramp)
        )

    return paint


def _write_columns(
    canvas: Canvas, figure: Images, band: list[Strip], left: int, y: int, width: int
) -> int:
    """The columns' names above a band; where its pictures begin."""
    strip = max(band, key=lambda each: len(each.pictures))
    names = figure.column_names[strip.first : strip.first + len(strip.pictures)]
    for size in (NAMES, SMALL):
        fit = max(int(width / (size * 1.25)), 4)
        lines = [wrapped(name, max([fit, *map(len, name.split())]), 2) for name in names]
        extents = [extent(text, size) for text in lines]
        turned = any(each[0] > width + GAP - 2 for each in extents)
        if not turned:
            break
    if turned:
        lines = [middle(name, 24) for name in names]
        extents = [extent(text, size)[::-1] for text in lines]
    height = int(max(each[1] for each in extents))
    for k, text in enumerate(lines):
        x = left + k * (width + GAP) + width / 2
        how: dict[str, Any] = {"rotation": 90} if turned else {}
        canvas.text(x, y + height, text, size, ha="center", va="bottom", **how)
    return y + height + GAP // 2


def _write_key(canvas: Canvas, figure: Images, x: int, y: int, width: int) -> None:
    every = [picture for row in figure.rows for picture in row]
    coloured = np.ndim(every[0]) == 3
    grey = "black is its smallest number, white its largest"
    words = "blue is below 0, orange above" if figure.signed else grey
    if figure.each:
        shown = "from its smallest number to its largest" if coloured else words
        canvas.text(x, y + 11, f"each picture by itself: {shown}", SMALL, FAINT)
        y += 40
    elif not coloured:
        of = shades.scale(every, figure.signed)
        y = canvas.key(x, y, of, shades.DIVERGING if figure.signed else shades.GREYS)
    canvas.legend(odd_entries(every), x, y, width)


def odd_entries(arrays: Any) -> list[tuple[tuple[int, int, int], str]]:
    """A legend's entries for what is no finite number, with how many there are."""
    counts: dict[str, int] = {}
    for array in arrays:
        for name, count in shades.odd(array).items():
            counts[name] = counts.get(name, 0) + count
    return [
        (shades.ODD[name], f"{name} ({counts[name]:,})") for name in shades.ODD if name in counts
    ]
