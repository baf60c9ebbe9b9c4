"""A Diagram becomes DOT source, the language of Graphviz.

    >>> from visualize.drawn import Box, Diagram
    >>> source = dot(Diagram((Box(0, "x", "x", "placeholder", "Placeholder", 1),), ()))
    >>> source.splitlines()[0]
    'digraph {'

What the colours, shapes and lines mean is said in a legend, which lists only what occurs.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import graphviz

from visualize.drawn import Box, Diagram, Edge, Group, Icon, boxes
from visualize.inline import plain
from visualize.kinds import CONSTANTS, PLACEHOLDERS
from visualize.stubs import FROM, TO, stub_lines
from visualize.wide import BETWEEN
from visualize.words import duration, middle, printable, shape_text

FONT = "DejaVu Sans,Verdana,sans-serif"
INK, FAINT, LINE = "#1a1a1a", "#595959", "#4d4d4d"
PLAIN = "#f5f5f5"  # an op of which no device is known
DEVICES = ("#d6e6f7", "#d9efd2", "#fde3c4", "#e6dcf2", "#f9f1b8", "#cfecec", "#f5d9e5", "#e4e0d5")
MIXED = "#e0e0e0"  # a closed scope on several devices
GRADIENT, GRADIENT_LINE = "#fdf1ef", "#b3402e"
SCOPE, SCOPE_LINE = "#fafafa", "#9a9a9a"
BACK = "#6a3d9a"
STUB = "#1f5f8b"

FILLS = {"placeholder": "#dff0d8", "variable": "#fde8cc", "constant": "#fbf6cf", "op": "#e4eef9"}

# Two stages in one drawing: what became of an op, its fill and what the legend says.
MARKS = {
    "kept": ("#f5f5f5", "in both stages, as it was"),
    "gone": ("#fbd5d0", "only in the first stage"),
    "new": ("#cfecd0", "only in the second stage"),
    "changed": ("#fdeab0", "in both stages, changed"),
}

# How a kind is drawn, and what the legend calls it.
KINDS = {
    "placeholder": ({"shape": "ellipse", "margin": "0.05,0.02"}, "placeholder"),
    "variable": ({"shape": "cylinder", "margin": "0.14,0.06"}, "variable"),
    "constant": ({"shape": "note"}, "constant"),
    "op": ({"shape": "box", "style": "filled,rounded"}, "op"),
    "scope": ({"shape": "folder", "style": "filled"}, "scope, closed"),
    "function": ({"shape": "component", "style": "filled"}, "function body, closed"),
    "series": ({"shape": "box3d", "style": "filled"}, "like ops or parts, folded"),
    "piece": ({"shape": "folder", "style": "filled,dashed"}, "part of a wide scope"),
}
CLOSED = {"scope", "function", "series", "piece"}
SHAPES = {"box": "rounded box", "box3d": "block"}  # where not by Graphviz's name
CONSTANT_ICON, READ_ICON = "\N{BLACK SMALL SQUARE}", "\N{BULLET}"
PASS_ICON = "\N{WHITE BULLET}"
MOST_ICONS = 4  # an op with more says how many there are
MOST_LABELS = 150  # labels take part in the layout; beyond this it gets slow and unreadable


def dot(diagram: Diagram) -> str:
    """DOT source of a diagram. The same diagram gives the same text."""
    drawn = list(boxes(diagram.members))
    colours = device_colours(drawn)
    graph = graphviz.Digraph(
        graph_attr={
            "fontname": FONT,
            "fontsize": "11",
            "fontcolor": FAINT,
            "bgcolor": "white",
            "rankdir": "TB",
            "nodesep": "0.25",
            "ranksep": "0.35",
            "pad": "0.2",
            "label": caption(diagram, drawn, colours),
            "labelloc": "b",
            "labeljust": "l",
        },
        node_attr={
            "fontname": FONT,
            "fontsize": "12",
            "fontcolor": INK,
            "color": LINE,
            "style": "filled",
            "fillcolor": PLAIN,
            "margin": "0.12,0.06",
            "height": "0.3",
        },
        edge_attr={
            "fontname": FONT,
            "fontsize": "9",
            "fontcolor": FAINT,
            "color": LINE,
            "arrowsize": "0.7",
        },
    )
    names = {box.key: box.label for box in drawn}
    _members(graph, diagram.members, colours, names)
    labelled = len(diagram.edges) <= MOST_LABELS
    for edge in diagram.edges:
        _edge(graph, edge, labelled)
    lined = {end for edge in diagram.edges for end in (edge.tail, edge.head)}
    for above, below in stacks(diagram.members, lined):
        graph.edge(f"n{above}", f"n{below}", style="invis")
    return graph.source


def stacks(members: Sequence[Group | Box], lined: Collection[int]) -> Iterator[tuple[int, int]]:
    """Pairs of boxes to be placed one below the other: those without a line, in columns.

    Graphviz would put all of them into one row.
    """
    alone = [m.key for m in members if isinstance(m, Box) and m.key not in lined]
    height = max(math.isqrt(len(alone) * 2), 3)
    if len(alone) > height:
        for k, key in enumerate(alone[1:], 1):
            if k % height:
                yield alone[k - 1], key
    for member in members:
        if isinstance(member, Group):
            yield from stacks(member.members, lined)


def device_colours(drawn: Sequence[Box]) -> dict[str, str]:
    """A fill for each device that occurs, by name; none where the marks of a diff have them."""
    if any(box.marks for box in drawn):
        return {}
    devices = sorted({device for box in drawn for device in box.devices})
    return {device: DEVICES[i % len(DEVICES)] for i, device in enumerate(devices)}


def _members(
    graph: graphviz.Digraph, members: Sequence[Group | Box], colours: dict, names: dict[int, str]
) -> None:
    for member in members:
        if isinstance(member, Box):
            graph.node(f"n{member.key}", **_look(member, colours, names))
            continue
        # Groups are named after their first box: two open pieces of one scope are two groups.
        first = next(iter(boxes(member.members)))
        with graph.subgraph(name=f"cluster_{first.key}_{len(member.name)}") as inner:
            tint, line = (GRADIENT, GRADIENT_LINE) if member.gradient else (SCOPE, SCOPE_LINE)
            inner.attr(
                label=f"<{html_text(group_label(member))}>",
                tooltip=graphviz.escape(printable(member.name)),
                style="filled,rounded",
                fillcolor=tint,
                color=line,
                fontcolor=GRADIENT_LINE if member.gradient else FAINT,
                margin="10",
                labelloc="t",
                labeljust="c",
            )
            _members(inner, member.members, colours, names)


def group_label(group: Group) -> str:
    """An open group's name, and the functions whose bodies it holds."""
    called = f" calls {', '.join(map(plain, group.calls[:2]))}" if group.calls else ""
    return middle(group.label, 48) + middle(called, 40)


