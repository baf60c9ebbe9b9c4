"""The results of a part in one short table, or as lines where there is no room for its columns."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.course import report
from graphlab.screen import plain
from graphlab.screen.plain import NOT_GIVEN
from graphlab.screen.tables import named, near, shape_text, value_text

LEAST_VALUE = 12  # columns of a value in the table


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
    room = width - sum(needs) + needs[2] - plain.GAP * (len(heads) - 1)
    if room < min(LEAST_VALUE, needs[2]):
        return Text("\n").join(plain.below_one_another(heads, row, width) for row in rows)
    table = plain.table(*heads[:3])
    for head in heads[3:]:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        value = _on_a_line(str(row[2]))
        row[2] = value if len(value) <= room else f"{value[: room - 1]}…"
        table.add_row(*row)
    lacks = any(str(cell) == NOT_GIVEN for row in rows for cell in row)
    return Group(table, *[Text(f"{NOT_GIVEN} not among its results", "dim")] * lacks)


def _on_a_line(value: str) -> str:
    """What a value's lines say behind one another, those that are sentences told apart."""
    lines = plain.arrays(value)
    return ("; " if any(": from" in line for line in lines) else " ").join(lines)
