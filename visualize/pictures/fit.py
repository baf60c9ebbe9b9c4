"""A Diagram drawn to fit a slide or a page, in text that can be read there.

    fitted(draw, paper("16:9"))    the picture as SVG, and the points of its smallest text

It is laid out from top to bottom, from left to right and in bands beside each other; what gives
the largest text is taken. Where no way gives readable text, a hub's lines become stubs, and then
fewer scopes are opened.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from visualize.diagram.bands import bands, links
from visualize.diagram.build import MOST_BOXES
from visualize.diagram.drawn import Diagram, boxes
from visualize.diagram.lines import ALL_LINES, FEW
from visualize.layout.graphviz import laid_out_as
from visualize.pictures.clear import clear
from visualize.pictures.dot import drawing, legend_of
from visualize.pictures.paper import Paper

SMALLEST = 9.0  # points of the smallest text as Graphviz draws it: shapes, times, icons
READABLE = 6.0  # points that it must have when fitted
LARGEST = 2.0  # a small picture is not drawn larger than this many times
FEWER = (
    MOST_BOXES,
    48,
    40,
    34,
    28,
    24,
    20,
    14,
    9,
)  # boxes, where text would be too small with more
MOST_BANDS = 6
PREFERRED = 1.15  # a picture in one piece is taken unless bands give text so much larger
GAP = 10.0  # points between bands, and to the legend
RULE = "#cfcfcf"


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawing that Graphviz made, in points."""

    body: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pieces side by side with their legend below or beside them, and how large that is drawn."""

    pieces: tuple[Piece, ...]
    legend: Piece
    beside: bool
    scale: float
    on: Paper

    @property
    def points(self) -> float:
        """Of the smallest text."""
        return round(SMALLEST * self.scale, 2)


def fitted(
    draw: Callable[[int, int], Diagram], on: Paper, closing: bool = True
) -> tuple[str, float]:
    """The picture as SVG of the paper's size, and the points of its smallest text.

    `draw` makes the diagram with at most so many boxes, or with as many as it likes for 0, which
    is asked for alone without `closing`; its second argument is `all_lines` of
    `visualize.diagram.build.diagram`. The same diagrams give the same bytes.
    """
    sheets: list[tuple[Diagram, Sheet]] = []

    def readable(most: int) -> bool:
        """Whether text can be read with at most so many boxes."""
        for all_lines in (ALL_LINES, FEW):
            drawn = draw(most, all_lines)
            sheet = next((sheet for known, sheet in sheets if known == drawn), None)
            if sheet is None:
                sheets.append((drawn, sheet := _best(drawn, on)))
            if sheet.points >= READABLE:
                sheets.append((drawn, sheet))  # the last is what is taken
                return True
        return False

    # Fewer boxes have larger text: the first number that can be read is halved towards.
    if not readable(FEWER[0] if closing else 0) and closing:
        low, high = 1, len(FEWER) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if readable(FEWER[middle]) else (middle + 1, high)
        readable(FEWER[low])
    last = sheets[-1][1]
    best = last if last.points >= READABLE else max((s for _, s in sheets), key=lambda s: s.scale)
    return _svg(best), best.points


def _best(diagram: Diagram, on: Paper) -> Sheet:
    """The sheet of a diagram with the largest text, one in a piece where that is near it."""
    whole = [_sheet(diagram, (diagram,), way, on) for way in ("TB", "LR")]
    one = max(whole, key=lambda sheet: sheet.scale)
    several: Sheet | None = None
    for each in _cut(diagram):
        sheet = _sheet(diagram, each, "TB", on)
        if several and sheet.scale < several.scale:
            break  # more bands are only narrower in vain
        several = sheet
    return several if several and several.scale > one.scale * PREFERRED else one


def _cut(diagram: Diagram) -> Iterator[tuple[Diagram, ...]]:
    """The diagram in two bands, in three and so on, where it can be cut so."""
    places = _places(diagram)
    for count in range(2, MOST_BANDS + 1):
        cut = bands(diagram, places, count)
        if cut:
            yield cut


def _places(diagram: Diagram) -> dict[int, float]:
    """How far from the top each box is, in points, by key."""
    told = json.loads(_laid_out(drawing(diagram))["json0"])
    tops = {
        o["name"]: -float(o["pos"].split(",")[1]) for o in told.get("objects", []) if "pos" in o
    }
    return {box.key: tops[f"n{box.key}"] for box in boxes(diagram.members)}


def _sheet(diagram: Diagram, parts: Sequence[Diagram], way: str, on: Paper) -> Sheet:
    """Parts of a diagram with its legend, as large as they can be drawn on the paper."""
    pieces = tuple(_piece(drawing(part, way, whole=diagram)) for part in parts)
    told = replace(diagram, members=(*diagram.members, *(links(parts) if len(parts) > 1 else ())))
    sheets = []
    for columns in (2, 4, 6, 8):
        legend = _piece(f"digraph {{ {_LEGEND} label={legend_of(told, columns)} }}")
        sheets += [_set(pieces, legend, False, turn) for turn in on.turns]
    for columns in (1, 2):
        legend = _piece(f"digraph {{ {_LEGEND} label={legend_of(told, columns)} }}")
        sheets += [_set(pieces, legend, True, turn) for turn in on.turns]
    return max(sheets, key=lambda sheet: sheet.scale)


_LEGEND = 'fontname="DejaVu Sans" fontsize=11 bgcolor=white pad=0.1 labelloc=b labeljust=l'


def _set(pieces: tuple[Piece, ...], legend: Piece, beside: bool, on: Paper) -> Sheet:
    width, height = _extent(pieces, legend, beside)
    room = on.width - 2 * on.margin, on.height - 2 * on.margin
    return Sheet(pieces, legend, beside, min(room[0] / width, room[1] / height, LARGEST), on)


def _extent(pieces: Sequence[Piece], legend: Piece, beside: bool) -> tuple[float, float]:
    """Width and height of all, before it is scaled."""
    width = sum(piece.width for piece in pieces) + GAP * (len(pieces) - 1)
    height = max(piece.height for piece in pieces)
    if beside:
        return width + GAP + legend.width, max(height, legend.height)
    return max(width, legend.width), height + GAP + legend.height


_SVG = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt".*?>\n(.*)</svg>', re.DOTALL)


@functools.lru_cache(maxsize=64)  # a legend is the same for each way to lay a diagram out
def _piece(source: str) -> Piece:
    found = _SVG.search(clear(source, lambda each: _laid_out(each)["svg"]))
    assert found is not None
    return Piece(found[3], float(found[1]), float(found[2]))


@functools.lru_cache(maxsize=16)  # the whole was laid out before it is asked where to cut it
def _laid_out(source: str) -> dict[str, str]:
    """One layout, as a picture and with the places of its boxes."""
    return laid_out_as(source, "svg", "json0")


def _svg(sheet: Sheet) -> str:
    """A sheet as a picture of its paper's size."""
    on, scale = sheet.on, sheet.scale
    width, height = _extent(sheet.pieces, sheet.legend, sheet.beside)
    left, top = (on.width - width * scale) / 2, (on.height - height * scale) / 2
    body = list(_placed(sheet))
    head = (
        f'<svg width="{on.width:g}pt" height="{on.height:g}pt" '
        f'viewBox="0 0 {on.width:g} {on.height:g}" xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    back = f'<rect width="{on.width:g}" height="{on.height:g}" fill="white"/>'
    where = f'<g transform="translate({_n(left)} {_n(top)}) scale({scale:.5f})">'
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', head, back, where, *body, "</g>", "</svg>", ""]
    )


