"""What a lesson shows where people would rather look: plain data, which others draw.

Plain enough for Python 3.7, as the parts of lessons are. `visualize.figures` draws a figure as
SVG or PNG, `graphlab.screen.figures` in a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Sequence, Tuple, Union  # noqa: UP035, Python 3.7 has no others

Array = Any  # a NumPy array, or what becomes one


@dataclass(frozen=True)
class Images:
    """Small pictures in rows: filters, feature maps, reconstructions beside originals.

    `rows` is [rows, columns] of pictures, each [height, width] or [height, width, 3]; rows may
    differ in length. Grey runs from the smallest number to the largest of all the pictures, or
    of each by itself with `each`. `signed` pictures are coloured by distance from 0 instead.
    """

    title: str
    caption: str  # what there is to see; also what a screen reader says
    rows: Sequence[Sequence[Array]]
    row_names: Sequence[str] = ()
    column_names: Sequence[str] = ()
    signed: bool = False
    each: bool = False


@dataclass(frozen=True)
class Lines:
    """Curves over one axis: `lines` by name, each as long as `x`.

    `spans` are stretches of the axis to be marked, as (from, to, "why").
    """

    title: str
    caption: str
    x: Array
    lines: Dict[str, Array]  # noqa: UP006
    x_label: str = ""
    y_label: str = ""
    spans: Sequence[Tuple[float, float, str]] = ()  # noqa: UP006


@dataclass(frozen=True)
class Points:
    """Points in the plane, [n, 2], each of one group; `names` names the groups from 0."""

    title: str
    caption: str
    points: Array
    groups: Array  # [n] whole numbers
    names: Sequence[str]
    x_label: str = ""
    y_label: str = ""


@dataclass(frozen=True)
class Heat:
    """A matrix as coloured cells: a table of numbers, gates over a sentence, confusions.

    `column_groups`, one name a column, colours the columns' names (the tags of words). `numbers`
    writes each cell's number in it, as `number_format` says.
    """

    title: str
    caption: str
    values: Array  # [rows, columns]
    row_names: Sequence[str] = ()
    column_names: Sequence[str] = ()
    column_groups: Sequence[str] = ()
    signed: bool = False
    numbers: bool = False
    number_format: str = "{:.2f}"


FigureData = Union[Images, Lines, Points, Heat]  # noqa: UP007
