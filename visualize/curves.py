"""Numbers become a plot: SVG or PNG by matplotlib, or braille dots for a terminal.

>>> print(*curve_text({"loss": [4.0, 2.0, 1.0, 0.5]}, width=24, height=4), sep="\\n")
  4 │⠑⠤⡀
    │  ⠈⠑⢄
    │     ⠉⠒⠤⢄⣀⡀
0.5 │          ⠈⠉⠒⠒⠤⠤⠤⢄⣀
    └───────────────────
     1                 4
loss: first 4, last 0.5
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from visualize.words import middle, printable

FORMATS = ("svg", "png")
# Okabe and Ito's colours, told apart by those who see few; dashes tell them apart in print.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#000000")
DASHES = ("-", "--", ":", "-.")
SETTINGS: Any = {  # matplotlib types each key by itself
    "svg.hashsalt": "graphlab",  # else every call names its parts anew
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "text.usetex": False,
    "text.parse_math": False,  # a name with dollar signs is a name
}

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille cell, by row


def curve(
    series: Mapping[str, Sequence[float]],
    title: str,
    format: str = "svg",
    x_label: str = "step",
    y_label: str = "",
) -> bytes:
    """A line plot of each series over its index from 1; the same numbers give the same bytes.

    The line has a gap where a value is nan or infinite; the legend counts them as not drawn.
    ValueError: an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown plot format {format!r}: expected {', '.join(FORMATS)}")
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not the user's own style: a plot looks the same everywhere
        matplotlib.rcParams.update(SETTINGS)
        figure = Figure(figsize=(7, 4), dpi=144, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for i, (name, values) in enumerate(series.items()):
            shown = [value if _drawable(value) else math.nan for value in values]
            axes.plot(
                range(1, len(shown) + 1),
                shown,
                label=_label(name, values),
                color=COLOURS[i % len(COLOURS)],
                linestyle=DASHES[i % len(DASHES)],
                # Ways that agree lie on one another: the first ones are wide enough to be seen.
                linewidth=max(1.4, 4.2 - 1.4 * i) if len(series) > 1 else 1.8,
                marker="o" if len(shown) <= 30 else None,
                markersize=4,
            )
        axes.set_title(printable(title))
        axes.set_xlabel(printable(x_label))
        axes.set_ylabel(printable(y_label))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        if series:
            axes.legend(frameon=False)
        written = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
        figure.savefig(written, format=format, metadata=metadata)
    return written.getvalue()


def _drawable(value: float) -> bool:
    # An axis beyond 1e300 overflows in matplotlib. False for nan too.
    return abs(value) < 1e300


def curve_svg(
    series: Mapping[str, Sequence[float]], title: str, x_label: str = "step", y_label: str = ""
) -> str:
    """`curve` as the text of an SVG."""
    return curve(series, title, "svg", x_label, y_label).decode()


def _label(name: str, values: Sequence[float]) -> str:
    odd = sum(not _drawable(value) for value in values)
    said = middle(name, 40) + (f" ({odd} not drawn)" if odd else "")
    return " " + said if said.startswith("_") else said  # matplotlib hides names with a _


def curve_text(
    series: Mapping[str, Sequence[float]], width: int = 72, height: int = 12
) -> list[str]:
    """Lines of at most `width` cells: `height` of them plot all series together, two label them.

    Series that agree lie on one another; names, first and last values are written below.
    Values that are nan or infinite leave a gap, and are counted as not drawn.
    """
    finite = [value for values in series.values() for value in values if _drawable(value)]
    longest = max((len(values) for values in series.values()), default=0)
    if not finite:
        return [
            f"{middle(_label(name, values), width)}: no number" for name, values in series.items()
        ]
    low, high = min(finite), max(finite)
    labels = [_number(high), _number(low)]
    left = max(len(label) for label in labels)
    columns, lines = max(width - left - 2, 4), max(height, 2)
    grid = _dots(series.values(), longest, low, high, columns, lines)
    # A blank braille cell shows faint rings in some fonts: a space does not.
    cells = ["".join(chr(0x2800 + cell) if cell else " " for cell in row) for row in grid]
    sides = [labels[0], *[""] * (lines - 2), labels[1]]
    if high == low:  # one value, half way up
        sides = ["" if i != lines // 2 else labels[0] for i in range(lines)]
    plot = [f"{side:>{left}} │{row}".rstrip() for side, row in zip(sides, cells, strict=True)]
    steps = f"{longest:>{columns - 1}}" if longest > 1 else ""
    plot.append(f"{'':>{left}} └{'─' * columns}"[:width])
    plot.append(f"{'':>{left}}  1{steps}"[:width].rstrip())
    return plot + [_summary(name, values, width) for name, values in series.items()]


def _dots(
    every: Iterable[Sequence[float]],
    longest: int,
    low: float,
    high: float,
    columns: int,
    lines: int,
) -> list[list[int]]:
    """The braille cells of a plot, row by row: neighbours of a series joined by straight lines."""
    wide, tall = columns * 2 - 1, lines * 4 - 1
    grid = [[0] * columns for _ in range(lines)]

    def place(i: int, value: float) -> tuple[int, int]:
        x = round(i * wide / (longest - 1)) if longest > 1 else 0
        # Halves first: the difference of two large numbers may be too large for a float.
        share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.49
        return x, tall - round(share * tall)

    for values in every:
        last: tuple[int, int] | None = None
        for i, value in enumerate(values):
            if not _drawable(value):
                last = None
                continue
            here = place(i, value)
            for x, y in _between(last or here, here):
                grid[y // 4][x // 2] |= DOTS[y % 4][x % 2]
            last = here
    return grid


def _between(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    far = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (
            round(start[0] + (end[0] - start[0]) * k / far),
            round(start[1] + (end[1] - start[1]) * k / far),
        )
        for k in range(far + 1)
    ]


def _summary(name: str, values: Sequence[float], width: int) -> str:
    said = ": no value"
    if len(values):
        said = f": first {_number(values[0])}, last {_number(values[-1])}"
    label = _label(name, values)
    return middle(label, max(width - len(said), 8)) + said


def _number(value: float) -> str:
    return f"{value:.4g}"
