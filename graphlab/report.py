"""What came out of a part: the numbers behind the screen, the document of `--json`.

report = run_part(part, course.ways_of(part), "CPU:0", None, tick)
document(lesson, "CPU:0", [report])
"""

from __future__ import annotations

import inspect
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab import course, datasets, ways
from graphlab.figure import FigureData
from graphlab.model import Run
from graphlab.shown import NOTHING, Shown, shown
from graphlab.ways import Agreement, Claim, WayResult

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.replay import Replay

MOST_STEPS = 2000  # of a run that is replayed on a page: a loop has many
MOST_REPLAYED = 128 << 20  # bytes that the ops of its largest run gave, for a part to be replayed
MOST_VALUES = 4096  # a vector up to this length is told value by value in the document

# The way, steps done, steps in all, losses so far.
Tick = Callable[[str, int, int, Sequence[float]], None]
PARTLY = "these speak of all ways, and of all their steps on the lesson's own data"


@dataclass(frozen=True)
class Report:
    """One part, run."""

    part: course.Part
    device: str
    ways: Mapping[str, WayResult]
    expected: Mapping[str, Any]  # the results that NumPy alone gives; empty: the part has none
    agreement: Agreement
    claims: tuple[Claim, ...]
    # The sentences of claims that speak of all that is run, where only some of it was.
    left_out: tuple[str, ...] = ()
    keras: Agreement | None = None  # whether Keras agrees with the first way; None: it did not run
    shown: Shown = NOTHING  # the figures, and why not where some cannot be drawn

    @property
    def figures(self) -> Mapping[str, FigureData]:
        """What the part shows, by name."""
        return self.shown.figures

    @property
    def ok(self) -> bool:
        """Whether the ways agree and every claim holds."""
        agreed = self.agreement.ok and (self.keras is None or self.keras.ok)
        return agreed and all(claim.ok for claim in self.claims)

    @property
    def results(self) -> dict[str, Mapping[str, Any]]:
        """The results of every way, and of NumPy where the part has an oracle."""
        found: dict[str, Mapping[str, Any]] = {w: r.results for w, r in self.ways.items()}
        return found | ({"numpy": self.expected} if self.expected else {})

    def complaints(self) -> list[str]:
        """One line for each thing that does not hold."""
        told = []
        if not self.agreement.ok:
            told.append(f"{self.part.name}: the ways disagree: {worst_text(self.agreement)}")
        if self.keras is not None and not self.keras.ok:
            told.append(f"{self.part.name}: keras disagrees: {worst_text(self.keras)}")
        for claim in self.claims:
            if not claim.ok:
                told.append(f"{self.part.name}: {claim.name} does not hold: {claim.error}")
        return told + [f"{self.part.name}: {complaint}" for complaint in self.shown.complaints]


@dataclass(frozen=True)
class ResultRow:
    """One named result, compared with that of the first way."""

    name: str
    shape: tuple[int | None, ...] | None
    differences: Mapping[str, float | None]  # by other way; None: cannot be compared


def run_part(
    part: course.Part,
    chosen: Sequence[str],
    device: str,
    seed: int | None,
    tick: Tick,
    steps: int | None = None,
    data: str | None = None,
    values: bool = False,
) -> Report:
    """Run the chosen ways of a part and check them; `tick` is told of every step.

    Only the first `steps` where a number is given; on the reader's `data` where the part reads
    any; with `values`, for a page that shows them. GraphlabError where the part cannot be run;
    what its own code raises passes through.
    """
    module = course.load(part)
    with datasets.data_given(data if hasattr(module, "DATA") else None):
        return _run(part, module, chosen, device, seed, tick, steps, values)


def _run(
    part: course.Part,
    module: ModuleType,
    chosen: Sequence[str],
    device: str,
    seed: int | None,
    tick: Tick,
    steps: int | None,
    values: bool,
) -> Report:
    done = {
        way: ways.run_way(module, way, device, seed, partial(tick, way), steps) for way in chosen
    }
    expected = ways.expected_results(module, seed, steps) or {}
    results: dict[str, Any] = {way: result.results for way, result in done.items()}
    agreement, keras = agreements(module, results, expected)
    runs = {way: list(result.runs) for way, result in done.items()}
    whole = set(chosen) == set(part.ways) and steps is None and datasets.given_data() is None
    skipped = {} if whole else _of_all_ways(module)
    checked = ModuleType(module.__name__)
    vars(checked).update({k: v for k, v in vars(module).items() if k not in skipped})
    claims = tuple(ways.check_claims(checked, results, runs))
    left_out = tuple(skipped.values())
    seen = shown(module, results, whole=steps is None)
    # The profiler does not say how large a function's tensors are: the other ways do.
    if values and max(map(_bytes, done.values())) <= MOST_REPLAYED:
        done = {
            way: replace(result, replays=_replays(module, result, device, seed))
            for way, result in done.items()
        }
    return Report(part, device, done, expected, agreement, claims, left_out, keras, seen)


