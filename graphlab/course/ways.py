"""Run one part of a lesson in each of its ways, and say whether they agree or exactly where not."""

from __future__ import annotations

import functools
import inspect
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab import devices, lesson
from graphlab.agreement import Results
from graphlab.course.compiled import called_as
from graphlab.course.outline import FUNCTION, XLA
from graphlab.lesson import datasets
from graphlab.model import Graph, Run
from graphlab.watch import KEEP

if TYPE_CHECKING:  # the observer imports TensorFlow
    from graphlab.watch.replay import Replay
    from graphlab.watch.seen import Seen


FEW_STEPS = 6  # a median of so few steps is that of an accident
OnStep = Callable[[int, int, Sequence[float]], None]  # steps done, of so many, losses so far


@dataclass(frozen=True)
class WayResult:
    """What one way gave, and what it took."""

    way: str
    results: Mapping[str, np.ndarray | list[np.ndarray]]  # a list where the shapes differ
    runs: tuple[Run, ...]  # the recorded calls, in order; the last of a name is the steady one
    ops_built: int  # nodes of every graph that was built and run; 0 for eager
    ops_executed: int  # ops the runtime ran in the recorded steady step
    traces: int  # how often a tf.function's Python body was run to trace it
    calls: int  # calls from Python into the runtime in the recorded steady step
    steps: int  # cases taken
    first_ms: float | None  # the first step, seen from Python; None where there was no step
    steady_ms: float | None  # the median of the steady steps after it; None: there is none
    steps_differ: bool = False  # none is steady, as they do not call the same
    seconds: float = 0.0  # all of the way from its call to its return, with the recording of ops
    replays: tuple[Replay, ...] = ()  # of its main run and of that of the first
    # step, where values were asked for

    @property
    def steady(self) -> float | None:
        """The steady step in ms, as readers are told it; None: no step, or so few that the median
        is that of an accident."""
        return self.steady_ms if self.steps > FEW_STEPS else None


@dataclass(frozen=True)
class Claim:
    """One sentence of a lesson that was executed."""

    name: str
    text: str
    ok: bool
    error: str = ""  # why not, one line
    raised: tuple[str, ...] = ()  # what it provoked on the way, one line each: type and message


@contextmanager
def lesson_on(device: str, tf32: bool = False) -> Iterator[None]:
    """While a part of a lesson runs: on a GPU, float32 in float32 unless `tf32` leaves that on.

    GraphlabError where the GPU has no memory left.
    """
    with devices.float32(tf32), devices.memory_told(device):
        yield


def run_way(
    module: ModuleType,
    way: str,
    device: str,
    seed: int | None = None,
    on_step: OnStep | None = None,
    steps: int | None = None,
) -> WayResult:
    """Run one way of a part under observation.

    `device` has been prepared; `seed` goes to the part's `cases(seed)`, where it draws anything;
    of its cases only the first `steps` are taken. `on_step(done, of, losses)` is called between
    steps. What the way raises passes through.
    """
    started = time.perf_counter()
    results, seen = watch_way(module, way, device, seed, on_step, steps=steps)
    seconds = time.perf_counter() - started
    runs = seen.runs
    steady = max(seen.step_calls, default=0)
    kind = kind_of(way)
    built = {id(run.built): run.built for run in runs if run.way == kind and run.built}
    repeated, differ = _steady(seen)
    return WayResult(
        way,
        {name: _arrays(value) for name, value in results.items()},
        runs,
        0 if way == "eager" else sum(_size(graph) for graph in _largest(built.values())),
        sum(len(run.steps) for run in runs if run.step == steady and not _is_call(run, kind)),
        seen.traces,
        seen.step_calls.get(steady, 0),
        len(seen.step_us),
        seen.step_us[0] / 1000 if seen.step_us else None,
        statistics.median(repeated) / 1000 if repeated else None,
        differ,
        seconds,
    )


def kind_of(way: str) -> str:
    """The kind of calls a way makes: Keras trains in a tf.function of its own."""
    return FUNCTION if way in ("keras", XLA) else way


def _steady(seen: Seen) -> tuple[list[float], bool]:
    """The times of the unrecorded steps that called what most steps do, but for the first that
    did: it also traces or optimises. And whether there are none since the steps differ.
    """
    kinds = seen.step_kinds
    unrecorded = [n for n in range(len(kinds)) if n + 1 not in seen.step_calls]
    if not unrecorded:
        return [], False
    usual, count = Counter(kinds).most_common(1)[0]
    if 2 * count <= len(kinds):
        return [], True
    first = kinds.index(usual)
    return [seen.step_us[n] for n in unrecorded if kinds[n] == usual and n > first], False


