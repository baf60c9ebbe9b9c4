"""The program's own line, lit, with what its names stand for, and the lines around it."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.walk import panels
from graphlab.walk.names import Named
from graphlab.walk.rows import spec_of, tensor_lines
from graphlab.walk.view import View
from visualize.words import printable

AROUND = 3  # lines of the program before and after the one that made an op
NAMED = 8  # columns before a name under its line


def source(view: View, names: Sequence[Named] = (), around: int = AROUND) -> RenderableType:
    """The user's line that made the op, what its names stand for, and the lines around it."""
    if view.source is None:
        return Text("no line of the program is known for this op", "dim")
    path, line = view.source
    rows: list[RenderableType] = [panels.Fitted(partial(_place, f"{_short(path)}:{line}"))]
    for number in range(max(line - around, 1), line + around + 1):
        code = linecache.getline(path, number).rstrip()
        if code or linecache.getline(path, number):
            here = number == line
            text = f"{'→' if here else ' '} {number:>4}  {printable(code)}"
            lit = "bold reverse" if here else ""
            rows.append(Text(text, lit, no_wrap=True, overflow="ellipsis"))
            rows += [panels.Fitted(partial(_named, named)) for named in names if here]
    return Group(*rows)


def _place(place: str, width: int) -> Iterable[Text]:
    """Where the line stands; of a long path its end, which has the number."""
    yield Text(place if len(place) <= width else f"…{place[1 - width :]}", "dim", no_wrap=True)


def _named(named: Named, width: int) -> Iterable[Text]:
    """A name of the program with its value beside it."""
    if named.value is None:
        yield Text(f"{' ' * NAMED}{named.name}  {named.note}", "dim")
        return
    spec = spec_of(named.name, named.value)
    for line in tensor_lines("", spec, named.value, width - NAMED):
        yield Text.assemble(" " * NAMED, line)


def _short(path: str) -> str:
    """The path as seen from here, where it is below."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
