"""Text for reading: headings, paragraphs with `code` in them, claims, the list of lessons."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from graphlab.course.outline import Lesson, Part

READABLE = 92  # columns; a longer line of prose loses the eye on its way back
LEAST = 20  # columns for what goes on below itself
CODE = "cyan"
# A lone star is emphasis where it opens and closes words: `2 * 3 * 4` and `f(*a, *b)` have none.
MARKED = re.compile(r"(`[^`]+`|\*\*[^*]+\*\*|(?<![\w*(])\*(?=\w)[^*`]*[\w.!?]\*(?![\w*]))")


def marked(line: str, style: str = "") -> Text:
    """A line with its `code`, **stressed** words and *titles* set off.

    The backticks stay, for a terminal without colour.
    """
    text = Text(style=style)
    for piece in MARKED.split(line):
        if piece.startswith("**") and len(piece) > 4:
            text.append(piece[2:-2], "bold")
        elif MARKED.fullmatch(piece) and piece[0] == "*":
            text.append(piece[1:-1], "italic")
        else:
            text.append(piece, CODE if piece[:1] == "`" else None)
    return text


def paragraphs(prose: str, style: str = "") -> list[Text]:
    """The paragraphs of a text, each on one line for rich to wrap; of a list each item on its own,
    indented ones as they are."""
    result = []
    for block in re.split(r"\n\s*\n", prose.strip("\n")):
        as_it_is = all(line.startswith("    ") for line in block.splitlines())
        items = re.split(r"\n(?=- )", block) if block.startswith("- ") else [block]
        lines = block if as_it_is else "\n".join(" ".join(item.split()) for item in items)
        result.append(marked(lines, style))
    return result


def reading(prose: str) -> RenderableType:
    """A text at a width that is good to read, an empty line between paragraphs."""
    blocks = [_block(one) for one in paragraphs(prose)]
    spaced = [each for block in blocks for each in (block, Text())][:-1]
    return Constrain(Group(*spaced), READABLE)


def _block(one: Text) -> RenderableType:
    if one.plain.startswith("    "):
        return Formulas(one)
    return Items(one) if one.plain.startswith("- ") else one


def lesson_heading(lesson: Lesson) -> RenderableType:
    """The opening of a lesson."""
    title = Text.assemble((f" Lesson {lesson.number} ", "bold reverse"), f" {lesson.title}")
    return Group(title, Text(), reading(lesson.about), Text())


def part_heading(part: Part) -> RenderableType:
    """A line across with the part's number and title, then its prose."""
    return Group(Titled(part.name, part.title), Text(), reading(part.prose), Text())


def heading(title: str, note: str = "") -> RenderableType:
    """The heading of one section of a part, after an empty line."""
    return Text.assemble("\n", (title, "bold"), (f"  {note}" if note else "", "dim"))


class Titled:
    """A number, a title and a line behind; a title that leaves the line no room goes on below."""

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title = name, title

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        title = Text(f"{self.name}  {self.title}", "bold")
        if cell_len(title.plain) + 2 <= options.max_width:
            yield Rule(title, align="left", style="dim")
        else:
            yield from _behind(f"{self.name}  ", Text(self.title, "bold"), options.max_width)


class Lines:
    """Lines that are broken already, written as they are: rich would measure each word again."""

    def __init__(self, lines: Sequence[Text]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            yield from line.render(console, end="\n")


class Formulas:
    """Lines as they are; of one that is too long the last column goes on below itself."""

    def __init__(self, block: Text) -> None:
        self.block = block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.block.split():
            fits = cell_len(line.plain) <= options.max_width
            yield Lines([line] if fits else _hanging(line, options.max_width))


class Items:
    """The items of a list, a line each; what is too long goes on below the item's first word."""

    def __init__(self, block: Text) -> None:
        self.block = block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for item in self.block.split():
            yield Lines(_behind("- ", item[2:], options.max_width))


def course_list(lessons: Sequence[Lesson], width: int) -> Lines:
    """The course: every lesson with what it teaches, and its parts.

    Broken into lines here: tables in tables take longer than to read the course.
    """
    lines: list[Text] = []
    for lesson in lessons:
        lines += _indented(Text(f"{lesson.number:>2}  {lesson.title}", "bold"), 0, width)
        for paragraph in paragraphs(lesson.about, "dim"):
            lines += _indented(paragraph, 4, min(width, READABLE))
        most = max((len(part.name) for part in lesson.parts), default=0)
        for part in lesson.parts:
            lines += _behind(f"    {part.name:<{most}}  ", marked(part.title), width)
        lines.append(Text())
    return Lines(lines)


def _behind(name: str, text: Text, width: int) -> list[Text]:
    """A name, and behind it a text in lines of at most this width."""
    lines = _indented(text, len(name), width)
    lines[0].plain = name + lines[0].plain[len(name) :]
    return lines


def _hanging(line: Text, width: int) -> list[Text]:
    """A line whose last column goes on below itself; where that is too narrow each has its own."""
    columns = [found.end() for found in re.finditer(r"(?<=\S) {2,}(?=\S)", line.plain)]
    if columns and width - columns[-1] >= LEAST:
        head, rest = line.divide(columns[-1:])
        return _behind(head.plain, rest, width)
    begin = len(line.plain) - len(line.plain.lstrip())
    lines: list[Text] = []
    for column in line.divide([begin, *columns])[1:]:
        column.rstrip()
        lines += _indented(column, begin + 4, width)
    return [lines[0][4:], *lines[1:]]


def _indented(text: Text, indent: int, width: int) -> list[Text]:
    """A paragraph in lines of at most this width, each behind so many spaces."""
    if indent + len(text) <= width:  # as nearly every title
        text.pad_left(indent)
        return [text]
    starts, at = [], 0
    for broken in textwrap.wrap(text.plain, max(width - indent, 1), break_on_hyphens=False):
        at = text.plain.index(broken, at)
        starts.append(at)
        at += len(broken)
    lines = text.divide(starts[1:])
    for line in lines:
        line.rstrip()
        line.pad_left(indent)
    return list(lines)


def unchecked(sentences: Iterable[str]) -> RenderableType:
    """Claims that were not executed: a dot and the sentence."""
    table = Table.grid(padding=(0, 1))
    for sentence in sentences:
        table.add_row("·", marked(" ".join(sentence.split())))
    return Constrain(table, READABLE)


def claims(held: Iterable[tuple[bool, str, str, str]]) -> RenderableType:
    """Claims as (ok, text, name, error): a tick and the sentence, or a cross and why not."""
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column()
    for ok, text, name, error in held:
        told = marked(" ".join(text.split()))
        if not ok:
            told = Text.assemble(told, f"\n{name} does not hold: ", (error, "red"))
        table.add_row(Text("✓", "green") if ok else Text("✗", "bold red"), told)
    return Constrain(table, READABLE)
