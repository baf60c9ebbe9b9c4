"""From results that differ back to the ops where that begins.

known = Known(b, index)                       # which values B has, call by call
roots(a, known, [outcome.value])              # the first events of A that B does not have
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphlab.comparison.names import plain_name
from graphlab.comparison.side import FEED, SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import Index, informative

SHAPES = "shape"
HELD = (VARIABLE, "ReadVariableOp", "VariableV2", "Identity")
SHAPE_OPS = frozenset(
    "Shape ShapeN Size Rank BroadcastGradientArgs ConcatOffset InvertPermutation Range".split()
)
MOST_ROOTS = 64  # of a side: nobody reads more
NOT, REARRANGED, EXACT = 0, 1, 2
LEAST_REARRANGED = 4  # numbers of a tensor that may be another's in a different order


class Known:
    """Which values a side has, in which call, for the other to ask."""

    def __init__(self, side: Side, by_moment: bool) -> None:
        self.index: Index = side.index
        self._by_moment = by_moment
        self._exact: set[tuple] = set()
        self._sizes: dict[tuple, set[int]] = {}  # values of a size, by moment
        self._rearranged: dict[tuple, set[int]] = {}  # of those that were asked for
        self._informative: dict[int, bool] = {}
        for event in side.events:
            at = self._at(event.moment)
            for _, number in event.outputs:
                for moment in {at, None}:
                    self._exact |= {(moment, key) for key in self._keys(event, number)}
                    if self._rearrangeable(number):
                        size = self.index.values[number].size
                        self._sizes.setdefault((moment, size), set()).add(number)

    def level(self, event: Event, number: int) -> int:
        """Whether a value that an event of the other side gave is known here, and how."""
        at = self._at(event.moment)
        # What belongs to no call (0) may be anywhere; but a variable has its value when it has it.
        moments = (None,) if not at else (at,) if event.op in HELD else (at, 0)
        keys = self._keys(event, number)
        if keys == [(SHAPES,)] or any((m, key) in self._exact for m in moments for key in keys):
            return EXACT
        if self._rearrangeable(number):
            size = self.index.values[number].size
            if any(self._holds(number, (moment, size)) for moment in moments):
                return REARRANGED
        return NOT

    def _holds(self, number: int, key: tuple) -> bool:
        """Whether there is the same in another order; nothing is sorted that nobody asks for."""
        if key not in self._sizes:
            return False
        if key not in self._rearranged:
            self._rearranged[key] = {self.index.rearranged(n) for n in self._sizes[key]}
        return self.index.rearranged(number) in self._rearranged[key]

    def says(self, number: int) -> bool:
        """Whether a value is hardly found twice by chance."""
        if number not in self._informative:
            self._informative[number] = informative(self.index.values[number])
        return self._informative[number]

    def _keys(self, event: Event, number: int) -> list[tuple]:
        """Under what a value is known: one that says little only with what gave it."""
        if self.says(number):
            return [(number,)]
        if self._of_shapes(event, number):
            return [(SHAPES,)]
        if event.op in SOURCES:
            return [(number, "source")]
        return [(number, event.op), (number, frozenset(event.inputs))]

    def _of_shapes(self, event: Event, number: int) -> bool:
        """Whether it is a small whole number that says how others are arranged. Programs that
        compute the same differ in those; where one is wrong, what is made with it differs too."""
        if self.index.values[number].dtype.kind not in "iu":
            return False
        return event.op in SHAPE_OPS or all(
            self.index.values[each].dtype.kind in "iu" and not self.says(each)
            for each in event.inputs
        )

    def _rearrangeable(self, number: int) -> bool:
        return self.index.values[number].size >= LEAST_REARRANGED and self.says(number)

    def _at(self, moment: int) -> int:
        return moment if self._by_moment else 0


def roots(side: Side, known: Known, wrong: Iterable[int]) -> list[Event]:
    """The events from which values that the other side does not have come, in their order.

    Each takes only what the other side has too (perhaps in another order), and gives what it
    does not have. Of a loop or of calls that repeat only the first is told.
    """
    producers = producers_of(side)
    hidden: dict[tuple[int, str], list[int]] = {}
    puts: dict[tuple[int, str], int] = {}  # the first that put in what the other side lacks
    for at, event in enumerate(side.events):
        if not event.hidden:
            continue
        key = event.moment, event.call
        hidden.setdefault(key, []).append(at)
        if key not in puts and any(
            before is not None and known.level(side.events[before], number) < EXACT
            for number in event.inputs
            for before in [_latest(producers, number, at)]
        ):
            puts[key] = at
    todo = [producers[number][0] for number in wrong if number in producers]
    seen: set[int] = set()
    found: set[int] = set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        event = side.events[at]
        if not event.inputs and event.op != FEED:
            # A variable's value is what was written into it, in this call or in one before.
            before = _latest(producers, event.outputs[0][1], at)
            if before is not None:
                todo.append(before)
                continue
        levels = []
        for number in event.inputs:
            before = _latest(producers, number, at)
            level = EXACT if before is None else known.level(side.events[before], number)
            levels.append(level)
            if level < EXACT and before is not None:
                todo.append(before)
        if event.hidden:
            # What was put into a list or an array comes out of it, and nobody tells in between.
            todo += hidden.pop((event.moment, event.call), ())
            if puts.get((event.moment, event.call), at) < at:
                levels.append(NOT)
        gives = max((known.level(event, number) for _, number in event.outputs), default=EXACT)
        if min(levels, default=EXACT) == NOT or gives == EXACT:
            continue
        if gives == NOT or (min(levels, default=EXACT) == EXACT and event.op not in SOURCES):
            found.add(at)
    first: dict[tuple, Event] = {}
    for at in sorted(found):
        event = side.events[at]
        if event.op == FEED:  # whoever gave a variable its first value, the variable has a name
            given = (side.events[n] for n in producers[event.outputs[0][1]])
            event = next((each for each in given if each.op == VARIABLE), event)
        first.setdefault((event.node, event.op, event.frame.rpartition(":")[0]), event)
    return list(first.values())[:MOST_ROOTS]


def producers_of(side: Side) -> dict[int, list[int]]:
    """The events that gave each value, in their order."""
    found: dict[int, list[int]] = {}
    for at, event in enumerate(side.events):
        for _, number in event.outputs:
            found.setdefault(number, []).append(at)
    return found


def _latest(producers: dict[int, list[int]], number: int, before: int) -> int | None:
    """The last event before another one that gave a value."""
    all_of_them = producers.get(number, [])
    place = bisect.bisect_left(all_of_them, before)
    return all_of_them[place - 1] if place else None


def unknown(side: Side, known: Known) -> list[int]:
    """All values that the other side does not have."""
    return list(
        dict.fromkeys(
            number
            for event in side.events
            for _, number in event.outputs
            if known.level(event, number) == NOT
        )
    )


Roots = list[tuple[Event | None, Event | None]]


def partners(pairs: Roots, a: Side, b: Side, variables: Mapping[str, str]) -> Roots:
    """Pairs of roots; one without a partner gets the op of its name that gives something else.

    What that is may well be known to the other side, as zeros are. Those that are still alone, hold
    a value and compute nothing come last, or not at all where there are others.
    """
    places = {id(event): n for n, event in enumerate(a.events)}
    found: Roots = []
    back = {other: one for one, other in variables.items()}
    for one, other in pairs:
        if other is None and one is not None:
            other = _namesake(one, b, variables)
        elif one is None and other is not None:
            one = _namesake(other, a, back)
        found.append((one, other))
    values = a.index.values
    found.sort(
        key=lambda pair: (
            # A number that Python put in has no name of its own to be known by.
            _idle(pair)
            and all(values[n].size < 2 for e in pair if e is not None for n in _gives(e)),
            places[id(pair[0])] if pair[0] is not None else len(places),
        )
    )
    told: dict[tuple, tuple[Event | None, Event | None]] = {}
    for one, other in found:
        key = tuple((e.node, e.op, e.frame) if e is not None else None for e in (one, other))
        told.setdefault(key, (one, other))
    strong = [pair for pair in told.values() if None not in pair or not _idle(pair)]
    return strong or list(told.values())


def _idle(pair: tuple[Event | None, Event | None]) -> bool:
    return all(event is None or event.op in SOURCES for event in pair)


def _namesake(event: Event, side: Side, variables: Mapping[str, str]) -> Event | None:
    """The event of the other side that has the name, a variable's that of its partner, and gives
    something else."""
    name = variables.get(event.node, event.node) if event.op == VARIABLE else event.node
    for other in side.events:
        if (
            other.op == event.op
            and other.node == name
            and other.moment == event.moment
            and _gives(other) != _gives(event)
        ):
            return other
    return None


def pair_roots(
    a: Sequence[Event], b: Sequence[Event], variables: Mapping[str, str], index: Index
) -> Roots:
    """Which root of A is which of B: variables that are known to be partners, else by op, by what
    they take, by their names, in A's order. `index` has the values of both."""

    def shapes(event: Event) -> list[tuple[int, ...]]:
        return [index.values[number].shape for _, number in event.outputs]

    left = list(b)
    pairs: Roots = []
    for one in a:
        scored = [
            (_alike(one, other, variables, shapes), -n, other) for n, other in enumerate(left)
        ]
        best = max(scored, key=lambda each: each[:2], default=(0, 0, None))
        other = best[2] if best[0] > 0 else None
        if other is not None:
            left.remove(other)
        pairs.append((one, other))
    return [*pairs, *((None, other) for other in left)]


