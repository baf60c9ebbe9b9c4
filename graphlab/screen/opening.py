"""What is read before a part runs. It loads nothing heavy: one reads while TensorFlow starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from graphlab.course import source
from graphlab.course.outline import FUNCTION, XLA, Lesson, Part
from graphlab.screen import code, excerpt, prose


def opening(
    lesson: Lesson, parts: Sequence[Part], width: int, ways: Sequence[str], more: bool = False
) -> Iterator[RenderableType]:
    """What stands above all runs: the lesson's own heading where all of it is asked for, and the
    first of the parts."""
    if tuple(parts) == lesson.parts:
        yield prose.lesson_heading(lesson)
    yield from before(parts[0], width, ways, more)


def before(
    part: Part, width: int, ways: Sequence[str], more: bool = False
) -> Iterator[RenderableType]:
    """The prose and the code: with `more` all of it, else as much as leads to the picture."""
    if not more:
        yield from excerpt.before(part, width, ways)
        return
    yield prose.part_heading(part)
    yield code.shared(part, width)
    yield Text()
    for piece in source.between(part, [FUNCTION if way == XLA else way for way in ways]):
        yield Text("\n").join(code.folded(piece.code, width))
        yield Text()
    yield code.versions(part, width, ways)
