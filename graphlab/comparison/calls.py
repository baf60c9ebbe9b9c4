"""Call by call: what each gives and where it parts, by itself; which event of A is which of B.

by_call(a, b, found)                            # the calls of a Comparison
for one, other in in_calls(a, b, found): ...    # each side's events of each call, as sides
together(one, other, variables, frontier)       # both in one order, partners beside one another
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphlab.comparison.aligning import align
from graphlab.comparison.begins import begins
from graphlab.comparison.found import EQUAL, Call, Comparison, Part, Place, VariablePair
from graphlab.comparison.index import Index, distance, flat
from graphlab.comparison.names import plain_name
from graphlab.comparison.places import place_of
from graphlab.comparison.side import VARIABLE, Event, Outcome, Played, Side
from graphlab.comparison.values import Relation, informative, relation

_TIMES = re.compile(r":\d+(?= > |$)")  # of a loop, in a frame
FEW = 1 << 16  # numbers: of larger values that differ it is told by how much, and no order is tried


def by_call(a: Side, b: Side, found: Comparison) -> tuple[Call, ...]:
    """Every call of both; () where they are not made as often, as none is then another's."""
    if a.moments != b.moments:
        return ()
    told = []
    blind = a.blind or b.blind
    every = _given(a, b, found)
    for number, spans in enumerate(zip(_spans(a), _spans(b), strict=True), 1):
        given = every.get(number, [])
        how = "" if not given else "same" if all(each.same for each in given) else "different"
        parts: tuple[Part, ...] = ()
        if how == "different" and not blind:
            wrong = [each for each in given if not each.same]
            values = [each.a for each in wrong], [each.b for each in wrong]
            one, other = map(_alone, (a, b), spans)
            parts = begins(one, other, values, found.variables, by_moment=False)
        told.append(Call(number, how, max((each.apart for each in given), default=0.0), parts))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class _Given:
    """Two values that calls of one number gave, by number, and how far they are apart."""

    a: int
    b: int
    same: bool
    apart: float


def _given(a: Side, b: Side, found: Comparison) -> dict[int, list[_Given]]:
    """What was compared of results and variables, by call."""
    names = [{(each.moment, each.name): each for each in side.outcomes} for side in (a, b)]
    told: dict[int, list[_Given]] = {}
    for result in found.results:
        one, other = (
            known.get((result.moment, name)) or known.get((0, name))
            for known, name in zip(names, (result.a, result.b), strict=True)
        )
        case = one.case if one is not None else 0
        call = result.moment or case or (1 if a.moments == 1 else 0)
        if call:
            # A variable that the call did not write is not what is wrong.
            pair = [-1 if each is None else each.value for each in (one, other)]
            given = _Given(pair[0], pair[1], result.how in EQUAL, result.apart)
            told.setdefault(call, []).append(given)
        elif one is not None and other is not None:
            for number, row in enumerate(_rows(a, one, other), 1):
                told.setdefault(number, []).append(row)
    return told


def _rows(side: Side, a: Outcome, b: Outcome) -> Iterator[_Given]:
    """Of results with a row for each step, as a loss has, those of each step."""
    values = [side.index.values[each.value] for each in (a, b)]
    by_step = any(played.run.step for played in side.played)
    if not by_step or any(each.ndim == 0 or len(each) != side.moments for each in values):
        return
    for rows in zip(*values, strict=True):
        one, other = map(np.asarray, rows)
        found = relation(one, other, side.index)
        numbers = side.index.number(one), side.index.number(other)
        yield _Given(*numbers, found.how in EQUAL, found.apart)


def in_calls(a: Side, b: Side, found: Comparison) -> Iterator[tuple[Side, Side]]:
    """The events of both, call by call, each as a side of its own; in one where the numbers of
    calls differ. What belongs to no call is with the one that comes after it, or else the last.
    """
    if a.moments != b.moments:
        yield a, b
        return
    for one, other in zip(_spans(a), _spans(b), strict=True):
        yield _alone(a, one), _alone(b, other)


def _spans(side: Side) -> list[list[tuple[Played, range]]]:
    """For each call what was recorded of it, with the places of its events."""
    spans: list[list[tuple[Played, range]]] = [[] for _ in range(side.moments)]
    done = 0
    for played, span in spans_of(side):
        call = played.moment or min(done + 1, side.moments)
        done = max(done, played.moment)
        spans[call - 1].append((played, span))
    return spans


def _alone(side: Side, spans: Sequence[tuple[Played, range]]) -> Side:
    """Some recorded calls of a side as a side of its own."""
    part = Side(side.name, side.index, variables=side.variables)
    place: dict[int, int] = {}
    for played, span in spans:
        part.played.append(replace(played, first=len(part.events)))
        for at in span:
            event = side.events[at]
            place[at] = len(part.events)
            givers = tuple(place.get(giver, -1) for giver in event.givers)
            part.events.append(replace(event, givers=givers))
    return part


def spans_of(side: Side) -> Iterator[tuple[Played, range]]:
    """The recorded calls of a side with the places of their events."""
    ends = [*(played.first for played in side.played[1:]), len(side.events)]
    for played, end in zip(side.played, ends, strict=True):
        yield played, range(played.first, end)


@dataclass(frozen=True, slots=True)
class Stop:
    """Events that are partners, by their places in their sides; None where one side has none."""

    a: int | None
    b: int | None
    how: Relation | None = None  # of what they gave first; None: there is no partner
    part: int = -1  # which of the frontier they are; -1: none


