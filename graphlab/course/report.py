"""What came out of a part: the numbers behind the screen, the document of `--json`.

report = run_part(part, course.ways_of(part), "CPU:0", None, tick)
document(lesson, "CPU:0", [report])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.agreement import Agreement
from graphlab.course import outline, ways
from graphlab.course.figures import NOTHING, Shown
from graphlab.course.quiz import Answered
from graphlab.course.ways import Claim, WayResult
from graphlab.figure import FigureData
from graphlab.model import Run

if TYPE_CHECKING:  # it imports TensorFlow
    pass


FEW_BITS = 3  # in so many last bits a difference is told in words
PARTLY = "these speak of all ways, and of all their steps on the lesson's own data"


@dataclass(frozen=True)
class Compiled:
    """The function way of a part once more, compiled by XLA. Nothing is promised of its numbers:
    it adds in an order of its own, and draws other random numbers."""

    result: WayResult | None  # None: XLA does not take it
    agreement: Agreement | None = None  # with the function way, to the part's tolerance
    why: str = ""  # why XLA does not take it
    steps: int = 0  # both took so many only; 0: all

    @property
    def whole(self) -> bool:
        """Whether it took all steps, so that its results stand beside those of the ways."""
        return self.result is not None and not self.steps

    def text(self) -> str:
        """How far it is from the function way, or why that is not known."""
        if self.agreement is None:
            return self.why
        cut = f"in the first {self.steps} steps " if self.steps else ""
        return cut + worst_text(self.agreement)


@dataclass(frozen=True)
class Report:
    """One part, run."""

    part: outline.Part
    device: str
    ways: Mapping[str, WayResult]
    expected: Mapping[str, Any]  # the results that NumPy alone gives; empty: the part has none
    agreement: Agreement
    claims: tuple[Claim, ...]
    # The sentences of claims that speak of all that is run, where only some of it was.
    left_out: tuple[str, ...] = ()
    keras: Agreement | None = None  # whether Keras agrees with the first way; None: it did not run
    shown: Shown = NOTHING  # the figures, and why not where some cannot be drawn
    compiled: Compiled | None = None  # None: it was not asked for
    quiz: tuple[Answered, ...] = ()  # what the part asks, for a page or for who replied
    # On a GPU, where a long training drifts: what is held in the place of all; and by way, whether
    # its first losses are the same a second time.
    drift: str = ""
    repeats: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[str, FigureData]:
        """What the part shows, by name."""
        return self.shown.figures

    @property
    def ok(self) -> bool:
        """Whether the ways agree, every claim holds and every question has an answer."""
        agreed = self.agreement.ok and (self.keras is None or self.keras.ok)
        answers = not any(asked.error for asked in self.quiz)
        again = all(each.ok for each in self.repeats.values())
        return agreed and answers and again and all(claim.ok for claim in self.claims)

    @property
    def results(self) -> dict[str, Mapping[str, Any]]:
        """The results of every way, compiled too, and of NumPy where the part has an oracle."""
        found: dict[str, Mapping[str, Any]] = {w: r.results for w, r in self.ways.items()}
        if self.compiled is not None and self.compiled.result is not None and self.compiled.whole:
            found[outline.XLA] = self.compiled.result.results
        return found | ({"numpy": self.expected} if self.expected else {})

    def complaints(self) -> list[str]:
        """One line for each thing that does not hold."""
        told = []
        if not self.agreement.ok:
            told.append(f"{self.part.name}: the ways disagree: {worst_text(self.agreement)}")
        if self.keras is not None and not self.keras.ok:
            told.append(f"{self.part.name}: keras disagrees: {worst_text(self.keras)}")
        for way, again in self.repeats.items():
            if not again.ok:
                told.append(f"{self.part.name}: {way} is not itself again: {worst_text(again)}")
        for claim in self.claims:
            if not claim.ok:
                told.append(f"{self.part.name}: {claim.name} does not hold: {claim.error}")
        for asked in self.quiz:
            if asked.error:
                told.append(f"{self.part.name}: {asked.question.name}: {asked.error}")
        return told + [f"{self.part.name}: {complaint}" for complaint in self.shown.complaints]


@dataclass(frozen=True)
class ResultRow:
    """One named result, compared with that of the first way."""

    name: str
    shape: tuple[int | None, ...] | None
    differences: Mapping[str, float | None]  # by other way; None: cannot be compared
    words: Mapping[str, str]  # how near each other way came: "bit-equal", "the last bit", "2e-07"


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
        words = {other: nearness(value, results[other][name], d) for other, d in away.items()}
        told.append(ResultRow(name, shape(value), away, words))
    return told


def nearness(value: Any, other: Any, difference: float | None) -> str:
    """How near two results are whose largest difference is known, in words where there are any.

    >>> one = np.float32([1.5])
    >>> nearness(one, np.nextafter(one, np.float32(2)), 1.2e-7)
    'the last bit'
    >>> nearness(one, one, 0.0), nearness(one, one + 1, 1.0), nearness(one, b"", None)
    ('bit-equal', '1', 'differ')
    """
    if difference is None:
        return "differ"
    if difference == 0:
        return "bit-equal"
    pairs = zip(value, other, strict=True) if isinstance(value, list) else [(value, other)]
    bits = max(_bits(np.asarray(a), np.asarray(b)) for a, b in pairs)
    if bits > FEW_BITS:
        return f"{difference:.2g}"
    return "the last bit" if bits == 1 else f"the last {bits} bits"


def _bits(a: np.ndarray, b: np.ndarray) -> int:
    """In how many last bits two arrays differ, by the distance of two neighbours in the coarser
    of their types; more than FEW_BITS where they are no floats."""
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        return 0 if np.array_equal(a, b) else FEW_BITS + 1
    with np.errstate(all="ignore"):
        coarse = min((_type_of(a), _type_of(b)), key=lambda dtype: dtype.itemsize)
        gap = np.spacing(np.maximum(np.abs(a), np.abs(b)).astype(coarse)).astype(np.float64)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        apart = np.where(same, 0.0, np.abs(a.astype(np.float64) - b) / gap)
        most = float(apart.max(initial=0.0))
    return max(int(np.ceil(most)).bit_length(), 1) if most < 2**FEW_BITS else FEW_BITS + 1


def _type_of(array: np.ndarray) -> np.dtype:
    """The type that the numbers were computed in: Python's floats may be those of a float32."""
    if array.dtype == np.float64 and np.array_equal(array, array.astype(np.float32), True):
        return np.dtype(np.float32)
    return array.dtype


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

    A step that did no more than save or restore is passed over: a training that is over. Where
    nothing was recorded in a step, the last of the largest outside. None: nothing at all.
    """
    kind = ways.kind_of(result.way)
    ours = [run for run in result.runs if run.way == kind] or list(result.runs)
    largest = {run.step: run for run in sorted(ours, key=lambda run: len(run.steps))}
    found = [largest[step] for step in sorted(largest, reverse=True)]
    return next((run for run in found if not _is_of_a_saver(run)), found[0] if found else None)


def _is_of_a_saver(run: Run) -> bool:
    return any(step.op in ("SaveV2", "RestoreV2") for step in run.steps)


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
    if worst is not None and worst.problem:
        return f"{worst.result} of {worst.way} and {worst.other}: {worst.problem}"
    return f"{place_text(agreement)} (rtol {agreement.rtol:g}, atol {agreement.atol:g})"


def place_text(agreement: Agreement) -> str:
    """The place of the worst difference, and both values there; or that there is none."""
    worst = agreement.worst
    if worst is None:
        return "bit-equal"
    place = f"{worst.result}[{', '.join(map(str, worst.index))}]" if worst.index else worst.result
    way, other = (_told(each) for each in (worst.way, worst.other))
    return (
        f"{place} is {_number(worst.value)} in {way} and {_number(worst.other_value)} in {other}, "
        f"{worst.absolute:.3g} apart"
    )


def _told(way: str) -> str:
    return "NumPy" if way == "numpy" else way


def _number(value: object) -> str:
    """A long number in nine digits, as many as tell one float32 from another."""
    text = str(value)
    return f"{value:.9g}" if isinstance(value, float) and len(text) > 12 else text
