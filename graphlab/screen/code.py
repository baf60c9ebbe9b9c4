"""The versions of a part side by side, aligned section by section, or one below the other.

As many columns as the code fits in. A way that stands alone runs when it is copied, also where
its lines are folded; in a column a line that is too long goes on after a `┆`. Nothing is cut off.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from graphlab.course.outline import FUNCTION, XLA, Part, WayText
from graphlab.screen.folding import folded, highlighted, marked
from graphlab.screen.prose import paragraphs

FOLDS = 1 / 8  # the share of lines that may be folded before a layout counts as too narrow
BETWEEN = 3  # columns that the rule between two ways takes
BODY = " " * 4


def shared(part: Part, width: int) -> RenderableType:
    """What is above the ways: imports, data and tolerances."""
    return Text("\n").join(folded(part.shared, width))


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
    drawn = [
        _beside(part, row, _column(width, len(row))) if len(row) > 1 else alone(part, row[0], width)
        for row in rows
        if row
    ]
    spaced = [each for one in drawn for each in (Text(), one)]
    return Group(*spaced[1:])


def alone(part: Part, way: str, width: int) -> RenderableType:
    """A way as it stands in its file: its prose as comments, the function below."""
    lines = folded(
        "\n".join([*comments(part.text_of(way).prose, width), written(part, way)]), width
    )
    return Text("\n").join(lines)


def comments(prose: str, width: int) -> list[str]:
    """A text as lines of comments."""
    return [f"# {line}" for line in textwrap.wrap(" ".join(prose.split()), max(width - 2, 20))]


def written(part: Part, way: str) -> str:
    """The function of a way, whole, without the prose above it."""
    text = part.text_of(way)
    lines = [_title(part, way)]
    for section in text.sections:
        lead = section.code[: len(section.code) - len(section.code.lstrip(" "))]
        lines += [f"{BODY}{lead}# {section.title}"] if section.title else []
        lines.append(textwrap.indent(section.code, BODY))
    return "\n".join(lines)


def _column(width: int, columns: int) -> int:
    return (width - BETWEEN * (columns - 1)) // columns


def _fits(ways: Iterable[WayText], width: int) -> bool:
    lines = [line for way in ways for section in way.sections for line in section.code.splitlines()]
    return sum(len(BODY) + len(line) > width for line in lines) <= FOLDS * len(lines)


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
    """The line that begins the code of a way."""
    signature = part.text_of(way).signature
    if way == XLA:
        return f"def {FUNCTION}{signature}:  # {XLA}: compiled by XLA"
    return f"def {way}{signature}:"


def _titles(texts: Sequence[WayText]) -> list[str]:
    """Every section title once; the contract has them in the same order in every way."""
    return list(dict.fromkeys(section.title for text in texts for section in text.sections))


def _section(text: WayText, title: str, width: int) -> Text:
    """The section comment, where it stood, and the code below it."""
    lines: list[Text] = []
    for section in text.sections:
        if section.title == title:
            lead = section.code[: len(section.code) - len(section.code.lstrip(" "))]
            lines += [Text(f"{BODY}{lead}# {title}", "bold yellow")] if title else []
            body = highlighted(textwrap.indent(section.code, BODY))
            lines += [piece for line in body for piece in marked(line, width)]
    return Text("\n").join([*lines, Text()])
