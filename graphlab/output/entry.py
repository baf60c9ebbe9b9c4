"""What the index of the course tells of a part that was run.

entry = entry_of(report)
line(entry)                # "✓ 2.4  real pictures: 3 ways bit-equal, ..."
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphlab.agreement import Agreement
from graphlab.course import outline
from graphlab.course.goals import GOALS
from graphlab.course.report import Report
from visualize.words import counted


@dataclass(frozen=True)
class Measured:
    """One way of a part."""

    seconds: float
    value: float | None  # of what the part measures; None: it measures nothing


@dataclass(frozen=True)
class Agreed:
    """Whether ways agree, and how far apart they are: "bit-equal", "within 2e-07"."""

    ok: bool
    text: str

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '✗'} {self.text}"


@dataclass(frozen=True)
class Entry:
    """What the index tells of a part."""

    part: str
    title: str
    ok: bool  # the ways agree and every claim holds
    agreement: Agreed
    keras: Agreed | None  # of Keras with the first way; None: it did not run
    claims_held: int
    claims: int
    unchecked: int  # claims about all that is run, where only some of it was
    measure: str  # the result that `value` is of; "" where a part measures nothing
    goal: str  # "≥ 0.84"; "" where it has none
    goal_met: bool | None  # None: it has none, or the part was cut short
    ways: Mapping[str, Measured]
    complaints: tuple[str, ...]
    xla: Agreed | None = None  # of the function way with itself, compiled; None: it was not
    xla_steps: int = 0  # both took so many only; 0: all
    refused: str = ""  # why XLA does not take it


def entry_of(report: Report, whole: bool = True) -> Entry:
    """What the index tells of a part that was run; `whole` says whether with all its steps."""
    goal = GOALS.get(report.part.name)
    measure = goal.result if goal else _measure(report)
    measured = {}
    made = report.compiled
    every = dict(report.ways)
    if made is not None and made.result is not None and made.whole:
        every[outline.XLA] = made.result
    for way, result in every.items():
        value = result.results.get(measure)
        number = None if value is None else float(np.asarray(value).ravel()[-1])
        measured[way] = Measured(round(result.seconds, 2), number)
    written = [each for way, each in measured.items() if way != outline.XLA]
    values = [each.value for each in written if each.value is not None]
    return Entry(
        part=report.part.name,
        title=report.part.title,
        ok=report.ok,
        agreement=_agreed(report.agreement),
        keras=_agreed(report.keras) if report.keras else None,
        claims_held=sum(claim.ok for claim in report.claims),
        claims=len(report.claims),
        unchecked=len(report.left_out),
        measure=measure,
        goal=str(goal) if goal else "",
        goal_met=all(map(goal.met, values)) if goal and whole else None,
        ways=measured,
        complaints=tuple(report.complaints()),
        xla=_agreed(made.agreement) if made is not None and made.agreement else None,
        xla_steps=made.steps if made is not None else 0,
        refused=made.why if made is not None else "",
    )


def _agreed(agreement: Agreement) -> Agreed:
    worst = agreement.worst
    if worst is None:
        return Agreed(agreement.ok, "bit-equal")
    apart = f"within {worst.absolute:.2g}" if agreement.ok else f"{worst.absolute:.2g} apart"
    return Agreed(agreement.ok, worst.problem or apart)


def _measure(report: Report) -> str:
    """The result by which a part without a goal is measured: accuracy, or its last loss."""
    first = next(iter(report.ways.values())).results
    if np.size(first.get("accuracy", ())) == 1:
        return "accuracy"
    return "loss" if "loss" in first else ""


def line(entry: Entry) -> str:
    """A part in one line, for whoever waits."""
    written = sum(way != outline.XLA for way in entry.ways)
    seconds = sum(way.seconds for way in entry.ways.values())
    values = [f"{way.value:.4g}" for way in entry.ways.values() if way.value is not None]
    measured = f", {entry.measure} {' '.join(dict.fromkeys(values))}" if values else ""
    unchecked = f", {entry.unchecked} not checked" if entry.unchecked else ""
    goal = {None: "", True: f" ({entry.goal})", False: f" (not {entry.goal})"}[entry.goal_met]
    return (
        f"{'✓' if entry.ok else '✗'} {entry.part}  {entry.title}: {counted(written, 'way')} "
        f"{entry.agreement.text}, {entry.claims_held} of {counted(entry.claims, 'claim')}"
        f"{unchecked}{measured}{goal}, {seconds:.1f} s"
    )
