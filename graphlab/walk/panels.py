"""What the stepper shows: pure functions of a View, each fitting the width it is given."""

from __future__ import annotations

import linecache
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from graphlab.model import Run
from graphlab.walk.commands import PDB, Command
from graphlab.walk.rows import LEAD, spec_of, tensor_lines
from graphlab.walk.view import View
from visualize.words import (
    HANDLES,
    counted,
    duration,
    middle,
    printable,
    shape_text,
    size_text,
)

if TYPE_CHECKING:
    from graphlab.engine.execution import Next

INDENT = 5
BESIDE = 64  # columns from which what a command does stands beside it
MOST = 12  # rows of a list where nothing else says so
GUESS = "yours to guess"


@dataclass(frozen=True)
class Fitted:
    """Lines that are made when the width is known."""

    make: Callable[[int], Iterable[RenderableType]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.make(options.max_width)


def moment(view: View, guessing: bool = False) -> RenderableType:
    """All of a step in plain output: the op with its values, what is ready, what is live.

    While somebody is `guessing`, what comes next is not told.
    """

    def lines(width: int) -> Iterable[RenderableType]:
        yield from _op(view, width)
        yield from _said("next", GUESS if guessing else _next_up(view), width)
        yield from _said("live", live_line(view), width)

    return Fitted(lines)


def op(view: View) -> RenderableType:
    """The op that ran last: where, when and why, its inputs and outputs with values."""
    return Fitted(lambda width: _op(view, width))


def why(view: View) -> RenderableType:
    """Why the last op could run when it did."""
    return Text(_why(view))


def ready(view: View, most: int = MOST) -> RenderableType:
    """The ops that could run now, the next one first, each with what came last to it."""

    def lines(width: int) -> Iterable[RenderableType]:
        for i, each in enumerate(view.ready[:most]):
            name = middle(each.node, max(width - len(each.op) - 4, 12))
            yield Text.assemble("> " if not i else "  ", (name, "bold"), f" {each.op}")
            where = f" in {each.frame}" if each.frame else ""
            came = f"came last: {_came(each)}" if each.last else "waits for nothing"
            yield Text(f"     {middle(came + where, width - INDENT)}", "dim")
        yield from _more(len(view.ready) - most)
        if not view.ready:
            yield Text("nothing: the run is over" if view.over else "nothing", "dim")

    return Fitted(lines)


def live(view: View, most: int = MOST) -> RenderableType:
    """The live tensors, the largest first; where they are, if not all are in one place."""
    ordered = sorted(view.live, key=lambda each: -(each.bytes or 0))
    apart = len({each.device for each in view.live if each.device}) > 1

    def lines(width: int) -> Iterable[RenderableType]:
        for each in ordered[:most]:
            size = f"{size_text(each.bytes) if each.bytes is not None else '?':>8}"
            handle = each.spec.dtype in HANDLES
            spec = each.spec.dtype + ("" if handle else f" {shape_text(each.spec.shape)}")
            where = f"@{each.frame}" if each.frame else ""
            spec += f" on {each.device}" if apart and each.device else ""
            room = max(width - len(size) - len(spec) - 4, 12)
            name = middle(each.spec.name + where, room)
            yield Text.assemble((size, "dim"), "  ", (name, "bold"), f"  {spec}")
        yield from _more(len(ordered) - most)
        if not ordered:
            yield Text("no tensor is waited for", "dim")

    return Fitted(lines)


def live_line(view: View) -> str:
    """How many tensors are live, and their memory as far as it is known."""
    known = sum(each.bytes or 0 for each in view.live)
    unknown = sum(each.bytes is None for each in view.live)
    said = f"{counted(len(view.live), 'tensor')}, {size_text(known)}"
    return f"{said} and {unknown} of no known size" if unknown else said


def tensors(values: Mapping[str, Any], label: str = "", first: bool = False) -> RenderableType:
    """Named values, each with its type, shape and summary."""

    def lines(width: int) -> Iterable[RenderableType]:
        for name, value in values.items():
            yield from tensor_lines(label, spec_of(name, value), value, width, first)

    return Fitted(lines)


def calls(runs: Sequence[Run], chosen: int) -> RenderableType:
    """The recorded calls; the one that is stepped through has a mark."""

    def lines(width: int) -> Iterable[RenderableType]:
        for i, run in enumerate(runs):
            mark = "→" if i == chosen else " "
            said = f"{mark} {i + 1:>2}  {call_text(run)}"
            yield Text(middle(said, width), "bold" if i == chosen else "")

    return Fitted(lines)


def commands(listed: Sequence[Command]) -> RenderableType:
    """Key, word and what it does; where there is no room beside them, below."""

    def lines(width: int) -> Iterable[RenderableType]:
        table = Table.grid(padding=(0, 1))
        for command in listed:
            said = Text.assemble((command.name, "bold"), f" {command.usage}".rstrip())
            if width < BESIDE:
                table.add_row(Text(command.key, "cyan"), said)
                table.add_row("", Padding(command.about, (0, 0, 0, 2)))
            else:
                table.add_row(Text(command.key, "cyan"), said, command.about)
        if width >= BESIDE:
            table.columns[1].width = 26
        yield table
        if len(listed) > 1:
            yield Text(PDB, "dim")

    return Fitted(lines)


def call_text(run: Run) -> str:
    """One recorded call in a line."""
    ops = f"{len(run.built)} ops as written" if run.built else f"{len(run.steps)} ops"
    step = f", step {run.step}" if run.step else ""
    nth = "" if run.way == "eager" else f", call {run.call}"
    where = f", {Path(run.source[0]).name}:{run.source[1]}" if run.source else ""
    name = "eager ops" if run.way == "eager" else run.name
    return f"{printable(name, newlines=False)}{nth}{step}: {ops}{where}"


def _op(view: View, width: int) -> Iterable[RenderableType]:
    step = view.step
    if step is None:
        yield Text("Nothing has run yet. Fed or given:" if view.live else "Nothing has run yet.")
        for each in view.live[:MOST]:
            yield from tensor_lines(
                "fed", each.spec, _value(view, each.spec.name, each.value), width
            )
        yield from _more(len(view.live) - MOST)
        yield from _changed(view, width)
        return
    timed = step.duration_us is not None and not view.again
    took = f", {duration(step.duration_us or 0)}" if timed else ""
    tail = f"on {step.device}{took}"
    of = f" of {view.total}" if view.total else ""
    head = f"step {view.number}{of}  "
    kind, name = (middle(each, width - LEAD) for each in (step.op, step.node))
    yield from _flowing(
        [(head, "reverse"), (kind, "bold cyan"), (name, "bold"), (tail, "dim")], width
    )
    if step.frame:
        yield from _said("in", step.frame, width)
    if view.became:
        yield from _said("ran", f"{view.became}; here as written", width, "magenta")
    yield from _said("why", _why(view), width)
    if view.source is not None:
        path, line = view.source
        code = linecache.getline(path, line).strip()
        where = (f"from  {Path(path).name}:{line}  ", "dim")
        made = Text.assemble(where, printable(code))
        made.truncate(width, overflow="ellipsis")
        yield made
    for tensor in list(view.inputs)[:MOST]:
        value = view.inputs[tensor]
        yield from tensor_lines("takes", spec_of(tensor, value), _value(view, tensor, value), width)
    yield from _more(len(view.inputs) - MOST)
    for spec in step.outputs:
        value = step.values[spec.name] if step.values else "not recorded"
        yield from tensor_lines("gives", spec, _value(view, spec.name, value), width)
        if spec.name in view.was and spec.name not in view.changed:
            yield from _before(spec.name, view.was[spec.name], value, width)
    if step.start_us is None:  # the engine times whatever it runs
        yield from _said("does", "nothing here: the real call has done it, outside", width, "dim")
    elif not step.outputs:
        yield from _said("gives", "nothing: it is run for what it does", width, "dim")
    yield from _changed(view, width)


def _flowing(pieces: Iterable[tuple[str, str]], width: int) -> Iterable[Text]:
    """Texts with their styles in as few lines as they need; all but the first are indented."""
    line = Text()
    for piece in pieces:
        if line and line.cell_len + 1 + len(piece[0]) > width:
            yield line
            line = Text(" " * (LEAD - 1))
        line = Text.assemble(line, " " * bool(line), piece)
    yield line


def _changed(view: View, width: int) -> Iterable[Text]:
    """What was set at this moment; the op itself gave something else."""
    for tensor, value in view.changed.items():
        for line in tensor_lines("set", spec_of(tensor, value), value, width):
            line.stylize("yellow")
            yield line
        if view.was.get(tensor) is not None:
            yield from _before(tensor, view.was[tensor], value, width)


def _before(tensor: str, was: Any, now: Any, width: int) -> Iterable[Text]:
    """What stood there before something was set, where it is another value."""
    if isinstance(was, str) or isinstance(now, str) or np.array_equal(was, now):
        return
    for line in tensor_lines("was", spec_of(tensor, was), was, width):
        line.stylize("dim")
        yield line


def _value(view: View, tensor: str, value: Any) -> Any:
    """The value; of a handle the variable that it stands for, where that is known."""
    variable = view.variables.get(tensor)
    return f"the variable {variable}" if isinstance(value, str) and variable else value


def _said(label: str, said: str, width: int, style: str = "") -> Iterable[Text]:
    """A label and a sentence, which goes on below where it is wider than a line."""
    for k, line in enumerate(textwrap.wrap(said, max(width - LEAD, 16), break_on_hyphens=False)):
        yield Text.assemble((f"{'' if k else label:<{LEAD}}", "dim"), (line, style))


def _why(view: View) -> str:
    step, came = view.step, view.why
    if step is None:
        return "nothing has run yet"
    if not came:
        return "it waits for nothing" + (f" once {step.frame} has begun" if step.frame else "")
    if came == step.node:
        return "the function it called has returned"
    by = f", in step {view.whence}" if view.whence else ""
    if came.startswith("^"):
        return f"it waited for {came[1:]} to have run{by} (a control input)"
    others = len(set(view.inputs)) - 1
    last = "the last of its inputs" if others > 0 else "its input"
    return f"{last}, {came}, came{by}" if by else f"{last}, {came}, was given to it"


def _next_up(view: View) -> str:
    if not view.ready:
        return "nothing is ready: the run is over" if view.over else "nothing is ready"
    first = view.ready[0]
    more = len(view.ready) - 1
    others = f"; {more} more {'are' if more > 1 else 'is'} ready" if more else ""
    return f"{first.node} ({first.op}){others}"


def _came(each: Next) -> str:
    return "its function's result" if each.last == each.node else each.last


def _more(left: int) -> list[Text]:
    return [Text(f"  and {left} more", "dim")] if left > 0 else []
