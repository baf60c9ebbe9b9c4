"""Run a part of a lesson in the ways chosen, and check all that it says.

told = run_part(part, outline.ways_of(part), "CPU:0", None, tick)
told.ok, told.agreement, told.claims
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from graphlab.agreement import Agreement, agree
from graphlab.course import drift, outline, quiz, ways
from graphlab.course.figures import shown
from graphlab.course.report import Compiled, Report, main_run
from graphlab.course.ways import WayResult
from graphlab.errors import GraphlabError
from graphlab.lesson import datasets

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.watch.replay import Replay


MOST_STEPS = 2000  # of a run whose values a page shows: a loop has many
MOST_TURNED = 4000  # of a run that a live page executes again

COMPILED_STEPS = 20  # at most: XLA compiles anew for each shape, as of sentences of all lengths

MOST_REPLAYED = 128 << 20  # bytes that the ops of its largest run gave, for a part to be replayed

# The way, steps done, steps in all, losses so far.
Tick = Callable[[str, int, int, Sequence[float]], None]


def run_part(
    part: outline.Part,
    chosen: Sequence[str],
    device: str,
    seed: int | None,
    tick: Tick,
    steps: int | None = None,
    data: str | None = None,
    values: bool = False,
    tf32: bool = False,
    compiled: bool = False,
    live: bool = False,
) -> Report:
    """Run the chosen ways of a part and check them; `tick` is told of every step.

    Only the first `steps` where a number is given; on the reader's `data` where the part reads
    any; with `values`, for a page that shows them, and `live`, for one that executes the calls too;
    `compiled` runs the function way once more, by XLA, if it was chosen. A GPU multiplies float32
    in float32 meanwhile, but with `tf32`. GraphlabError where the part cannot be run, or a GPU has
    no memory left; what its own code raises passes through.
    """
    module = outline.load(part)
    given = datasets.data_given(data if hasattr(module, "DATA") else None)
    with given, ways.lesson_on(device, tf32):
        most = 0 if not values else MOST_TURNED if live else MOST_STEPS
        told = _run(part, module, chosen, device, seed, tick, steps, most, compiled)
    if values:  # what is asked is asked of the lesson's own data
        told = replace(told, quiz=tuple(quiz.answered(part, q) for q in quiz.questions(part)))
    return told


def _run(
    part: outline.Part,
    module: ModuleType,
    chosen: Sequence[str],
    device: str,
    seed: int | None,
    tick: Tick,
    steps: int | None,
    most: int,
    compiled: bool,
) -> Report:
    done = {
        way: ways.run_way(module, way, device, seed, partial(tick, way), steps) for way in chosen
    }
    again = None
    if compiled and outline.FUNCTION in done:
        again = _compiled(module, done[outline.FUNCTION], device, seed, tick, steps)
    expected = ways.expected_results(module, seed, steps) or {}
    results: dict[str, Any] = {way: result.results for way, result in done.items()}
    agreement, keras = agreements(module, results, expected, device)
    repeated = drift.repeats(module, done.values(), device, seed)
    runs = {way: list(result.runs) for way, result in done.items()}
    whole = set(chosen) == set(part.ways) and steps is None and datasets.given_data() is None
    skipped = {} if whole else _of_all_ways(module)
    checked = ModuleType(module.__name__)
    vars(checked).update({k: v for k, v in vars(module).items() if k not in skipped})
    claims = tuple(ways.check_claims(checked, results, runs))
    left_out = tuple(skipped.values())
    seen = shown(module, results, whole=steps is None)
    # The profiler does not say how large a function's tensors are: the other ways do.
    if most and max(map(_bytes, done.values())) <= MOST_REPLAYED:
        done = {
            way: replace(result, replays=_replays(module, result, device, seed, most))
            for way, result in done.items()
        }
    return Report(
        part,
        device,
        done,
        expected,
        agreement,
        claims,
        left_out,
        keras,
        seen,
        again,
        repeats=repeated,
        drift=drift.told(module, device, done),
    )


def _compiled(
    module: ModuleType,
    function: WayResult,
    device: str,
    seed: int | None,
    tick: Tick,
    steps: int | None,
) -> Compiled:
    """The function compiled, and how far it is from the function, in as many steps."""
    way = outline.XLA
    few = COMPILED_STEPS if function.steps > COMPILED_STEPS else 0
    try:
        result = ways.run_way(module, way, device, seed, partial(tick, way), few or steps)
    except GraphlabError as error:
        return Compiled(None, why=str(error))
    if few:
        function = ways.run_way(module, outline.FUNCTION, device, seed, None, few)
    both = {outline.FUNCTION: function.results, way: result.results}
    return Compiled(result, agree(both, module.RTOL, module.ATOL), steps=few)


def _bytes(result: WayResult) -> int:
    main = main_run(result)
    return 0 if main is None else sum(step.bytes or 0 for step in main.steps)


def _replays(
    module: ModuleType, result: WayResult, device: str, seed: int | None, most: int
) -> tuple[Replay, ...]:
    """What executes the main run of a way again, with values, and the same call of the first step,
    from which a training begins; nothing where it has more than `most` steps.

    The steps up to it are taken a second time: to keep the values of a state for a replay takes
    time and memory, and the run that is measured has neither to spare.
    """
    from graphlab.watch.observer import STEADY

    main = main_run(result)
    if main is None or len(main.steps) > most:
        return ()
    if main.step:
        steps = min(result.steps, STEADY)
        seen = ways.watch_steps(module, result.way, device, seed, steps)
    else:  # it was called before the steps or after them
        _, seen = ways.watch_way(module, result.way, device, seed, None, True, steps=result.steps)
    calls = {main.call, *(run.call for run in result.runs if run.step == 1)}
    return tuple(
        replay
        for replay in seen.replays
        if (replay.run.name, replay.run.source) == (main.name, main.source)
        and replay.run.call in calls
    )


def agreements(
    module: ModuleType, results: Mapping[str, Any], expected: Mapping[str, Any], device: str
) -> tuple[Agreement, Agreement | None]:
    """Whether the ways and NumPy agree, and whether Keras agrees with the first of them.

    To the tolerances of the module, on a GPU of what it promises there; the second is None where
    Keras did not run, or alone.
    """
    compared = dict(results) | ({"numpy": expected} if expected else {})
    keras = None
    if "keras" in results and len(results) > 1:
        pair = {way: results[way] for way in (next(iter(results)), "keras")}
        own = drift.drift_of(module, device, "keras")
        keras = drift.held(pair, module.KERAS_RTOL, module.KERAS_ATOL, own)
        del compared["keras"]
    promise = drift.drift_of(module, device)
    return drift.held(compared, module.RTOL, module.ATOL, promise), keras


def _of_all_ways(module: ModuleType) -> dict[str, str]:
    """The claims that take the results or runs of every way, and what they say."""
    return {
        name: inspect.getdoc(value) or name
        for name, value in vars(module).items()
        if name.startswith("claim_") and inspect.signature(value).parameters
    }
