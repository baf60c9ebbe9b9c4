"""What came out of a part, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from graphlab.course import source
from graphlab.course.report import PARTLY, Report, losses, main_run
from graphlab.course.ways import Claim
from graphlab.model import Graph
from graphlab.screen import figures, keys, prose, runs, tables
from graphlab.screen.code import comments
from graphlab.screen.folding import folded
from visualize.plots.curves import curve_text
from visualize.text.rows import styled

CLOCKS = (
    "Three clocks: a step is timed in Python, with all of its calls in it; the wall of a recorded "
    "run is one call, slower for being recorded; the times of its ops are those of the kernels. "
    "So a step is longer than its call, and the call than its ops together, by what Python, the "
    "runtime and the recording take, unless ops ran at the same time."
)
MOST_ROWS = 40  # of a graph on the terminal; a gradient's has hundreds


def after(report: Report, width: int) -> Iterator[RenderableType]:
    """Claims, agreement, tables, curve, graph, and where the time went."""
    if report.claims:
        yield prose.heading("Claims", "each was executed just now")
        yield from claims(report.claims, source.claims(report.part), width)
    if report.left_out:
        yield prose.heading("Not checked", PARTLY)
        yield prose.unchecked(report.left_out)
    first = next(iter(report.ways))
    yield prose.heading("Results", f"as {first} gave them on {report.device}")
    yield tables.results(report)
    if len(report.results) > 1:
        yield prose.heading("Differences", f"largest absolute difference from {first}")
        yield tables.differences(report)
    yield tables.agreement(report)
    if report.figures:
        yield prose.heading("To look at", "larger as SVG and PNG with --out, or with --html")
        for to_look_at in report.figures.values():
            yield figures.figure(to_look_at, width)
    yield prose.heading(
        "Work and time",
        "seen from Python; the first step with the recording of its ops, the steady ones without",
    )
    yield from tables.measures(report.ways)
    yield Constrain(Text(CLOCKS, "dim"), prose.READABLE)
    yield prose.heading("Recorded runs", "ops as written and as executed")
    yield from runs.runs(report.ways, width)
    if losses(report.ways):
        yield prose.heading("Loss", "step by step; where the ways agree, one line covers another")
        yield curve(losses(report.ways), width)
    mains = {way: main_run(result) for way, result in report.ways.items()}
    built = graphs(report)
    for way, shown in built.items():
        yield prose.heading(f"The graph: {way}", "as written, in an order that can run")
        yield graph(shown, f"{report.part.name}:{way}", width)
    yield from keys.lanes(line for shown in built.values() for line in styled(shown, width))
    for way, run in mains.items():
        if run is not None:
            title = f"{run.name}, call {run.call}; times from the {run.clock}"
            yield prose.heading(f"Where the time went: {way}", title)
            yield tables.where_the_time_went(run, width)
    ran = [step for run in mains.values() if run for step in run.steps]
    yield from keys.ops(step.op for step in ran)
    yield from keys.times(ran)
    yield Text()


def claims(held: Iterable[Claim], code: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    """Each claim; below it, where they are given, its code, and what TensorFlow said to it."""
    after_code = False
    for claim in held:
        if after_code:
            yield Text()
        yield prose.claims([(claim.ok, claim.text, claim.name, claim.error)])
        after_code = claim.name in code
        if after_code:
            told = [line for said in claim.raised for line in comments(said, width)]
            yield Text("\n").join(folded("\n".join([code[claim.name], *told]), width))


def reached(so_far: Mapping[str, Sequence[float]], width: int) -> RenderableType:
    """The losses of a training that was stopped, by way."""
    title = prose.heading("Reached", "the losses so far, step by step")
    return Group(title, curve(so_far, width), Text())


def graphs(report: Report) -> dict[str, Graph]:
    """What each way has built and run, where it builds anything."""
    mains = {way: main_run(result) for way, result in report.ways.items()}
    return {way: run.built for way, run in mains.items() if run and run.built and way != "eager"}


def curve(series: Mapping[str, Sequence[float]], width: int) -> RenderableType:
    """The loss of each way, step by step."""
    return Text("\n".join(curve_text(series, min(width, prose.READABLE))))


def graph(built: Graph, target: str, width: int) -> RenderableType:
    """A row an op, lanes for the tensors; of a large graph the first rows."""
    rows = styled(built, width)
    left = len(rows) - MOST_ROWS
    if left > 1:
        note = f"and {left} more ops; all of them: graphlab render {target}"
        rows = [*rows[:MOST_ROWS], Text(note, "dim")]
    return Group(*rows)


def doctor(found: dict[str, Any]) -> RenderableType:
    """What `graphlab.course.doctor.examine` found, one line each."""
    table = Table.grid(padding=(0, 2))
    for name, version in found["versions"].items():
        table.add_row("", name, version)
    table.add_row("", "machine", f"{found['machine']}, {found['cpus']} CPUs, {found['gpus']} GPUs")
    table.add_row("", "devices", ", ".join(found["devices"]))
    for facts in found["gpu_facts"]:
        told = ", ".join(f"{key} {value}" for key, value in facts.items() if key != "device")
        table.add_row("", facts["device"], told.removeprefix("name "))
    for check in found["checks"]:
        mark = Text("✓", "green") if check["ok"] else Text("✗", "bold red")
        table.add_row(mark, check["name"], check["found"])
    return table
