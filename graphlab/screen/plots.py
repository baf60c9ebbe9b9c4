"""Lines and points in a terminal, with their axes."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

import numpy as np
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.figure import Lines, Points
from graphlab.screen import pixels
from visualize.plots import shades
from visualize.plots.dots import Place, at, dots, drawable, joined
from visualize.words import middle

HIGH, TALL = 14, 22  # lines of a plot of curves, and of one of points
# On a dark ground and on a light one, told apart by those who see few colours.
COLOURS = "#4aa3df #e5732a #12a67c #d98cb3 #b59a20 #7fcdf5 #9d6fd6 #9a9a9a #c2557f #5f8f3f".split()
MARKS = "*o+x#%@&$~"  # lines without colours
UNDER = "=~^-"  # spans


class _Frame:
    """The place of a plot: its numbers left and below."""

    def __init__(self, x: Iterable[float], y: Iterable[float], width: int, height: int) -> None:
        xs, ys = [v for v in x if drawable(v)], [v for v in y if drawable(v)]
        self.x = (min(xs, default=0.0), max(xs, default=0.0))
        self.y = (min(ys, default=0.0), max(ys, default=0.0))
        self.sides = [shades.number(self.y[1]), shades.number(self.y[0])]
        self.left = max(map(len, self.sides))
        self.columns = max(width - self.left - 2, 8)
        self.rows = height

    def column(self, x: float, to: int) -> int:
        return at(min(max(x, self.x[0]), self.x[1]), *self.x, to)

    def row(self, y: float, to: int) -> int:
        return to - at(y, *self.y, to)

    def around(self, rows: Sequence[Text], x_label: str, y_label: str) -> list[Text]:
        """The rows with the axes, their ends and their names."""
        sides = [self.sides[0], *[""] * (self.rows - 2), self.sides[1]]
        if self.y[0] == self.y[1]:
            sides = [self.sides[0] if k == self.rows // 2 else "" for k in range(self.rows)]
        elif self.y[0] < 0 < self.y[1]:
            zero = self.row(0.0, self.rows - 1)
            sides[zero] = sides[zero] or "0"
        made = [Text(middle(y_label, self.columns), "dim", no_wrap=True)] if y_label else []
        for side, row in zip(sides, rows, strict=True):
            made.append(pixels.line().append(f"{side:>{self.left}} │").append_text(row))
        low, high = map(shades.number, self.x)
        room = self.columns - len(low) - len(high)
        name = middle(x_label, max(room - 2, 0))
        made.append(pixels.line().append(f"{'':>{self.left}} └{'─' * self.columns}"))
        made.append(pixels.line().append(f"{'':>{self.left}}  {low}{name:^{room}}{high}"))
        return made


def lines(figure: Lines, width: int) -> RenderableType:
    """The curves over one axis; below them the spans that are marked, and whose line is whose."""
    x = [float(each) for each in np.asarray(figure.x)]
    series = {name: [float(v) for v in np.asarray(values)] for name, values in figure.lines.items()}
    frame = _Frame(x, (v for values in series.values() for v in values), width, HIGH)
    fine = _braille(x, series, frame, [f"{c}" for c in COLOURS])
    plain = _braille(x, series, frame, []) if len(series) == 1 else _marked(x, series, frame)
    spans = _spans(figure, frame)
    around = [frame.around(rows, figure.x_label, figure.y_label) + spans for rows in (fine, plain)]
    names = [_name(name, values) for name, values in series.items()]
    if len(names) == 1 and figure.y_label and names[0] == next(iter(series)):
        return pixels.Either(*around)
    keys = [
        _key([("━━", name, COLOURS[k % len(COLOURS)]) for k, name in enumerate(names)], width),
        _key([(_mark(k, names), name, "") for k, name in enumerate(names)], width),
    ]
    return pixels.Either(around[0] + keys[0], around[1] + keys[1])


def points(figure: Points, width: int) -> RenderableType:
    """A letter for each group where most of the points of a place are its own."""
    places = [(float(x), float(y)) for x, y in np.asarray(figure.points)]
    good = [drawable(x) and drawable(y) for x, y in places]
    shown = [place for place, ok in zip(places, good, strict=True) if ok]
    frame = _Frame((x for x, _ in shown), (y for _, y in shown), width, TALL)
    letters = marks(figure.names)
    cells: dict[Place, list[int]] = {}
    groups = [int(g) for g in np.asarray(figure.groups)]
    for (x, y), group, ok in zip(places, groups, good, strict=True):
        if ok:
            place = (frame.column(x, frame.columns - 1), frame.row(y, frame.rows - 1))
            cells.setdefault(place, []).append(group)
    rows = []
    for row in range(frame.rows):
        text = pixels.line()
        for column in range(frame.columns):
            found = cells.get((column, row))
            if found is None:
                text.append(" ")
            else:
                most = max(sorted(set(found)), key=found.count)
                text.append(letters[most], COLOURS[most % len(COLOURS)])
        rows.append(text)
    lost = [groups[k] for k, ok in enumerate(good) if not ok]
    entries = [
        (letters[k], name + _lost(lost.count(k)), COLOURS[k % len(COLOURS)])
        for k, name in enumerate(figure.names)
        if k in groups
    ]
    return Group(*frame.around(rows, figure.x_label, figure.y_label), *_key(entries, width))


def marks(names: Sequence[str]) -> list[str]:
    """A character for each name, its own first letter where that is still free.

    >>> marks(["T-shirt", "trouser", "dress", "tie"])
    ['t', 'r', 'd', 'i']
    """
    taken: list[str] = []
    for name in names:
        letters = [c for c in name.lower() if c in string.ascii_lowercase + string.digits]
        every = [*letters, *(c.upper() for c in letters), *string.ascii_letters, *string.digits]
        taken.append(next((c for c in every if c not in taken), "*"))
    return taken


def _braille(
    x: Sequence[float], series: dict[str, list[float]], frame: _Frame, colours: Sequence[str]
) -> list[Text]:
    """All lines together as dots; where they meet, in the colour of the last of them."""
    grids = [dots([_places(x, y, frame, 2, 4)], frame.columns, frame.rows) for y in series.values()]
    rows = []
    for row in range(frame.rows):
        text = pixels.line()
        for column in range(frame.columns):
            here = [k for k, grid in enumerate(grids) if grid[row][column]]
            joint = 0
            for k in here:
                joint |= grids[k][row][column]
            style = colours[here[-1] % len(colours)] if here and colours else ""
            text.append(chr(0x2800 + joint) if here else " ", style)
        rows.append(text)
    return rows


def _marked(x: Sequence[float], series: dict[str, list[float]], frame: _Frame) -> list[Text]:
    """Each line in a character of its own; where they meet, that of the last of them."""
    grid = [[" "] * frame.columns for _ in range(frame.rows)]
    for k, y in enumerate(series.values()):
        for column, row in joined(_places(x, y, frame, 1, 1)):
            grid[row][column] = MARKS[k % len(MARKS)]
    return [Text("".join(row), no_wrap=True) for row in grid]


def _places(
    x: Sequence[float], y: Sequence[float], frame: _Frame, across: int, down: int
) -> list[Place | None]:
    wide, tall = frame.columns * across - 1, frame.rows * down - 1
    return [
        (frame.column(a, wide), frame.row(b, tall)) if drawable(a) and drawable(b) else None
        for a, b in zip(x, y, strict=True)
    ]


def _spans(figure: Lines, frame: _Frame) -> list[Text]:
    """A row for each reason: where it holds, and what it is."""
    rows = []
    whys = list(dict.fromkeys(why for _, _, why in figure.spans))
    for k, why in enumerate(whys):
        cells = [" "] * frame.columns
        for start, end, reason in figure.spans:
            if reason == why and end >= frame.x[0] and start <= frame.x[1]:
                first, last = (frame.column(v, frame.columns - 1) for v in (start, end))
                cells[first : last + 1] = UNDER[k % len(UNDER)] * (last + 1 - first)
        marked = "".join(cells).rstrip()
        said = middle(why, max(frame.columns - 4, 1))
        gap = " " * (frame.left + 2)
        if len(marked) + 1 + cell_len(said) <= frame.columns:
            rows.append(Text(f"{gap}{marked} {said}", no_wrap=True))
        else:
            rows.append(Text(f"{gap}{marked}", no_wrap=True))
            rows.append(Text(f"{gap}{UNDER[k % len(UNDER)]} {said}", no_wrap=True))
    return rows


def _mark(k: int, names: Sequence[str]) -> str:
    return MARKS[k % len(MARKS)] if len(names) > 1 else "─"


def _name(name: str, values: Sequence[float]) -> str:
    return name + _lost(sum(not drawable(v) for v in values))


def _lost(count: int) -> str:
    return f" ({count:,} not drawn)" if count else ""


def _key(entries: Sequence[tuple[str, str, str]], width: int) -> list[Text]:
    """Marks and what they stand for, on as few lines as they need."""
    made: list[Text] = []
    for mark, name, style in entries:
        piece = Text.assemble((mark, style), f" {middle(name, max(width - 4, 8))}")
        if made and cell_len(made[-1].plain) + 3 + cell_len(piece.plain) <= width:
            made[-1].append("   ").append_text(piece)
        else:
            made.append(pixels.line().append_text(piece))
    return [pixels.line(), *made] if made else []
