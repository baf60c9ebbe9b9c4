"""What both sides give, and what their variables hold after each call: which is which, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graphlab.comparison.found import EQUAL, Result
from graphlab.comparison.index import Index, distance, flat
from graphlab.comparison.side import Outcome, Side
from graphlab.comparison.values import relation

_Found = tuple[Result, Outcome, Outcome]


def results_of(
    a: Side,
    b: Side,
    index: Index,
    by_moment: bool,
    variables: Mapping[str, str],
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
    rates = _rates(a, b)
    for name, other in variables.items():
        pairs = _held(a, b, by_moment, name, other)
        results = [_result(*pair, index) for pair in pairs]
        values = [(index.values[one.value], index.values[two.value]) for one, two in pairs]
        if any(each.how == "scaled" for each in results) and all(
            _with_rate(*each, rates, index) for each in values
        ):
            said.append(
                f"B's {other} is A's {name} times the learning rate or divided by it, turned round:"
                " Keras' SGD keeps steps where TensorFlow 1's keeps slopes; not counted"
            )
            continue
        found += [(result, *pair) for result, pair in zip(results, pairs, strict=True)]
    return found, only_a, only_b


def _rates(*sides: Side) -> list[float]:
    """The learning rates that variables of either side hold."""
    return [
        float(array.reshape(-1)[0])
        for side in sides
        for name, array in side.variables.items()
        if array.size == 1 and name.endswith("learning_rate")
    ]


def _with_rate(a: np.ndarray, b: np.ndarray, rates: Sequence[float], index: Index) -> bool:
    """Whether B is A times a learning rate, turned round: Keras' SGD takes the rate into what it
    keeps of the slopes, and TensorFlow 1's keeps the slopes."""
    one, other = flat(a), flat(b)
    if one.dtype.kind != "f" or other.dtype.kind != "f" or one.size != other.size:
        return False
    return any(
        distance(-rate * x, y) <= index.rtol * max(float(np.abs(y).max(initial=0.0)), 1e-30) * 10
        for rate in rates
        for x, y in ((one, other), (other, one))
    )


def _held(
    a: Side, b: Side, by_moment: bool, name: str, other: str
) -> list[tuple[Outcome, Outcome]]:
    """What two variables that are partners hold after each call that changed one of them; where
    calls are not told apart, at the end."""
    mine, theirs = (_after(s, n, by_moment) for s, n in ((a, name), (b, other)))
    if not mine and not theirs:  # written on both sides, and hardly changed
        return list(zip(a.held.get(name, ())[-1:], b.held.get(other, ())[-1:], strict=False))
    # What changed it outside of the calls may have done so once more after the last one.
    open_end = name in a.outside or other in b.outside
    return [
        (_at(a, name, mine, moment), _at(b, other, theirs, moment))
        for moment in sorted(mine.keys() | theirs.keys())
        if not open_end or (by_moment and moment < a.moments)
    ]


def _after(side: Side, name: str, by_moment: bool) -> dict[int, Outcome]:
    """What each call left in a variable that it changed, from its first value on."""
    found: dict[int, Outcome] = {}
    first = side.index.number(side.variables[name])
    for outcome in side.held.get(name, ()):
        if found or outcome.value != first:
            found[outcome.moment if by_moment else 0] = outcome
    return found


def _at(side: Side, name: str, after: Mapping[int, Outcome], moment: int) -> Outcome:
    """What a variable held after a call, which need not have changed it."""
    last = max((each for each in after if each <= moment), default=None)
    if last is not None:
        return replace(after[last], moment=moment)
    number = side.index.number(side.variables[name])
    return Outcome(moment, name, number, returned=False)


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
