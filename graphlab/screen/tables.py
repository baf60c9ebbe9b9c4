"""The tables of a part, computed from its runs: how far apart, how much work, how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from graphlab import devices
from graphlab.agreement import Agreement
from graphlab.course import report
from graphlab.course.ways import FEW_STEPS, WayResult
from graphlab.model import Run, Step
from graphlab.screen import gpu, plain
from visualize.words import duration, middle, ran_on

MOST_OPS = 12  # rows of the op by op table; the others are summed up
MOST_NAMES = 2
OPS = ("name", "op", "asked", "ran on", "times", "time", "share")
LEAST_NAME = 12  # columns for the name of an op
WHOLE = 16  # a result of so few numbers is shown whole


def agreement(part: report.Report) -> RenderableType:
    """Whether the ways agree, with the place where they are furthest apart; Keras by itself."""
    alone = [Text("One way ran alone, so there is nothing to compare it with.", "dim")]
    said = alone if len(part.results) < 2 else []
    said += [_agreement(*each) for each in _agreements(part)]
    return Text("\n").join([*said, *_drift(part)])


def _drift(part: report.Report) -> list[Text]:
    """What is held on a GPU where a training drifts."""
    twice = " Each way took those steps twice." if part.repeats else ""
    return [Text(f"{part.drift}.{twice}", "dim")] if part.drift else []


def _agreements(part: report.Report) -> list[tuple[Agreement, str, str]]:
    """What was compared, with what is said where it agrees and where not."""
    found = [(part.agreement, "The ways agree", "The ways disagree")]
    found = found if len(part.results) > 1 else []
    if part.keras is not None:
        first = next(iter(part.ways))
        of_keras = (part.keras, f"Keras agrees with {first}", f"Keras disagrees with {first}")
        found = [*found, of_keras] if len(part.results) > 2 else [of_keras]
    return found + [
        (again, f"{way} is itself again", f"{way} is not itself again")
        for way, again in part.repeats.items()
    ]


def _agreement(found: Agreement, agreed: str, apart: str) -> Text:
    if not found.ok:
        return Text.assemble((f"✗ {apart}: ", "bold red"), report.worst_text(found))
    return Text.assemble((f"✓ {agreed}", "green"), _furthest(found), report.worst_text(found))


def _furthest(found: Agreement) -> str:
    return "; furthest apart: " if found.worst is not None else ": "


def differences(part: report.Report) -> RenderableType:
    """Each result with its largest absolute difference from the first way."""
    _, *others = part.results
    rows: list[list[Text | str]] = [
        [row.name, shape_text(row.shape), *(near(row, other, number=True) for other in others)]
        for row in report.rows(part.results)
    ]
    return plain.Columns(["result", "shape", *map(named, others)], rows, 2)


def verdict(part: report.Report) -> RenderableType:
    """Whether the ways agree, in words, with the place where they are furthest apart."""
    if len(part.results) < 2:
        return agreement(part)
    told = [
        Text.assemble((f"✓ {who}", "green"), _furthest(found), report.place_text(found))
        if found.ok
        else _agreement(found, "", whom)
        for found, who, whom in _agreements(part)
    ]
    return Text("\n").join([*told, *_drift(part)])


def measures(ways: Mapping[str, WayResult]) -> Iterator[RenderableType]:
    """What each way built, ran, called and took: a row a measure, a column a way."""
    lines = [
        ("steps", [str(r.steps) for r in ways.values()]),
        ("ops built", [f"{r.ops_built:,}" for r in ways.values()]),
        ("ops executed per step", [f"{r.ops_executed:,}" for r in ways.values()]),
        ("traces of a tf.function", [str(r.traces) for r in ways.values()]),
        ("calls from Python per step", [f"{r.calls:,}" for r in ways.values()]),
        ("first step", [ms(r.first_ms) for r in ways.values()]),
        ("steady step (median)", [ms(r.steady) for r in ways.values()]),
    ]
    yield plain.Columns(["", *ways], [[label, *cells] for label, cells in lines], 1)
    few = [
        way
        for way, r in ways.items()
        if 0 < r.steps <= FEW_STEPS and r.steady is None and not r.steps_differ
    ]
    if few:
        yield Text(f"{_listed(few)}: not enough steps for a steady one", "dim")
    differ = [way for way, result in ways.items() if result.steps_differ]
    if differ:
        fetches = "the steps have fetches, or traces of a tf.function, of their own"
        yield Text(f"{_listed(differ)}: no steady step; {fetches}", "dim")
    built = [way for way, r in ways.items() if r.steps and r.ops_built and not r.calls]
    if built:
        after = "the steps only build; what they built runs after them"
        yield Text(f"{_listed(built)}: {after}", "dim")


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def results(part: report.Report) -> RenderableType:
    """The first way's results: small ones whole, of the others the first and last numbers."""
    first = next(iter(part.ways))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in part.ways[first].results.items():
        table.add_row(name, shape_text(report.shape(value)), value_text(value))
    return table


