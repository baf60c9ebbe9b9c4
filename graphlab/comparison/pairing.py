"""Which op at which one side parts is which of the other's, and in what order they are told.

pairs = pair_roots(roots_a, roots_b, variables, index, by_moment)
partners(pairs, (a, b), (known_a, known_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.comparison.index import Index
from graphlab.comparison.names import plain_name
from graphlab.comparison.parting import NOT, Known, given, producers_of
from graphlab.comparison.side import SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import informative, rate

Pair = tuple[Event | None, Event | None]
Roots = list[Pair]


def pair_roots(
    a: Sequence[Event],
    b: Sequence[Event],
    variables: Mapping[str, str],
    index: Index,
    by_moment: bool = False,
) -> Roots:
    """Which root of A is which of B: variables that are known to be partners, else by op, by what
    they take, by their names, in A's order. `index` has the values of both."""
    alike = _Alike(variables, index, by_moment)
    left = list(b)
    pairs: Roots = []
    for one in a:
        scored = [(alike.score(one, other), -n, other) for n, other in enumerate(left)]
        best = max(scored, key=lambda each: each[:2], default=(0, 0, None))
        other = best[2] if best[0] > 0 else None
        if other is not None:
            left.remove(other)
        pairs.append((one, other))
    return [*pairs, *((None, other) for other in left)]


@dataclass(frozen=True)
class _Alike:
    """How much speaks for it that two roots are the same op of two programs."""

    variables: Mapping[str, str]
    index: Index
    by_moment: bool

    def score(self, a: Event, b: Event) -> float:
        """0: nothing. Ops of other types are the same only where all that they take is, and they
        give the same shapes: a sum in place of a mean. Ops of one type take something of the same,
        or have the same name."""
        if (a.op in SOURCES) != (b.op in SOURCES):
            return 0.0
        if a.op == b.op == VARIABLE and a.node in self.variables:
            return 10.0 * (self.variables[a.node] == b.node)
        if self.by_moment and a.moment and b.moment and a.moment != b.moment:
            return 0.0
        named = _last(a) == _last(b)
        if a.op in SOURCES:
            same = a.op == b.op and self._shapes(a) == self._shapes(b)
            return 2.0 * same + 3.0 * named + 0.5 * (same or named) * (a.moment == b.moment)
        all_same = self._near(a.inputs) == self._near(b.inputs)
        if a.op != b.op:
            fits = all_same and self._shapes(a) == self._shapes(b)
            return 2.0 + named if fits else 0.0
        common = 1.0 if all_same else self.common(a, b)
        if not common and a.node != b.node:
            return 0.0
        return 2.0 + 2.0 * common + named + 0.5 * (a.moment == b.moment)

    def common(self, a: Event, b: Event) -> float:
        """The share of what both take that is the same, perhaps in another order, and says
        something: every program has zeros."""
        takes = [{self._kin(n) for n in each.inputs if self._says(n)} for each in (a, b)]
        return len(takes[0] & takes[1]) / max(len(a.inputs), len(b.inputs), 1)

    def _near(self, numbers: Iterable[int]) -> list[int]:
        return sorted(self.index.near(number) for number in numbers)

    def _kin(self, number: int) -> int:
        return self.index.rearranged(number)

    def _says(self, number: int) -> bool:
        return informative(self.index.values[number])

    def _shapes(self, event: Event) -> list[tuple[int, ...]]:
        return [self.index.values[number].shape for _, number in event.outputs]


