"""What a target did, call by call, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from graphlab.devices import is_gpu
from graphlab.model import Graph, Run, Source, TensorSpec, node_of
from graphlab.screen import gpu, keys, prose, stages, tables
from graphlab.stages import (
    feeds_and_fetches,
    fusions,
    inside,
    run_with_fusions,
    transfers,
    verdicts,
)
from graphlab.targets.target import Watched
from visualize.busy import busy
from visualize.diagram.drawn import Diagram, boxes
from visualize.text.rows import styled
from visualize.words import duration, middle, printable, shape_text

if TYPE_CHECKING:  # recording imports TensorFlow
    from graphlab.watch.calls import Calls

MOST_NAMES = 6  # feeds or fetches named in a heading
NAME_WIDTH = 40  # of each of them


def trace(watched: Watched, width: int) -> Iterator[RenderableType]:
    """Every call: how often and how long, then op by op what its last recorded run executed."""
    for note in notes(watched):
        yield Text(note, "dim")
    traced = {each.name: each for each in watched.traced if len(each.traces) > 1}
    of = {calls: [run for run in watched.runs if _of(run, calls)] for calls in watched.calls}
    for calls, runs in of.items():
        if runs or not calls.count:
            yield prose.heading(_title(calls), _place(calls.source))
            yield Text(_times(calls))
            if calls.way == "function" and calls.name in traced:
                yield Text(traced.pop(calls.name).text())
        if runs:
            yield from _run(runs[-1], width)
    yield from _unrecorded([calls for calls, runs in of.items() if calls.count and not runs])
    for run in watched.runs:
        if run.way == "eager":
            yield prose.heading(_eager_title(run), _place(run.source))
            yield from _run(run, width)
    yield from keys.lanes(line for run in watched.runs for line in styled(run, width))
    yield from keys.ops(step.op for run in watched.runs for step in run.steps)


def _unrecorded(every: Sequence[Calls]) -> Iterator[RenderableType]:
    """The calls of which only number and times are known; those of one line and reason together."""
    groups: dict[tuple, list[Calls]] = {}
    for calls in every:
        why = calls.unrecorded or "what may be kept was full"
        groups.setdefault((calls.name, calls.source, calls.thread, why), []).append(calls)
    for (_, source, _, why), kinds in groups.items():
        count = sum(calls.count for calls in kinds)
        yield prose.heading(_title(kinds[0], count), _place(source))
        if len(kinds) == 1:
            yield Text(_times(kinds[0]))
        yield Text(f"not recorded: {why}", "dim")


def graph(
    what: Graph | Run | Diagram, title: str, about: str, width: int
) -> Iterator[RenderableType]:
    """The text view of a graph, a run or a diagram under a heading that says what it is."""
    yield prose.heading(title, about)
    lines = styled(run_with_fusions(what) if isinstance(what, Run) else what, width)
    yield from lines
    yield Text()
    yield from keys.lanes(lines)
    if isinstance(what, Diagram):
        yield from keys.ops(box.op for box in boxes(what.members))
    else:
        nodes = what.steps if isinstance(what, Run) else what.nodes
        yield from keys.ops(node.op for node in nodes)


def on_gpu(runs: Sequence[Run]) -> bool:
    """Whether anything in some runs was given to a GPU."""
    return any(is_gpu(step.device) for run in runs for step in run.steps)


def notes(watched: Watched) -> list[str]:
    """What must be said before anything is shown."""
    return [printable(watched.note, newlines=False)] if watched.note else []


def _variable(run: Run, tensor: str) -> str:
    """The variable that an argument of a function holds; "" where it holds none."""
    node = run.built.by_name.get(node_of(tensor)) if run.built is not None else None
    return node.marks.variable if node is not None else ""


def _run(run: Run, width: int) -> Iterator[RenderableType]:
    held = {f.name: _variable(run, f.name) for f in run.feeds}  # by a function, and not fed
    variables = tuple(middle(name, NAME_WIDTH) for name in held.values() if name)
    said = [
        f"{what} {names}"
        for what, names in [
            ("feeds", _feeds(tuple(feed for feed in run.feeds if not held[feed.name]))),
            ("variables", _some(variables)),
            ("fetches", _some(tuple(middle(name, NAME_WIDTH) for name in run.fetches))),
        ]
        if names
    ]
    if said:
        yield Text("; ".join(said))
    if run.way != "eager":
        built = f"{len(run.built)} ops built, " if run.built else ""
        yield Text(f"call {run.call} as executed: {built}{len(run.steps)} executed", "dim")
    if run.way == "function" and run.executed is None:
        yield Text("what TensorFlow made of the graph is not known: it was made before", "dim")
    yield from stages.compiled(run)
    yield from stages.instructions(run, width)
    yield from styled(run_with_fusions(run), width)
    if run.way != "eager" or len(run.steps) > 1:
        yield Text()
        yield tables.by_device(run)
    yield from gpu.busy_lines(run)
    for line in _asked(run):
        yield Text(line)
    if busy(run):
        yield Text()
        yield from gpu.kernels(run)
    if run.way != "eager" and run.built is not None and run.executed is not None:
        yield Text()
        fused = fusions(run)
        yield from stages.verdicts(run.built, verdicts(run), width, fused)
        yield from stages.inside(run.built, inside(run), width, fused)
        sent = transfers(run.executed, run.steps, feeds_and_fetches(run))
        if sent:
            yield Text()
            yield stages.transfers(sent)
    yield Text()


def _asked(run: Run) -> list[str]:
    """Where the program asked to be, and the ops that ran elsewhere; nothing if it did not ask."""
    if run.way == "eager" or run.built is None:
        return []  # what Python dispatches has no wish that can be seen afterwards
    asked = {node.name: node.device for node in run.built.nodes if node.device}
    counts = ", ".join(f"{device} by {n}" for device, n in Counter(asked.values()).items())
    lines = [f"asked for, of {len(run.built)} ops built: {counts}"] if counts else []
    for step in run.steps:
        if asked.get(step.node, step.device) != step.device:
            lines.append(f"{step.node} asked for {asked[step.node]} and ran on {step.device}")
    return [printable(line, newlines=False) for line in lines]


def _of(run: Run, calls: Calls) -> bool:
    return (
        run.way == calls.way
        and run.name == calls.name
        and run.source == calls.source
        and calls.recorded.get(run.call) == run.wall_us
    )


def _title(calls: Calls, count: int | None = None) -> str:
    count = calls.count if count is None else count
    times = f", {count:,} calls" if count > 1 else ""
    thread = f" on thread {printable(calls.thread, newlines=False)}" if calls.thread else ""
    return f"{printable(calls.name, newlines=False)}{thread}{times}"


def _eager_title(run: Run) -> str:
    where = f"step {run.step}" if run.step else "eager ops"
    ops = f"{len(run.steps)} ops that Python dispatched one by one"
    return f"{where}: {ops if len(run.steps) > 1 else 'one op, dispatched by Python'}"


def _place(source: Source | None) -> str:
    return f"{source[0]}:{source[1]}" if source else ""


def _times(calls: Calls) -> str:
    if not calls.count:
        return "the call raised, so there is nothing to show of it"
    told = f"first call {duration(calls.first_us)}"
    if calls.median_us is not None:
        told += f", then {duration(calls.median_us)} (median of {calls.later:,} without recording)"
    return told + ", seen from Python"


def _feeds(feeds: tuple[TensorSpec, ...]) -> str:
    return _some(
        tuple(
            f"{middle(spec.name, NAME_WIDTH)} {spec.dtype} {shape_text(spec.shape)}"
            for spec in feeds
        )
    )


def which(run: Run) -> Text:
    """Which of a program's calls a run is: its number, its line, and what it asked for."""
    said = [f"in {run.name}, call {run.call}", *[f"step {run.step}"] * bool(run.step)]
    said += [f"at {_place(run.source)}"] * bool(run.source)
    names = tuple(middle(name, NAME_WIDTH) for name in run.fetches)
    return Text(printable(", ".join(said + [f"for {_some(names)}"] * bool(names)), newlines=False))


def _some(names: tuple[str, ...]) -> str:
    shown = [printable(name, newlines=False) for name in names[:MOST_NAMES]]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join(shown + more)
