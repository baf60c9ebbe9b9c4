"""The recorded calls of a part's ways as a table: fed and fetched, written and executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from graphlab.course.ways import WayResult
from graphlab.model import Run, node_of
from graphlab.screen import plain
from graphlab.screen.tables import ms
from visualize.words import middle

MOST_RUNS = 8  # of each way
MOST_NAMES = 2
CUT_NAMES = (200, 40, 24, 16)  # characters of an op's name: the first that fits
RUNS = ("way", "recorded run", "fed", "fetched", "written", "executed", "wall")


def runs(ways: Mapping[str, WayResult], width: int) -> Iterator[RenderableType]:
    """The recorded calls of each way: what was fed and fetched, as written and as executed.

    Where the width is short, columns are left out.
    """
    # Names are cut where they have no room, and then columns are left out.
    tried = (_runs(ways, most) for most in CUT_NAMES)
    rows = next((rows for rows in tried if len(_fitting(rows, width)) == len(RUNS)), None)
    rows = rows or _runs(ways, CUT_NAMES[-1])
    kept = _fitting(rows, width)
    table = plain.table()
    for column in kept:
        right = column in ("written", "executed", "wall")
        wraps = {"overflow": "fold"} if column == "recorded run" else {"no_wrap": True}
        table.add_column(column, justify="right" if right else "left", **wraps)
    for row in rows:
        table.add_row(*(row[RUNS.index(column)] for column in kept))
    yield table
    if "written" in kept and any(run.way == "eager" for r in ways.values() for run in r.runs):
        said = "written, where there is no graph: the ops as dispatched, and tensors from Python"
        yield Text(said, "dim")


def _runs(ways: Mapping[str, WayResult], most: int) -> list[tuple[str, ...]]:
    """The rows of RUNS, with names of at most so many characters."""
    rows: list[tuple[str, ...]] = []
    for way, result in ways.items():
        names = run_names(result.runs, most)
        for run, name in list(zip(result.runs, names, strict=True))[:MOST_RUNS]:
            fed = _names((node_of(spec.name) for spec in run.feeds), most)
            fetched = _names(map(node_of, run.fetches), most)
            written = "·" if run.built is None else f"{len(run.built):,}"
            counts = (written, f"{len(run.steps):,}", ms(run.wall_us / 1000))
            rows.append((way, name, fed, fetched, *counts))
        if len(result.runs) > MOST_RUNS:
            more = f"and {len(result.runs) - MOST_RUNS} more"
            rows.append((way, more, "", "", "", "", ""))
    return rows


def _fitting(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The columns of RUNS that fit side by side; those go first that can be done without."""
    widths = {c: max(map(len, [c, *(r[i] for r in rows)])) for i, c in enumerate(RUNS)}
    for column in ("fed", "fetched", "written", "executed"):
        if sum(widths.values()) + plain.GAP * (len(widths) - 1) > width:
            del widths[column]
    return list(widths)


def run_names(runs: Sequence[Run], most: int = 16) -> list[str]:
    """`"Session.run, call 8"`; calls that share this and are not the same are told apart.

    Names of ops are cut to so many characters.
    """
    plain = [_run_name(run, runs[:i]) for i, run in enumerate(runs)]
    told = []
    for i, (run, name) in enumerate(zip(runs, plain, strict=True)):
        same = [other for other, called in zip(runs, plain, strict=True) if called == name]
        if len({other.fetches for other in same}) > 1:
            name = f"{run.name} of {_names(map(node_of, run.fetches), most, 1)}, call {run.call}"
        elif run.way == "function" and name in plain[:i]:
            name += ", a new trace"
        told.append(name)
    return told


def _run_name(run: Run, before: Sequence[Run]) -> str:
    """`"step 8"` for the ops of a step, where they stand for others that Python dispatched."""
    if run.way != "eager":
        return f"{run.name}, call {run.call}"
    if run.step:
        return f"step {run.step}"
    place = "after" if any(other.step for other in before) else "before"
    return f"{run.name} {place} the steps"


def _names(names: Iterable[str], wide: int, most: int = MOST_NAMES) -> str:
    """The first of some names, each cut to so many characters, and how many more there are."""
    every = list(dict.fromkeys(names))
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(middle(name, wide) for name in every[:most]) + more or "·"
