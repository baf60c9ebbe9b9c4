"""Which variable of one side is which of the other, and how their first values are related."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping

import numpy as np

from graphlab.comparison.found import VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.names import plain_name, without_digits
from graphlab.comparison.slots import slots
from graphlab.comparison.values import informative, relation

Values = Mapping[str, np.ndarray]
Influence = Callable[[list[str], list[str], Mapping[str, str]], Iterable[tuple[str, str]]]


def pair_variables(
    a: Values,
    b: Values,
    index: Index,
    match: Mapping[str, str],
    influence: Influence = lambda mine, theirs, known: (),
) -> tuple[VariablePair, ...]:
    """Partners, in A's order: as `match` says, by equal values that say something, by name and
    shape, by the same numbers in another order, as slots of partners, by `influence`, where each
    side has one of a shape by that, and of those that are all equal in the order in which they were
    made.

    `influence` is asked where neither values nor names tell: it is given the names of A and of B
    and who is who so far. Of a scalar neither shape nor influence says enough: a rate moves what a
    power of beta does. Names that nothing but numbers keeps apart are believed after it only.
    """
    partner = {one: (other, "match") for one, other in match.items() if one in a and other in b}
    numbers = {id(v): index.near(index.number(v)) for side in (a, b) for v in side.values()}

    def value(array: np.ndarray) -> Hashable:
        return (array.shape, numbers[id(array)]) if informative(array) else None

    def ordered(array: np.ndarray) -> Hashable:
        if not informative(array) or array.size < 4:
            return None
        return index.rearranged(numbers[id(array)])

    counted = Counter(_counted(n, v) for side in (a, b) for n, v in side.items())

    def alone(name: str, array: np.ndarray) -> bool:
        both = (name in a) + (name in b)
        return counted[_counted(name, array)] == both

    steps: tuple[tuple[str, Callable[[str, np.ndarray], Hashable]], ...] = (
        ("value", lambda name, array: value(array) and (value(array), name)),
        ("value", lambda name, array: value(array)),
        ("name", lambda name, array: (name, array.shape) if alone(name, array) else None),
        ("value", lambda name, array: ordered(array)),
        ("slot", lambda name, array: None),
        ("influence", lambda name, array: None),
        ("slot", lambda name, array: None),
        ("influence", lambda name, array: None),
        ("name", lambda name, array: (name, array.shape)),
        ("name", lambda name, array: (plain_name(name), array.shape)),
        ("name", lambda name, array: (_end(name), array.shape)),
        ("slot", lambda name, array: None),
        ("shape", lambda name, array: (array.shape, array.dtype.kind) if array.shape else None),
        ("order", lambda name, array: (name in made, array.shape, numbers[id(array)])),
        ("order", lambda name, array: (array.shape, numbers[id(array)])),
    )
    of_a, of_b = slots(a), slots(b)
    # Slots as they are made: most are known once their owners are, and only what is left is moved.
    made_a, made_b = (_even(values, of) for values, of in ((a, of_a), (b, of_b)))
    made, later, asked = made_a | made_b, (made_a, made_b), False
    for by, key in steps:
        taken = {other for other, _ in partner.values()}
        mine = _groups({n: v for n, v in a.items() if n not in partner}, key)
        theirs = _groups({n: v for n, v in b.items() if n not in taken}, key)
        if by == "influence":
            left = (
                [n for n, v in a.items() if n not in partner and v.shape and n not in later[0]],
                [n for n, v in b.items() if n not in taken and v.shape and n not in later[1]],
            )
            again = asked and made.isdisjoint((*left[0], *left[1]))
            if not again and _doubtful(a, b, left, numbers, _misleading(partner)):
                known = {one: other for one, (other, _) in partner.items()}
                partner |= {one: (other, by) for one, other in influence(*left, known)}
            later, asked = (set(), set()), True
            continue
        if by == "slot":
            partner |= {one: (other, by) for one, other in _by_slots(of_a, of_b, partner)}
            continue
        for group, names in mine.items():
            others = theirs.get(group, [])
            if len(names) == len(others) and (len(names) == 1 or by in ("value", "order")):
                partner |= {one: (other, by) for one, other in zip(names, others, strict=True)}
    found = {name: relation(a[name], b[other], index) for name, (other, _) in partner.items()}
    # Numbers that repeat, as a bias' do, fit several orders: the one that most values have is tried
    # first, wherever these stand.
    tally: Counter[tuple[int, ...]] = Counter(each.order for each in found.values() if each.order)
    orders = [order for order, _ in tally.most_common()]
    pairs = []
    for name in (name for name in a if name in partner):
        other, by = partner[name]
        told = found[name]
        if orders and told.how in ("different", "permuted"):
            told = relation(a[name], b[other], index, orders)
        kept = told.how, told.detail, told.apart, told.order, told.axis, told.axes
        pairs.append(VariablePair(name, other, by, *kept))
    return tuple(pairs)


def _by_slots(
    a: Mapping[str, list[str]], b: Mapping[str, list[str]], partner: Mapping[str, tuple[str, str]]
) -> list[tuple[str, str]]:
    """Slots of partners, in their order, where both have as many."""
    taken = {other for other, _ in partner.values()}
    return [
        (one, other)
        for owner, mine in a.items()
        if owner in partner and len(mine) == len(b.get(partner[owner][0], ()))
        for one, other in zip(mine, b[partner[owner][0]], strict=True)
        if one not in partner and other not in taken
    ]


def _counted(name: str, array: np.ndarray) -> Hashable:
    return without_digits(name), array.shape


def _doubtful(
    a: Values,
    b: Values,
    left: tuple[list[str], list[str]],
    numbers: Mapping[int, int],
    misleading: Container[str],
) -> bool:
    """Whether a shape is left that both sides have, one of them more than once, other than in
    variables of one name and one value; which say nothing where their names are `misleading`."""
    shapes: list[Counter] = []
    for values, names, others in ((a, left[0], b), (b, left[1], a)):
        unlike = [
            name
            for name in names
            if name not in others
            or numbers[id(values[name])] != numbers[id(others[name])]
            or _family(name) in misleading
        ]
        shapes.append(Counter(values[name].shape for name in unlike))
    return any(max(n, shapes[1][shape]) > 1 for shape, n in shapes[0].items() if shapes[1][shape])


def _even(values: Values, of: Mapping[str, list[str]]) -> set[str]:
    """Slots that hold the same number everywhere."""
    return {n for names in of.values() for n in names if np.ptp(values[n]) == 0}


def _misleading(partner: Mapping[str, tuple[str, str]]) -> set[str]:
    """Names without their numbers that do not say who is who: of partners that were found by their
    values one is another number's, as where two networks were made in another order."""
    return {
        _family(one)
        for one, (other, _) in partner.items()
        if one != other and _family(one) == _family(other)
    }


def _family(name: str) -> str:
    return without_digits(plain_name(name))


def _end(name: str) -> str:
    """The last two parts of a name: what is around them differs from style to style."""
    return "/".join(plain_name(name).split("/")[-2:])


def _groups(
    values: Values, key: Callable[[str, np.ndarray], Hashable]
) -> dict[Hashable, list[str]]:
    """Names by a key; without those for which there is none."""
    found: dict[Hashable, list[str]] = {}
    for name, array in values.items():
        of = key(name, array)
        if of is not None:
            found.setdefault(of, []).append(name)
    return found
