"""Exercises in the terminal: the list, a text, and the ladder of a check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from graphlab.exercises.exercise import Exercise
from graphlab.exercises.ladder import BREAKS, HOLDS, SKIPPED, Ladder
from graphlab.exercises.mutation import Tried
from graphlab.exercises.progress import Progress
from graphlab.exercises.turned import Fooled
from graphlab.screen import prose

MARKS = {HOLDS: ("✓", "green"), BREAKS: ("✗", "bold red"), SKIPPED: ("·", "dim")}


def listing(exercises: Sequence[Exercise], progress: Progress) -> RenderableType:
    """All exercises, and how far the reader is."""
    solved = sum(progress.one(each.number).solved for each in exercises)
    table = Table.grid(padding=(0, 2))
    for each in exercises:
        done = progress.one(each.number)
        mark = Text("✓", "green") if done.solved else Text(" ")
        hints = f"{done.hints} of 3 hints" if done.hints else ""
        table.add_row(
            mark, str(each.number), each.title, f"lesson {each.lesson}", Text(hints, "dim")
        )
    count = Text(f"{solved} of {len(exercises)} solved", "bold")
    return Group(count, Text(), table, Text())


def task(exercise: Exercise) -> RenderableType:
    """The text of an exercise."""
    title = Text.assemble((f" Exercise {exercise.number} ", "bold reverse"), f" {exercise.title}")
    return Group(title, Text(), prose.reading(exercise.text), Text())


def ladder(found: Ladder) -> RenderableType:
    """The nine probes, and what the first that breaks usually means."""
    return Group(*_rungs(found), Text(), *_verdict(found))


def fooled(found: Fooled) -> RenderableType:
    """Of an exercise with the roles turned round."""
    content = "is content" if found.content else "refuses it"
    said = Text.assemble(("The weak checker ", ""), (content, "bold"), ".")
    if found.won:
        end = Text("✓ It is fooled: it takes what is no port.", "green")
    elif found.content:
        end = Text("✗ Nothing is fooled: this is a right port. Break it where nobody looks.", "red")
    else:
        end = Text("✗ The weak checker sees it. Break the port where it does not look.", "red")
    return Group(*_rungs(found.ladder), Text(), said, end)


def _rungs(found: Ladder) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for rung in found.rungs:
        mark, style = MARKS.get(rung.outcome, (" ", "dim"))
        detail = rung.detail or rung.outcome
        shown = Text(detail, "" if rung.outcome in (HOLDS, BREAKS) else "dim")
        table.add_row(Text(mark, style), str(rung.number), Text(rung.name, style), shown)
    yield table


def _verdict(found: Ladder) -> Iterable[RenderableType]:
    broken = found.broken
    if broken is None:
        yield Text("✓ Right: it computes what the original computes.", "green")
    else:
        if broken.parts:
            yield prose.reading(broken.parts)
            yield Text()
        yield prose.reading(broken.means)
        yield Text()
        yield Text(
            f"✗ Not yet: {broken.name} breaks. The same once more: --seed {found.seed}", "red"
        )


def mutation(tried: Sequence[Tried]) -> RenderableType:
    """The mistakes that were planted, and which of them the reader's tests missed."""
    table = Table.grid(padding=(0, 2))
    for each in tried:
        if each.seen is None:
            mark, style, said = "·", "dim", "changes nothing that the probes see"
        elif each.seen:
            mark, style, said = "✓", "green", "seen by your tests"
        else:
            mark, style, said = "✗", "bold red", f"missed by your tests; {each.probe} breaks"
        table.add_row(Text(mark, style), f"line {each.line}", each.mistake, Text(said, style))
    real = [each for each in tried if each.seen is not None]
    missed = sum(each.seen is False for each in real)
    end = f"{len(real)} mistakes were planted, and your tests missed {missed}."
    return Group(table, Text(), Text(end, "red" if missed else "green"))


def hint(exercise: Exercise, number: int) -> RenderableType:
    """One hint of three."""
    return Group(
        Text(f"Hint {number} of {len(exercise.hints)}", "bold"),
        Padding(prose.marked(exercise.hints[number - 1]), (0, 0, 0, 2)),
    )
