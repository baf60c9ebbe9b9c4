"""Blocks of colours in a terminal, and of characters where it has no colours.

An Either holds both looks; the console that prints it decides.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.text import Text

from visualize.plots import shades

# Characters for numbers where there are no colours: the more ink, the more.
INKS = " .:-=+*#%@"
SIGNED = "Oo- +*#"  # below 0, near it, above; none looks like another
ODD = {"NaN": "?", "inf": "^", "-inf": "v"}
BAR = 24  # columns of a key


@dataclass(frozen=True)
class Either:
    """Lines as they look with many colours, and as they look without."""

    coloured: Sequence[Text]
    plain: Sequence[Text]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.coloured if in_colours(console) else self.plain


def in_colours(console: Console) -> bool:
    """Whether shades of colour can be told apart on the console."""
    many = console.color_system in ("256", "truecolor")
    return many and not console.no_color and console.encoding.lower().startswith("utf")


def line() -> Text:
    """An empty line that is never wrapped."""
    return Text(no_wrap=True, overflow="crop")


def half_blocks(colours: np.ndarray) -> list[Text]:
    """A line for each two rows of bytes [rows, columns, 3]: a pixel is half a character."""
    lines = []
    for row in range(0, len(colours), 2):
        text = line()
        below = colours[row + 1] if row + 1 < len(colours) else [None] * colours.shape[1]
        for upper, lower in zip(colours[row], below, strict=True):
            ground = None if lower is None else tuple(int(x) for x in lower)
            text.append("▀", _style(tuple(int(x) for x in upper), ground))
        lines.append(text)
    return lines


def cell(text: str, colour: np.ndarray) -> tuple[str, Style]:
    """A text on a colour, in black or white, whichever can be read."""
    ink = (0, 0, 0) if shades.is_light(colour) else (255, 255, 255)
    return text, _style(ink, tuple(int(x) for x in colour))


def inked(values: np.ndarray, of: shades.Scale, signed: bool) -> list[str]:
    """A text for each row of numbers [rows, columns], a character for each of them."""
    inks = SIGNED if signed else INKS
    shares = np.nan_to_num(of.shares(values))
    levels = np.minimum((shares * len(inks)).astype(int), len(inks) - 1)
    return [
        "".join(_odd(x) or inks[k] for x, k in zip(row, each, strict=True))
        for row, each in zip(values.tolist(), levels.tolist(), strict=True)
    ]


def key(
    of: shades.Scale,
    signed: bool,
    ramp: shades.Ramp,
    odd: Mapping[str, int],
    written: bool = False,
) -> Either:
    """What the colours and the characters mean; `written`: for numbers there are no characters."""
    low, high = shades.number(of.low), shades.number(of.high)
    fine, plain = line(), line()
    if of.low == of.high:
        fine.append(f"every number is {low}", "dim")
        plain.append(f"every number is {low}", "dim")
    else:
        fine.append(f"{low} ")
        for colour in shades.rgb(np.linspace(0, 1, BAR), shades.Scale(0, 1), ramp):
            fine.append(*cell(" ", colour))
        fine.append(f" {high}")
        inks = f"{low} '{SIGNED if signed else INKS}' {high}"
        plain.append(f"from {low} to {high}" if written else inks)
    marks(fine, plain, odd)
    return Either([fine], [plain])


def marks(fine: Text, plain: Text, odd: Mapping[str, int]) -> None:
    """Add what is no finite number, with how many there are."""
    for name, count in odd.items():
        space = "   " if fine.plain else ""
        fine.append(space).append(*cell("  ", np.array(shades.ODD[name])))
        fine.append(f" {name} ({count:,})")
        plain.append(f"{space}{ODD[name]} {name} ({count:,})")


def _odd(value: float) -> str:
    if value != value:
        return ODD["NaN"]
    return "" if abs(value) < np.inf else ODD["inf" if value > 0 else "-inf"]


@functools.lru_cache(65536)
def _style(ink: tuple[int, ...], ground: tuple[int, ...] | None) -> Style:
    return Style(
        color=Color.from_rgb(*ink), bgcolor=Color.from_rgb(*ground) if ground is not None else None
    )
