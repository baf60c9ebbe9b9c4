"""What both sides give, and what their variables hold after each call: which is which, and how."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab.comparison.found import EQUAL, Result, VariablePair
from graphlab.comparison.held import kept
from graphlab.comparison.index import Index
from graphlab.comparison.side import Outcome, Side
from graphlab.comparison.values import relation

_Found = tuple[Result, Outcome, Outcome]


def results_of(
    a: Side,
    b: Side,
    index: Index,
    by_moment: bool,
    variables: Sequence[VariablePair],
    said: list[str],
) -> tuple[list[_Found], list[Outcome], list[Outcome]]:
    """Pairs of what both give, and what only one gives; what is left out is added to `said`."""
    found: list[_Found] = []
    only_a: list[Outcome] = []
    only_b: list[Outcome] = []
    groups: dict[int, tuple[list[Outcome], list[Outcome]]] = {}
    for n, side in enumerate((a, b)):
        for outcome in side.outcomes:
            if outcome.returned:
                moment = outcome.moment if by_moment else 0
                groups.setdefault(moment, ([], []))[n].append(outcome)
    for _, (mine, theirs) in sorted(groups.items()):
        pairs = _paired(mine, theirs, index)
        found += [(_result(one, other, index), one, other) for one, other in pairs]
        done = {id(each) for pair in pairs for each in pair}
        only_a += [each for each in mine if id(each) not in done]
        only_b += [each for each in theirs if id(each) not in done]
    agree = bool(found) and all(each[0].how in EQUAL for each in found)
    for pair in variables:
        partners = kept(pair, a, b, by_moment)
        if partners.note:
            said.append(partners.note)
        if partners.excuse and (agree or not partners.held):
            said.append(partners.excuse)
            continue
        found += [
            (Result(one.name, two.name, one.moment, how.how, how.detail, how.apart), one, two)
            for how, one, two in partners.held
        ]
    return found, only_a, only_b


def _paired(
    a: Sequence[Outcome], b: Sequence[Outcome], index: Index
) -> list[tuple[Outcome, Outcome]]:
    """Outcomes of one name; then of one value; then, in their order, of one shape."""
    left_a, left_b, pairs = list(a), list(b), []

    def shape(outcome: Outcome) -> tuple:
        array = index.values[outcome.value]
        return array.shape, array.dtype.kind

    keys = (
        lambda o: (o.name, index.near(o.value)),
        lambda o: index.near(o.value),
        lambda o: o.name,
        shape,
        lambda o: index.values[o.value].size,
    )
    for key in keys:
        groups: dict[object, list[Outcome]] = {}
        for outcome in left_b:
            groups.setdefault(key(outcome), []).append(outcome)
        rest = []
        for outcome in left_a:
            group = groups.get(key(outcome))
            if group:
                pairs.append((outcome, group.pop(0)))
            else:
                rest.append(outcome)
        done = {id(other) for _, other in pairs}
        left_a, left_b = rest, [each for each in left_b if id(each) not in done]
    place = {id(outcome): n for n, outcome in enumerate(a)}
    return sorted(pairs, key=lambda pair: place[id(pair[0])])


def _result(a: Outcome, b: Outcome, index: Index) -> Result:
    found = relation(index.values[a.value], index.values[b.value], index)
    near = index.near(a.value) == index.near(b.value)
    how = "near" if near and found.how not in EQUAL else found.how
    return Result(a.name, b.name, a.moment, how, found.detail, found.apart)
