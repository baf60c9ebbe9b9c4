"""The one look that tables have in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

GAP = 2  # columns between two of a table


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
    """A row as lines: the first `named` cells, then below them what stands in each other column."""
    told: dict[str, tuple[Text, list[str]]] = {}
    for head, cell in zip(heads[named:], row[named:], strict=True):
        text = cell if isinstance(cell, Text) else Text(" ".join(cell.split()))
        told.setdefault(text.plain, (text, []))[1].append(head)
    lines = [Text("  ".join(map(str, row[:named])).rstrip())]
    lines += [Text.assemble(f"  {', '.join(ways)}  ", text) for text, ways in told.values()]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)