def where_the_time_went(run: Run, width: int) -> RenderableType:
    """A run's slowest ops with the device asked for and the one they ran on, then each device."""
    asked = _asked(run)
    total = sum(step.duration_us or 0.0 for step in run.steps)
    by_op = _by(run.steps, lambda step: (step.node, step.op, step.device, step.on_host))
    rows: list[tuple] = []
    misplaced = set()
    for (node, op, device, _), steps in by_op[:MOST_OPS]:
        wanted = asked.get(node, "")
        if wanted and wanted != device:
            misplaced.add(len(rows))
        placed = (wanted or "·", ran_on(steps[0], device), f"{len(steps):,}")
        rows.append((node, op, *placed, *_time(steps, total)))
    if len(by_op) > MOST_OPS:
        others = [step for _, steps in by_op[MOST_OPS:] for step in steps]
        label = f"{len(by_op) - MOST_OPS} more"
        rows.append((label, "", "", "", f"{len(others):,}", *_time(others, total)))
    widths = _op_widths(rows, width, ("asked", "times", "share") if not misplaced else ("times",))
    table = plain.table()
    for column in widths:
        right = column in ("times", "time", "share")
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    for i, row in enumerate(rows):
        cells = [Text(middle(row[OPS.index(c)], room)) for c, room in widths.items()]
        if i in misplaced:
            cells[list(widths).index("ran on")].stylize("bold red")
        table.add_row(*cells)
    return Group(table, by_device(run), *gpu.busy_lines(run))


def _op_widths(rows: Sequence[Sequence[str]], width: int, dropped: Sequence[str]) -> dict[str, int]:
    """The width of each of OPS that is shown: names give way first, then columns, then ops."""
    needs = {c: max(map(len, [c, *(r[i] for r in rows)])) for i, c in enumerate(OPS)}
    needs["op"] = min(needs["op"], 22)
    left = list(dropped)
    while True:
        room = width - sum(needs.values()) + needs["name"] - plain.GAP * (len(needs) - 1)
        if room >= min(LEAST_NAME, needs["name"]) or not left:
            break
        del needs[left.pop(0)]
    needs["op"] = max(needs["op"] + min(room - LEAST_NAME, 0), 6)
    return needs | {"name": min(needs["name"], max(room, LEAST_NAME))}


def by_device(run: Run) -> RenderableType:
    """One line a device: the ops that ran there and their time."""
    total = sum(step.duration_us or 0.0 for step in run.steps)
    lines = []
    for device, steps in _by(run.steps, lambda step: ran_on(step, step.device)):
        spent, share = _time(steps, total)
        without = [step for step in steps if step.duration_us is None]
        amount = spent if len(without) == len(steps) else f"{spent}, {share}"
        bare = sum(step.launch is not None for step in without)
        untimed = len(without) - bare
        note = f"; {bare} launched that needed no kernel" if bare else ""
        note += f"; {untimed} not timed" if 0 < untimed < len(steps) else ""
        count = "1 op" if len(steps) == 1 else f"{len(steps)} ops"
        lines.append(f"{device or 'no device'}: {count}, {amount}{note}")
    return Text("\n".join(lines))


