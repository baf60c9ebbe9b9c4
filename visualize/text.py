"""A Graph or a Run as text: one row an op, lanes for the tensors that are alive.

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
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from graphlab.model import Graph, Run, Step
from visualize.kinds import kind_of, short_device
from visualize.lanes import draw
from visualize.order import Event, events
from visualize.words import duration, middle, printable, shape_text

COLUMNS = ("op", "name", "shape", "device", "time")
LEAST = {"op": 8, "name": 8, "shape": 6, "device": 5, "time": 7}  # narrower says nothing
GAP = "  "
_ASCII = str.maketrans("●│─╯╰╮╭├┤┼┴┬µ…", "*|-/\\\\/+++++u~")
STYLES = {"placeholder": "green", "variable": "yellow", "constant": "cyan", "op": "bold"}


@dataclass(frozen=True, slots=True)
class Row:
    """One op that was executed, or is to be; the first row of a table is its header."""

    lanes: str
    op: str
    name: str
    shape: str
    device: str
    time: str
    kind: str  # as of `kinds.kind_of`; "" for the header


def rows(what: Graph | Run, width: int, ascii: bool = False) -> list[str]:
    """The rows as lines of at most `width` cells, a header first.

    A Graph's ops come in the order in which they can be executed, a Run's in the order in which
    they started. A column of which nothing is known is left out. `ascii`: no other characters.
    """
    lines = [line for line, _ in _lines(what, width)]
    return [_plain(line) for line in lines] if ascii else lines


def styled(what: Graph | Run, width: int) -> list[Text]:
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


def table(what: Graph | Run, lanes: int) -> list[Row]:
    """The rows, uncut, with at most `lanes` lanes drawn; how many more are alive is written."""
    order = events(what)
    drawn = draw([event.takes for event in order], [event.gives for event in order], lanes)
    is_run = isinstance(what, Run)
    header = Row(" " * len(drawn[0]) if drawn else "", *COLUMNS, "")
    return [header, *(_row(event, line, is_run) for event, line in zip(order, drawn, strict=True))]


def _row(event: Event, lanes: str, is_run: bool) -> Row:
    node, step = event.node, event.step
    specs = step.outputs if step and step.outputs else node.outputs
    shape = ""
    if specs:
        dtype = "" if specs[0].dtype == "float32" else f" {specs[0].dtype}"
        shape = shape_text(specs[0].shape) + dtype
        shape += f" +{len(specs) - 1}" if len(specs) > 1 else ""
    device = short_device(step.device if step else node.device)
    name = printable(node.name, newlines=False)
    if step and step.frame:
        name += f" [{printable(step.frame, newlines=False)}]"
    if "variable" in node.attrs:
        name += f" ({printable(node.attrs['variable'], newlines=False)})"
    op = printable(node.op, newlines=False)
    return Row(lanes, op, name, shape, device, _time(step) if is_run else "", kind_of(node))


def _time(step: Step | None) -> str:
    us = step.duration_us if step else None
    return "not timed" if us is None else duration(us)


def _lines(what: Graph | Run, width: int) -> list[tuple[str, Row]]:
    # A fifth of the width for lanes: with more, no name would be left to read.
    found = table(what, max(width // 10, 2))
    used = ["op", "name"]
    used += [c for c in COLUMNS[2:] if any(getattr(row, c) for row in found[1:])]
    widths = _widths(found, used, width - len(found[0].lanes))
    return [(_line(row, used, widths), _cut(row, widths)) for row in found]


def _widths(found: Sequence[Row], used: Sequence[str], room: int) -> dict[str, int]:
    """What each column gets: its need, or a cut where the width is short, names first."""
    widths = {c: max(cell_len(getattr(row, c)) for row in found) for c in used}
    widths = {c: max(width, len(c)) for c, width in widths.items()}
    for column in ("name", "op", "shape", "name", "time"):
        over = sum(widths.values()) + len(GAP) * len(widths) - room
        # The first time round a name keeps 20 cells: op and shape give way before it does.
        least = LEAST[column] if column != "name" or widths["name"] <= 20 else 20
        if column in widths and over > 0:
            widths[column] = max(min(least, widths[column]), widths[column] - over)
    return widths


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
    plain = line.translate(_ASCII)
    return plain.encode("ascii", "replace").decode()
