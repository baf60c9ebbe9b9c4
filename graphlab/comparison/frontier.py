"""The frontier: pairs of ops at which two sides part, in the order in which they are told.

partners(pair_roots(...), (a, b), (known_a, known_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphlab.comparison.lone import Lone
from graphlab.comparison.order import Order
from graphlab.comparison.pairing import Alike, Pair, Roots, last_name
from graphlab.comparison.parting import Known
from graphlab.comparison.side import SOURCES, VARIABLE, Event, Side


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
    nothing is made of, what takes what a pair of roots gives, and what the other side does within a
    larger op.
    """
    a, b = sides
    alike = Alike(variables, a.index, by_moment)
    names = variables, {other: one for one, other in variables.items()}
    roots = {id(event) for pair in pairs for event in pair if event is not None}
    lone = [
        Lone(sides[n], sides[1 - n], known[1 - n], known[n], roots, names[n], alike) for n in (0, 1)
    ]
    whole = [_with_namesake(pair, lone) for pair in pairs]
    # By name: an op of a later call may be the one that was found to have a partner.
    partnered: tuple[set[str], set[str]] = set(), set()
    for one, other in whole:
        if one is not None and other is not None:
            partnered[0].add(one.node)
            partnered[1].add(other.node)
    told: dict[tuple, Pair] = {}
    weak: dict[tuple, Pair] = {}
    for pair in whole:
        into = told
        one, other = pair
        if one is None or other is None:
            n = 0 if other is None else 1
            event = one or other
            assert event is not None
            made = lone[n].made_of(event)
            if made is None or lone[n].within(made) or lone[n].takes(event, partnered[n]):
                into = weak
            pair = (made or event, None) if n == 0 else (None, made or event)
        key = tuple((e.node, e.op, e.frame) if e is not None else None for e in pair)
        into.setdefault(key, pair)
    found = list((told or weak).values())
    order = Order(a, b, found, by_moment)
    return sorted(found, key=lambda pair: (_rank(pair, a.index.values), order.place(pair)))


def _with_namesake(pair: Pair, lone: Sequence[Lone]) -> Pair:
    """A root without a partner, with its namesake where it has one."""
    one, other = pair
    if other is None and one is not None:
        return one, lone[0].namesake(one)
    if one is None and other is not None:
        return lone[1].namesake(other), other
    return pair


def _rank(pair: Pair, values: Sequence[np.ndarray]) -> int:
    """First variables that begin otherwise, last numbers that Python put in: those have no name
    by which they could be known to be the same."""
    events = [event for event in pair if event is not None]
    if len(events) == 2 and all(event.op == VARIABLE for event in events):
        return 0
    held = all(event.op in SOURCES and _small(event, values) for event in events)
    names = {last_name(event) for event in events} - {"tensor"}  # what eager code was given
    return 2 if held and len(names) != 1 else 1


def _small(event: Event, values: Sequence[np.ndarray]) -> bool:
    return all(values[number].size < 2 for _, number in event.outputs)