def _bytes(result: WayResult) -> int:
    main = main_run(result)
    return 0 if main is None else sum(step.bytes or 0 for step in main.steps)


def _replays(
    module: ModuleType, result: WayResult, device: str, seed: int | None
) -> tuple[Replay, ...]:
    """What executes the main run of a way again, with values; nothing where it is a large one.

    The steps up to it are taken a second time: to keep the values of a state for a replay takes
    time and memory, and the run that is measured has neither to spare.
    """
    from graphlab.observer import STEADY

    main = main_run(result)
    if main is None or len(main.steps) > MOST_STEPS:
        return ()
    if main.step:
        steps = min(result.steps, STEADY)
        seen = ways.watch_steps(module, result.way, device, seed, steps)
    else:  # it was called before the steps or after them
        _, seen = ways.watch_way(module, result.way, device, seed, None, True, steps=result.steps)
    same = (main.name, main.call, main.source)
    return tuple(
        replay
        for replay in seen.replays
        if (replay.run.name, replay.run.call, replay.run.source) == same
    )


def agreements(
    module: ModuleType, results: Mapping[str, Any], expected: Mapping[str, Any]
) -> tuple[Agreement, Agreement | None]:
    """Whether the ways and NumPy agree, and whether Keras agrees with the first of them.

    To the tolerances of the module; the second is None where Keras did not run, or alone.
    """
    compared = dict(results) | ({"numpy": expected} if expected else {})
    keras = None
    if "keras" in results and len(results) > 1:
        pair = {way: results[way] for way in (next(iter(results)), "keras")}
        keras = ways.agree(pair, module.KERAS_RTOL, module.KERAS_ATOL)
        del compared["keras"]
    return ways.agree(compared, module.RTOL, module.ATOL), keras


def _of_all_ways(module: ModuleType) -> dict[str, str]:
    """The claims that take the results or runs of every way, and what they say."""
    return {
        name: inspect.getdoc(value) or name
        for name, value in vars(module).items()
        if name.startswith("claim_") and inspect.signature(value).parameters
    }


def rows(results: Mapping[str, Mapping[str, Any]]) -> list[ResultRow]:
    """Every result by name: its shape, and how far each other way is from the first."""
    first, *others = results
    told = []
    for name, value in results[first].items():
        away = {
            other: largest_difference(value, results[other][name])
            for other in others
            if name in results[other]
        }
        told.append(ResultRow(name, shape(value), away))
    return told


def largest_difference(value: Any, other: Any) -> float | None:
    """The largest absolute difference; None where shapes or kinds do not allow one."""
    if isinstance(value, list) or isinstance(other, list):
        if len(value) != len(other):
            return None
        each = [largest_difference(a, b) for a, b in zip(value, other, strict=True)]
        numbers = [number for number in each if number is not None]
        return max(numbers, default=0.0) if len(numbers) == len(each) else None
    a, b = np.asarray(value), np.asarray(other)
    if a.shape != b.shape:
        return None
    if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
        return 0.0 if np.array_equal(a, b) else None
    wide = np.complex128 if "c" in a.dtype.kind + b.dtype.kind else np.float64
    a, b = a.astype(wide), b.astype(wide)
    same = (a == b) | (np.isnan(a) & np.isnan(b))  # also two infinities
    with np.errstate(invalid="ignore"):
        away = np.where(same, 0.0, np.abs(a - b))
    return float(away.max(initial=0.0))


def shape(value: Any) -> tuple[int | None, ...] | None:
    """The shape of a result; for a list, None stands where its arrays differ, or for their rank."""
    if not isinstance(value, list):
        return np.asarray(value).shape
    shapes = [np.asarray(each).shape for each in value]
    if len({len(each) for each in shapes}) > 1:
        return None
    axes = [axis[0] if len(set(axis)) == 1 else None for axis in zip(*shapes, strict=True)]
    return (len(value), *axes)


