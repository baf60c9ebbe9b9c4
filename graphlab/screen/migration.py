"""What a TensorFlow 1 script needs, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from graphlab.migration.found import Construct, Edit, Line, Migration, Rung, Want
from graphlab.screen import prose
from visualize.words import counted, printable

MOST_LINES = 12  # of a construct
MOST_WANTS = 24
MOST_EDITS = 40
SAME = "the same numbers"


def migration(found: Migration) -> Iterator[RenderableType]:
    """Whether it runs, what stops it, what was edited, and what it did with what becomes of it."""
    name = Path(found.script).name
    yield prose.heading(_clean(name), f"on TensorFlow {found.tensorflow}, {found.keras}")
    yield Text(said(found), "bold green" if found.ran else "bold red")
    for note in found.notes:
        yield Text(_clean(note), "dim")
    yield prose.heading("the ladder")
    yield _rungs(found.rungs)
    if found.wants:
        yield prose.heading("what stops it")
        for want in found.wants[:MOST_WANTS]:
            yield from _want(want, found.script)
        if len(found.wants) > MOST_WANTS:
            yield Text(f"and {len(found.wants) - MOST_WANTS} more: --json has them all")
    if found.edits:
        yield prose.heading("edits", counted(len(found.edits), "edit"))
        for edit in found.edits[:MOST_EDITS]:
            yield _edit(edit, found.script)
        if len(found.edits) > MOST_EDITS:
            yield Text(f"and {len(found.edits) - MOST_EDITS} more: --json has them all")
    kinds = counted(len(found.constructs), "construct") if found.constructs else "nothing"
    yield prose.heading("what it did as TensorFlow 1 does it", kinds)
    for construct in found.constructs:
        yield from _construct(construct, found.script)


def said(found: Migration) -> str:
    """The answer in a sentence."""
    if found.interrupted:
        return "stopped by Ctrl-C; what was seen until then is told"
    if not found.ran:
        until = "; what was seen until then is told" if found.constructs else ""
        return f"it does not run to its end{until}"
    if not found.constructs:
        return "it runs, and did nothing as TensorFlow 1 does it"
    other = sum(bool(each.numbers) for each in found.constructs)
    edits = counted(len(found.edits), "edit") if found.edits else "no edit"
    return (
        f"it runs with {edits}; of {counted(len(found.constructs), 'construct')} {other} may give"
        " other numbers in TensorFlow 2"
    )


def _rungs(rungs: Sequence[Rung]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for rung in rungs:
        good = rung.ran and rung.proof != "differs"
        mark = Text("✓", "green") if good else Text("✗", "red")
        if not rung.ran and rung.said.startswith("not written"):
            mark = Text("·", "dim")
        where = f" ({rung.file})" if rung.file else ""
        table.add_row(mark, Text(rung.name, "bold"), Text(_clean(rung.said + where)))
    return table


def _want(want: Want, script: str) -> Iterator[RenderableType]:
    where = _place(want.line, script)
    what = f"tf.{want.name}" if want.name else want.now
    was = f", a {want.was} of TensorFlow 1" if want.was else ""
    lead = Text.assemble((where, "bold"), f" wants {_clean(what)}{was}" if what else " fails")
    if not want.reached:
        lead.append("  not reached: told by its name", "dim")
    yield lead
    rest = []
    if want.name:
        rest.append(want.now)
    if want.said:
        rest.append(want.said)
    if want.lesson:
        rest.append(f"lesson {want.lesson}")
    for line in rest:
        yield Padding(Text(_clean(line)), (0, 0, 0, 4))


def _edit(edit: Edit, script: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    where = _place(edit.line, script)
    if edit.old:
        table.add_row(where, Text(f"- {_clean(edit.old)}", "red"))
    if edit.new:
        table.add_row(where, Text(f"+ {_clean(edit.new)}", "green"))
    table.add_row("", Text(_clean(edit.why), "dim"))
    return table


def _construct(each: Construct, script: str) -> Iterator[RenderableType]:
    yield Text.assemble(
        (_clean(each.title), "bold"),
        f": {counted(each.count, each.of)}",
        (f"  lesson {each.lesson}", "cyan"),
    )
    lines = []
    if each.lines:
        lines.append(_places(each.lines, script))
    if each.names:
        lines.append(", ".join(_clean(name) for name in each.names))
    lines += [_clean(line) for line in each.detail]
    lines.append(f"becomes {_clean(each.becomes)}")
    for line in lines:
        yield Padding(Text(line), (0, 0, 0, 4))
    numbers = Text(f"other numbers: {_clean(each.numbers)}", "yellow")
    yield Padding(numbers if each.numbers else Text(SAME, "green"), (0, 0, 0, 4))


def _places(lines: Sequence[Line], script: str) -> str:
    """Lines of the script by their numbers, those of other files with their names."""
    by_file: dict[str, list[int]] = {}
    for file, line in lines[:MOST_LINES]:
        by_file.setdefault(file, []).append(line)
    told = []
    for file, numbers in by_file.items():
        where = "" if file == script else f"{Path(file).name} "
        word = "line" if len(numbers) == 1 else "lines"
        told.append(f"{where}{word} {', '.join(map(str, numbers))}")
    more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    return _clean("; ".join(told) + more)


def _place(line: Line, script: str) -> str:
    if not line[1]:
        return "it"
    return f"line {line[1]}" if line[0] == script else f"{_clean(Path(line[0]).name)}:{line[1]}"


def _clean(text: str) -> str:
    return printable(text, newlines=False)
