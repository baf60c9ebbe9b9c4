"""What a lesson shows where people would rather look: plain data, which others draw.

Plain enough for Python 3.7, as the parts of lessons are. `visualize.plots.figures` draws a figure
as SVG or PNG, `graphlab.screen.figures` in a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Sequence, Tuple, Union  # noqa: UP035, Python 3.7 has no others

import numpy as np

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


def problem(figure: Any) -> str:
    """What keeps a figure from being drawn, in one line; "" where nothing does."""
    if type(figure) not in _PROBLEMS:
        kinds = ", ".join(kind.__name__ for kind in _PROBLEMS)
        return f"it is {type(figure).__name__}; give one of {kinds}"
    try:
        said = _names("title and caption", [figure.title, figure.caption], 2)
        return said or _PROBLEMS[type(figure)](figure)
    except (TypeError, ValueError) as error:
        return f"its data are no arrays of numbers: {error}"


def _images(figure: Images) -> str:
    for row, pictures in enumerate(figure.rows):
        for column, picture in enumerate(pictures):
            shape = np.shape(np.asarray(picture, np.float64))
            if not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)) or 0 in shape:
                return (
                    f"picture {column} of row {row} is {list(shape)};"
                    " give [height, width] or [height, width, 3]"
                )
    longest = max((len(pictures) for pictures in figure.rows), default=0)
    if not longest:
        return "it has no pictures"
    return _names("row_names", figure.row_names, len(figure.rows)) or _names(
        "column_names", figure.column_names, longest
    )


def _lines(figure: Lines) -> str:
    count = len(np.asarray(figure.x, np.float64))
    for name, values in figure.lines.items():
        shape = np.shape(np.asarray(values, np.float64))
        if shape != (count,):
            return f"line {name!r} is {list(shape)}; x is [{count}], give as many"
    for span in figure.spans:
        if len(span) != 3 or not float(span[0]) <= float(span[1]):
            return f"span {span!r} is none; give (from, to, why)"
    if not figure.lines or not count:
        return "it has no lines"
    labels = [figure.x_label, figure.y_label, *(why for _, _, why in figure.spans)]
    return _names("the names of lines", list(figure.lines), len(figure.lines)) or _names(
        "labels and reasons", labels, len(labels)
    )


def _points(figure: Points) -> str:
    shape = np.shape(np.asarray(figure.points, np.float64))
    groups = np.asarray(figure.groups)
    if len(shape) != 2 or shape[1] != 2:
        return f"points is {list(shape)}; give [n, 2]"
    if groups.shape != shape[:1] or groups.dtype.kind not in "iu":
        return f"groups is {list(groups.shape)} {groups.dtype}; give [{shape[0]}] whole numbers"
    if groups.size and not 0 <= groups.min() <= groups.max() < len(figure.names):
        return (
            f"groups run from {groups.min()} to {groups.max()}"
            f" and names has {len(figure.names)}; give each group its name"
        )
    if not groups.size:
        return "it has no points"
    return _names("names", figure.names, len(figure.names)) or _names(
        "labels", [figure.x_label, figure.y_label], 2
    )


def _heat(figure: Heat) -> str:
    shape = np.shape(np.asarray(figure.values, np.float64))
    if len(shape) != 2 or 0 in shape:
        return f"values is {list(shape)}; give [rows, columns]"
    return (
        _names("row_names", figure.row_names, shape[0])
        or _names("column_names", figure.column_names, shape[1])
        or _names("column_groups", figure.column_groups, shape[1])
    )


def _names(field: str, names: Sequence[str], count: int) -> str:
    if isinstance(names, np.ndarray) or not all(isinstance(name, str) for name in names):
        return f"{field} are {names!r}; give a list of texts"
    return f"{field} has {len(names)}; give {count} or none" if len(names) not in (0, count) else ""


_PROBLEMS = {Images: _images, Lines: _lines, Points: _points, Heat: _heat}  # type: Dict[type, Any]
