"""Two targets run, and aligned by the values that they computed.

found = compare("old_tf1.py", "new_tf2.py")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from graphlab import _private
from graphlab.comparison.answer import answer, variables_of
from graphlab.comparison.calls import by_call
from graphlab.comparison.carrying import arranged
from graphlab.comparison.found import Comparison
from graphlab.comparison.index import Index
from graphlab.comparison.recorded import of_watched
from graphlab.comparison.side import Side, State
from graphlab.course import outline
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Graph
from graphlab.startup import start_tensorflow
from graphlab.targets import inputs, run
from graphlab.targets.target import Target, Watched, parse
from graphlab.watch import KEEP

CALLS = 12  # of each kind: longer free runs drift apart, and prove nothing
RTOL, ATOL = 1e-5, 1e-6
KEPT = 4 << 30


@dataclass(frozen=True)
class Options:
    """How two targets are compared."""

    calls: int = CALLS
    rtol: float | None = None  # None: RTOL, or what the lesson's part asks for
    atol: float | None = None
    seed: int | None = None
    device: str | None = None
    inputs: Path | None = None  # an .npz of arrays, for models
    match: Mapping[str, str] = field(default_factory=dict)  # variables of A and of B
    keep: int = KEPT  # bytes of values, half of them for A
    state: str = ""  # "a": each call of B begins with the variables of A


def compare(a: str | Target, b: str | Target, **options: Any) -> Comparison:
    """Run both targets and say where they part. Options are the fields of `Options`.

    GraphlabError where a target is none, fails, or gives nothing that could be compared. What a
    target's program raises is told by that error too.
    """
    start_tensorflow()
    asked = Options(**options)
    one, other = (each if isinstance(each, Target) else parse(each) for each in (a, b))
    return compare_targets(one, other, asked)[0]


@dataclass(frozen=True)
class Seen:
    """What was compared of one side."""

    graph: Graph | None  # of the largest call, as written
    side: Side  # every op that ran, with its values
    variables: Mapping[str, np.ndarray]  # as they were first seen; wider where NumPy lacks a type
    dtypes: Mapping[str, Any]  # of variables: NumPy's or TensorFlow's


def compare_targets(a: Target, b: Target, options: Options) -> tuple[Comparison, tuple[Seen, Seen]]:
    """See `compare`; and what was compared of each side. TensorFlow has been started."""
    rtol, atol = _tolerance(a, b, options)
    with inputs.shared(a, b, options.inputs, options.seed) as (a, b, told):
        return _compare(a, b, options, Index(rtol, atol), told)


def _compare(
    a: Target, b: Target, options: Options, index: Index, told: Sequence[str]
) -> tuple[Comparison, tuple[Seen, Seen]]:
    watched = [_watch(a, options), _watch(b, options)]
    mine, theirs, cut = _sides(watched, index, options.keep)
    match = _matched(options.match, mine, theirs)
    state: State | None = None
    if options.state == "a":
        pairs = variables_of(mine, theirs, index, match, mine.notes, equal=True)
        state = {
            moment: {
                p.b: value
                for p in pairs
                if p.a in values
                for value in [arranged(p, values[p.a], theirs.variables[p.b].shape)]
                if value is not None
            }
            for moment, values in mine.begins.items()
        }
        mine, theirs, cut = _sides(watched, index, options.keep, state)
        match = {pair.a: pair.b for pair in pairs}  # values that were made equal tell nothing
    found = answer(mine, theirs, index, match, [*told, *cut, *mine.notes, *theirs.notes])
    if options.state == "a":
        told_by = {pair.a: pair.by for pair in pairs}
        variables = tuple(replace(p, by=told_by.get(p.a, p.by)) for p in found.variables)
        found = replace(found, variables=variables)
    found = replace(found, by_call=by_call(mine, theirs, found))
    seen = _seen(watched[0], mine), _seen(watched[1], theirs)
    if found.same:
        return found, seen
    notes = [
        *found.notes,
        *_repeats(a, mine, options, index, None if state is None else {}),
        *_repeats(b, theirs, options, index, state),
    ]
    return replace(found, notes=tuple(dict.fromkeys(notes))), seen


def _sides(
    watched: Sequence[Watched], index: Index, keep: int, state: State | None = None
) -> tuple[Side, Side, list[str]]:
    """Both sides, and a line where calls were left out of both, as more than `keep` bytes of values
    would have been kept."""
    held = index.bytes  # of a first look, when what B begins with was not yet known
    mine = of_watched(watched[0], index, None if state is None else {}, held + keep // 2)
    theirs = of_watched(watched[1], index, state, held + keep, mine.cut)
    sides = zip((mine, theirs), watched, strict=True)
    ends = [side.cut or side.moments for side, seen in sides if side.cut or seen.full]
    if not ends:
        return mine, theirs, []
    for side in (mine, theirs):
        side.end_after(min(ends))
    told = f"values reached the {keep >> 20:,} MiB that may be kept (--keep MiB)"
    return mine, theirs, [f"{told}: calls behind the first {min(ends)} were left out"]


def _seen(watched: Watched, side: Side) -> Seen:
    main = watched.main
    graph = main.built if main is not None else None
    return Seen(graph, side, side.variables, side.dtypes)


def _watch(target: Target, options: Options) -> Watched:
    """One side's run. GraphlabError where it raised."""
    # Names, lines and random numbers are those that the target has when it is run alone.
    with _private.own_keras_names(), _private.own_conversions(), _private.own_seeds():
        watched = run.watch_alone(
            target,
            options.device,
            options.seed,
            values=True,
            first=options.calls,
            keep_bytes=max(KEEP, options.keep // 4),
        )
    if watched.failure:
        raise GraphlabError(f"{target.text} cannot be compared: {watched.failure}")
    if watched.interrupted:
        raise KeyboardInterrupt(f"in {target.text}")
    if not watched.replays and not watched.results:
        raise GraphlabError(
            f"{target.text} gives no value that could be compared; run a session, call a"
            " tf.function or compute something"
        )
    return watched


def _tolerance(a: Target, b: Target, options: Options) -> tuple[float, float]:
    """What is asked for; else the larger of ours and of the parts', which say why."""
    rtols, atols = [RTOL], [ATOL]
    for target in (a, b):
        if target.part is not None:
            module = outline.load(target.part)
            keras = "KERAS_" if target.way == "keras" else ""
            rtols.append(float(getattr(module, f"{keras}RTOL", 0.0)))
            atols.append(float(getattr(module, f"{keras}ATOL", 0.0)))
    rtol = max(rtols) if options.rtol is None else options.rtol
    return rtol, max(atols) if options.atol is None else options.atol


def _matched(match: Mapping[str, str], a: Side, b: Side) -> Mapping[str, str]:
    """The user's pairs. GraphlabError where a name is not there."""
    for name, side in [*((n, a) for n in match), *((n, b) for n in match.values())]:
        if name not in side.variables:
            there = nearest(name, side.variables) or "none"
            raise GraphlabError(f"{side.name} has no variable {name}; there are {there}")
    return match


def _repeats(
    target: Target, first: Side, options: Options, index: Index, state: State | None
) -> list[str]:
    """A line where a side, run once more, differs from itself."""
    try:
        most = index.bytes + options.keep
        again = of_watched(_watch(target, options), index, state, most)
        again.end_after(first.moments)
    except GraphlabError as error:
        return [f"{target.text} cannot be run twice: {error}"]
    found = answer(first, again, index, {}, ())
    if found.same:
        return []
    begins = next((part.a or part.b for part in found.frontier), None)
    where = f" from {begins.node} ({begins.op}) on" if begins else ""
    draws = f"; {', '.join(first.draws[:3])} draws random numbers" if first.draws else ""
    return [f"{target.text} does not repeat itself{where}{draws}: what differs may be chance"]
