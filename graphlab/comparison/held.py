"""What variables that are partners hold after each call, compared as the one stands in the other.

kept(pair, a, b, by_moment).held
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphlab.comparison.carrying import arranged
from graphlab.comparison.found import EQUAL, VariablePair
from graphlab.comparison.index import Index, distance, flat
from graphlab.comparison.side import Outcome, Side
from graphlab.comparison.values import Relation, differing, relation

Held = tuple[Relation, Outcome, Outcome]


@dataclass(frozen=True)
class Kept:
    """What two partners held after each call that changed one of them."""

    held: list[Held]
    excuse: str = ""  # why the programs may be the same where what they hold is not
    note: str = ""  # what became known of the arrangement


def kept(pair: VariablePair, a: Side, b: Side, by_moment: bool) -> Kept:
    """What both hold, compared in the arrangement in which B holds what A does."""
    index = a.index
    both = _both(a, b, by_moment, pair.a, pair.b)
    values = [(index.values[one.value], index.values[other.value]) for one, other in both]
    found = [relation(x, y, index) for x, y in values]
    # What is near its partner is so by the classes of the index, too: cells are wider than limits.
    found = [
        replace(each, how="near")
        if each.how not in EQUAL and index.near(one.value) == index.near(other.value)
        else each
        for each, (one, other) in zip(found, both, strict=True)
    ]
    plain = [(each, *two) for each, two in zip(found, both, strict=True)]
    if all(each.how in EQUAL for each in found):
        return Kept(plain)
    if any(each.how == "scaled" for each in found) and _with_rates(values, (a, b), index):
        return Kept(
            [],
            f"B's {pair.b} is A's {pair.a} times the learning rate or divided by it, turned round:"
            " Keras' SGD keeps steps where TensorFlow 1's keeps slopes; not counted",
        )
    first = a.variables[pair.a], b.variables[pair.b]
    excuse = ""
    for known in _arrangements(pair, first, values[-1], index):
        told = _as_turned(known, first, values, index)
        if told is not None:
            apart, excuse = told
            if excuse:
                break
            same = [Relation("near" if far else "same", known.detail, far) for far in apart]
            said = "" if known is pair else _later(known)
            return Kept([(each, *two) for each, two in zip(same, both, strict=True)], note=said)
    if pair.order or pair.axes:  # what differs is told where B has it
        found = [
            each if (turned := arranged(pair, x, y.shape)) is None else relation(turned, y, index)
            for each, (x, y) in zip(found, values, strict=True)
        ]
        plain = [(each, *two) for each, two in zip(found, both, strict=True)]
    return Kept(plain, excuse)


def _arrangements(
    pair: VariablePair,
    first: tuple[np.ndarray, np.ndarray],
    last: tuple[np.ndarray, np.ndarray],
    index: Index,
) -> Iterator[VariablePair]:
    """How B may hold what A does: as it began, else as what was added to both since."""
    yield pair
    both = list(zip(first, last, strict=True))
    if any(x.dtype.kind != "f" or x.size != y.size for x, y in both):
        return
    mine, theirs = (y - x.reshape(y.shape) for x, y in both)
    found = relation(mine, theirs, index)
    if found.order or found.axes:
        yield replace(
            pair, detail=found.detail, order=found.order, axis=found.axis, axes=found.axes
        )


def _later(pair: VariablePair) -> str:
    return f"B's {pair.b} holds what A's {pair.a} does in another arrangement: {pair.detail}"


def _as_turned(
    pair: VariablePair,
    first: tuple[np.ndarray, np.ndarray],
    values: Sequence[tuple[np.ndarray, np.ndarray]],
    index: Index,
) -> tuple[list[float], str] | None:
    """How far what both hold is apart once A's stands as B's; None where that is not near.

    What B began with may be A's and something more: where that stays after each call, it is told,
    as what makes up for it stands elsewhere. A number of its own, such as a count, may not.
    """
    begun = arranged(pair, first[0], first[1].shape)
    if begun is None:
        return None
    more = None
    if distance(flat(begun), flat(first[1])) > index.tolerance(flat(first[1])):
        if first[1].dtype.kind != "f" or first[1].size < 2:
            return None
        more = first[1] - begun
    apart = []
    for x, y in values:
        stands = arranged(pair, x, y.shape)
        if stands is None or stands.shape != y.shape:
            return None
        far = distance(flat(stands if more is None else stands + more), flat(y))
        if far > index.tolerance(flat(y)):
            return None
        apart.append(far)
    if more is None:
        return apart, ""
    said = differing(begun, first[1], index.tolerance(flat(first[1])))
    by = f"{pair.detail}, and then {said}" if pair.order or pair.axes else said
    return apart, (
        f"B's {pair.b} is A's {pair.a} and something more, from the first call to the last: {by};"
        " what both give is the same, so it is made up for elsewhere; not counted"
    )


def _with_rates(
    values: Sequence[tuple[np.ndarray, np.ndarray]], sides: tuple[Side, Side], index: Index
) -> bool:
    rates = [
        float(array.reshape(-1)[0])
        for side in sides
        for name, array in side.variables.items()
        if array.size == 1 and name.endswith("learning_rate")
    ]
    return all(_with_rate(*each, rates, index) for each in values)


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


def _both(
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
        if (moment, name) not in a.unsure and (moment, other) not in b.unsure
    ]


def _after(side: Side, name: str, by_moment: bool) -> dict[int, Outcome]:
    """What each call left in a variable that it changed, from its first value on."""
    found: dict[int, Outcome] = {}
    first = side.index.number(side.variables[name])
    for outcome in side.held.get(name, ()):
        # Behind a lesson's steps calls are recorded that the other side may not have made.
        behind = by_moment and not outcome.moment and any(found)
        if (found or outcome.value != first) and not behind:
            found[outcome.moment if by_moment else 0] = outcome
    return found


def _at(side: Side, name: str, after: Mapping[int, Outcome], moment: int) -> Outcome:
    """What a variable held after a call, which need not have changed it."""
    last = max((each for each in after if each <= moment), default=None)
    if last is not None:
        return replace(after[last], moment=moment)
    number = side.index.number(side.variables[name])
    return Outcome(moment, name, number, returned=False)
