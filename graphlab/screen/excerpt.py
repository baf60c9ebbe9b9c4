"""The code of a part as a learner reads it first: as much as leads to the picture.

    before(part, 100, ways)      # prose and code: at most BEFORE lines where that can be

What is left out is named, with what shows it. Nothing is cut within: a way is whole, or told as
another and what differs, or not here.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from graphlab.course import source
from graphlab.course.outline import FUNCTION, XLA, Part
from graphlab.screen import code, prose

PICTURE = 90  # a picture begins on this line or before it
BEFORE = PICTURE - 3  # lines above the picture's heading, which is an empty line and a title
FEW = 4  # lines by which two ways may differ and still be told as one and a difference
MORE = "graphlab lesson {} --more"


def before(part: Part, width: int, ways: Sequence[str]) -> Iterator[RenderableType]:
    """The prose, and of the code as much as there is room for."""
    head = prose.part_heading(part)
    yield head
    yield from _code(part, width, ways, BEFORE - height(head, width))


def height(what: RenderableType, width: int) -> int:
    """How many lines it takes."""
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    return len(console.render_lines(what, pad=False))


def _code(part: Part, width: int, ways: Sequence[str], most: int) -> list[RenderableType]:
    """The first of the choices that fits; the last one, where none does."""
    drawn: list[RenderableType] = []
    for choice in _choices(part, width, ways):
        drawn = choice
        if sum(height(each, width) for each in drawn) <= most:
            break
    return drawn


def _choices(part: Part, width: int, ways: Sequence[str]) -> Iterator[list[RenderableType]]:
    """From all that the ways need to one way alone."""
    written = tuple(FUNCTION if way == XLA else way for way in ways)
    yield [_text(source.above(part, written), width), Text(), code.versions(part, width, ways)]
    twins = {} if XLA in ways else _twins(part, ways)
    constants = [_text(source.constants(part), width), Text()] if source.constants(part) else []
    first = ways[0]
    for shown in (ways, [way for way in ways if way in (first, FUNCTION)], [first]):
        told = {way: of for way, of in twins.items() if of in shown and way in ways}
        whole = [way for way in shown if way not in told]
        drawn = [code.versions(part, width, whole)]
        for way, of in told.items():
            drawn += [Text(), _text(_difference(part, way, of, width), width)]
        left = [way for way in ways if way not in whole and way not in told]
        between = source.between(part, [FUNCTION if way == XLA else way for way in shown])
        if between:
            models = [each for piece in between for each in (_text(piece.code, width), Text())]
            yield [*constants, *models, *drawn, Text(_note(part, left), "dim")]
        note = Text(_note(part, [*(piece.name for piece in between), *left]), "dim")
        yield [*constants, *drawn, note]
        yield [*drawn, note]


def _text(lines: str, width: int) -> Text:
    return Text("\n").join(code.folded(lines, width))


def _note(part: Part, left: Sequence[str]) -> str:
    """What is left out of the code, and how it is seen."""
    what = ", ".join(["imports and data", *left])
    return f"Not shown: {what}; all of it: {MORE.format(part.name)}"


def _twins(part: Part, ways: Sequence[str]) -> dict[str, str]:
    """The ways that are another one but for a few lines, and which."""
    found: dict[str, str] = {}
    for way, other in itertools.combinations(reversed(ways), 2):
        if way not in found and len(_changes(part, way, other)) <= FEW:
            found[way] = other
    return dict(reversed(found.items()))


def _changes(part: Part, way: str, other: str) -> list[str]:
    """The lines by which a way differs from another: `"+ "` in it, `"- "` in the other."""
    one, two = (code.written(part, each).splitlines()[1:] for each in (other, way))
    return [line for line in difflib.ndiff(one, two) if line[0] in "+-" and line[2:].strip()]


def _difference(part: Part, way: str, other: str, width: int) -> str:
    """A way as comments: its prose, and what another has not."""
    prose = code.comments(part.text_of(way).prose, width)
    changes = _changes(part, way, other)
    if not changes:
        return "\n".join([*prose, f"# {way}(cases, device) is as {other}, line by line"])
    head = f"# {way}(cases, device) is as {other}, but for (+ in {way}, - in {other}):"
    return "\n".join([*prose, head, *(f"#   {line}" for line in changes)])
