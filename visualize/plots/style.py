"""How every plot looks: one font, colours that differ for everyone, the same bytes every time."""

from __future__ import annotations

import contextlib
import io
import textwrap
import warnings
from collections.abc import Iterator
from typing import Any

from visualize.plots.mpl import Figure, FigureCanvasAgg, matplotlib
from visualize.words import printable

FORMATS = ("svg", "png")
DPI = 144
# The light colours of the page, which knows them again and has others in the dark.
INK, FAINT, RULE = "#1d2129", "#636b78", "#e2e0da"
# Okabe and Ito's colours, told apart by those who see few; dashes tell them apart in print.
COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", INK),
    *("#7b3fb5", "#8c8c8c", "#8b1a4a"),  # ten in all: what has more groups repeats them
)
DASHES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h")
SETTINGS: Any = {  # matplotlib types each key by itself
    "svg.hashsalt": "graphlab",  # else every call names its parts anew
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.usetex": False,
    "text.parse_math": False,  # a name with dollar signs is a name
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


@contextlib.contextmanager
def settings() -> Iterator[None]:
    """Our settings instead of the user's own style: a plot looks the same everywhere."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        warnings.filterwarnings("ignore", "Glyph .* missing")  # drawn as a box, which says it
        yield


def sheet(width: float, height: float, **options: Any) -> Figure:
    """An empty figure of so many inches."""
    figure = Figure(figsize=(width, height), dpi=DPI, **options)
    FigureCanvasAgg(figure)
    return figure


def written(
    figure: Figure, format: str, ground: bool = True, title: str = "", about: str = ""
) -> bytes:
    """The bytes of an SVG or PNG file; without `ground` what is behind shines through.

    `title` and `about` are told to whoever cannot see it. ValueError: an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown plot format {format!r}: expected {', '.join(FORMATS)}")
    told = {"Title": printable(title), "Description": printable(about)}
    metadata: dict[str, Any] = {key: text for key, text in told.items() if text}
    metadata |= {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
    out = io.BytesIO()
    figure.savefig(out, format=format, dpi=DPI, transparent=not ground, metadata=metadata)
    return out.getvalue()


def colour(i: int) -> str:
    """The colour of the series i; after the last the first again."""
    return COLOURS[i % len(COLOURS)]


def label(text: str) -> str:
    """A name for a legend: matplotlib hides those that begin with a _."""
    return " " + text if text.startswith("_") else text


def wrapped(text: str, width: int, most: int = 4) -> str:
    """One text on lines of at most `width` characters, no more than `most` of them."""
    plain = " ".join(printable(text.replace("\n", " "), newlines=False).split())
    return "\n".join(textwrap.wrap(plain, width, max_lines=most, placeholder=" …"))
