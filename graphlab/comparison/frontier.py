"""The frontier: pairs of ops at which two sides part, in the order in which they are told.

frontier((a, b), (wrong_a, wrong_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphlab.comparison.fork import fork
from graphlab.comparison.known import Known
from graphlab.comparison.lone import Kind, Lone, kind_of
from graphlab.comparison.order import Order
from graphlab.comparison.pairing import EAGER, Alike, Pair, Roots, last_name, pair_roots
from graphlab.comparison.parting import MOVERS, ancestors, roots, unknown
from graphlab.comparison.pipeline import pipeline
from graphlab.comparison.side import SOURCES, VARIABLE, Event, Side


def frontier(
    sides: tuple[Side, Side],
    wrong: tuple[Sequence[int], Sequence[int]],
    variables: Mapping[str, str],
    by_moment: bool,
) -> Roots:
    """Where two sides part that give the `wrong` values, which the other one does not give."""
    a, b = sides
    known = Known(a, by_moment), Known(b, by_moment)

    def paired(told: tuple[set[str], set[str]] | tuple[None, None]) -> Roots:
        mine = roots(a, known[1], wrong[0], told[0])
        theirs = roots(b, known[0], wrong[1], told[1])
        if not mine and not theirs:  # the results come of no op: Python made them
            mine = roots(a, known[1], unknown(a, known[1]), told[0])
            theirs = roots(b, known[0], unknown(b, known[0]), told[1])
        return pair_roots(mine, theirs, variables, a.index, by_moment)

    pairs = paired((None, None))
    if any(_moves_alone(pair) for pair in pairs):
        # The other side cuts and joins otherwise: where does it tell?
        both = [pair for pair in pairs if None not in pair]
        told = tuple({each.node for pair in both if (each := pair[n])} for n in (0, 1))
        pairs = paired((told[0], told[1])) or pairs
    found = partners(pairs, sides, known, variables, by_moment)
    for first in (fork(sides, wrong, known), pipeline(sides, found)) if found else ():
        found = _with_fork(found, first, sides)
    return found


def _with_fork(pairs: Roots, first: Pair | None, sides: tuple[Side, Side]) -> Roots:
    """The frontier with the ops in front at which sides that are built alike go different ways. It
    may begin elsewhere: with what only one side computes on the way there, or with values that say
    nothing; or with one of these ops alone, where the other one's value is had elsewhere. What
    leads to those ops is told by them, and so is what only one side makes of what they give.
    """
    if first is None:
        return pairs
    same = [first[n] is not None and _node(pairs[0][n]) == _node(first[n]) for n in (0, 1)]
    if any(same) and (None not in pairs[0] or None in first):
        return pairs
    behind = [
        ancestors(side, [each] if each is not None else [])
        for side, each in zip(sides, first, strict=True)
    ]
    leading = ({id(pair[n]) for pair in pairs if pair[n] is not None} for n in (0, 1))
    if None in first and any(
        not of.isdisjoint(each) for of, each in zip(behind, leading, strict=True)
    ):
        return pairs  # what only one side writes is told by what it makes that of
    left = [
        pair
        for pair in pairs
        if not all(each is None or id(each) in of for each, of in zip(pair, behind, strict=True))
        and not (any(same) and _comes_of(pair, first, sides))
    ]
    return [first, *left]


def _comes_of(pair: Pair, first: Pair, sides: tuple[Side, Side]) -> bool:
    """Whether an event without a partner depends on what one of the first ops gave."""
    n = 0 if pair[0] is not None else 1
    event, begun = pair[n], first[n]
    if None not in pair or event is None or begun is None:
        return False
    return id(begun) in ancestors(sides[n], [event])


def _node(event: Event | None) -> tuple[str, str] | None:
    return None if event is None else (event.node, event.frame)


def _moves_alone(pair: Pair) -> bool:
    event = pair[0] or pair[1]
    return None in pair and event is not None and event.op in MOVERS


def partners(
    pairs: Roots,
    sides: tuple[Side, Side],
    known: tuple[Known, Known],
    variables: Mapping[str, str],
    by_moment: bool = False,
) -> Roots:
    """Pairs of roots in the order of execution; one without a partner gets the op of its name that
    gives something else. `known` is what each side has.

    What that is may well be known to the other side, as zeros are. A value that only one side holds
    is told by the op that makes something of it. Left out where there are others: values that
    nothing is made of, zeros, what takes what a pair of roots gives, is made into one of these or
    leads to where a variable meets the other side, and what the other side does within a larger
    op.
    """
    a, b = sides
    alike = Alike(variables, a.index, by_moment)
    names = variables, {other: one for one, other in variables.items()}
    lone = [Lone(sides[n], sides[1 - n], known[1 - n], known[n], names[n], alike) for n in (0, 1)]
    whole = _instead([_with_namesake(pair, lone) for pair in pairs], lone)
    # By name: an op of a later call may be the one that was found to have a partner.
    partnered: tuple[set[str], set[str]] = set(), set()
    for one, other in whole:
        if one is not None and other is not None:
            partnered[0].add(one.node)
            partnered[1].add(other.node)
    told: dict[tuple, Pair] = {}
    weak: dict[tuple, Pair] = {}
    met = _met(whole, lone, partnered)
    behind = [lone[n].leads_to(each[n] for each in met.values()) for n in (0, 1)]
    for pair in whole:
        into = told
        one, other = pair
        if id(one or other) in met:
            pair = met[id(one or other)]
        elif one is None or other is None:
            n = 0 if other is None else 1
            event = one or other
            assert event is not None
            made = lone[n].made_of(event)
            if (
                made is None
                or (made is not event and made.node in partnered[n])
                or lone[n].within(made)
                or lone[n].takes(event, partnered[n])
                or id(made) in behind[n]
                or _only_zeros(made, a.index.values)
            ):
                into = weak
            if made is None or lone[n].converts(event):
                made = event
            pair = (made, None) if n == 0 else (None, made)
        key = tuple((e.node, e.op, e.frame) if e is not None else None for e in pair)
        into.setdefault(key, pair)
    found = list((told or weak).values())
    order = Order(a, b, found, by_moment)
    return sorted(found, key=lambda pair: (_rank(pair, a.index.values), order.place(pair)))


def _met(
    pairs: Roots, lone: Sequence[Lone], partnered: tuple[set[str], set[str]]
) -> dict[int, tuple[Event, Event]]:
    """By the id of a variable without a partner the ops at which it meets the other side.

    What one program holds in a variable another computes: the first op that takes it, and
    something that both have, has a partner there though no root has.
    """
    found: dict[int, tuple[Event, Event]] = {}
    for one, other in pairs:
        event = one or other
        if event is None or (one is not None and other is not None) or event.op != VARIABLE:
            continue
        n = 0 if other is None else 1
        made = lone[n].made_of(event)
        if made is not None and not lone[n].takes(event, partnered[n]):
            there = lone[n].counterpart(made)
            if there is not None and there.node not in partnered[1 - n]:
                found[id(event)] = (made, there) if n == 0 else (there, made)
    return found


def _with_namesake(pair: Pair, lone: Sequence[Lone]) -> Pair:
    """A root without a partner, with its namesake where it has one."""
    one, other = pair
    if other is None and one is not None:
        return one, lone[0].namesake(one)
    if one is None and other is not None:
        return lone[1].namesake(other), other
    return pair


def _instead(pairs: Roots, lone: Sequence[Lone]) -> Roots:
    """Roots without those that only take, in place of what a root gives, what both sides have. That
    is the root's partner, if it is an op on what the root is, too.

    A partner of another op may be such a one: both take something of the same. Where the other side
    has nothing in place of the root, and takes what the root does, they stay partners: there the
    two go on otherwise.
    """
    found = [list(pair) for pair in pairs]
    for n in (0, 1):
        cut = []
        places = _places_by_kind(found, 1 - n)
        for mine in found:
            event = mine[n]
            if event is None or _one_op(mine):
                continue
            kinds = lone[n].kinds_of_takers(event)
            for at in sorted(at for kind in kinds for at in places.get(kind, ())):
                theirs = found[at]
                taker = theirs[1 - n]
                if taker is None or _one_op(theirs):
                    continue
                given = lone[n].instead(event, taker)
                if given is None:
                    continue
                partner = given if lone[n].replaced(event, given) else None
                if theirs is mine and partner is None:
                    continue
                theirs[1 - n] = None
                cut.append(mine[1 - n])
                mine[1 - n] = partner
                break
        found += [[None, each] if n == 0 else [each, None] for each in cut if each is not None]
    return [(one, other) for one, other in found if one is not None or other is not None]


def _places_by_kind(pairs: Sequence[Sequence[Event | None]], n: int) -> dict[Kind, list[int]]:
    """Where the roots of a side are in the pairs, by what kind of op they are."""
    found: dict[Kind, list[int]] = {}
    for at, pair in enumerate(pairs):
        event = pair[n]
        if event is not None:
            found.setdefault(kind_of(event), []).append(at)
    return found


def _one_op(pair: Sequence[Event | None]) -> bool:
    one, other = pair
    return one is not None and other is not None and one.op == other.op


def _rank(pair: Pair, values: Sequence[np.ndarray]) -> int:
    """First variables that begin otherwise, last numbers that Python put in: those have no name
    by which they could be known to be the same."""
    events = [event for event in pair if event is not None]
    if len(events) == 2 and all(event.op == VARIABLE for event in events):
        return 0
    held = all(event.op in SOURCES and _small(event, values) for event in events)
    names = {last_name(event) for event in events} - {EAGER}
    return 2 if held and len(names) != 1 else 1


def _only_zeros(event: Event, values: Sequence[np.ndarray]) -> bool:
    given = [values[number] for _, number in event.outputs]
    return all(each.dtype.kind in "fciu" and not each.any() for each in given)


def _small(event: Event, values: Sequence[np.ndarray]) -> bool:
    return all(values[number].size < 2 for _, number in event.outputs)
