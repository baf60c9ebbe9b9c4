"""A figure of a lesson becomes a picture: SVG or PNG.

draw(Images("Filters", "after training", [filters]), "png")     the bytes of a file
draw(figure, "svg", bare=True)                                  for a page that has the title
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlab.figure import FigureData, Heat, Images, Lines, Points, problem
from visualize.plots.heat import heat
from visualize.plots.mosaic import mosaic
from visualize.plots.mpl import Axes, ConstrainedLayoutEngine, Figure, MaxNLocator, Patch
from visualize.plots.style import (
    DASHES,
    FAINT,
    MARKERS,
    colour,
    label,
    settings,
    sheet,
    wrapped,
    written,
)
from visualize.words import counted, middle, printable

SPANS = ("#c9a227", "#0072b2", "#cc79a7", "#009e73")
HATCHES = ("", "///", "...", "\\\\\\")  # spans told apart in print
WIDE = 5.6  # inches of curves and points: on a phone no less than what the page can show of it
LETTERS, HANDLE, ROW = 62, 6, 0.23  # in a row of a legend, for a mark, and inches of a row
MANY = 3000  # points: more are drawn as pixels, an SVG of them would be megabytes


def draw(figure: FigureData, format: str = "svg", bare: bool = False) -> bytes:
    """The bytes of a file; the same figure gives the same bytes.

    `bare`: without the title and the white ground, for a page that has its own. ValueError: an
    unknown format, or a figure that cannot be drawn, and why.
    """
    wrong = problem(figure)
    if wrong:
        raise ValueError(f"this figure cannot be drawn: {wrong}")
    with settings():
        if isinstance(figure, Images):
            drawn = mosaic(figure, not bare)
        elif isinstance(figure, Heat):
            drawn = heat(figure, not bare)
        elif isinstance(figure, Lines):
            drawn = _lines(figure, not bare)
        else:
            drawn = _points(figure, not bare)
        about = f"{alternative(figure)} {figure.caption}"
        return written(drawn, format, not bare, figure.title, about)


def alternative(figure: FigureData) -> str:
    """What is drawn, in words, for whoever cannot see it; what there is to see says the caption."""
    if isinstance(figure, Images):
        named = ": " + "; ".join(figure.row_names) if figure.row_names else ""
        lengths = sorted({len(row) for row in figure.rows})
        many = " to ".join(str(n) for n in dict.fromkeys((lengths[0], lengths[-1])))
        said = f"{counted(len(figure.rows), 'row')} of {many} pictures{named}"
    elif isinstance(figure, Lines):
        said = f"{counted(len(figure.lines), 'curve')}: {', '.join(figure.lines)}"
        said += "".join(f"; {why} from {a:.3g} to {b:.3g}" for a, b, why in figure.spans)
    elif isinstance(figure, Points):
        said = f"{counted(len(figure.points), 'point')} of {', '.join(figure.names)}"
    else:
        rows, columns = np.shape(figure.values)
        said = f"{counted(rows, 'row')} of {counted(columns, 'cell')}"
        said += ": " + "; ".join(figure.row_names) if figure.row_names else ""
    return printable(f"{figure.title}: {said}.", newlines=False)


def _lines(figure: Lines, titled: bool) -> Figure:
    drawn, axes = _axes(figure, titled, 4.0)
    x = np.asarray(figure.x, np.float64)
    whys = list(dict.fromkeys(why for _, _, why in figure.spans))
    for start, end, why in figure.spans:
        k = whys.index(why)
        axes.axvspan(start, end, linewidth=0, **_span(k))
    for i, (name, values) in enumerate(figure.lines.items()):
        wide = np.asarray(values, np.float64)
        shown = np.where(np.abs(wide) < 1e300, wide, np.nan)  # matplotlib's axes overflow beyond
        lost = int(np.isnan(shown).sum())
        said = middle(name, 32) + (f" ({lost} not drawn)" if lost else "")
        axes.plot(
            x,
            shown,
            label=label(said),
            color=colour(i),
            linestyle=DASHES[i % len(DASHES)],
            linewidth=2.0,
            marker="o" if len(x) <= 30 else None,
            markersize=4,
        )
    if (x == x.round()).all():
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    handles: list[Any] = axes.get_legend_handles_labels()[0]
    for k, why in enumerate(whys):
        handles.append(Patch(label=label(middle(why, 32)), linewidth=0, **_span(k)))
    if len(handles) > 1 or not figure.y_label:
        _legend(drawn, handles)
    return drawn


def _legend(drawn: Figure, handles: Sequence[Any], markers: float = 1.0) -> None:
    """Names below a plot, for which it grows: beside it they were out of sight on a phone."""
    longest = max(len(str(each.get_label())) for each in handles)
    columns = min(max(LETTERS // (longest + HANDLE), 1), len(handles))
    rows = -(-len(handles) // columns)
    drawn.set_figheight(drawn.get_figheight() + ROW * rows)
    drawn.legend(handles=handles, loc="outside lower left", ncols=columns, markerscale=markers)


def _span(k: int) -> dict[str, Any]:
    face, hatch = SPANS[k % len(SPANS)], HATCHES[k % len(HATCHES)]
    return {"facecolor": face, "edgecolor": FAINT, "hatch": hatch, "alpha": 0.2}


def _points(figure: Points, titled: bool) -> Figure:
    drawn, axes = _axes(figure, titled, 5.0)
    points = np.asarray(figure.points, np.float64)
    groups = np.asarray(figure.groups)
    seen = (np.abs(points) < 1e300).all(axis=1)
    size = float(np.clip(12000 / len(points), 9, 60))
    for k, name in enumerate(figure.names):
        ours = groups == k
        if not ours.any():
            continue
        lost = int((ours & ~seen).sum())
        shown = points[ours & seen]
        axes.scatter(
            shown[:, 0],
            shown[:, 1],
            s=size * (1.7 if MARKERS[k % len(MARKERS)] == "*" else 1),
            marker=MARKERS[k % len(MARKERS)],
            color=colour(k),
            edgecolors="white",
            linewidths=0.3,
            alpha=0.85,
            label=label(middle(name, 32) + (f" ({lost} not drawn)" if lost else "")),
            rasterized=len(points) > MANY,
        )
    _legend(drawn, axes.get_legend_handles_labels()[0], (42 / size) ** 0.5)
    return drawn


def _axes(figure: Lines | Points, titled: bool, height: float) -> tuple[Figure, Axes]:
    drawn = sheet(WIDE, height, layout=ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.14))
    axes = drawn.add_subplot()
    axes.set_xlabel(wrapped(figure.x_label, 56))
    axes.set_ylabel(wrapped(figure.y_label, 40))
    if titled:
        drawn.suptitle(wrapped(figure.title, 46), x=0.02, ha="left", fontsize=12, fontweight="bold")
    return drawn, axes