def together(
    a: Side, b: Side, variables: Sequence[VariablePair], frontier: Sequence[Part]
) -> list[Stop]:
    """All events of both in one order: A's own, and before each what B did on the way to it."""
    pairs = _Partners(a, b, {pair.a: pair.b for pair in variables})
    parts = _parts(a, b, frontier)
    for one, other in parts:
        if one is not None and other is not None:
            pairs.add(one, other)
    pairs.find()
    part_a = {one: n for n, (one, _) in enumerate(parts) if one is not None}
    part_b = {other: n for n, (_, other) in enumerate(parts) if other is not None}
    stops: list[Stop] = []
    told = 0  # of B's events all before this one
    by_b = {other: one for one, other in pairs.of_a.items()}

    def only_b(until: int) -> int:
        stops.extend(
            Stop(None, at, None, part_b.get(at, -1)) for at in range(told, until) if at not in by_b
        )
        return max(told, until)

    for one in range(len(a.events)):
        partner = pairs.of_a.get(one)
        if partner is None:
            stops.append(Stop(one, None, None, part_a.get(one, -1)))
            continue
        told = only_b(partner)
        part = part_a.get(one, part_b.get(partner, -1))
        stops.append(Stop(one, partner, _related(a.events[one], b.events[partner], a.index), part))
    only_b(len(b.events))
    return stops


def _related(a: Event, b: Event, index: Index) -> Relation:
    """How what two partners gave first is related."""
    if not a.outputs or not b.outputs:
        return Relation("same")
    one, other = a.outputs[0][1], b.outputs[0][1]
    if one == other:
        return Relation("same")
    values = index.values[one], index.values[other]
    if values[0].size <= FEW:
        found = relation(*values, index)
        if found.how == "different" and index.near(one) == index.near(other):
            return replace(found, how="near")
        return found
    apart = distance(*map(flat, values))
    return Relation("near" if index.near(one) == index.near(other) else "different", "", apart)


def _parts(a: Side, b: Side, frontier: Sequence[Part]) -> list[tuple[int | None, int | None]]:
    """Where the events of each part of a frontier are."""
    places = [
        {place_of(event): at for at, event in reversed(list(enumerate(side.events)))}
        for side in (a, b)
    ]

    def at(n: int, place: Place | None) -> int | None:
        return None if place is None else places[n].get(place)

    return [(at(0, part.a), at(1, part.b)) for part in frontier]


class _Partners:
    """Which event of A is which of B: by what they gave, then by what they took, then as it was
    another time, then by name."""

    def __init__(self, a: Side, b: Side, variables: Mapping[str, str]) -> None:
        self.a, self.b, self.index = a.events, b.events, a.index
        self.variables = variables
        self.of_a: dict[int, int] = {}
        self.taken: set[int] = set()

    def add(self, one: int, other: int) -> None:
        """Two that are known to be partners."""
        if one not in self.of_a and other not in self.taken:
            self.of_a[one] = other
            self.taken.add(other)

    def find(self) -> None:
        """Partners for all that have one."""
        left_a = {id(self.a[n]): n for n in range(len(self.a)) if n not in self.of_a}
        left_b = {id(self.b[m]): m for m in range(len(self.b)) if m not in self.taken}
        aligned = align(
            [self.a[n] for n in left_a.values()], [self.b[m] for m in left_b.values()], self.index
        )
        for one, other in aligned.pairs:
            self.add(left_a[id(one)], left_b[id(other)])
        self._by(lambda e: self._variable(e, self.variables), lambda e: self._variable(e, None))
        self._by(self._numbers, self._numbers)
        self._by_inputs()
        elsewhere = {_op(self.a[n]): _op(self.b[m]) for n, m in self.of_a.items()}
        self._by(lambda e: elsewhere.get(_op(e)), _op)
        self._by(_named, _named)
        self._by_inputs()

    def _by(self, key_a: Callable[[Event], Hashable], key_b: Callable[[Event], Hashable]) -> None:
        """Events of one key that have no partner yet, in their order; None is no key."""
        groups: dict[Hashable, list[int]] = {}
        for m in range(len(self.b) - 1, -1, -1):
            key = key_b(self.b[m]) if m not in self.taken else None
            if key is not None:
                groups.setdefault(key, []).append(m)
        for n, event in enumerate(self.a):
            key = key_a(event) if n not in self.of_a else None
            if key is not None and groups.get(key):
                self.add(n, groups[key].pop())

    def _variable(self, event: Event, called: Mapping[str, str] | None) -> Hashable:
        if event.op != VARIABLE:
            return None
        return event.node if called is None else called.get(event.node)

    def _numbers(self, event: Event) -> Hashable:
        """The numbers that it gave, in whatever order."""
        if not event.outputs:
            return None
        value = self.index.values[event.outputs[0][1]]
        if not 4 <= value.size <= FEW or not informative(value):
            return None
        return event.op, self.index.rearranged(event.outputs[0][1])

    def _by_inputs(self) -> None:
        """Ops of one type that take what partners gave, in the order of execution."""
        groups: dict[Hashable, list[int]] = {}
        for m in range(len(self.b) - 1, -1, -1):
            event = self.b[m]
            if m not in self.taken and event.givers and -1 not in event.givers:
                groups.setdefault((event.op, event.givers), []).append(m)
        for n, event in enumerate(self.a):
            if n in self.of_a or not event.givers:
                continue
            givers = tuple(self.of_a.get(giver, -1) for giver in event.givers)
            group = groups.get((event.op, givers))
            if group:
                self.add(n, group.pop())


def _op(event: Event) -> tuple:
    """An op, whichever time of a loop it is that it runs."""
    return event.op, event.node, _TIMES.sub("", event.frame)


def _named(event: Event) -> Hashable:
    """An op's name and type, but for the numbers that only keep names apart."""
    return event.op, plain_name(event.node), plain_name(event.frame)