def _look(box: Box, colours: dict[str, str], names: Mapping[int, str]) -> dict[str, str]:
    look = {**KINDS[box.kind][0], "label": box_label(box, names)}
    look["tooltip"] = graphviz.escape(printable(f"{box.name}\n{box.op}".strip() or "graph"))
    if not colours:
        look["fillcolor"] = GRADIENT if box.gradient else FILLS.get(box.kind, PLAIN)
    if box.marks:
        look["fillcolor"] = MARKS[box.marks[0]][0] if len(box.marks) == 1 else MIXED
        if box.marks == ("gone",):
            look |= {"fontcolor": FAINT, "style": look.get("style", "filled") + ",dashed"}
    elif len(box.devices) == 1:
        look["fillcolor"] = colours[box.devices[0]]
    elif box.devices:
        look["fillcolor"] = MIXED
    if box.gradient:
        look["color"] = GRADIENT_LINE
    if box.steps == 0 and not box.fed:  # drawn in full would say that it ran
        look |= {"fillcolor": "white", "fontcolor": FAINT, "color": "#a6a6a6"}
        look["style"] = look.get("style", "filled") + ",dashed"
    return look


def box_label(box: Box, names: Mapping[int, str] = MappingProxyType({})) -> str:
    """The HTML-like label: name, op type, what it holds, its time, its stubs.

    `names` has the labels of boxes by key: what a stub's other end is called.
    """
    first, between, last = box.label, "", ""
    if box.kind in CLOSED:  # two lines for the two ends of a stretch
        first, between, last = box.label.partition(BETWEEN)
    lines = [html_text(middle(first, 30) or "(root)", bold=True)]
    if between:
        lines.append(html_text(f"{BETWEEN.lstrip()}{middle(last, 30)}", bold=True))
    last = re.sub(r"_\d+$", "", box.label.rpartition("/")[2])
    if box.op and last.lower() != box.op.lower():
        lines.append(html_text(box.op, size=10, colour=FAINT))
    if box.kind in CLOSED or (box.kind == "variable" and box.ops > 1):
        lines.append(html_text(f"{box.ops:,} ops", size=10, colour=FAINT))
    if box.became:
        lines.append(html_text(middle(box.became, 34), size=9, colour=INK))
    icons = [icon for icon in box.icons if icon.op not in PLACEHOLDERS]  # a body's arguments
    for icon in icons[:MOST_ICONS]:
        name = middle(icon.name.rpartition("/")[2], 24)
        mark = icon_of(icon)
        text = name if name.lower().startswith(icon.op.lower()) else f"{name} ({icon.op})"
        lines.append(html_text(f"{mark} {text}", size=9, colour=FAINT))
    if len(icons) > MOST_ICONS:
        more = f"and {len(icons) - MOST_ICONS} more"
        lines.append(html_text(more, size=9, colour=FAINT))
    for called in box.calls[:2]:
        lines.append(html_text(f"calls {middle(called, 24)}", size=9, colour=FAINT))
    if box.steps is not None:
        lines.append(
            html_text(_steps_text(box), size=9, colour=INK if box.steps or box.fed else FAINT)
        )
    lines += [html_text(line, size=9, colour=STUB) for line in stub_lines(box, names)]
    return f"<{'<BR/>'.join(lines)}>"


