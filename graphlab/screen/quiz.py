"""The questions of a part on the terminal, and what came out."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from graphlab.course.quiz import Answered, Question, letter
from graphlab.screen.prose import READABLE, heading, marked

INDENT = (0, 0, 0, 3)  # under the number of a question


def opening() -> RenderableType:
    """The heading above the questions of a part."""
    return heading("Questions", "predict first; what comes out is run, not looked up")


def question(asked: Question, number: int) -> RenderableType:
    """A question with its choices, `number` from 1."""
    table = Table.grid(padding=(0, 1))
    table.add_row(f"{number}.", marked(asked.text))
    for n, choice in enumerate(asked.choices):
        table.add_row("", Text.assemble(f"{letter(n)}) ", marked(choice)))
    return Constrain(Group(Text(), table), READABLE)


def again(asked: Question) -> RenderableType:
    """What is said of a reply that is none."""
    letters = ", ".join(letter(n) for n in range(len(asked.choices)))
    wanted = f"one of {letters}" if letters else "a number"
    return Padding(Text(f"write {wanted}, or nothing to be told", "dim"), INDENT)


def answer(found: Answered, meant: str | None = None) -> RenderableType:
    """What came out and why; with a tick or a cross for what a reader meant, if anything."""
    if found.error:
        told = Text.assemble(f"{found.question.name} has no answer: ", (found.error, "red"))
        return Constrain(Padding(told, INDENT), READABLE)
    mark = Text()
    if meant is not None:
        mark = Text("✓ ", "green") if found.is_right(meant) else Text("✗ ", "bold red")
    came = Text.assemble(mark, marked(_named(found), "bold"))
    lines = Group(came, marked(found.question.why))
    return Constrain(Padding(lines, INDENT), READABLE)


def _named(found: Answered) -> str:
    choices = found.question.choices
    return f"{letter(choices.index(found.text))}) {found.text}" if choices else found.text