def watch_way(
    module: ModuleType,
    way: str,
    device: str,
    seed: int | None = None,
    on_step: OnStep | None = None,
    values: bool = False,
    until_bad: bool = False,
    steps: int | None = None,
    first: int = 0,
    keep_bytes: int = KEEP,
) -> tuple[Mapping[str, Any], Seen]:
    """One way's results as it gave them, and all that was seen of it. See `run_way`.

    `values`, `until_bad`, `first` and `keep_bytes` are as for `observe`.
    GraphlabError where the way is `XLA`, and XLA does not compile it.
    """
    from graphlab.watch.observer import observe

    cases = cases_of(module, seed, steps)
    latest: list[Sequence[float]] = [()]

    def tick(done: int) -> None:
        if on_step is not None:
            on_step(done, len(cases), latest[-1])

    def follow(losses: Sequence[float]) -> None:
        latest[:] = [losses]

    watching = observe(values, until_bad, keep_bytes, first)
    with called_as(module, way) as call, lesson.following(follow), watching as seen:
        results = call(seen.steps(cases, tick), device)
    return results, seen


class _Enough(Exception):
    """The steps that were asked for are done."""


def watch_steps(module: ModuleType, way: str, device: str, seed: int | None, steps: int) -> Seen:
    """What was seen, with values, of the first steps of a way; what follows them is not run."""
    from graphlab.watch.observer import observe

    cases = cases_of(module, seed, steps)

    def tick(done: int) -> None:
        if done == len(cases):
            raise _Enough

    with called_as(module, way) as call, observe(values=True) as seen, suppress(_Enough):
        call(seen.steps(cases, tick), device)
    return seen


def cases_of(module: ModuleType, seed: int | None = None, steps: int | None = None) -> Any:
    """The part's data, one item a step: `CASES`, or `cases(seed)` where anything is random.

    Only the first `steps` of them, from the same start, where a number is given. Every way is
    given the same arrays, and only reads them.
    """
    if not hasattr(module, "cases"):
        cases = module.CASES
    else:
        cases = _drawn(module.cases, seed, datasets.given_data())
    if steps is None:
        return cases
    return cases.first(steps) if isinstance(cases, lesson.Cases) else cases[:steps]


@functools.lru_cache(maxsize=1)
def _drawn(cases: Callable, seed: int | None, _given: str | None) -> Any:
    """What a part draws of its data, once for all of its ways: to draw it takes seconds."""
    return cases() if seed is None else cases(seed)


def expected_results(
    module: ModuleType, seed: int | None = None, steps: int | None = None
) -> Results | None:
    """What NumPy alone gives, where the part has an `expected(cases)`."""
    if not hasattr(module, "expected"):
        return None
    found = module.expected(cases_of(module, seed, steps))
    return {name: _arrays(value) for name, value in found.items()}


def check_claims(
    module: ModuleType, results: Mapping[str, Results], runs: Mapping[str, Sequence[Run]]
) -> Iterator[Claim]:
    """Execute the part's claims one by one, as they stand in the file."""
    given = {"results": results, "runs": runs}
    for name, claim in vars(module).items():
        if not name.startswith("claim_") or not callable(claim):
            continue
        text = inspect.getdoc(claim) or ""
        raised: list[str] = []
        try:
            with lesson.witnessed(lambda error, raised=raised: raised.append(_said(error))):
                claim(*(given[parameter] for parameter in inspect.signature(claim).parameters))
        except Exception as error:  # whatever goes wrong in it, the claim does not hold
            first = (str(error).strip().splitlines() or [""])[0]
            yield Claim(name, text, False, f"{type(error).__name__}: {first}")
        else:
            yield Claim(name, text, True, raised=tuple(dict.fromkeys(raised)))


def _said(error: BaseException) -> str:
    """The type of an error, and what it says."""
    from graphlab.watch import user_error

    return f"{type(error).__name__}: {user_error.said(error)}".rstrip(": ")


def _arrays(value: Any) -> np.ndarray | list[np.ndarray]:
    """Results as arrays; a list of arrays of different shapes stays a list."""
    if not isinstance(value, list | tuple):
        return np.asarray(value)
    items = [np.asarray(item) for item in value]
    if len({item.shape for item in items}) > 1:
        return items
    return np.asarray(items)


def _largest(graphs: Any) -> list[Graph]:
    """Of one graph seen while it grew, only the last: its nodes contain the earlier ones."""
    kept: list[Graph] = []
    for graph in sorted(graphs, key=len, reverse=True):
        names = [node.name for node in graph.nodes]
        if not any([node.name for node in big.nodes[: len(names)]] == names for big in kept):
            kept.append(graph)
    return kept


def _size(graph: Graph) -> int:
    return len(graph) + sum(len(body) for body in graph.functions.values())


def _is_call(run: Run, way: str) -> bool:
    """Whether all that a recording of eager ops has is the call of the function itself."""
    return (
        way == "function"
        and run.way == "eager"
        and all(step.op.startswith("__") for step in run.steps)
    )