def _last(event: Event) -> str:
    return plain_name(event.node).rpartition("/")[2]


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
    alike = _Alike(variables, a.index, by_moment)
    names = variables, {other: one for one, other in variables.items()}
    roots = {id(event) for pair in pairs for event in pair if event is not None}
    lone = [
        _Lone(sides[n], sides[1 - n], known[1 - n], known[n], roots, names[n], alike)
        for n in (0, 1)
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
    order = _Order(a, b, found, by_moment)
    return sorted(found, key=lambda pair: (_rank(pair, a.index.values), order.place(pair)))


def _with_namesake(pair: Pair, lone: Sequence[_Lone]) -> Pair:
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
    names = {_last(event) for event in events} - {"tensor"}  # what eager code was given
    return 2 if held and len(names) != 1 else 1


def _small(event: Event, values: Sequence[np.ndarray]) -> bool:
    return all(values[number].size < 2 for _, number in event.outputs)


class _Lone:
    """What is told of a root of `side` that has no partner in `other`."""

    def __init__(
        self,
        side: Side,
        other: Side,
        has: Known,
        mine: Known,
        roots: set[int],
        variables: Mapping[str, str],
        alike: _Alike,
    ) -> None:
        self.side, self.other = side, other
        self.has, self.mine = has, mine  # what the other side has, and what this side
        self.roots, self.variables, self.alike = roots, variables, alike
        self.takers: dict[int, list[int]] = {}
        for at, event in enumerate(side.events):
            for giver in event.givers:
                self.takers.setdefault(giver, []).append(at)
        self.places = {id(event): at for at, event in enumerate(side.events)}
        self.producers = producers_of(side)

    def takes(self, event: Event, names: set[str]) -> bool:
        """Whether an op takes what one of these gives."""
        taken = given(self.side, self.producers, self.places[id(event)])
        nodes = {self.side.events[at].node for _, at in taken if at is not None}
        return event.op not in SOURCES and not names.isdisjoint(nodes)

    def made_of(self, event: Event) -> Event | None:
        """The event; of one that only holds a value the first op that makes of it, and of what the
        other side has, what that has not. None where there is no such op."""
        if event.op not in SOURCES:
            return event
        todo = list(self.takers.get(self.places[id(event)], ()))
        for at in todo:  # grows while it is walked
            taker = self.side.events[at]
            if taker.op in SOURCES:
                todo += self.takers.get(at, ())
            elif self._lacks(taker) and all(
                self.side.events[before] is event
                or self.side.events[before].op in SOURCES
                or self.has.level(self.side.events[before], number) > NOT
                for number, before in given(self.side, self.producers, at)
                if before is not None
            ):
                return taker
        return None

    def _lacks(self, event: Event) -> bool:
        return any(self.has.level(event, number) == NOT for _, number in event.outputs)

    def within(self, event: Event) -> bool:
        """Whether it only makes rates of rates, for which the other side has an op that takes those
        and more, and is wrong for what else it takes: an optimizer is one op in TensorFlow 1."""
        near, values = self.side.index.near, self.side.index.values
        if any(informative(values[n]) and values[n].size > 1 for n in event.inputs):
            return False
        takes = {near(n) for n in event.inputs if rate(values[n])}
        return bool(takes) and any(
            other.moment == event.moment
            and len(other.inputs) > len(event.inputs)
            and id(other) not in self.roots
            and takes <= {near(number) for number in other.inputs}
            and any(self.mine.level(other, number) == NOT for _, number in other.outputs)
            for other in self.other.events
        )

    def namesake(self, event: Event) -> Event | None:
        """The event of the other side that has the name, a variable's that of its partner, takes
        something of the same, and gives something else."""
        held = event.op in SOURCES
        name = self.variables.get(event.node, event.node) if event.op == VARIABLE else event.node
        for other in self.other.events:
            if (
                other.op == event.op
                and other.node == name
                and other.moment == event.moment
                and (held or self.alike.common(event, other))
                and _gives(other, self.side.index) != _gives(event, self.side.index)
            ):
                return other
        return None


class _Order:
    """Where each place of the frontier is in the order in which A runs.

    What only B has stands behind what both had before it.
    """

    def __init__(self, a: Side, b: Side, pairs: Roots, by_moment: bool) -> None:
        self.b, self.by_moment, self.near = b, by_moment, a.index.near
        self.of_a = {id(event): at for at, event in enumerate(a.events)}
        self.of_b = {id(event): at for at, event in enumerate(b.events)}
        self.says = {n: informative(value) for n, value in enumerate(a.index.values)}
        self.first: dict[tuple[int, int], int] = {}
        for at, event in enumerate(a.events):
            for _, number in event.outputs:
                self.first.setdefault((self._at(event), self.near(number)), at)
        self.both = [
            (self.of_b[id(other)], self.of_a[id(one)])
            for one, other in pairs
            if one is not None and other is not None
        ]

    def place(self, pair: Pair) -> float:
        one, other = pair
        if one is not None:
            return self.of_a[id(one)]
        assert other is not None
        own = self.of_b[id(other)]
        before = max((mine for theirs, mine in self.both if theirs < own), default=-1)
        for at in range(own - 1, -1, -1):
            event = self.b.events[at]
            for _, number in event.outputs:
                place = self.first.get((self._at(event), self.near(number)))
                if place is not None and self.says[number]:
                    return max(place, before) + 0.5
        return before + 0.5

    def _at(self, event: Event) -> int:
        return event.moment if self.by_moment else 0


@dataclass(frozen=True, slots=True)
class Aligned:
    """Events of the first call with their partners."""

    pairs: tuple[tuple[Event, Event], ...]
    only_a: tuple[Event, ...]
    only_b: tuple[Event, ...]


def align(a: Sequence[Event], b: Sequence[Event], index: Index) -> Aligned:
    """Events that gave near values: of one op first, then of one name, then in their order."""
    keys: tuple[Callable[[Event], tuple], ...] = (
        lambda e: (_gives(e, index), e.op, plain_name(e.node)),
        lambda e: (_gives(e, index), e.op),
        lambda e: _gives(e, index),
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for key in keys:
        groups: dict[tuple, list[int]] = {}
        for m, event in enumerate(b):
            if m not in taken and event.outputs:
                groups.setdefault(key(event), []).append(m)
        for group in groups.values():
            group.reverse()
        for n, event in enumerate(a):
            group = groups.get(key(event), []) if n not in partner and event.outputs else []
            if group:
                partner[n] = group.pop()
                taken.add(partner[n])
    return Aligned(
        tuple((event, b[partner[n]]) for n, event in enumerate(a) if n in partner),
        tuple(event for n, event in enumerate(a) if n not in partner),
        tuple(event for m, event in enumerate(b) if m not in taken),
    )


def _gives(event: Event, index: Index) -> tuple[int, ...]:
    return tuple(index.near(number) for _, number in event.outputs)
