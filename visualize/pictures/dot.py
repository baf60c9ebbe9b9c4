"""A Diagram becomes DOT source, the language of Graphviz.

    >>> from visualize.diagram.drawn import Box, Diagram
    >>> source = dot(Diagram((Box(0, "x", "x", "placeholder", "Placeholder", 1),), ()))
    >>> source.splitlines()[0]
    'digraph {'

What the colours, shapes and lines mean is said in a legend, which lists only what occurs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import graphviz

from visualize.diagram.drawn import Box, Diagram, Edge, Group, boxes
from visualize.diagram.stubs import stub_lines
from visualize.hierarchy.inline import plain
from visualize.hierarchy.wide import BETWEEN
from visualize.kinds import PLACEHOLDERS
from visualize.pictures.legend import caption
from visualize.pictures.looks import (
    BACK,
    CLOSED,
    DEVICES,
    FAINT,
    FILLS,
    FONT,
    GRADIENT,
    GRADIENT_LINE,
    INK,
    KINDS,
    LINE,
    MARKS,
    MIXED,
    PLAIN,
    SCOPE,
    SCOPE_LINE,
    STUB,
    TAKEN,
    html_text,
    icon_of,
    quoted,
)
from visualize.words import HANDLES, duration, middle, shape_text

MOST_ICONS = 4  # an op with more says how many there are
MOST_SAID = 48  # letters of what became of an op: a kernel of oneDNN's has a long name
MOST_LABELS = 150  # labels take part in the layout; beyond this it gets slow and unreadable


def dot(diagram: Diagram, direction: str = "TB") -> str:
    """DOT source of a diagram. The same diagram gives the same text."""
    return drawing(diagram, direction, legend_of(diagram))


def legend_of(diagram: Diagram, columns: int = 0) -> str:
    """The legend of a diagram, as a label of DOT."""
    drawn = list(boxes(diagram.members))
    return caption(diagram, drawn, device_colours(drawn), columns)


def drawing(
    diagram: Diagram,
    direction: str = "TB",
    legend: str = "",
    whole: Diagram | None = None,
) -> str:
    """DOT source of a diagram with a legend that is handed over, or without one.

    `direction` is Graphviz's: TB, from top to bottom, or LR. `whole` is what the diagram is a part
    of: colours of devices and names of other boxes are as there.
    """
    every = list(boxes((whole or diagram).members))
    colours = device_colours(every)
    graph = graphviz.Digraph(
        graph_attr={
            "fontname": FONT,
            "fontsize": "11",
            "fontcolor": FAINT,
            "bgcolor": "white",
            "rankdir": direction,
            "nodesep": "0.25",
            "ranksep": "0.35",
            "pad": "0.2",
            **({"label": legend} if legend else {}),
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
    names = {box.key: box.label for box in every}
    _members(graph, diagram.members, colours, names)
    grouped = [member for member in diagram.members if isinstance(member, Group)]
    within = {box.key for box in boxes(grouped)}
    slopes = {box.key for box in every if box.gradient}
    taken = {edge for edge in diagram.edges if to_gradient(edge, slopes)}
    # What gives a tensor to an op and to its gradient says once what it gives.
    said = {(edge.tail, edge_label(edge)) for edge in diagram.edges if edge not in taken}
    labelled = len(diagram.edges) <= MOST_LABELS
    for edge in diagram.edges:
        look = {}
        if edge in taken:
            look = {"color": TAKEN}
            if edge.tail not in within and edge.head not in within:
                look["weight"] = "0"  # it goes around the ops, and does not bend their column
        again = edge in taken and (edge.tail, edge_label(edge)) in said
        _edge(graph, edge, look, labelled and not again)
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
    graph: graphviz.Digraph,
    members: Sequence[Group | Box],
    colours: Mapping[str, str],
    names: dict[int, str],
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
                tooltip=quoted(member.name),
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


def _look(box: Box, colours: Mapping[str, str], names: Mapping[int, str]) -> dict[str, str]:
    look = {**KINDS[box.kind][0], "label": box_label(box, names)}
    look["tooltip"] = quoted(f"{box.name}\n{box.op}".strip() or "graph")
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
    if box.idle:  # drawn in full would say that it ran
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
        lines.append(html_text(middle(box.op, 34), size=10, colour=FAINT))
    if box.kind in CLOSED or (box.kind == "variable" and box.ops > 1):
        lines.append(html_text(f"{box.ops:,} ops", size=10, colour=FAINT))
    if box.became:
        lines.append(html_text(middle(box.became, MOST_SAID), size=9, colour=INK))
    icons = [icon for icon in box.icons if icon.op not in PLACEHOLDERS]  # a body's arguments
    for icon in icons[:MOST_ICONS]:
        name = middle(icon.name.rpartition("/")[2], 24)
        mark = icon_of(icon)
        text = (
            name if name.lower().startswith(icon.op.lower()) else f"{name} ({middle(icon.op, 24)})"
        )
        lines.append(html_text(f"{mark} {text}", size=9, colour=FAINT))
    if len(icons) > MOST_ICONS:
        more = f"and {len(icons) - MOST_ICONS} more"
        lines.append(html_text(more, size=9, colour=FAINT))
    for called in box.calls[:2]:
        lines.append(html_text(f"calls {middle(called, 24)}", size=9, colour=FAINT))
    if box.steps is not None:
        lines.append(html_text(_steps_text(box), size=9, colour=FAINT if box.idle else INK))
    lines += [html_text(line, size=9, colour=STUB) for line in stub_lines(box, names)]
    return f"<{'<BR/>'.join(lines)}>"


def _steps_text(box: Box) -> str:
    if box.steps == 0:
        if box.outside:
            return "made before" if box.kind == "variable" else "from Python"
        return "fed" if box.fed else "no step in this run"
    times = "what it takes: " if box.icons_only else ""
    times += f"{box.steps} steps, " if box.steps != 1 else ""
    if box.time_us is not None:
        return times + duration(box.time_us)
    return times + ("launched, no kernel" if box.launched else "not timed")


def to_gradient(edge: Edge, gradients: Collection[int]) -> bool:
    """Whether a gradient takes what another op gives; `gradients` are the keys of their boxes."""
    return edge.head in gradients and edge.tail not in gradients and not edge.control


def _edge(graph: graphviz.Digraph, edge: Edge, look: dict[str, str], labelled: bool) -> None:
    if edge.control:
        look = {"style": "dashed", "arrowhead": "vee", "color": "#808080"}
    if edge.back:
        # A way back must not pull the Merge below the NextIteration.
        look = {"color": BACK, "fontcolor": BACK, "constraint": "false"}
    if edge.count > 1:
        look["penwidth"] = str(round(min(1 + edge.count**0.5 / 2, 4.0), 2))
    if labelled and edge_label(edge):
        look["label"] = quoted(f" {edge_label(edge)} ")
    graph.edge(f"n{edge.tail}", f"n{edge.head}", **look)


def edge_label(edge: Edge) -> str:
    """`"64x784"`, `"?x784 int64"`, `"3 tensors"`; a dtype is written where it is not float32.

    Where not even the rank is known, nothing is said of the shape.
    """
    if edge.control:
        return f"{edge.count}" if edge.count > 1 else ""
    if not edge.same:
        return f"{edge.count} tensors"
    if edge.dtype in HANDLES:
        text = edge.dtype
    else:
        dtype = "" if edge.dtype in {"float32", ""} else edge.dtype
        shape = "" if edge.shape is None else shape_text(edge.shape)
        text = middle(f"{shape} {dtype}".strip(), 34)
    if edge.count == 1:
        return text
    return f"{edge.count} of {text}" if text else f"{edge.count} tensors"
