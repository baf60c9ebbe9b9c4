"""The three versions of a part side by side, aligned section by section.

Three columns where the code fits, two and one or one below the other where it does not. A line
that is too long for its column is folded at a space and goes on after a `┆`: nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from graphlab.course.outline import FUNCTION, XLA, Part, WayText
from graphlab.screen.prose import paragraphs

THEME = "ansi_dark"  # the sixteen colours of the reader's own terminal
FOLDS = 1 / 8  # the share of lines that may be folded before a layout counts as too narrow
MARK = "┆ "
BETWEEN = 3  # columns that the rule between two ways takes


def shared(part: Part, width: int) -> RenderableType:
    """What is above the ways: imports, data and tolerances."""
    return Text("\n").join(_folded(part.shared, width))


def layout(part: Part, width: int) -> tuple[tuple[str, ...], ...]:
    """Which ways stand beside each other, from top to bottom.

    `(("graph", "eager", "function"),)` on a wide terminal, `(("graph",), ("eager",), ...)` on a
    narrow one: the most columns at which at most one line in eight has to be folded.
    """
    ways = tuple(part.ways)
    for most in range(len(ways), 1, -1):
        if _fits(part.ways.values(), _column(width, most)):
            return tuple(ways[i : i + most] for i in range(0, len(ways), most))
    return tuple((way,) for way in ways)


def versions(part: Part, width: int, ways: Sequence[str] = ()) -> RenderableType:
    """The ways (by default all) in the layout for this width."""
    rows = [[way for way in row if not ways or way in ways] for row in layout(part, width)]
    if len(ways) == 1:
        rows = [list(ways)]
    return Group(*(_beside(part, row, _column(width, len(row))) for row in rows if row))


def fold(line: Text, width: int) -> list[Text]:
    """The line in pieces of at most this width; joined without marks they give it back.

    Folded after a space or a bracket; a word that is wider than the column is cut within.
    """
    pieces: list[Text] = []
    lead = len(line.plain) - len(line.plain.lstrip())
    indent = " " * min(lead + 2, width // 3) + MARK
    while line.cell_len > width:
        least = len(line.plain) - len(line.plain.lstrip()) if not pieces else 0
        stop = max(line.plain.rfind(sign, least, width) + 1 for sign in " (,")
        comment = line.plain.find("  # ", least, stop) + 2
        stop = comment if comment > 1 else stop  # a comment goes below as a whole
        if stop <= least:
            stop = width
        pieces.append(line[:stop])
        line = line[stop:]
        width = max(width - (len(indent) if len(pieces) == 1 else 0), 1)
    pieces.append(line)
    return pieces[:1] + [Text.assemble((indent, "dim"), piece) for piece in pieces[1:]]


def _column(width: int, columns: int) -> int:
    return (width - BETWEEN * (columns - 1)) // columns


def _fits(ways: Iterable[WayText], width: int) -> bool:
    lines = [line for way in ways for section in way.sections for line in section.code.splitlines()]
    return sum(len(line) > width for line in lines) <= FOLDS * len(lines)


def _beside(part: Part, ways: Sequence[str], width: int) -> Table:
    """One table: a column for each way, a row for its prose and for every section."""
    table = Table(box=box.MINIMAL, show_edge=False, pad_edge=False)
    for way in ways:
        table.add_column(Text(_title(part, way), "bold"), width=width)
    table.add_row(*(Group(*paragraphs(part.text_of(way).prose, "italic")) for way in ways))
    table.add_row(*("" for _ in ways))
    for title in _titles([part.text_of(way) for way in ways]):
        table.add_row(*(_section(part.text_of(way), title, width) for way in ways))
    return table


def _title(part: Part, way: str) -> str:
    """What stands above the code of a way."""
    signature = part.text_of(way).signature
    if way == XLA:
        return f"{XLA}: {FUNCTION}{signature}, compiled by XLA"
    return f"{way}{signature}"


def _titles(texts: Sequence[WayText]) -> list[str]:
    """Every section title once; the contract has them in the same order in every way."""
    return list(dict.fromkeys(section.title for text in texts for section in text.sections))


def _section(text: WayText, title: str, width: int) -> Text:
    """The section comment, where it stood, and the code below it."""
    lines: list[Text] = []
    for section in text.sections:
        if section.title == title:
            lead = section.code[: len(section.code) - len(section.code.lstrip(" "))]
            lines += [Text(f"{lead}# {title}", "bold yellow")] if title else []
            lines += _folded(section.code, width)
    return Text("\n").join([*lines, Text()])


def _folded(code: str, width: int) -> list[Text]:
    """The highlighted lines of a piece of code, folded."""
    highlighted = Syntax("", "python", theme=THEME).highlight(code)
    highlighted.rstrip()
    lines = highlighted.split("\n", allow_blank=True)
    return [piece for line in lines for piece in fold(line, width)]
