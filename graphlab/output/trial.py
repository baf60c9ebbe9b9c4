"""Run the ways of a program that stand in a notebook, and see whether they agree.

from graphlab import run_ways

tried = run_ways(graph, eager, function, cases=CASES, rtol=1e-6)
print(tried)                            # the results, how far apart they are, the verdict
tried.results["graph"]["loss"], tried.runs["eager"], tried.ok
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console, Group

from graphlab import devices
from graphlab.course import drift, outline, report, ways
from graphlab.course.run import agreements
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Graph, Run
from graphlab.output.notebook import graph_svg
from graphlab.screen import page, tables
from visualize.text.rows import rows

WIDTH = 100
_NOTEBOOK = outline.Part(0, 0, "in a notebook", "", Path("notebook"))


@dataclass(frozen=True, repr=False)
class Picture:
    """A graph as a picture, which a notebook shows; as rows where it shows only text."""

    graph: Graph

    def __repr__(self) -> str:
        return "\n".join(rows(self.graph, WIDTH))

    def _repr_svg_(self) -> str:
        return graph_svg(self.graph)


@dataclass(frozen=True)
class Trial:
    """What came out of ways that were run together."""

    report: report.Report

    @property
    def results(self) -> Mapping[str, Mapping[str, Any]]:
        """By way, its results by name."""
        return {way: result.results for way, result in self.report.ways.items()}

    @property
    def runs(self) -> Mapping[str, list[Run]]:
        """By way, its recorded calls; a notebook shows a Run as a page."""
        return {way: list(result.runs) for way, result in self.report.ways.items()}

    @property
    def picture(self) -> Picture | None:
        """The graph of the first way that has built and run one, as written; None: none has."""
        first = next(iter(page.graphs(self.report).values()), None)
        return None if first is None else Picture(first)

    @property
    def ok(self) -> bool:
        """Whether the ways agree, and Keras with them."""
        return self.report.ok

    @property
    def complaint(self) -> str:
        """Who disagrees, and exactly where; "" where all agree."""
        return "; ".join(line.partition(": ")[2] for line in self.report.complaints())

    def __str__(self) -> str:
        shown: list[Any] = [tables.results(self.report)]
        if len(self.report.results) > 1:
            shown += ["", tables.differences(self.report), ""]
        text = io.StringIO()
        # A notebook asks for colours, and shows what is printed as HTML: this is text.
        console = Console(file=text, width=WIDTH, force_terminal=False, force_jupyter=False)
        console.print(Group(*shown, tables.agreement(self.report)), markup=False, highlight=False)
        return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def run_ways(
    *functions: Callable[[Sequence[Any], str], Mapping[str, Any]],
    cases: Sequence[Any],
    expected: Callable[[Sequence[Any]], Mapping[str, Any]] | None = None,
    rtol: float = 0.0,
    atol: float = 0.0,
    keras_rtol: float = 0.0,
    keras_atol: float = 0.0,
    device: str = "CPU:0",
    steps: int | None = None,
    tf32: bool = False,
    on_gpu: drift.Drift | None = None,
    keras_on_gpu: drift.Drift | None = None,
) -> Trial:
    """Run functions called graph, eager, function or keras on the cases, under observation.

    Only on the first `steps` of them where a number is given. A GPU multiplies float32 in float32
    meanwhile, unless `tf32` leaves it TF32.

    They agree where |a - b| <= atol + rtol * |b|, b being the number of the first; so does what
    `expected(cases)` gives by NumPy. On a GPU less is held where `on_gpu` says so, and of Keras
    `keras_on_gpu`, each as `graphlab.lesson.Drift(10, accuracy=0.02)`. GraphlabError where a
    function has another name, or the device is not there; what the functions raise passes through.
    """
    module = ModuleType("notebook")
    tolerances = {"RTOL": rtol, "ATOL": atol, "KERAS_RTOL": keras_rtol, "KERAS_ATOL": keras_atol}
    vars(module).update(tolerances, CASES=cases)
    drifts = {"ON_GPU": on_gpu, "KERAS_ON_GPU": keras_on_gpu}
    vars(module).update({name: each for name, each in drifts.items() if each is not None})
    for function in functions:
        name = function.__name__
        if name not in outline.WAYS:
            near = nearest(name, outline.WAYS)
            raise GraphlabError(f"{name!r} is not the name of a way; call the function {near}")
        setattr(module, name, function)
    if expected is not None:
        vars(module)["expected"] = expected
    place = devices.prepare(device)
    with ways.lesson_on(place, tf32):
        done = {f.__name__: ways.run_way(module, f.__name__, place, steps=steps) for f in functions}
        repeats = drift.repeats(module, done.values(), place, None)
    oracle = ways.expected_results(module, steps=steps) or {}
    agreement, keras = agreements(
        module, {way: result.results for way, result in done.items()}, oracle, place
    )
    told = drift.told(module, place, done)
    return Trial(
        report.Report(
            _NOTEBOOK, place, done, oracle, agreement, (), keras=keras, drift=told, repeats=repeats
        )
    )
