"""What a drawing says below itself: a legend of what occurs in it, and its notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from visualize.diagram.drawn import Box, Diagram
from visualize.diagram.stubs import FROM, TO
from visualize.kinds import PLACEHOLDERS
from visualize.pictures.looks import (
    BACK,
    CONSTANT_ICON,
    FAINT,
    FILLS,
    GRADIENT,
    GRADIENT_LINE,
    INK,
    KINDS,
    LINE,
    MARKS,
    MIXED,
    PASS_ICON,
    PLAIN,
    READ_ICON,
    SHAPES,
    TAKEN,
    html_text,
    icon_of,
)
from visualize.pictures.swatches import DASHED
from visualize.words import middle


def caption(
    diagram: Diagram, drawn: Sequence[Box], colours: dict[str, str], columns: int = 0
) -> str:
    """Legend and notes as one HTML-like table: a label takes no part in the layout."""
    entries = list(legend(diagram, drawn, colours))
    columns = columns or (2 if len(drawn) <= 12 else 4)
    rows = [entries[i : i + columns] for i in range(0, len(entries), columns)]
    lines = ["<TR>" + "".join(_swatch(*entry) for entry in row) + "</TR>" for row in rows]
    for note in diagram.notes:
        text = html_text(note, size=10, colour=FAINT)
        lines.append(f'<TR><TD COLSPAN="{2 * columns}" ALIGN="LEFT">{text}</TD></TR>')
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="3">'
    return f"<{table}{''.join(lines)}</TABLE>>"


def _swatch(sample: str, cell: str, text: str) -> str:
    sample = html_text(sample, size=9, colour=INK)
    meaning = html_text(text, size=10, colour=FAINT)
    return f'<TD {cell}>{sample}</TD><TD ALIGN="LEFT">{meaning}</TD>'


def legend(
    diagram: Diagram, drawn: Sequence[Box], colours: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    """A sample, its cell and its meaning, for each thing that occurs and for nothing else.

    A shape's sample is its name: `swatches` draws it where there are more than boxes.
    """
    kinds = {box.kind for box in drawn}
    for kind, (look, text) in KINDS.items():
        if kind in kinds:
            plain = colours or any(box.marks for box in drawn)
            fill = PLAIN if plain else FILLS.get(kind, PLAIN)
            dashed = DASHED if "dashed" in look.get("style", "") else ""
            name = SHAPES.get(look["shape"], look["shape"])
            yield dashed + name, _cell(fill), text
    for device, colour in colours.items():
        yield middle(device, 34), _cell(colour), "device"
    marks = {mark for box in drawn for mark in box.marks}
    for mark, (colour, text) in MARKS.items():
        if mark in marks:
            yield mark, _cell(colour), text
    if any(len(box.marks) > 1 for box in drawn):
        yield "dark grey", _cell(MIXED), "several of these"
    if colours and any(not box.devices and not box.idle for box in drawn):
        yield "grey", _cell(PLAIN), "no device known"
    if colours and any(len(box.devices) > 1 for box in drawn):
        yield "dark grey", _cell(MIXED), "several devices"
    if any(box.gradient for box in drawn):
        yield "red line", _cell(GRADIENT, GRADIENT_LINE), "gradients"
    if any(box.idle for box in drawn):
        yield "dashed line", 'BORDER="1" STYLE="DASHED" COLOR="#a6a6a6"', "no step in this run"
    icons = {icon_of(icon) for box in drawn for icon in box.icons if icon.op not in PLACEHOLDERS}
    if CONSTANT_ICON in icons:
        yield CONSTANT_ICON, "", "a constant it takes"
    if READ_ICON in icons:
        yield READ_ICON, "", "a variable it reads"
    if PASS_ICON in icons:
        yield PASS_ICON, "", "passed on to it unchanged"
    if any(box.stubs for box in drawn):
        yield f"{FROM} {TO}", "", "from, to: joined with too many for lines"
    tensors = [edge for edge in diagram.edges if not edge.control]
    if tensors:
        untyped = any(edge.same and edge.dtype == "float32" for edge in tensors)
        yield "\u2500\u2500\u25b6", "", "tensor" + (", float32 unless written" if untyped else "")
    gradients = {box.key for box in drawn if box.gradient}
    if any(e.head in gradients and e.tail not in gradients for e in tensors):
        yield "pale red", _cell("white", TAKEN), "to a gradient"
    if any(edge.control for edge in diagram.edges):
        yield "\u2504\u2504\u25b7", "", "control input"
    if any(edge.back for edge in diagram.edges):
        yield "violet", _cell("white", BACK), "to the next iteration"


def _cell(fill: str, line: str = LINE) -> str:
    return f'BORDER="1" STYLE="ROUNDED" BGCOLOR="{fill}" COLOR="{line}"'