def _alike(
    a: Event,
    b: Event,
    variables: Mapping[str, str],
    shapes: Callable[[Event], list[tuple[int, ...]]],
) -> float:
    """How much speaks for it that two roots are the same op of two programs; 0: nothing.

    Ops of other types are the same only where all that they take is, and they give the same shapes:
    a sum in place of a mean.
    """
    if (a.op in SOURCES) != (b.op in SOURCES):
        return 0.0
    if a.op == b.op == VARIABLE and a.node in variables:
        return 10.0 * (variables[a.node] == b.node)
    if a.op != b.op and (sorted(a.inputs) != sorted(b.inputs) or shapes(a) != shapes(b)):
        return 0.0
    common = len(set(a.inputs) & set(b.inputs))
    score = 2.0 * (a.op == b.op) + 2.0 * common / max(len(a.inputs), len(b.inputs), 1)
    score += plain_name(a.node).rpartition("/")[2] == plain_name(b.node).rpartition("/")[2]
    return score + 0.5 * (a.moment == b.moment) if score else 0.0


@dataclass(frozen=True, slots=True)
class Aligned:
    """Events of the first call with their partners."""

    pairs: tuple[tuple[Event, Event], ...]
    only_a: tuple[Event, ...]
    only_b: tuple[Event, ...]


def align(a: Sequence[Event], b: Sequence[Event]) -> Aligned:
    """Events that gave the same values: of one op first, then of one name, then in their order."""
    keys = (
        lambda e: (_gives(e), e.op, plain_name(e.node)),
        lambda e: (_gives(e), e.op),
        lambda e: _gives(e),
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


def _gives(event: Event) -> tuple[int, ...]:
    return tuple(number for _, number in event.outputs)