def _by(steps: Iterable[Step], key: Any) -> list[tuple[Any, list[Step]]]:
    """The steps grouped, the group that took longest first; as they came where that is equal."""
    groups: dict[Any, list[Step]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    return sorted(groups.items(), key=lambda item: -sum(s.duration_us or 0.0 for s in item[1]))


def _time(steps: Sequence[Step], total: float) -> tuple[str, str]:
    timed = [step.duration_us for step in steps if step.duration_us is not None]
    if not timed:
        return "no kernel" if all(step.launch for step in steps) else "not timed", ""
    return duration(sum(timed)), f"{sum(timed) / total:.0%}" if total else ""


def _asked(run: Run) -> dict[str, str]:
    """The device that the program asked for, by node, where it asked.

    As written only: as executed, every node has the device that the runtime chose for it.
    """
    nodes = run.built.nodes if run.built is not None else ()
    return {node.name: devices.short(node.device) for node in nodes if node.device}


def named(way: str) -> str:
    """A way as it is told of."""
    return "NumPy" if way == "numpy" else way


def near(row: report.ResultRow, other: str, number: bool = False) -> Text:
    """How near another way came, in words first; with the number where that is asked for.

    A dot where the way has no such result.
    """
    if other not in row.words:
        return Text(plain.NOT_GIVEN, "dim")
    words, apart = row.words[other], row.differences[other]
    if apart is None:
        return Text(words, "bold red")
    told = f"{words}, {apart:.2g}" if number and words.startswith("the last") else words
    return Text(told, "" if apart else "green")


def shape_text(shape: Sequence[int | None] | None) -> str:
    """A shape in brackets, a question mark for what is not the same everywhere."""
    if shape is None:
        return "[?]"
    return f"[{', '.join('?' if size is None else str(size) for size in shape)}]"


def ms(value: float | None) -> str:
    """A time in milliseconds, as it is told; a dot where there is none."""
    if value is None:
        return "·"
    return duration(value * 1000)


def value_text(value: Any) -> str:
    """A result in numbers: whole, or what it spans; where its shapes differ a line for each."""
    if isinstance(value, list):
        shown = [_one(np.asarray(each), len(value) > 1) for each in value[:4]]
        return "\n".join([*shown, f"and {len(value) - 4} more"] if len(value) > 4 else shown)
    return _one(np.asarray(value))


def _one(array: np.ndarray, told: bool = False) -> str:
    """An array whole where it is small, or what it spans: with its shape, where that is told."""
    kind = array.dtype.kind
    if array.size > WHOLE and kind in "biuf":
        if array.ndim == 1 and kind != "b":
            first, last = ([f"{each:.4g}" for each in part] for part in (array[:3], array[-2:]))
            return " ".join([*first, "…", *last])
        shape = f"{shape_text(array.shape)}: " if told else ""
        if kind == "b":
            return f"{shape}{np.count_nonzero(array):,} of {array.size:,} are True"
        return f"{shape}from {array.min():.4g} to {array.max():.4g}, mean {array.mean():.4g}"
    if not array.ndim and kind == "f":
        return f"{array:.4g}"
    table = array if array.ndim <= 2 else array.squeeze()  # one picture of one channel
    text = np.array2string(table, precision=4, separator=" ", suppress_small=True)
    # A small matrix is read row by row; anything deeper is shorter on one line.
    if table.ndim == 2 and table.shape[1] > 1:
        return text
    return re.sub(r"(?<=\[) | (?=\])", "", " ".join(text.split()))  # NumPy aligns the numbers
