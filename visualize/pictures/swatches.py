"""The shapes in a legend, drawn. Graphviz has only boxes in a label, with a shape's name in each.

with_shapes(svg)    the same picture, a shape of that fill and line in the place of each such box
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

WIDE, HIGH = 30.0, 15.0  # points of a shape
DASHED = "dashed "  # before a shape's name
_BOX = re.compile(
    r'<path fill="(?P<fill>[^"]+)" stroke="none" d="(?P<d>[^"]+)"/>\n'
    r'<path fill="none" stroke="(?P<line>[^"]+)" d="(?P=d)"/>\n'
    r"<text [^>]*>(?P<name>[a-z0-9 ]+)</text>\n"
)
_NUMBER = re.compile(r"-?[\d.]+")

Corners = tuple[float, float, float, float]  # left, top, right, bottom


def with_shapes(svg: str) -> str:
    """A picture of Graphviz's, with the shapes of its legend drawn.

    The legend stands before all groups, boxes and lines, whose texts stay as they are.
    """
    graph = svg.index('<g id="graph')
    end = svg.find('<g id="', graph + 1)
    legend = svg[: end if end >= 0 else len(svg)]
    return _BOX.sub(_drawn, legend) + svg[len(legend) :]


def _drawn(match: re.Match[str]) -> str:
    name = match["name"].removeprefix(DASHED)
    if name not in SHAPES:
        return match[0]
    numbers = [float(each) for each in _NUMBER.findall(match["d"])]
    x, y = (min(axis) / 2 + max(axis) / 2 for axis in (numbers[::2], numbers[1::2]))
    corners = x - WIDE / 2, y - HIGH / 2, x + WIDE / 2, y + HIGH / 2
    dashes = ' stroke-dasharray="5,2"' if match["name"].startswith(DASHED) else ""
    look = f'fill="{match["fill"]}" stroke="{match["line"]}"{dashes}'
    return f'<g class="swatch" {look}>{SHAPES[name](corners)}</g>\n'


def _points(*pairs: tuple[float, float]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in pairs)


def _polygon(*pairs: tuple[float, float]) -> str:
    return f'<polygon points="{_points(*pairs)}"/>'


def _line(*pairs: tuple[float, float]) -> str:
    return f'<polyline fill="none" points="{_points(*pairs)}"/>'


def _ellipse(at: Corners) -> str:
    left, top, right, bottom = at
    middle = f'cx="{(left + right) / 2:.2f}" cy="{(top + bottom) / 2:.2f}"'
    return f'<ellipse {middle} rx="{WIDE / 2:g}" ry="{HIGH / 2:g}"/>'


def _circle(at: Corners) -> str:
    left, top, right, bottom = at
    middle = f'cx="{(left + right) / 2:.2f}" cy="{(top + bottom) / 2:.2f}"'
    return f'<circle {middle} r="{HIGH / 2:g}"/>'


def _rounded(at: Corners) -> str:
    left, top, _, _ = at
    return f'<rect x="{left:.2f}" y="{top:.2f}" width="{WIDE:g}" height="{HIGH:g}" rx="5"/>'


def _cylinder(at: Corners) -> str:
    left, top, right, bottom = at
    lid, belly = 2.5, 1.0  # how far the rims are from the ends, and how far they bulge
    above, below = (
        _points((left, top - belly), (right, top - belly), (right, top + lid)),
        _points((right, bottom + belly), (left, bottom + belly), (left, bottom - lid)),
    )
    body = f"M{left:.2f},{top + lid:.2f}C{above}L{right:.2f},{bottom - lid:.2f}C{below}Z"
    front = _points(
        (left, top + 2 * lid + belly), (right, top + 2 * lid + belly), (right, top + lid)
    )
    rim = f"M{left:.2f},{top + lid:.2f}C{front}"
    return f'<path d="{body}"/><path fill="none" d="{rim}"/>'


def _note(at: Corners) -> str:
    left, top, right, bottom = at
    fold = 5.0
    whole = ((left, top), (right - fold, top), (right, top + fold), (right, bottom), (left, bottom))
    return _polygon(*whole) + _line(
        (right - fold, top), (right - fold, top + fold), (right, top + fold)
    )


def _folder(at: Corners) -> str:
    left, top, right, bottom = at
    tab = 3.0
    return _polygon(
        (left, top + tab),
        (right - 13, top + tab),
        (right - 11, top),
        (right - 2, top),
        (right, top + tab),
        (right, bottom),
        (left, bottom),
    ) + _line((right - 13, top + tab), (right, top + tab))


def _component(at: Corners) -> str:
    left, top, right, bottom = at
    body = _polygon((left + 3, top), (right, top), (right, bottom), (left + 3, bottom))
    lugs = [
        _polygon((left, y), (left + 7, y), (left + 7, y + 3), (left, y + 3))
        for y in (top + 2.5, bottom - 5.5)
    ]
    return "".join([body, *lugs])


def _block(at: Corners) -> str:
    left, top, right, bottom = at
    deep = 3.5
    whole = (
        *((left, top + deep), (left + deep, top), (right, top)),
        *((right, bottom - deep), (right - deep, bottom), (left, bottom)),
    )
    corner = (right - deep, top + deep)
    edges = _line((left, top + deep), corner, (right - deep, bottom)) + _line(corner, (right, top))
    return _polygon(*whole) + edges


SHAPES: Mapping[str, Callable[[Corners], str]] = {  # by what a legend calls them
    "ellipse": _ellipse,
    "circle": _circle,
    "rounded box": _rounded,
    "cylinder": _cylinder,
    "note": _note,
    "folder": _folder,
    "component": _component,
    "block": _block,
}
