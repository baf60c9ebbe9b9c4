"""The words of the course on the terminal: what `graphlab lessons --words` shows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from graphlab.course.glossary import names, words
from graphlab.course.outline import Lesson
from graphlab.screen.prose import CODE, READABLE, heading, marked


def glossary(lessons: Sequence[Lesson]) -> RenderableType:
    """Every word of the course with its part and its sentence, then the names of TensorFlow."""
    told = Table.grid(padding=(0, 2))
    for style in ("bold", "dim", ""):
        told.add_column(style=style)
    for word in words(lessons):
        told.add_row(word.name, word.part, marked(word.sentence))
    titles = {part.name: part.title for lesson in lessons for part in lesson.parts}
    named = Table.grid(padding=(0, 2))
    for style in ("", "dim", "dim"):
        named.add_column(style=style)
    for name in names(lessons):
        named.add_row(Text(name.name, CODE), name.part, marked(titles[name.part]))
    parts = (heading("Words"), told, heading("Names of TensorFlow"), named)
    return Constrain(Group(*parts), READABLE)
