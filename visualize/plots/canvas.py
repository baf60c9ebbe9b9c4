"""A sheet that is filled pixel by pixel: blocks of colour, with writing that stays writing.

canvas = Canvas()
canvas.block(20, 20, colours)       # bytes [height, width, 3]
canvas.text(20, 60, "a name")
canvas.sheet()                      # as large as what is on it, and a margin
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from visualize.plots import shades
from visualize.plots.mpl import Figure, FontProperties, RendererAgg
from visualize.plots.style import DPI, FAINT, INK, sheet, wrapped
from visualize.words import printable

MARGIN = 28
TITLE, NAMES, SMALL = 12.0, 9.0, 8.0  # points
SWATCH = 22
BAR = 220  # pixels of a key's ramp


@dataclass
class Canvas:
    """What is to be drawn, in pixels from the left and from above; DPI of them are an inch."""

    blocks: list[tuple[int, int, np.ndarray]] = field(default_factory=list)
    texts: list[tuple[float, float, str, dict[str, Any]]] = field(default_factory=list)
    right: float = 0.0  # how far it is filled
    below: float = 0.0

    def block(self, x: int, y: int, colours: np.ndarray) -> None:
        """Bytes [height, width, 3 or 4], the upper left corner at x, y."""
        self.blocks.append((x, y, colours))
        self.right = max(self.right, x + colours.shape[1])
        self.below = max(self.below, y + colours.shape[0])

    def text(
        self, x: float, y: float, text: str, size: float = NAMES, color: str = INK, **how: Any
    ) -> None:
        """Writing that begins at x and has its middle at y, unless `ha` and `va` differ."""
        how = {"ha": "left", "va": "center", "fontsize": size, "color": color, **how}
        self.texts.append((x, y, printable(text), how))
        width, height = extent(text, size, how.get("fontweight") == "bold")
        if how.get("rotation") == 90:
            width, height = height, width
        self.right = max(self.right, x + width * {"left": 1, "center": 0.5, "right": 0}[how["ha"]])
        self.below = max(self.below, y + height * {"top": 1, "center": 0.5, "bottom": 0}[how["va"]])

    def title(self, text: str, width: float) -> int:
        """The title, on lines that are at most so wide; where the rest may begin."""
        if not text:
            return MARGIN
        character = extent(text.replace("\n", " "), TITLE, True)[0] / len(text)
        lines = wrapped(text, max(int((width - 2 * MARGIN) / character), 20))
        self.text(MARGIN, MARGIN, lines, TITLE, va="top", fontweight="bold")
        return MARGIN + int(extent(lines, TITLE, True)[1]) + 26

    def legend(self, entries: Sequence[tuple[Any, str]], x: int, y: int, width: float) -> int:
        """Swatches, each with what it means, on lines of so many pixels; where the rest begins."""
        at: float = x
        for colour, name in entries:
            wide = int(SWATCH * 1.4 + extent(name, SMALL)[0])
            if at > x and at + wide > width:
                at, y = x, y + int(SWATCH * 1.5)
            self.block(int(at), y, np.full((SWATCH, SWATCH, 3), colour, np.uint8))
            self.text(at + SWATCH * 1.4, y + SWATCH / 2, name, SMALL)
            at += wide + SWATCH
        return y + int(SWATCH * 1.8) if entries else y

    def key(self, x: int, y: int, of: shades.Scale, ramp: shades.Ramp) -> int:
        """The ramp with the numbers at its ends, and at 0 where that is inside."""
        if of.low == of.high:
            self.text(x, y + SWATCH / 2, f"every number is {shades.number(of.low)}", SMALL, FAINT)
            return y + int(SWATCH * 1.8)
        bar = shades.rgb(np.linspace(0, 1, BAR)[None], shades.Scale(0, 1), ramp)
        low, high = shades.number(of.low), shades.number(of.high)
        start = x + int(extent(low, SMALL)[0]) + 10
        self.block(start, y + 4, framed(np.repeat(bar, SWATCH - 8, axis=0)))
        self.text(x, y + SWATCH / 2, low, SMALL)
        self.text(start + BAR + 10, y + SWATCH / 2, high, SMALL)
        return y + int(SWATCH * 1.8)

    def sheet(self) -> Figure:
        """All of it as a figure that is as large as what is on it."""
        width, height = int(self.right) + MARGIN, int(self.below) + MARGIN
        pixels = np.zeros((height, width, 4), np.uint8)
        for left, top, colours in self.blocks:
            place = pixels[top : top + colours.shape[0], left : left + colours.shape[1]]
            place[..., : colours.shape[2]] = colours
            if colours.shape[2] == 3:
                place[..., 3] = 255
        figure = sheet((width + 0.01) / DPI, (height + 0.01) / DPI)  # a hair more: no pixel is lost
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.imshow(pixels, interpolation="none", extent=(0, width, height, 0), aspect="auto")
        for x, y, text, how in self.texts:
            axes.text(x, y, text, **how)
        return figure


def framed(colours: np.ndarray) -> np.ndarray:
    """The block within a thin frame: a white one can be seen on white."""
    height, width, _ = colours.shape
    block = np.full((height + 2, width + 2, 4), (128, 134, 145, 140), np.uint8)
    block[1:-1, 1:-1, :3] = colours
    block[1:-1, 1:-1, 3] = 255
    return block


def extent(text: str, size: float, bold: bool = False) -> tuple[float, float]:
    """How many pixels wide and high a text is, of one line or more."""
    lines = printable(text).split("\n")
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    wide = max(_renderer().get_text_width_height_descent(line, font, False)[0] for line in lines)
    return wide, len(lines) * size * DPI / 72 * 1.25


@functools.cache
def _renderer() -> RendererAgg:
    return RendererAgg(1, 1, DPI)
