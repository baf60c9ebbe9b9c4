"""Images in a terminal: two pixels a character, as large as the width and a few screens allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.figure import Images
from graphlab.screen import pixels
from visualize.plots import shades
from visualize.plots.bands import Strip, bands, even, stay_together
from visualize.words import middle

HIGH, COMPACT = 66, 34  # lines of all pictures together: as they are or smaller, and larger
TALL = 22  # lines of one picture
WIDE = 44  # columns of one picture
LEAST = 10  # columns of a picture that is made smaller
NAME = 16  # columns of a row's name
GAP = 2
TIMES = (*map(Fraction, (8, 6, 4, 2, 1)), *(Fraction(1, n) for n in range(2, 64)))


@dataclass(frozen=True)
class Layout:
    """Pictures of so many columns and half lines, and the bands that they stand in."""

    columns: int
    halves: int
    bands: list[list[Strip]]

    @property
    def lines(self) -> int:
        """Lines of one picture."""
        return math.ceil(self.halves / 2)


def mosaic(figure: Images, width: int) -> RenderableType:
    """All pictures of the figure, or as many as a few screens hold; how many is said then."""
    names = [middle(name, NAME) for name in figure.row_names]
    left = max((cell_len(name) + GAP for name in names), default=0)
    layout = _layout(figure, max(width - left, 8))
    kept = _kept(layout, bool(figure.column_names))
    paint = _Painter(figure, layout)
    fine: list[Text] = []
    plain: list[Text] = []
    for number, band in enumerate(kept):
        if number:
            fine.append(pixels.line())
            plain.append(pixels.line())
        if figure.column_names:
            heads = _heads(figure, band, left, layout.columns)
            fine.append(heads)
            plain.append(heads)
        for k, strip in enumerate(band):
            if k:
                fine.append(pixels.line())
                plain.append(pixels.line())
            name = names[strip.row] if names and _is_named(figure, strip) else ""
            pictures = [paint.coloured(p) for p in strip.pictures]
            fine += _beside(pictures, name, left, layout)
            inked = [paint.inked(p) for p in strip.pictures]
            plain += _beside(inked, name, left, layout)
    below = _below(paint, kept, width)
    return Group(pixels.Either(fine, plain), *([pixels.line()] if below else []), *below)


def _is_named(figure: Images, strip: Strip) -> bool:
    return strip.first == 0 or stay_together(figure)


def _size(figure: Images) -> tuple[int, int]:
    """Height and width of the largest picture."""
    shapes = [np.shape(picture)[:2] for row in figure.rows for picture in row]
    return max(s[0] for s in shapes), max(s[1] for s in shapes)


def _layout(figure: Images, width: int) -> Layout:
    """The largest pictures with which everything fits; where nothing does, small ones."""
    high, wide = _size(figure)
    longest = max(map(len, figure.rows))
    together = stay_together(figure)
    layout = None
    for times in TIMES:
        columns, halves = math.ceil(wide * times), math.ceil(high * times)
        if layout and times < 1 and columns < LEAST:
            break
        if times != TIMES[-1] and (columns > min(width, WIDE) or halves > 2 * TALL):
            continue
        most = max((width + GAP) // (columns + GAP), 1)
        cut = bands(figure.rows, even(longest, most) if together else most, together)
        layout = Layout(min(columns, width), halves, cut)
        if _high(cut, layout.lines, bool(figure.column_names)) <= (COMPACT if times > 2 else HIGH):
            break
    assert layout is not None  # the last of TIMES is always one
    return layout


def _high(cut: Sequence[Sequence[Strip]], lines: int, heads: bool) -> int:
    return sum(len(band) * (lines + 1) + heads for band in cut)


def _kept(layout: Layout, heads: bool) -> list[list[Strip]]:
    """The bands that stay: of each row the first, and of the longest rows as much as there is."""
    kept = list(layout.bands)
    while len(kept) > 1 and _high(kept, layout.lines, heads) > HIGH:
        counts: dict[int, int] = {}
        for band in kept:
            counts[band[0].row] = counts.get(band[0].row, 0) + 1
        longest = max(counts, key=lambda row: counts[row])
        if counts[longest] == 1:
            break
        kept.remove(next(band for band in reversed(kept) if band[0].row == longest))
    return kept


class _Painter:
    """Gives a picture in colours and in ink, all on one scale or each on its own."""

    def __init__(self, figure: Images, layout: Layout) -> None:
        self.figure, self.layout = figure, layout
        # Of the means, where pixels become means: they are paler.
        every = (self.sized(p) for row in figure.rows for p in row)
        self.whole = shades.scale(every, figure.signed)

    def scale(self, sized: np.ndarray) -> shades.Scale:
        return shades.scale([sized], self.figure.signed) if self.figure.each else self.whole

    def sized(self, picture: np.ndarray) -> np.ndarray:
        """As large as its place: each pixel repeated as often as any other, or means of pixels."""
        wide = np.asarray(picture, np.float64)
        halves, columns = self.layout.halves, self.layout.columns
        times = self.times(wide)
        return shades.shrunk(wide.repeat(times, axis=0).repeat(times, axis=1), halves, columns)

    def times(self, picture: np.ndarray) -> int:
        """How often each pixel is repeated, down and across."""
        high, wide = picture.shape[:2]
        return max(min(self.layout.halves // high, self.layout.columns // wide), 1)

    def coloured(self, picture: np.ndarray) -> list[Text]:
        sized = self.sized(picture)
        of = self.scale(sized)
        ramp = shades.DIVERGING if self.figure.signed else shades.GREYS
        painted = shades.own_rgb(sized, of) if sized.ndim == 3 else shades.rgb(sized, of, ramp)
        return pixels.half_blocks(painted)

    def inked(self, picture: np.ndarray) -> list[Text]:
        sized = self.sized(picture)
        of = self.scale(sized)
        if sized.ndim == 3:  # as bright as the colours are
            sized = sized @ np.array([0.299, 0.587, 0.114])
        if self.times(np.asarray(picture)) > 1:  # a mean of two rows is no number of the picture's
            lines = sized[::2]
        else:
            lines = shades.shrunk(sized, math.ceil(len(sized) / 2), sized.shape[1])
        texts = pixels.inked(lines, of, self.figure.signed)
        return [Text(text, no_wrap=True) for text in texts]


def _beside(pictures: Sequence[list[Text]], name: str, left: int, layout: Layout) -> list[Text]:
    """The lines of a strip: its name, and each picture in its place."""
    lines = []
    for k in range(layout.lines):
        text = pixels.line()
        text.append(set_cell_size(name if k == (layout.lines - 1) // 2 else "", left))
        for i, picture in enumerate(pictures):
            text.append(" " * (GAP if i else 0))
            row = k - (layout.lines - len(picture)) // 2
            piece = picture[row] if 0 <= row < len(picture) else Text()
            room = layout.columns - len(piece.plain)
            text.append(" " * (room // 2)).append_text(piece).append(" " * (room - room // 2))
        lines.append(text)
    return lines


def _heads(figure: Images, band: Sequence[Strip], left: int, columns: int) -> Text:
    strip = max(band, key=lambda each: len(each.pictures))
    names = figure.column_names[strip.first : strip.first + len(strip.pictures)]
    text = pixels.line().append(" " * left)
    for k, name in enumerate(names):
        text.append(" " * (GAP if k else 0)).append(_centred(name, columns))
    return text


def _centred(name: str, columns: int) -> str:
    cut = middle(name, columns)
    return set_cell_size(" " * ((columns - cell_len(cut)) // 2) + cut, columns)


def _below(paint: _Painter, kept: Sequence[Sequence[Strip]], width: int) -> list[RenderableType]:
    """How many pictures are shown where not all are, and what the shades mean."""
    figure = paint.figure
    every = [picture for row in figure.rows for picture in row]
    shown = sum(len(strip.pictures) for band in kept for strip in band)
    lines: list[RenderableType] = []
    if _size(figure)[1] > paint.layout.columns:
        lines.append(Text("smaller than they are: each pixel here is the mean of several", "dim"))
    if shown < len(every):
        note = f"{shown} of {len(every)} pictures; all of them are in the files of --out"
        lines.append(Text(note, "dim"))
    odd: dict[str, int] = {}
    for picture in every:
        for name, count in shades.odd(picture).items():
            odd[name] = odd.get(name, 0) + count
    ramp = shades.DIVERGING if figure.signed else shades.GREYS
    if figure.each or np.ndim(every[0]) == 3:
        fine, plain = pixels.line(), pixels.line()
        inks = pixels.SIGNED if figure.signed else pixels.INKS
        if figure.each:
            said = "each picture by itself, from its smallest number to its largest"
            blue = "blue is below 0" if figure.signed else ""
            if len(f"{said}: '{inks}'") > width:  # inks are never wrapped
                lines.append(Text(f"{said}:", "dim"))
                said = ""
            fine.append("; ".join(filter(None, [said, blue])), "dim")
            plain.append(f"{said}: '{inks}'".removeprefix(": "), "dim")
        pixels.marks(fine, plain, odd)
        told = [[text] if text.plain else [] for text in (fine, plain)]
        return [*lines, pixels.Either(*told)] if any(told) else lines
    return [*lines, pixels.key(paint.whole, figure.signed, ramp, odd)]
