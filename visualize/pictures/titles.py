"""Titles of open groups and words on lines, where no line goes through them.

with_clear_text(svg)    the same picture: a title stands beside the lines that enter its group, and
                        what a line still crosses is written above it, with a rim around its letters
crowded(svg)            the groups whose title has no such place, and how wide they might be instead

Graphviz sets a title in the middle of its group's upper edge and draws each line over what was
there before.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Spans = Sequence[tuple[float, float]]  # from left to right, in points

AIR = 5.0  # points between a title and a line
ABOVE, BELOW = 0.8, 0.25  # how far letters reach from the line they stand on, in sizes of the font
CORNER = 12.0  # points of a group's edge that are round
WIDER = 0.5  # of its title's width: by so much a crowded group is to grow
CURVED = 4  # points of a curve
PARTS = 8  # straight parts in the place of a curve
RIM = ' paint-order="stroke" stroke-width="3" stroke-linejoin="round" stroke="{}"'

_NAME = re.compile(r"<title>(cluster[^<]*)</title>")
_CLUSTER = re.compile(r'<g id="(?:a_)?clust\d+".*?</a>\n</g>\n</g>\n', re.DOTALL)
_AREA = re.compile(r'<path fill="([^"]+)" stroke="[^"]+" d="([^"]+)"/>')
_TEXT = re.compile(r'<text [^>]*? x="([-\d.]+)" y="([-\d.]+)" [^>]*?font-size="([\d.]+)"[^>]*>')
_WORDS = re.compile(r"<text [^>]*>[^<]*</text>\n")
_EDGE = re.compile(r'<g id="(?:a_)?edge\d+".*?\n</g>\n', re.DOTALL)
_LINE = re.compile(r'<path fill="none" [^>]*?d="M([^"]+)"/>')
_HEAD = re.compile(r'<polygon [^>]*?points="([^"]+)"/>')
_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: two points are its ends, and of four the inner two pull it."""

    points: tuple[Point, ...]
    top: float  # of its points: no curve leaves what they span
    bottom: float


@dataclass(frozen=True, slots=True)
class Title:
    """The title of an open group: where it begins, how wide it and its group are, in points."""

    x: str  # as it is written
    width: float
    group: float
    fill: str  # of the group
    place: float | None  # where it might begin instead, beside all lines


def crowded(svg: str) -> dict[str, float]:
    """The groups of Graphviz's picture whose title has no place beside the lines, by the names that
    they have in DOT, each with the width in points that may give it one."""
    lines = _pieces(svg)
    found = {}
    for group in _CLUSTER.findall(svg):
        title, name = _title(group, lines), _NAME.search(group)
        if title is not None and title.place is None and name is not None:
            found[name[1]] = title.group + WIDER * title.width
    return found


def with_clear_text(svg: str) -> str:
    """A picture of Graphviz's in which text can be read wherever lines go."""
    lines = _pieces(svg)
    above: list[str] = []
    svg = _CLUSTER.sub(lambda match: _titled(match[0], lines, above), svg)
    svg = _EDGE.sub(lambda match: _worded(match[0], above), svg)
    end = svg.rindex("</g>")
    return svg[:end] + "".join(above) + svg[end:]


def _titled(group: str, lines: Sequence[Piece], above: list[str]) -> str:
    """A group whose title stands where no line is; else it joins what is written above all."""
    title = _title(group, lines)
    if title is None:
        return group
    if title.place is not None:
        return group.replace(f' x="{title.x}" ', f' x="{title.place:.2f}" ', 1)
    return _WORDS.sub(lambda words: _lifted(words[0], title.fill, above), group)


def _title(group: str, lines: Sequence[Piece]) -> Title | None:
    """The title of a group; None where it has none."""
    area, text = _AREA.search(group), _TEXT.search(group)
    if area is None or text is None:
        return None
    across = [x for x, _ in _points(area[2].translate(_CURVES))]
    left, right = min(across), max(across)
    x, y, size = map(float, text.groups())
    wide = left + right - 2 * x  # it begins at half its width from the middle
    top, bottom = y - ABOVE * size - AIR, y + BELOW * size + AIR
    near = (each for each in lines if each.bottom >= top and each.top <= bottom)
    taken = [(a - AIR, b + AIR) for each in near for a, b in _within(each.points, top, bottom)]
    taken = [(a, b) for a, b in taken if b > left and a < right]
    place = _place(left + CORNER, right - CORNER, wide, taken)
    return Title(text[1], wide, right - left, area[1], place)


_CURVES = str.maketrans("MC", "  ")


def _place(left: float, right: float, wide: float, taken: Spans) -> float | None:
    """Where something so wide begins that overlaps nothing taken, as near the middle as can be."""
    middle = (left + right - wide) / 2
    beside = [start for span in taken for start in (span[1], span[0] - wide)]
    free = [
        start
        for start in (middle, *(each for each in beside if left <= each <= right - wide))
        if all(start + wide <= span[0] or start >= span[1] for span in taken)
    ]
    return min(free, key=lambda start: (abs(start - middle), start), default=None)


def _worded(edge: str, above: list[str]) -> str:
    """A line without its words, which join what is written above all lines."""
    return _WORDS.sub(lambda words: _lifted(words[0], "white", above), edge)


def _lifted(words: str, fill: str, above: list[str]) -> str:
    above.append(words.replace("<text", "<text" + RIM.format(fill), 1))
    return ""


@functools.lru_cache(maxsize=2)  # a picture is asked for what is crowded, and then made clear
def _pieces(svg: str) -> tuple[Piece, ...]:
    """The pieces of all lines, and of their arrows' heads."""
    found: list[tuple[Point, ...]] = []
    for edge in _EDGE.findall(svg):
        for match in _LINE.finditer(edge):
            line = _points(match[1].replace("C", " "))
            found += [tuple(line[k : k + 4]) for k in range(0, len(line) - 3, 3)]
        for match in _HEAD.finditer(edge):
            found += itertools.pairwise(_points(match[1]))
    return tuple(Piece(each, *_span([y for _, y in each])) for each in found)


def _span(numbers: Sequence[float]) -> Point:
    return min(numbers), max(numbers)


def _points(text: str) -> list[Point]:
    numbers = [float(each) for each in _NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _on(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """A point of the curve from a to d, which b and c pull."""
    u = 1 - t
    p, q, r, s = u**3, 3 * u * u * t, 3 * u * t * t, t**3
    return (
        p * a[0] + q * b[0] + r * c[0] + s * d[0],
        p * a[1] + q * b[1] + r * c[1] + s * d[1],
    )


def _within(points: Sequence[Point], top: float, bottom: float) -> Iterator[Point]:
    """From where to where each straight part of a piece is between two heights."""
    line = list(points)
    if len(line) == CURVED:
        a, b, c, d = line
        line = [a, *(_on(a, b, c, d, n / PARTS) for n in range(1, PARTS + 1))]
    for (x, y), (u, v) in itertools.pairwise(line):
        if max(y, v) < top or min(y, v) > bottom:
            continue
        ends = [x, u]
        if y != v:  # only as far as it is between them
            ends = [
                x + (u - x) * min(max((edge - y) / (v - y), 0.0), 1.0) for edge in (top, bottom)
            ]
        yield _span(ends)
