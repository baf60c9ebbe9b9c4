"""The one look that tables have in the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

GAP = 2  # columns between two of a table
INDENT = " " * 4  # of what goes on below
NOT_GIVEN = "·"  # a result that a way has not


def table(*columns: str) -> Table:
    """A table without a frame, its header faint; long cells are folded, not cut."""
    made = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        header_style="dim",
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


class Columns:
    """A table whose rows, where they have no room, are lines below the first `named` cells."""

    def __init__(self, heads: Sequence[str], rows: Sequence[Sequence[Text | str]], named: int):
        self.heads, self.rows, self.named = heads, rows, named

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        needs = [max(map(len, column)) for column in zip(self.heads, *self.rows, strict=True)]
        if sum(needs) + GAP * (len(needs) - 1) > options.max_width:
            for row in self.rows:
                yield below_one_another(self.heads, row, options.max_width, self.named)
            return
        made = table(*self.heads[: self.named])
        for head in self.heads[self.named :]:
            made.add_column(head, justify="right")
        for row in self.rows:
            made.add_row(*row)
        yield made


def below_one_another(
    heads: Sequence[str], row: Sequence[Text | str], width: int, named: int = 2
) -> Text:
    """A row as lines: the first `named` cells, then what stands in each other column.

    An array has a line of its own, and what does not fit goes on below. What is not given is left
    out.
    """
    told: dict[str, tuple[list[Text], list[str]]] = {}
    for head, cell in zip(heads[named:], row[named:], strict=True):
        if str(cell) == NOT_GIVEN:
            continue
        texts = [cell] if isinstance(cell, Text) else list(map(Text, arrays(cell)))
        told.setdefault(str(cell), (texts, []))[1].append(head)
    lines = [Text("  ".join(map(str, row[:named])).rstrip())]
    for texts, ways in told.values():
        lines.append(Text.assemble(f"  {', '.join(ways)}  ", *texts[:1]))
        lines += [Text.assemble(INDENT, text) for text in texts[1:]]
    return Text("\n").join(piece for line in lines for piece in _pieces(line, width))


def _pieces(line: Text, width: int) -> list[Text]:
    """The line, or where it is too long as many as it takes."""
    if cell_len(line.plain) <= width:
        return [line]
    return [Text(each) for each in textwrap.wrap(line.plain, width, subsequent_indent=INDENT)]


def arrays(value: str) -> list[str]:
    """The lines of a value, each with single spaces."""
    return [" ".join(line.split()) for line in value.splitlines()]
