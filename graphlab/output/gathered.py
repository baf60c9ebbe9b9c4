"""The runs of several ways, gathered for one page: their graphs, stages and values.

gathered = Gathered()
shown = gathered.add({"graph": run}, {"graph": replays})
shown["graph"].run, shown["graph"].graph        # numbers, by which the page knows them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.model import Run
from graphlab.stages.fusion import fusions
from graphlab.stages.verdict import Verdict
from graphlab.stages.whole import verdicts
from graphlab.walk.program import Told, program_columns
from visualize.page.columns import runs_columns
from visualize.page.glimpse import glimpse

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.watch.replay import Replay, Start


@dataclass(frozen=True)
class Shown:
    """Where a way is on the page: the numbers of its run and of its graph."""

    run: int = -1  # -1: none
    graph: int | None = None


@dataclass(frozen=True)
class Again:
    """A call executed again, op by op as written, with values."""

    run: Run
    replay: Replay
    told: Told

    @property
    def start(self) -> Start:
        """What it began with."""
        return self.replay.start

    def tell(self, columns: dict[str, Any]) -> None:
        """Add what the call was fed to the columns of its run, by tensor, and its program."""
        fed = {name: value_of(value) for name, value in self.start.feeds.items()}
        columns["fed"] = {name: glimpse(value) for name, value in fed.items() if value is not None}
        columns["program"] = program_columns(self.run, self.start.state, self.told)


@dataclass
class Gathered:
    """What a page of several ways is made of, as `visualize.page` has it."""

    graphs: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self, mains: Mapping[str, Run | None], replays: Mapping[str, Sequence[Replay]]
    ) -> dict[str, Shown]:
        """The main run of each way, and once more with values where a replay of it is given."""
        executed = [run for run in mains.values() if run is not None]
        once_more = [a for way, run in mains.items() for a in again(run, replays[way], self.notes)]
        every = [*executed, *(each.run for each in once_more)]
        first, offset = len(self.runs), len(self.graphs)
        more: list[dict[str, Any]] = []
        packed = runs_columns(every, more)
        for each, columns in zip(once_more, packed[len(executed) :], strict=True):
            each.tell(columns)
        tell_fusions(every, packed)
        self.stages += two_stages(every, packed, first, offset)
        for columns in packed:
            for key in ("built", "executed"):
                columns[key] = None if columns[key] is None else columns[key] + offset
        self.graphs += more
        self.runs += packed
        shown: dict[str, Shown] = {}
        for way, run in mains.items():
            if run is None:
                shown[way] = Shown()
                continue
            number = first + next(k for k, each in enumerate(every) if each is run)
            columns = self.runs[number]
            built = columns["built"]
            shown[way] = Shown(number, columns["executed"] if built is None else built)
        return shown

    def document(self, title: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The document of a page to be read, whose parts are about what was gathered."""
        told = {
            "title": title,
            "graphs": self.graphs,
            "runs": self.runs,
            "lesson": {"parts": list(parts)},
            "notes": list(dict.fromkeys(self.notes)),
        }
        return told | ({"stages": self.stages} if self.stages else {})


def again(main: Run | None, replays: Sequence[Replay], notes: list[str]) -> list[Again]:
    """The main run once more, op by op as written, with values; why not is added to the notes."""
    found = [
        replay
        for replay in replays
        if main
        and (replay.run.name, replay.run.call, replay.run.source)
        == (main.name, main.call, main.source)
    ]
    told = Told()
    try:
        runs = [(replay.as_written(told.seen), replay) for replay in found[:1]]
    except GraphlabError as error:
        notes.append(f"no values: {error}")
        return []
    # What was built anew for the replay is the same graph, but for counters in functions' names:
    # one of them is enough for the page.
    return [
        Again(replace(run, built=main.built), replay, told)
        if main and _names(run) == _names(main)
        else Again(run, replay, told)
        for run, replay in runs
    ]


def value_of(value: Any) -> Any:
    """A fed value as an array; None where it has no numbers, as a handle."""
    kind = getattr(value, "dtype", None)
    if getattr(kind, "name", kind) in ("resource", "variant") or not (
        hasattr(value, "numpy") or isinstance(value, np.ndarray | np.generic | float | int | list)
    ):
        return None
    return value.numpy() if hasattr(value, "numpy") else value


def _names(run: Run) -> list[str]:
    return [] if run.built is None else [node.name for node in run.built.nodes]


def two_stages(
    runs: Sequence[Run], packed: Sequence[Mapping[str, Any]], first: int = 0, offset: int = 0
) -> list[dict[str, Any]]:
    """As written and as executed, for each run that has both."""
    told: list[dict[str, Any]] = []
    for number, (run, columns) in enumerate(zip(runs, packed, strict=True)):
        built, executed = columns["built"], columns["executed"]
        if built is None or executed is None:
            continue
        which = {"runs": [first + k for k in (number, *_same(columns, packed))]}
        found = verdict_columns(verdicts(run))
        told.append(
            which | {"name": "as written", "graph": built + offset, "verdicts": found, "note": ""}
        )
        told.append(
            which | {"name": "as executed", "graph": executed + offset, "verdicts": {}, "note": ""}
        )
    return told


def tell_fusions(runs: Sequence[Run], packed: Sequence[dict[str, Any]]) -> None:
    """Add to the columns of each run, and to those of the same call executed again, what is said of
    the ops that it fused, see `graphlab.stages.fusions`."""
    for run, columns in zip(runs, packed, strict=True):
        said = fusions(run)
        for each in [columns, *(packed[k] for k in _same(columns, packed))] if said else []:
            each["fused"] = dict(said)


def _same(columns: Mapping[str, Any], packed: Sequence[Mapping[str, Any]]) -> list[int]:
    """The numbers of the runs that are the same call executed again by the engine."""
    call = (columns["built"], columns["call"], columns["name"])
    return [
        k
        for k, each in enumerate(packed)
        if each["clock"] == "engine" and (each["built"], each["call"], each["name"]) == call
    ]


def verdict_columns(found: Mapping[str, Verdict]) -> dict[str, list[str]]:
    """By node: what kind of verdict it is, all it says, and how we know."""
    return {name: [each.kind, each.text(), each.how] for name, each in found.items()}
