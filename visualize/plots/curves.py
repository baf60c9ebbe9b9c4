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

import math
from collections.abc import Mapping, Sequence

from visualize.plots.dots import Place, at, braille, dots, drawable
from visualize.plots.mpl import MaxNLocator
from visualize.plots.style import DASHES, colour, label, settings, sheet, written
from visualize.words import middle, printable


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
    with settings():
        figure = sheet(7, 4, layout="constrained")
        axes = figure.add_subplot()
        for i, (name, values) in enumerate(series.items()):
            shown = [value if drawable(value) else math.nan for value in values]
            axes.plot(
                range(1, len(shown) + 1),
                shown,
                label=_label(name, values),
                color=colour(i),
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
        if series:
            axes.legend()
        return written(figure, format)


def curve_svg(
    series: Mapping[str, Sequence[float]], title: str, x_label: str = "step", y_label: str = ""
) -> str:
    """`curve` as the text of an SVG."""
    return curve(series, title, "svg", x_label, y_label).decode()


def _label(name: str, values: Sequence[float]) -> str:
    odd = sum(not drawable(value) for value in values)
    said = middle(name, 40) + (f" ({odd} not drawn)" if odd else "")
    return label(said)


def curve_text(
    series: Mapping[str, Sequence[float]], width: int = 72, height: int = 12
) -> list[str]:
    """Lines of at most `width` cells: `height` of them plot all series together, two label them.

    Series that agree lie on one another; names, first and last values are written below.
    Values that are nan or infinite leave a gap, and are counted as not drawn.
    """
    finite = [value for values in series.values() for value in values if drawable(value)]
    longest = max((len(values) for values in series.values()), default=0)
    if not finite:
        return [
            f"{middle(_label(name, values), width)}: no number" for name, values in series.items()
        ]
    low, high = min(finite), max(finite)
    labels = [_number(high), _number(low)]
    left = max(len(label) for label in labels)
    columns, lines = max(width - left - 2, 4), max(height, 2)
    places = [_places(each, longest, low, high, columns, lines) for each in series.values()]
    cells = braille(dots(places, columns, lines))
    sides = [labels[0], *[""] * (lines - 2), labels[1]]
    if high == low:  # one value, half way up
        sides = ["" if i != lines // 2 else labels[0] for i in range(lines)]
    plot = [f"{side:>{left}} │{row}".rstrip() for side, row in zip(sides, cells, strict=True)]
    steps = f"{longest:>{columns - 1}}" if longest > 1 else ""
    plot.append(f"{'':>{left}} └{'─' * columns}"[:width])
    plot.append(f"{'':>{left}}  1{steps}"[:width].rstrip())
    return plot + [_summary(name, values, width) for name, values in series.items()]


def _places(
    values: Sequence[float], longest: int, low: float, high: float, columns: int, lines: int
) -> list[Place | None]:
    wide, tall = columns * 2 - 1, lines * 4 - 1
    return [
        (at(i, 0, longest - 1, wide) if longest > 1 else 0, tall - at(value, low, high, tall))
        if drawable(value)
        else None
        for i, value in enumerate(values)
    ]


def _summary(name: str, values: Sequence[float], width: int) -> str:
    said = ": no value"
    if len(values):
        said = f": first {_number(values[0])}, last {_number(values[-1])}"
    return middle(_label(name, values), max(width - len(said), 8)) + said


def _number(value: float) -> str:
    return f"{value:.4g}"
