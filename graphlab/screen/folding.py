"""Code in lines that are no wider than a terminal, and that still run when they are copied.

>>> print(*(each.plain for each in folded("total = first + second(third, fourth)  # why", 24)),
...       sep="\\n")
total = first + second(
    third, fourth)
# why
>>> print(*(each.plain for each in folded("total = first_of_all + the_second", 24)), sep="\\n")
total = first_of_all + \\
    the_second
"""

from __future__ import annotations

import io
import token as kinds
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from rich.syntax import Syntax
from rich.text import Text

THEME = "ansi_dark"  # the sixteen colours of the reader's own terminal
MARK = "┆ "  # before what goes on, where no break is allowed: within a text
DEEPER = 4
GOES_ON = " \\"
OPEN, CLOSED = "([{", ")]}"


@dataclass(frozen=True)
class Break:
    """Where a line may be broken: before this column."""

    column: int
    inside: bool  # of brackets, where it needs no backslash
    comment: bool


def folded(code: str, width: int) -> list[Text]:
    """The highlighted lines of a piece of code, each at most so wide."""
    lines = highlighted(code)
    if all(line.cell_len <= width for line in lines):
        return lines
    breaks = _breaks(code)
    return [
        piece for row, line in enumerate(lines) for piece in _pieces(line, width, breaks.get(row))
    ]


def highlighted(code: str) -> list[Text]:
    """Its lines in colours."""
    text = Syntax("", "python", theme=THEME).highlight(code)
    text.rstrip()
    return list(text.split("\n", allow_blank=True))


def marked(line: Text, width: int) -> list[Text]:
    """A line in pieces of at most this width; joined without marks they give it back.

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


def _breaks(code: str) -> dict[int, list[Break]]:
    """The places by row. None of a code that is no Python by itself."""
    found: dict[int, list[Break]] = {}
    depth, text, before = 0, 0, ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code + "\n").readline):
            row, column = token.start[0] - 1, token.start[1]
            name = kinds.tok_name[token.type]
            empty = before in OPEN and token.string in CLOSED  # a call without arguments: one word
            apart = token.line[column - 1 : column] == " " or (before in OPEN and not empty)
            is_comment = token.type == tokenize.COMMENT
            if column and token.string.strip() and not text and (apart or is_comment):
                found.setdefault(row, []).append(Break(column, depth > 0, is_comment))
            text += {"FSTRING_START": 1, "FSTRING_END": -1}.get(name, 0)
            if token.type == tokenize.OP and not text:
                depth += (token.string in OPEN) - (token.string in CLOSED)
            before = token.string if token.type == tokenize.OP else "x"
    except (tokenize.TokenError, IndentationError):
        return {}
    return found


def _pieces(line: Text, width: int, breaks: list[Break] | None) -> Iterator[Text]:
    lead = len(line.plain) - len(line.plain.lstrip())
    if line.cell_len <= width:
        yield line
    elif line.plain.lstrip().startswith("#"):
        yield from _comment(line, width, min(lead, width // 3))
    else:
        comment = next((each.column for each in breaks or () if each.comment), len(line.plain))
        yield from _code(line[:comment], width, lead, breaks or [])
        if comment < len(line.plain):
            deeper = DEEPER * line.plain[:comment].rstrip().endswith(":")  # it opens a block
            yield from _comment(line[comment:], width, min(lead + deeper, width // 3))


def _code(line: Text, width: int, lead: int, breaks: list[Break]) -> Iterator[Text]:
    """A statement, or a piece of one, in as many lines as it needs."""
    start, indent = 0, ""
    length = len(line.plain.rstrip())
    deeper = " " * min(lead + DEEPER, width // 3)
    while length - start + len(indent) > width:
        ends = [b for b in breaks if start < b.column < length and b.column > lead]
        fit = [b for b in ends if len(indent) + _needs(line.plain[start : b.column], b) <= width]
        if not fit:
            yield from marked(Text.assemble(indent, line[start:length]), width)
            return
        piece = Text.assemble(indent, line[start : fit[-1].column])
        piece.rstrip()
        yield piece if fit[-1].inside else piece.append(GOES_ON)
        start, indent = fit[-1].column, deeper
    yield Text.assemble(indent, line[start:length])


def _needs(piece: str, end: Break) -> int:
    return len(piece.rstrip()) + (0 if end.inside else len(GOES_ON))


def _comment(line: Text, width: int, lead: int) -> Iterator[Text]:
    """A comment below what it is about, each line of it a comment."""
    style = next((span.style for span in line.spans), "")
    words, said = line.plain.strip().lstrip("#").split(), "#"
    for word in words:
        if said != "#" and lead + len(said) + 1 + len(word) > width:
            yield Text(f"{' ' * lead}{said}", style)
            said = "#"
        said += f" {word}"
    for start in range(0, len(said), max(width - lead, 1)):
        yield Text(f"{' ' * lead}{said[start : start + width - lead]}", style)
