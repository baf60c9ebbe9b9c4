"""A Graph, a Run or a Diagram as text: one row an op, lanes for the tensors that are alive.

    >>> from graphlab.model import Node, TensorSpec
    >>> x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (None, 2)),))
    >>> w = Node("w", "Const", outputs=(TensorSpec("w:0", "float32", (2, 2)),))
    >>> y = Node("y", "MatMul", ("x:0", "w:0"), outputs=(TensorSpec("y:0", "float32", (None, 2)),))
    >>> print(*rows(Graph((x, w, y)), width=40), sep="\\n")
         op           name  shape
    ●    Placeholder  x     ?x2
    │ ●  Const        w     2x2
    ●─╯  MatMul       y     ?x2

A lane begins where its tensor is made and bends into the last op that takes it; an op that takes
it earlier is joined to it by a line that does not end there.

A Diagram has a row for each of its boxes, so any graph fits a screen; closed groups say how many
ops they hold. There are no times in it: two of them can be compared with `diff`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from graphlab.model import Graph, Node, Run, TensorSpec
from visualize.diagram.drawn import Box, Diagram, Edge, boxes
from visualize.diagram.stubs import stub_lines
from visualize.hierarchy.order import Event, events
from visualize.kinds import kind_of, short_device
from visualize.text.lanes import draw
from visualize.words import ASCII, middle, printable, ran_on, tensor_text, took

COLUMNS = ("op", "name", "ops", "shape", "device", "time", "became", "hubs")
# Narrower says nothing.
LEAST = {"op": 8, "name": 8, "ops": 3, "shape": 6, "device": 5, "time": 7, "became": 24, "hubs": 8}
KEPT = {"name": 20, "hubs": 20}
LEFT_OUT = (
    "device",
    "ops",
    "hubs",
    "shape",
    "op",
    "became",
)  # in this order, where all are cut and it is short
GAP = "  "
STYLES = {"placeholder": "green", "variable": "yellow", "constant": "cyan", "op": "bold"}
GROUPS = {"scope": "scope", "function": "function", "series": "series", "piece": "part"}
STYLES |= dict.fromkeys(GROUPS, "blue")


@dataclass(frozen=True, slots=True)
class Row:
    """One op that was executed, or is to be; the first row of a table is its header."""

    lanes: str
    op: str
    name: str
    ops: str  # how many a closed group holds
    shape: str
    device: str
    time: str
    became: str  # what happened to it: it was fused, or is another in the second of two stages
    hubs: str  # what a box of a Diagram is joined with, but not by a lane
    kind: str  # as of `kinds.kind_of`, or a closed group's; "" for the header


def rows(what: Graph | Run | Diagram, width: int, ascii: bool = False) -> list[str]:
    """The rows as lines of at most `width` cells, a header first.

    A Graph's ops and a Diagram's boxes come in the order in which they can be executed, a Run's
    ops in the order in which they started. A column of which nothing is known is left out.
    `ascii`: no other characters.
    """
    lines = [line for line, _ in _lines(what, width)]
    return [_plain(line) for line in lines] if ascii else lines


def styled(what: Graph | Run | Diagram, width: int) -> list[Text]:
    """The same rows for a rich console: lanes faint, ops by their kind, the header bold."""
    result = []
    for line, row in _lines(what, width):
        text = Text(line, no_wrap=True, overflow="ignore")
        lanes = len(row.lanes)
        text.stylize("bold underline" if not row.kind else "dim", 0, lanes)
        if row.kind:
            text.stylize(STYLES[row.kind], lanes, lanes + len(GAP) + len(row.op) + len(GAP))
        else:
            text.stylize("bold", lanes)
        result.append(text)
    return result


def table(what: Graph | Run | Diagram, lanes: int) -> list[Row]:
    """The rows, uncut, with at most `lanes` lanes drawn; how many more are alive is written."""
    known = {f"n{box.key}": box for box in boxes(what.members)} if isinstance(what, Diagram) else {}
    order = events(as_graph(what) if isinstance(what, Diagram) else what)
    drawn = draw([event.takes for event in order], [event.gives for event in order], lanes)
    header = Row(" " * len(drawn[0]) if drawn else "", *COLUMNS, "")
    names = {box.key: box.label for box in known.values()}
    found = [header]
    for event, line in zip(order, drawn, strict=True):
        if isinstance(what, Diagram):
            row = _box_row(known[event.node.name], event.node, line, names)
        else:
            row = _row(event, line, isinstance(what, Run))
        cells = {column: printable(getattr(row, column), newlines=False) for column in COLUMNS}
        found.append(replace(row, **cells))
    return found


def as_graph(diagram: Diagram) -> Graph:
    """The boxes of a Diagram as nodes `n<key>`, each with one output: what is drawn as a lane.

    Ways back of loops are left out: they are no lanes.
    """
    takes: dict[int, list[Edge]] = {}
    gives: dict[int, Edge] = {}
    for edge in diagram.edges:
        if not edge.back:
            takes.setdefault(edge.head, []).append(edge)
            if not edge.control:
                gives.setdefault(edge.tail, edge)
    nodes = []
    for box in boxes(diagram.members):
        inputs = tuple(f"n{e.tail}:0" for e in takes.get(box.key, ()) if not e.control)
        controls = tuple(f"n{e.tail}" for e in takes.get(box.key, ()) if e.control)
        first = gives.get(box.key)
        spec = TensorSpec(f"n{box.key}:0", first.dtype, first.shape) if first else None
        outputs = (spec,) if spec else ()
        nodes.append(Node(f"n{box.key}", box.op, inputs, controls, outputs))
    return Graph(tuple(nodes))


def _box_row(box: Box, node: Node, lanes: str, names: Mapping[int, str]) -> Row:
    shape = ""
    for spec in node.outputs:
        several = spec.shape is None and not spec.dtype
        shape = "several" if several else tensor_text(spec.dtype, spec.shape)
    closed = box.kind in GROUPS
    name = f"{box.name.rpartition('/')[0]}/{box.label}" if box.kind == "series" else box.name
    return Row(
        lanes,
        box.op or GROUPS.get(box.kind, box.kind),
        name.lstrip("/") if closed else name,
        f"{box.ops:,}" if closed or box.ops > 1 else "",
        shape,
        ", ".join(box.devices),
        "",
        box.became,
        " ".join(stub_lines(box, names)),
        box.kind,
    )


def _row(event: Event, lanes: str, is_run: bool) -> Row:
    node, step = event.node, event.step
    specs = step.outputs if step and step.outputs else node.outputs
    shape = ""
    if specs:
        shape = tensor_text(specs[0].dtype, specs[0].shape)
        shape += f" +{len(specs) - 1}" if len(specs) > 1 else ""
    device = short_device(step.device if step else node.device)
    device = ran_on(step, device) if step else device
    name = node.name
    if step and step.frame:
        name += f" [{step.frame}]"
    if node.marks.variable:
        name += f" ({node.marks.variable})"
    time = took(step) if is_run else ""
    became = node.marks.became
    return Row(lanes, node.op, name, "", shape, device, time, became, "", kind_of(node))


def _lines(what: Graph | Run | Diagram, width: int) -> list[tuple[str, Row]]:
    # A fifth of the width for lanes: with more, no name would be left to read.
    found = table(what, max(width // 10, 2))
    used = ["op", "name"]
    used += [c for c in COLUMNS[2:] if any(getattr(row, c) for row in found[1:])]
    room = width - len(found[0].lanes)
    widths = _widths(found, used, room)
    whole = _needs(found, used)
    for column in LEFT_OUT:
        over = sum(widths.values()) + len(GAP) * len(used) > room
        cut = column == "device" and "became" in used and widths != whole  # words say more
        if (over or cut) and column in used:
            used.remove(column)
            del whole[column]
            widths = _widths(found, used, room)
    return [(_line(row, used, widths), _cut(row, widths)) for row in found]


def _widths(found: Sequence[Row], used: Sequence[str], room: int) -> dict[str, int]:
    """What each column gets: its need, or a cut where the width is short, names first."""
    widths = _needs(found, used)
    for column in ("hubs", "name", "op", "shape", "hubs", "became", "name", "device", "time"):
        over = sum(widths.values()) + len(GAP) * len(widths) - room
        # The first time round these keep 20 cells: op and shape give way before they do.
        least = LEAST[column] if widths.get(column, 0) <= 20 else KEPT.get(column, LEAST[column])
        if column in widths and over > 0:
            widths[column] = max(min(least, widths[column]), widths[column] - over)
    return widths


def _needs(found: Sequence[Row], used: Sequence[str]) -> dict[str, int]:
    """How wide each column is where nothing is cut; the first row is the header."""
    return {c: max(cell_len(getattr(row, c)) for row in found) for c in used}


def _cut(row: Row, widths: dict[str, int]) -> Row:
    cells = {c: _fit(getattr(row, c), widths.get(c, 0)) for c in COLUMNS}
    return Row(row.lanes, **cells, kind=row.kind)


def _fit(text: str, width: int) -> str:
    """The text in exactly so many cells of a terminal, cut in the middle."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    most = width
    while cell_len(cut := middle(text, most)) > width:  # Chinese characters take two cells
        most -= 1
    return set_cell_size(cut, width)


def _line(row: Row, used: Sequence[str], widths: dict[str, int]) -> str:
    return GAP.join([row.lanes, *(_fit(getattr(row, c), widths[c]) for c in used)]).rstrip()


def _plain(line: str) -> str:
    plain = line.translate(ASCII)
    return plain.encode("ascii", "replace").decode()