def main_run(result: WayResult) -> Run | None:
    """The recorded run that a drawing shows: the last step's, and of its calls the largest.

    Where nothing was recorded in a step, the last of the largest outside. None: nothing at all.
    """
    kind = ways.kind_of(result.way)
    ours = [run for run in result.runs if run.way == kind] or list(result.runs)
    last = max((run.step for run in ours), default=0)
    inside = [run for run in ours if run.step == last]
    return max(reversed(inside), key=lambda run: len(run.steps), default=None)


def losses(ways: Mapping[str, WayResult]) -> dict[str, list[float]]:
    """The loss of every step, by way; empty where the part trains nothing."""
    return {
        way: np.asarray(result.results["loss"], np.float64).tolist()
        for way, result in ways.items()
        if np.ndim(result.results.get("loss", 0)) == 1 and len(result.results["loss"]) > 1
    }


def worst_text(agreement: Agreement) -> str:
    """The worst difference as one line: where, both values, what is tolerated."""
    worst = agreement.worst
    tolerated = f"rtol {agreement.rtol:g}, atol {agreement.atol:g}"
    if worst is None:
        return f"bit-equal ({tolerated})"
    if worst.problem:
        return f"{worst.result} of {worst.way} and {worst.other}: {worst.problem}"
    place = f"{worst.result}[{', '.join(map(str, worst.index))}]" if worst.index else worst.result
    way, other = (_told(each) for each in (worst.way, worst.other))
    return (
        f"{place} is {_number(worst.value)} in {way} and {_number(worst.other_value)} in {other}, "
        f"{worst.absolute:.3g} apart ({tolerated})"
    )


def _told(way: str) -> str:
    return "NumPy" if way == "numpy" else way


def _number(value: object) -> str:
    """A long number in nine digits, as many as tell one float32 from another."""
    text = str(value)
    return f"{value:.9g}" if isinstance(value, float) and len(text) > 12 else text


def document(lesson: course.Lesson, device: str, reports: Sequence[Report]) -> dict[str, Any]:
    """The document of `--json`: the lesson, and what came out of each of its parts."""
    return {
        "lesson": lesson.number,
        "title": lesson.title,
        "device": device,
        "versions": versions(),
        "parts": [_part(report) for report in reports],
    }


def versions() -> dict[str, str]:
    """The versions that the numbers depend on."""
    import keras
    import tensorflow as tf

    from graphlab import __version__

    return {
        "graphlab": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


def _part(report: Report) -> dict[str, Any]:
    return {
        "part": report.part.name,
        "title": report.part.title,
        "ways": {
            way: {
                "results": {name: _result(value) for name, value in result.results.items()},
                "ops_built": result.ops_built,
                "ops_executed": result.ops_executed,
                "traces": result.traces,
                "first_ms": result.first_ms,
                "steady_ms": result.steady_ms,
            }
            for way, result in report.ways.items()
        },
        "agreement": _agreement(report.agreement),
        "keras": None if report.keras is None else _agreement(report.keras),
        "claims": [{"name": claim.name, "ok": claim.ok} for claim in report.claims],
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "ok": agreement.ok,
        "rtol": agreement.rtol,
        "atol": agreement.atol,
        "worst": _worst(agreement),
    }


def _worst(agreement: Agreement) -> dict[str, Any] | None:
    if agreement.worst is None:
        return None
    fields = {name: plain(getattr(agreement.worst, name)) for name in _WORST}
    return {key: value for key, value in fields.items() if value != ""}


_WORST = (
    "way",
    "other",
    "result",
    "index",
    "value",
    "other_value",
    "absolute",
    "excess",
    "problem",
)


def _result(value: Any) -> dict[str, Any]:
    size = shape(value)
    told: dict[str, Any] = {"shape": None if size is None else list(size)}
    if size is not None and len(size) <= 1 and np.size(value) <= MOST_VALUES:
        told["values"] = plain(value)
    return told


def plain(value: Any) -> Any:
    """The value as JSON has it; a number that JSON has not (NaN, Infinity) by its name."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and (value != value or abs(value) > sys.float_info.max):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, bool | int | float | str | None) else str(value)
