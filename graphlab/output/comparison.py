"""The page of a comparison: two graphs side by side, and what of one is what of the other.

page_of_comparison(found, seen)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.comparison.found import EQUAL, Comparison, Part, Place
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Run, Step, TensorSpec
from graphlab.output.beside import LOUD, QUIET
from graphlab.screen import comparison as screen
from visualize.page.columns import Table, graph_columns, run_columns
from visualize.page.glimpse import glimpse
from visualize.page.html import page

if TYPE_CHECKING:  # they import TensorFlow
    from graphlab.comparison.calls import Stop
    from graphlab.comparison.run import Seen
    from graphlab.comparison.side import Event, Played, Side

MOST_NUMBERS = 2_000_000  # of all values on a page: beyond that it takes long to open
MOST_LISTED = 200  # results or variables that are told by name
ONLY = "only {} has it"
UNKNOWN = "not coloured: no value of it was compared in this call"


def page_of_comparison(found: Comparison, seen: tuple[Seen, Seen]) -> str:
    """The HTML text of a page of two programs: their graphs, and the replay of both in step.

    GraphlabError where neither side has a graph.
    """
    from graphlab.comparison.calls import in_calls

    sides = [_Side(found.a), _Side(found.b)]
    values = _Values(seen[0].side)
    alone = list(in_calls(seen[0].side, seen[1].side, found))
    parts = _parts_by_call(found, alone)
    first = found.first_call.number - 1 if found.first_call is not None else 0
    told: dict[int, dict[str, Any]] = {}
    hows = Table()
    # Where not all values have room, those of the call that differs are wanted most.
    for n in sorted(range(len(alone)), key=lambda n: (n != first, n)):
        kept = values.begin()
        runs = [side.add(part, values) for side, part in zip(sides, alone[n], strict=True)]
        told[n] = _call(found, n, alone[n], parts[n], hows) | {"runs": runs, "kept": kept()}
    if not any(side.graphs for side in sides):
        raise GraphlabError("neither side has a graph to draw: nothing of them was recorded")
    comparison = {
        "said": screen.said(found),
        "same": found.same,
        "rtol": found.rtol,
        "notes": list(found.notes),
        "legend": legend(QUIET, LOUD) | {"": UNKNOWN},
        "calls": [told[n] for n in range(len(alone))],
        "first": first,
        "hows": hows.items,
        "values": values.items,
        "results": _results(found),
        "variables": _variables(found),
    }
    return page_of_sides([side.document() for side in sides], comparison)


def page_of_sides(sides: Sequence[Mapping[str, Any]], comparison: Mapping[str, Any]) -> str:
    """The HTML text of a page of two sides, each with its title, graphs and runs."""
    title = f"{sides[0]['title']} against {sides[1]['title']}"
    return page({"title": title, "sides": list(sides), "comparison": comparison})


def legend(quiet: str, loud: str) -> dict[str, str]:
    """What is said of an op of each kind: those of a picture of both, and what only one has."""
    return {"kept": quiet, "changed": loud, "gone": ONLY.format("A"), "new": ONLY.format("B")}


class _Side:
    """A side's graphs, each once, and its recorded calls as runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.graphs: list[Graph] = []
        self.packed: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []

    def add(self, side: Side, values: _Values) -> list[int]:
        """The runs of a side of one call; what they are numbered."""
        from graphlab.comparison.calls import spans_of

        first = len(self.runs)
        for played, span in spans_of(side):
            graph = played.run.built or Graph()
            events = [side.events[at] for at in span]
            names = _names(played, graph)
            run = _run(played, [names.get(each.node, each.node) for each in events], events)
            columns = run_columns(run, self._number(graph, played.run), None)
            columns["values"] = {
                str(n): told for n, each in enumerate(events) if (told := values.of(each))
            }
            self.runs.append(columns)
        return list(range(first, len(self.runs)))

    def _number(self, graph: Graph, run: Run) -> int:
        """Which of the side's graphs it is: one that was built anew for a call is no other."""
        for n, known in enumerate(self.graphs):
            if known is graph or known == graph:
                return n
        self.graphs.append(graph)
        about = {"way": run.way, "called": run.name, "call": run.call, "stage": "built"}
        self.packed.append(about | {"label": run.name} | graph_columns(graph))
        return len(self.graphs) - 1

    def document(self) -> dict[str, Any]:
        graphs = self.packed or [{"stage": "built", "label": "no graph"} | graph_columns(Graph())]
        return {"title": self.name, "graphs": graphs, "runs": self.runs}


def _names(played: Played, graph: Graph) -> dict[str, str]:
    """The nodes that stand for variables, by what the side calls those."""
    found = {}
    for node in graph.nodes:
        if node.marks.variable:
            found[played.called.get(node.marks.variable, node.marks.variable)] = node.name
    own = {name: own for own, name in played.called.items() if own in graph.by_name}
    return own | found


def _run(played: Played, nodes: Sequence[str], events: Sequence[Event]) -> Run:
    run = played.run
    feeds = tuple(
        TensorSpec(each.outputs[0][0], *each.specs[0]) for each in events if each.op == "feed"
    )
    steps = tuple(
        Step(node, each.op, "", frame=each.frame) for node, each in zip(nodes, events, strict=True)
    )
    return replace(run, feeds=feeds, executed=None, steps=steps, clock="engine", wall_us=0.0)


