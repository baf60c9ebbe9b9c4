"""What there is to say of two sides whose calls have been replayed.

found = answer(a, b, index, match, notes)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graphlab.comparison.aligning import align
from graphlab.comparison.begins import begins
from graphlab.comparison.carrying import carry
from graphlab.comparison.columns import by_columns
from graphlab.comparison.doubts import doubts
from graphlab.comparison.found import EQUAL, Comparison, Part, VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.influence import by_influence
from graphlab.comparison.pieces import pieces
from graphlab.comparison.places import pair_of, place_of
from graphlab.comparison.results import results_of
from graphlab.comparison.side import Event, Side
from graphlab.comparison.values import factors, scaled_along
from graphlab.comparison.variables import Influence, pair_variables


def answer(
    a: Side, b: Side, index: Index, match: Mapping[str, str], notes: Sequence[str]
) -> Comparison:
    """Where two sides part, or that they do not; `match` and `notes` are the user's."""
    by_moment = a.moments == b.moments and a.moments > 1
    said = list(dict.fromkeys(notes))
    if a.moments != b.moments and all(_calls(side) for side in (a, b)):
        said.append(
            f"numbers of calls differ: {a.name} made {a.moments}, {b.name} made {b.moments} of"
            " those that it makes most"
        )
    variables = variables_of(a, b, index, match, said)
    results, only_a, only_b = results_of(a, b, index, by_moment, variables, said)
    said += doubts(a, b, results)
    differing = [each for each in results if each[0].how not in EQUAL]
    # What a function gave is perhaps only looked at: Keras' fit adds up its losses for the epoch.
    alone = [[o.value for o in only if not o.loose] for only in (only_a, only_b)]
    wrong_a = [one.value for _, one, _ in differing] + (alone[0] if alone[1] else [])
    wrong_b = [other.value for _, _, other in differing] + (alone[1] if alone[0] else [])
    frontier: tuple[Part, ...] = ()
    blind = next((f"{side.name}: {side.blind}" for side in (a, b) if side.blind), "")
    # What a call that cannot be replayed computes is not known: it may well give what is left.
    same = bool(results) and not differing and (bool(blind) or not all(alone))
    if not same and blind:
        said.append(f"{blind} cannot be executed op by op: where they part is not known")
    elif not same:
        frontier = begins(a, b, (wrong_a, wrong_b), variables, by_moment)
    start = 1 if by_moment else 0
    of_a, of_b = (_of(side, start) for side in (a, b))
    aligned = align(of_a, of_b, index)
    said += pieces(a.variables, b.variables, variables)
    return Comparison(
        a.name,
        b.name,
        index.rtol,
        index.atol,
        max(a.moments, b.moments),
        same,
        tuple(result for result, _, _ in results),
        frontier,
        tuple(pair_of(one, other, index) for one, other in aligned.pairs),
        variables,
        tuple(place_of(event) for event in aligned.only_a),
        tuple(place_of(event) for event in aligned.only_b),
        tuple(dict.fromkeys(o.name for o in only_a)),
        tuple(dict.fromkeys(o.name for o in only_b)),
        tuple(n for n in a.variables if n not in {p.a for p in variables}),
        tuple(n for n in b.variables if n not in {p.b for p in variables}),
        tuple(said),
    )


def variables_of(
    a: Side,
    b: Side,
    index: Index,
    match: Mapping[str, str],
    said: list[str],
    equal: bool = False,
) -> tuple[VariablePair, ...]:
    """Partners; what could not be found out is added to `said`. With `equal` it is found out in
    which order the columns of variables stand that are all zeros: later they are not."""

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

    found = _paired(a, b, index, match, influence)
    found = by_columns(a, b, found, equal)
    return tuple(_with_factors(pair, a, b) for pair in found)


def _paired(
    a: Side, b: Side, index: Index, match: Mapping[str, str], influence: Influence
) -> tuple[VariablePair, ...]:
    """Partners. Where graphs share names, those that the calls have come first: what made a
    checkpoint before them has the names, too, and is not what goes on from it."""
    if not (a.shared or b.shared):
        return pair_variables(a.variables, b.variables, index, match, influence)
    mine, theirs = _in_calls(a), _in_calls(b)
    asked = {one: other for one, other in match.items() if one in mine and other in theirs}
    first = pair_variables(mine, theirs, index, asked, influence)
    known = {**{pair.a: pair.b for pair in first}, **match}
    told_by = {pair.a: pair.by for pair in first}
    found = pair_variables(a.variables, b.variables, index, known, influence)
    return tuple(replace(pair, by=told_by.get(pair.a, pair.by)) for pair in found)


def _in_calls(side: Side) -> dict[str, np.ndarray]:
    """The variables with which calls begin that are the program's, not before or after them, and
    what each then holds first."""
    found: dict[str, np.ndarray] = {}
    for moment, names in side.begins.items():
        if moment:
            found = {**names, **found}
    return found


def _with_factors(pair: VariablePair, a: Side, b: Side) -> VariablePair:
    """A pair of which each slice has a factor, with the name of a tensor that holds the factors: a
    normalization that was folded into a kernel."""
    one, other = a.variables[pair.a], b.variables[pair.b]
    axis = scaled_along(one, other) if pair.how == "scaled" and one.ndim > 1 else None
    if axis is None:
        return pair
    times = factors(one, other, axis)
    assert times is not None
    index = a.index
    number = index.near(index.number(times.astype(one.dtype)))
    for side, said in ((a, "A"), (b, "B")):
        for event in side.events:
            for tensor, value in event.outputs:
                if index.near(value) == number:
                    return replace(pair, detail=f"{pair.detail}, {tensor} of {said}")
    return pair


def _calls(side: Side) -> bool:
    """Whether a program makes calls that can be counted: eager code makes none."""
    return any(played.run.way != "eager" for played in side.played)


def _of(side: Side, moment: int) -> list[Event]:
    """The events of one call, and those of none; without a moment all of them."""
    return [e for e in side.events if not moment or e.moment in (0, moment)]
