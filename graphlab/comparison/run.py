"""Two targets run, and aligned by the values that they computed.

found = compare("old_tf1.py", "new_tf2.py")
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from graphlab import _private
from graphlab.comparison import pairing, parting
from graphlab.comparison.carrying import arranged, carry
from graphlab.comparison.found import EQUAL, Comparison, Pair, Part, Place, VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.influence import by_influence
from graphlab.comparison.recorded import of_watched
from graphlab.comparison.results import results_of
from graphlab.comparison.side import VARIABLE, Event, Side, State
from graphlab.comparison.values import histogram, relation
from graphlab.comparison.variables import pair_variables, splits
from graphlab.course import outline
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Graph
from graphlab.startup import start_tensorflow
from graphlab.targets import inputs, run
from graphlab.targets.target import Target, Watched, parse
from graphlab.watch.nonfinite import summary

CALLS = 12  # of each kind: longer free runs drift apart, and prove nothing
RTOL, ATOL = 1e-5, 1e-6
KEEP = 4 << 30


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
    keep: int = KEEP  # bytes of values, half of them for A
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
        pairs = _variables(mine, theirs, index, match, mine.notes)
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
    found = _found(mine, theirs, index, match, [*told, *cut, *mine.notes, *theirs.notes])
    if options.state == "a":
        told_by = {pair.a: pair.by for pair in pairs}
        variables = tuple(replace(p, by=told_by.get(p.a, p.by)) for p in found.variables)
        found = replace(found, variables=variables)
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
    theirs = of_watched(watched[1], index, state, held + keep)
    ends = [side.cut for side in (mine, theirs) if side.cut]
    if not ends:
        return mine, theirs, []
    for side in (mine, theirs):
        side.end_after(min(ends))
    told = f"values reached the {keep >> 20:,} MB that may be kept (--keep MB)"
    return mine, theirs, [f"{told}: calls behind the first {min(ends)} were left out"]


def _seen(watched: Watched, side: Side) -> Seen:
    main = watched.main
    return Seen(main.built if main is not None else None, side.variables, side.dtypes)


def _watch(target: Target, options: Options) -> Watched:
    """One side's run. GraphlabError where it raised."""
    # Names and lines are those that the target has when it is run alone.
    with _private.own_keras_names(), _private.own_conversions():
        watched = run.watch_alone(
            target, options.device, options.seed, values=True, first=options.calls
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
    found = _found(first, again, index, {}, ())
    if found.same:
        return []
    begins = next((part.a or part.b for part in found.frontier), None)
    where = f" from {begins.node} ({begins.op}) on" if begins else ""
    draws = f"; {', '.join(first.draws[:3])} draws random numbers" if first.draws else ""
    return [f"{target.text} does not repeat itself{where}{draws}: what differs may be chance"]


def _found(
    a: Side, b: Side, index: Index, match: Mapping[str, str], notes: Sequence[str]
) -> Comparison:
    by_moment = a.moments == b.moments and a.moments > 1
    said = list(dict.fromkeys(notes))
    if a.moments != b.moments:
        said.append(
            f"numbers of calls differ: {a.name} made {a.moments}, {b.name} made {b.moments} of"
            " those that it makes most"
        )
    variables = _variables(a, b, index, match, said)
    results, only_a, only_b = results_of(
        a, b, index, by_moment, {p.a: p.b for p in variables}, said
    )
    differing = [each for each in results if each[0].how not in EQUAL]
    wrong_a = [one.value for result, one, _ in differing] + [o.value for o in only_a if only_b]
    wrong_b = [other.value for result, _, other in differing] + [o.value for o in only_b if only_a]
    frontier: list[Part] = []
    blind = next((f"{side.name}: {side.blind}" for side in (a, b) if side.blind), "")
    # What a call that cannot be replayed computes is not known: it may well give what is left.
    same = bool(results) and not differing and (bool(blind) or not (only_a and only_b))
    if not same and blind:
        said.append(f"{blind} cannot be executed op by op: where they part is not known")
    elif not same:
        known_a, known_b = parting.Known(a, by_moment), parting.Known(b, by_moment)
        roots_a = parting.roots(a, known_b, wrong_a)
        roots_b = parting.roots(b, known_a, wrong_b)
        if not roots_a and not roots_b:  # the results come of no op: Python made them
            roots_a = parting.roots(a, known_b, parting.unknown(a, known_b))
            roots_b = parting.roots(b, known_a, parting.unknown(b, known_a))
        known = {pair.a: pair.b for pair in variables}
        paired = pairing.pair_roots(roots_a, roots_b, known, index, by_moment)
        pairs = pairing.partners(paired, (a, b), (known_a, known_b), known, by_moment)
        given = [parting.producers_of(side) for side in (a, b)]
        frontier = [
            _part(one, other, _inputs(one, other, a, b, given), index, variables)
            for one, other in pairs
        ]
    start = 1 if by_moment else 0
    of_a, of_b = (_of(side, start) for side in (a, b))
    aligned = pairing.align(of_a, of_b, index)
    said += splits(a.variables, b.variables, index, variables)
    return Comparison(
        a.name,
        b.name,
        index.rtol,
        index.atol,
        max(a.moments, b.moments),
        same,
        tuple(result for result, _, _ in results),
        tuple(frontier),
        tuple(_pair(one, other, index) for one, other in aligned.pairs),
        variables,
        tuple(_place(event) for event in aligned.only_a),
        tuple(_place(event) for event in aligned.only_b),
        tuple(dict.fromkeys(o.name for o in only_a)),
        tuple(dict.fromkeys(o.name for o in only_b)),
        tuple(n for n in a.variables if n not in {p.a for p in variables}),
        tuple(n for n in b.variables if n not in {p.b for p in variables}),
        tuple(said),
    )


def _variables(
    a: Side, b: Side, index: Index, match: Mapping[str, str], said: list[str]
) -> tuple[VariablePair, ...]:
    """Partners; what could not be found out is added to `said`."""

    def influence(
        mine: list[str], theirs: list[str], known: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        pairs = pair_variables(
            {one: a.variables[one] for one in known},
            {other: b.variables[other] for other in known.values()},
            index,
            known,
        )
        values = carry(pairs, a.variables, b.variables).values
        told, notes = by_influence(a, b, (mine, theirs), values)
        said.extend(notes)
        return told

    return pair_variables(a.variables, b.variables, index, match, influence)


def _of(side: Side, moment: int) -> list[Event]:
    """The events of one call, and those of none; without a moment all of them."""
    return [e for e in side.events if not moment or e.moment in (0, moment)]


# Places


def _place(event: Event) -> Place:
    tensor = event.outputs[0][0] if event.outputs else event.node
    return Place(event.moment, event.call, tensor, event.op, event.node, event.frame, event.source)


def _pair(a: Event, b: Event, index: Index) -> Pair:
    one, other = a.outputs[0][1], b.outputs[0][1]
    if one == other:  # most are: nothing is to be looked for
        return Pair(_place(a), _place(b), "same")
    found = relation(index.values[one], index.values[other], index)
    return Pair(_place(a), _place(b), found.how, found.detail, found.apart)


def _inputs(
    a: Event | None, b: Event | None, side: Side, other: Side, given: Sequence[Mapping[int, list]]
) -> tuple[Pair, ...]:
    """What both took, by the ops that gave it first: equal values, then the rest in its order."""
    if a is None or b is None:
        return ()
    pairs = []
    near = side.index.near
    theirs = {near(number): number for number in b.inputs}
    equal = {number: theirs[near(number)] for number in a.inputs if near(number) in theirs}
    done = (set(equal), set(equal.values()))
    left = [
        [n for n in dict.fromkeys(event.inputs) if n not in found]
        for event, found in zip((a, b), done, strict=True)
    ]
    for number, partner in [*equal.items(), *zip(*left, strict=False)]:
        if number in given[0] and partner in given[1]:
            one, two = side.events[given[0][number][0]], other.events[given[1][partner][0]]
            found = relation(side.index.values[number], side.index.values[partner], side.index)
            pairs.append(Pair(_place(one), _place(two), found.how, found.detail, found.apart))
    return tuple(pairs)


def _part(
    a: Event | None,
    b: Event | None,
    inputs: tuple[Pair, ...],
    index: Index,
    variables: Sequence[VariablePair],
) -> Part:
    """One place of the frontier, with what there is to say of its values."""
    events = [event for event in (a, b) if event is not None]
    arrays = [index.values[event.outputs[0][1]] for event in events]
    values = tuple(
        None if event is None else summary(event.outputs[0][0], index.values[event.outputs[0][1]])
        for event in (a, b)
    )
    how, detail, apart = "different", "", math.inf
    if len(arrays) == 2:
        found = relation(arrays[0], arrays[1], index)
        how, detail, apart = found.how, found.detail, found.apart
    for pair in variables:  # which knows of the orders of other variables, too
        if a and b and a.op == b.op == VARIABLE and (pair.a, pair.b) == (a.node, b.node):
            how, detail, apart = pair.how, pair.detail, pair.apart
    return Part(
        _place(a) if a else None,
        _place(b) if b else None,
        how,
        detail,
        apart,
        inputs,
        values,
        histogram(arrays),
    )