def _placed(sheet: Sheet) -> Iterator[str]:
    """Each piece where it belongs, a rule between two, and the legend."""
    width = sum(piece.width for piece in sheet.pieces) + GAP * (len(sheet.pieces) - 1)
    height = max(piece.height for piece in sheet.pieces)
    whole = _extent(sheet.pieces, sheet.legend, sheet.beside)[0]
    x = 0.0 if sheet.beside else (whole - width) / 2
    for k, piece in enumerate(sheet.pieces):
        if k:
            line = x - GAP / 2
            yield f'<path d="M{_n(line)},4V{_n(height - 4)}" stroke="{RULE}"/>'
        yield _moved(piece, x, 0.0, f"b{k + 1}")
        x += piece.width + GAP
    if sheet.beside:
        yield _moved(sheet.legend, x, max(height - sheet.legend.height, 0.0), "legend")
    else:
        yield _moved(sheet.legend, (whole - width) / 2, height + GAP, "legend")


def _moved(piece: Piece, x: float, y: float, name: str) -> str:
    """A piece at its place. Its ids are its own: several pieces are in one picture."""
    body = re.sub(r'(<(?:g|a) id=")', rf"\1{name}_", piece.body)
    return f'<g transform="translate({_n(x)} {_n(y)})">\n{body}</g>'


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
