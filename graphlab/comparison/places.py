"""Events of two sides as the places, pairs and parts that a comparison says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from graphlab.comparison.found import EQUAL, Pair, Part, Place, VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.side import VARIABLE, Event, Side
from graphlab.comparison.values import histogram, relation
from graphlab.watch.nonfinite import summary


def place_of(event: Event) -> Place:
    """Where an event stands."""
    tensor = event.outputs[0][0] if event.outputs else event.node
    return Place(event.moment, event.call, tensor, event.op, event.node, event.frame, event.source)


def pair_of(a: Event, b: Event, index: Index) -> Pair:
    """Two events that are partners, and how what they gave first is related."""
    one, other = a.outputs[0][1], b.outputs[0][1]
    if one == other:  # most are: nothing is to be looked for
        return Pair(place_of(a), place_of(b), "same")
    found = relation(index.values[one], index.values[other], index)
    return Pair(place_of(a), place_of(b), found.how, found.detail, found.apart)


def inputs_of(
    a: Event | None, b: Event | None, side: Side, other: Side, given: Sequence[Mapping[int, list]]
) -> tuple[Pair, ...]:
    """What both took, by the ops that gave it first: equal values, then the rest in its order."""
    if a is None or b is None or (a.op != b.op and not (a.outputs and b.outputs)):
        return ()  # of datasets of two types the numbers are other arguments
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
            one, two = _giver(side, given[0][number]), _giver(other, given[1][partner])
            found = relation(side.index.values[number], side.index.values[partner], side.index)
            pairs.append(Pair(place_of(one), place_of(two), found.how, found.detail, found.apart))
    return tuple(pairs)


def _giver(side: Side, places: Sequence[int]) -> Event:
    """The variable that gave a value, which has a name; else whoever was first."""
    events = [side.events[at] for at in places]
    return next((event for event in events if event.op == VARIABLE), events[0])


def part_of(
    a: Event | None,
    b: Event | None,
    inputs: tuple[Pair, ...],
    index: Index,
    variables: Sequence[VariablePair],
) -> Part:
    """One place of the frontier, with what there is to say of its values."""
    given = [event.outputs[0] if event and event.outputs else None for event in (a, b)]
    arrays = [index.values[each[1]] for each in given if each is not None]
    values = tuple(each and summary(each[0], index.values[each[1]]) for each in given)
    # A dataset has no numbers.
    how, detail, apart = "different", "" if arrays else "and what comes of it differs", math.inf
    if len(arrays) == 2:
        found = relation(arrays[0], arrays[1], index)
        how, detail, apart = found.how, found.detail, found.apart
    for pair in variables:  # which knows of the orders of other variables, too
        begun = pair.how not in EQUAL  # else it is what a later call begins with
        held = a and b and a.op == b.op == VARIABLE and (pair.a, pair.b) == (a.node, b.node)
        if held and begun:
            how, detail, apart = pair.how, pair.detail, pair.apart
    return Part(
        place_of(a) if a else None,
        place_of(b) if b else None,
        how,
        detail,
        apart,
        inputs,
        values,
        histogram(arrays),
    )
