"""A figure of a lesson in a terminal: pictures as blocks, curves as dots, matrices as cells.

Without colours, or where the output is piped, the same can be read from characters.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from graphlab.figure import FigureData, Heat, Images, Lines
from graphlab.screen import prose
from graphlab.screen.heat import heat
from graphlab.screen.mosaic import mosaic
from graphlab.screen.plots import lines, points
from visualize.words import printable


def figure(shown: FigureData, width: int) -> RenderableType:
    """The title, the drawing at most so many columns wide, and the caption."""
    return Group(Text(), Text(title(shown), "bold"), Text(), drawing(shown, width))


def title(shown: FigureData) -> str:
    """What a figure is called, in one line."""
    return printable(" ".join(shown.title.split()))


def drawing(shown: FigureData, width: int) -> RenderableType:
    """A figure without its title: the drawing at most so many columns wide, and the caption."""
    drawn: RenderableType
    if isinstance(shown, Images):
        drawn = mosaic(shown, width)
    elif isinstance(shown, Heat):
        drawn = heat(shown, width)
    elif isinstance(shown, Lines):
        drawn = lines(shown, min(width, prose.READABLE))
    else:
        drawn = points(shown, min(width, prose.READABLE))
    if not shown.caption:
        return drawn
    caption = prose.marked(printable(" ".join(shown.caption.split())), "italic")
    return Group(drawn, Text(), Constrain(caption, prose.READABLE))
