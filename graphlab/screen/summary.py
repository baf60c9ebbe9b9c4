"""The results of a part in one short table, or as lines where there is no room for its columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.course import report
from graphlab.screen import plain
from graphlab.screen.tables import GAP, NOT_GIVEN, named, near, shape_text, value_text

LEAST_VALUE = 12  # columns of a value in the table
INDENT = " " * 4  # of what goes on below


def summary(part: report.Report, width: int) -> RenderableType:
    """Each result of the first way on one line, and how near the others came, in words.

    Where the columns do not fit, they are lines below the result's name.
    """
    first, *others = part.results
    rows = [
        [row.name, shape_text(row.shape), value_text(part.results[first][row.name])]
        + [near(row, other) for other in others]
        for row in report.rows(part.results)
    ]
    heads = ["result", "shape", first, *map(named, others)]
    needs = [max(len(str(cell)) for cell in column) for column in zip(heads, *rows, strict=True)]
    room = width - sum(needs) + needs[2] - GAP * (len(heads) - 1)
    if room < min(LEAST_VALUE, needs[2]):
        lines = [line for row in rows for line in _below_one_another(heads, row, width)]
        return Text("\n").join(lines)
    table = plain.table(*heads[:3])
    for head in heads[3:]:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        value = _on_a_line(str(row[2]))
        row[2] = value if len(value) <= room else f"{value[: room - 1]}…"
        table.add_row(*row)
    lacks = any(str(cell) == NOT_GIVEN for row in rows for cell in row)
    return Group(table, *[Text(f"{NOT_GIVEN} not among its results", "dim")] * lacks)


def _below_one_another(heads: Sequence[str], row: Sequence[Text | str], width: int) -> list[Text]:
    """A row as lines: the result with its shape, then what stands in each column.

    An array has a line of its own, and what does not fit goes on below. A way that does not give
    the result is left out.
    """
    name, shape, *cells = row
    told: dict[str, tuple[list[Text], list[str]]] = {}
    for head, cell in zip(heads[2:], cells, strict=True):
        if str(cell) == NOT_GIVEN:
            continue
        texts = [cell] if isinstance(cell, Text) else list(map(Text, _arrays(cell)))
        told.setdefault(str(cell), (texts, []))[1].append(head)
    lines = [Text(f"{name}  {shape}".rstrip())]
    for texts, ways in told.values():
        lines.append(Text.assemble(f"  {', '.join(ways)}  ", texts[0]))
        lines += [Text.assemble(INDENT, text) for text in texts[1:]]
    return [piece for line in lines for piece in _pieces(line, width)]


def _pieces(line: Text, width: int) -> list[Text]:
    """The line, or where it is too long as many as it takes."""
    if cell_len(line.plain) <= width:
        return [line]
    return [Text(each) for each in textwrap.wrap(line.plain, width, subsequent_indent=INDENT)]


def _arrays(value: str) -> list[str]:
    """The lines of a value, each with single spaces."""
    return [" ".join(line.split()) for line in value.splitlines()]


def _on_a_line(value: str) -> str:
    """What a value's lines say behind one another, those that are sentences told apart."""
    lines = _arrays(value)
    return ("; " if any(": from" in line for line in lines) else " ").join(lines)