def icon_of(icon: Icon) -> str:
    """The mark before an icon's name."""
    if icon.op in CONSTANTS:
        return CONSTANT_ICON
    return READ_ICON if icon.reads else PASS_ICON


def _steps_text(box: Box) -> str:
    if box.steps == 0:
        return "fed" if box.fed else "no step in this run"
    times = f"{box.steps} steps, " if box.steps != 1 else ""
    return times + (duration(box.time_us) if box.time_us is not None else "not timed")


def _edge(graph: graphviz.Digraph, edge: Edge, labelled: bool) -> None:
    look = {}
    if edge.control:
        look = {"style": "dashed", "arrowhead": "vee", "color": "#808080"}
    if edge.back:
        # A way back must not pull the Merge below the NextIteration.
        look = {"color": BACK, "fontcolor": BACK, "constraint": "false"}
    if edge.count > 1:
        look["penwidth"] = str(round(min(1 + edge.count**0.5 / 2, 4.0), 2))
    if labelled and edge_label(edge):
        look["label"] = graphviz.escape(f" {edge_label(edge)} ")
    graph.edge(f"n{edge.tail}", f"n{edge.head}", **look)


def edge_label(edge: Edge) -> str:
    """`"64x784"`, `"?x784 int64"`, `"3 tensors"`; a dtype is written where it is not float32."""
    if edge.control:
        return f"{edge.count}" if edge.count > 1 else ""
    if not edge.same:
        return f"{edge.count} tensors"
    if edge.dtype == "resource":
        text = "resource"
    else:
        dtype = "" if edge.dtype in {"float32", ""} else f" {edge.dtype}"
        text = shape_text(edge.shape) + dtype
    return text if edge.count == 1 else f"{edge.count} of {text}"


def html_text(text: str, size: int = 0, colour: str = "", bold: bool = False) -> str:
    """Text for an HTML-like label: anything in it is shown as it is."""
    result = html.escape(printable(text))
    if bold:
        result = f"<B>{result}</B>"
    if size:
        result = f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{result}</FONT>'
    return result


def caption(diagram: Diagram, drawn: Sequence[Box], colours: dict[str, str]) -> str:
    """Legend and notes as one HTML-like table: a label takes no part in the layout."""
    entries = list(legend(diagram, drawn, colours))
    columns = 2 if len(drawn) <= 12 else 4
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
    """A sample, its cell and its meaning, for each thing that occurs and for nothing else."""
    kinds = {box.kind for box in drawn}
    for kind, (look, text) in KINDS.items():
        if kind in kinds:
            plain = colours or any(box.marks for box in drawn)
            fill = PLAIN if plain else FILLS.get(kind, PLAIN)
            yield SHAPES.get(look["shape"], look["shape"]), _cell(fill), text
    for device, colour in colours.items():
        yield device, _cell(colour), "device"
    marks = {mark for box in drawn for mark in box.marks}
    for mark, (colour, text) in MARKS.items():
        if mark in marks:
            yield mark, _cell(colour), text
    if any(len(box.marks) > 1 for box in drawn):
        yield "dark grey", _cell(MIXED), "several of these"
    if colours and any(not box.devices and (box.steps != 0 or box.fed) for box in drawn):
        yield "grey", _cell(PLAIN), "no device known"
    if colours and any(len(box.devices) > 1 for box in drawn):
        yield "dark grey", _cell(MIXED), "several devices"
    if any(box.gradient for box in drawn):
        yield "red line", _cell(GRADIENT, GRADIENT_LINE), "gradients"
    if any(box.steps == 0 and not box.fed for box in drawn):
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
    if any(edge.control for edge in diagram.edges):
        yield "\u2504\u2504\u25b7", "", "control input"
    if any(edge.back for edge in diagram.edges):
        yield "violet", _cell("white", BACK), "to the next iteration"


def _cell(fill: str, line: str = LINE) -> str:
    return f'BORDER="1" STYLE="ROUNDED" BGCOLOR="{fill}" COLOR="{line}"'
