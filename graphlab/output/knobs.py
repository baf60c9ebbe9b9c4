"""What a reader can turn beside the pictures of a part, on a page that executes its graph.

    document["knobs"] = knobs(report, graph=0)

A panel turns numbers of the graph way's recorded call, and draws again what the part's figure or
its curve of losses shows, with the original behind. The page computes both with its own kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from graphlab.course.report import Report, main_run
from graphlab.errors import GraphlabError
from graphlab.model import Run
from graphlab.output.live import live_columns, signatures
from visualize.page.columns import Table


@dataclass(frozen=True)
class Dial:
    """Something to turn: numbers of a tensor, how many rows of it, an attribute of some ops.

    `how` "number": elements `at`, by their place in the flat tensor, of a feed, a constant or a
    variable. "rows": so many rows of what is fed. "units": so many of the hidden units, the
    others' weights being 0; `of` are variables, `axes` the axis of each that counts units. "attr":
    `attr` of all ops of the types in `of`.
    """

    names: tuple[str, ...]  # what a reader calls each number
    how: str
    of: tuple[str, ...]
    low: float
    high: float
    step: float
    at: tuple[int, ...] = ()
    axes: tuple[int, ...] = ()
    attr: str = ""
    columns: int = 1  # numbers beside one another


@dataclass(frozen=True)
class Picture:
    """A matrix within a flat tensor, or variable, `of`: rows and columns are (how many, stride)."""

    of: str
    name: str
    rows: tuple[int, int]
    columns: tuple[int, int]
    start: int = 0


@dataclass(frozen=True)
class Panel:
    """The knobs beside one picture of a part; exactly one of the three ways to draw is given."""

    figure: str  # the name of the part's figure; "" for its curve of losses
    title: str
    about: str
    dials: tuple[Dial, ...]
    pictures: tuple[Picture, ...] = ()
    steps: int = 0  # of a training, each from the variables that the one before it left
    loss: str = ""  # what is drawn of each
    x: str = ""
    lines: Mapping[str, str] = field(default_factory=dict)  # by name, over x
    first: bool = True  # whether the call is that of the first step, or the one that is replayed


_SIDE = 33  # of the plane in part 3.1, whose rows go upwards
_GATES = ("input gate", "forget gate", "candidate", "output gate", "cell c", "h")
_TIMES = 24

PANELS: Mapping[str, Panel] = {
    "2.3": Panel(
        "",
        "Turn the rate",
        "The first thirty steps. Too small a rate is slow; beyond 2 / curvature the loss grows.",
        (Dial(("rate",), "number", ("rate:0",), 0.0, 1.0, 0.01, at=(0,)),),
        steps=30,
        loss="loss:0",
    ),
    "2.4": Panel(
        "",
        "Turn rate and minibatch",
        "Thirty steps on the first minibatch alone, again and again. A few pictures are soon known "
        "by heart; a rate too large makes the loss leap.",
        (
            Dial(("rate",), "number", ("GradientDescent/learning_rate:0",), 0, 2, 0.01, at=(0,)),
            Dial(("pictures in it",), "rows", ("images:0", "labels:0"), 1, 250, 1),
        ),
        steps=30,
        loss="loss:0",
    ),
    "3.1": Panel(
        "plane",
        "Turn the hidden units' weights",
        "Each unit folds the plane along a line: its weights turn the line, its bias moves it.",
        (
            Dial(
                ("p to h1", "p to h2", "q to h1", "q to h2"),
                "number",
                ("hidden/W",),
                -2,
                2,
                0.05,
                at=(0, 1, 2, 3),
                columns=2,
            ),
            Dial(
                ("bias of h1", "bias of h2"),
                "number",
                ("hidden/b",),
                -2,
                2,
                0.05,
                at=(0, 1),
                columns=2,
            ),
        ),
        tuple(
            Picture(of, name, (_SIDE, -_SIDE * wide), (_SIDE, wide), (_SIDE - 1) * _SIDE * wide + k)
            for of, name, wide, k in (
                ("h:0", "h1", 2, 0),
                ("h:0", "h2", 2, 1),
                ("output/z:0", "z", 1, 0),
            )
        ),
        first=False,  # the grid; the first step has the truth table
    ),
    "3.4": Panel(
        "",
        "Turn the number of hidden units",
        "Twelve steps on the first minibatch alone, with so many of the 128 units; the others have "
        "weights of 0, and so no gradient.",
        (Dial(("hidden units",), "units", ("W", "b", "V"), 0, 128, 1, axes=(1, 0, 0)),),
        steps=12,
        loss="loss:0",
    ),
    "4.1": Panel(
        "maps",
        "Turn the filter's nine numbers",
        "Filter 1 on the X. Make it the other stroke, a crossing, or a single 1 in its middle.",
        (
            Dial(
                tuple(f"row {r + 1}, column {c + 1}" for r in range(3) for c in range(3)),
                "number",
                ("sums/filter:0",),
                -2,
                2,
                0.1,
                at=tuple(3 * k for k in range(9)),
                columns=3,
            ),
        ),
        (
            Picture("x:0", "picture", (9, 9), (9, 1)),
            Picture("sums/filter:0", "filter 1", (3, 9), (3, 3)),
            Picture("maps:0", "its map", (7, 21), (7, 3)),
        ),
    ),
    "4.5": Panel(
        "leaky-maxout",
        "Turn the slope",
        "Leaky ReLU's slope left of 0, which its gradient has there, too. At 0 it is ReLU, at 1 a "
        "line that bends nowhere, and beyond 1 a fold the other way.",
        (Dial(("alpha",), "attr", ("LeakyRelu", "LeakyReluGrad"), -0.5, 1.5, 0.01, attr="alpha"),),
        x="x:0",
        lines={
            "leaky": "LeakyRelu:0",
            "slope of leaky": "gradients_3/LeakyRelu_grad/LeakyReluGrad:0",
        },
    ),
    "7.1": Panel(
        "gates",
        "Turn the gates",
        "What each gate is where nobody writes or reads: a bias of 10 opens it, -10 shuts it. A "
        "forget gate that is half open lets the cell fade.",
        (
            Dial(
                ("input gate", "forget gate", "output gate"),
                "number",
                ("b:0",),
                -10,
                10,
                0.25,
                at=(0, 1, 3),
                columns=3,
            ),
        ),
        tuple(
            Picture(f"split:{k}", name, (1, _TIMES), (_TIMES, 1)) for k, name in enumerate(_GATES)
        ),
    ),
}


def knobs(part: Report, graph: int | None) -> dict[str, Any] | None:
    """The panel of a part as plain data, with the call that it turns; `graph` is the number of the
    graph way's graph on the page. None where the part has none, or its call cannot be executed."""
    panel, way = PANELS.get(part.part.name), part.ways.get("graph")
    if panel is None or way is None or graph is None:
        return None
    calls = sorted(way.replays, key=lambda each: each.run.call)
    try:
        replay = calls[0 if panel.first else -1] if calls else None
        run = None if replay is None else replay.as_written()
    except GraphlabError:  # the page says so where it would show the values
        return None
    if replay is None or run is None:
        return None
    told = {"part": part.part.name, "graph": graph, **asdict(panel)}
    functions = signatures(main_run(way) or run, replay)
    return told | {"run": _steps(run), "live": live_columns(-1, replay.start, run, functions)}


def _steps(run: Run) -> dict[str, Any]:
    """Of a run, as `visualize.page.columns` has them, what the page needs to execute it again."""
    nodes, frames = Table(), Table()
    node = [nodes.of(step.node) for step in run.steps]
    frame = [frames.of(step.frame) for step in run.steps]
    columns = {"node": node, "nodes": nodes.items, "frame": frame, "frames": frames.items}
    return columns | {"fetches": list(run.fetches), "step": run.step}