class _Values:
    """What is shown of values: each once, for both sides and all calls, as far as there is room."""

    def __init__(self, side: Side) -> None:
        self.known = side.index.values
        self.items: list[dict[str, Any]] = []
        self.numbers: dict[tuple[int, bool], int] = {}
        self.room = MOST_NUMBERS
        self.refused = 0

    def begin(self) -> Callable[[], str]:
        """From now on, for the values of one call; what it gives says which had room:
        "all", "some" or "none"."""
        before, had = self.refused, len(self.items)
        return lambda: (
            "all" if self.refused == before else "some" if len(self.items) > had else "none"
        )

    def of(self, event: Event) -> dict[str, list[Any]]:
        """What an event gave, by tensor: the number of its value here, its dtype and shape."""
        told = {}
        for (name, number), (dtype, shape) in zip(event.outputs, event.specs, strict=True):
            item = self._number(number, dtype)
            if item is not None:
                told[name] = [item, dtype, list(shape)]
        return told

    def _number(self, number: int, dtype: str) -> int | None:
        value, truth = self.known[number], dtype == "bool"
        key = number, truth
        if key not in self.numbers:
            if self.room <= 0:
                self.refused += 1
                return None
            # Truths and whole numbers that are equal are one value to a comparison.
            if value.dtype.kind in "biu" and (value.dtype.kind == "b") != truth:
                value = value.astype(bool if truth else np.int64)
            self.numbers[key] = len(self.items)
            self.items.append(glimpse(value))
            self.room -= _size(self.items[-1])
        return self.numbers[key]


def _size(told: Mapping[str, Any]) -> int:
    """How many numbers a value takes on the page."""
    return len(told.get("values", ())) or 40 + len(told.get("heat", {}).get("cells", ()))


def _parts_by_call(found: Comparison, alone: Sequence[tuple[Side, Side]]) -> list[tuple[Part, ...]]:
    """Where they part, call by call: in the call alone, and what was found in all of them."""
    if not found.by_call:
        return [found.frontier for _ in alone]
    told = []
    for call in found.by_call:
        more = [part for part in found.frontier if _moment(part) == call.number]
        places = {(part.a, part.b) for part in more}
        alone_only = [part for part in call.frontier if (part.a, part.b) not in places]
        told.append((*more, *alone_only))
    return told


def _moment(part: Part) -> int:
    """The call that a part is of; what belongs to none is of the first."""
    return max((place.moment for place in (part.a, part.b) if place is not None), default=0) or 1


def _call(
    found: Comparison,
    n: int,
    sides: tuple[Side, Side],
    frontier: Sequence[Part],
    hows: Table,
) -> dict[str, Any]:
    from graphlab.comparison.calls import together

    stops = together(*sides, found.variables, frontier)
    about = found.by_call[n] if found.by_call else None
    at: dict[int, int] = {}
    for k, stop in enumerate(stops):
        if stop.part >= 0:
            at.setdefault(stop.part, k)
    return {
        "number": about.number if about else 0,
        "how": about.how if about else "same" if found.same else "different",
        "apart": _number(about.apart if about else found.apart),
        "a": [-1 if stop.a is None else stop.a for stop in stops],
        "b": [-1 if stop.b is None else stop.b for stop in stops],
        "how_of": [_how(stop, hows) for stop in stops],
        "part_of": {str(k): stop.part for k, stop in enumerate(stops) if stop.part >= 0},
        "frontier": [_part(part, at.get(p, -1)) for p, part in enumerate(frontier)],
    }


def _how(stop: Stop, hows: Table) -> int:
    """The number of a relation; -1 where there is no partner."""
    if stop.how is None:
        return -1
    return hows.of((stop.how.how, stop.how.detail, _number(stop.how.apart)), list)


def _part(part: Part, stop: int) -> dict[str, Any]:
    return {
        "stop": stop,
        "said": screen.how_of(part),
        "places": [_place(part.a), _place(part.b)],
        "given": [
            [pair.a.tensor, pair.b.tensor, pair.how, pair.detail, _number(pair.apart)]
            for pair in part.inputs
        ],
        "values": [None if value is None else value.text() for value in part.values],
        "histograms": [list(counts) for counts in part.histograms],
    }


def _place(place: Place | None) -> list[Any] | None:
    return None if place is None else [place.op, place.node or place.tensor, place.source]


def _results(found: Comparison) -> dict[str, Any]:
    wrong = [each for each in found.results if each.how not in EQUAL]
    return {
        "compared": len(found.results),
        "differing": [
            [each.a, each.b, each.moment, each.how, each.detail, _number(each.apart)]
            for each in wrong[:MOST_LISTED]
        ],
        "left_out": max(0, len(wrong) - MOST_LISTED),
        "only": [list(found.results_only_a), list(found.results_only_b)],
    }


def _variables(found: Comparison) -> dict[str, Any]:
    pairs = found.variables
    return {
        "pairs": [
            [each.a, each.b, each.by, each.how, each.detail, _number(each.apart)]
            for each in pairs[:MOST_LISTED]
        ],
        "left_out": max(0, len(pairs) - MOST_LISTED),
        "only": [list(found.variables_only_a), list(found.variables_only_b)],
    }


def _number(apart: float) -> float | None:
    """A distance as JSON has it; None where there is none, between two shapes or to a NaN."""
    return float(f"{apart:.4g}") if math.isfinite(apart) else None
