"""From results that differ back to the ops where that begins.

known = Known(b, by_moment)                   # which values B has, call by call
roots(a, known, [outcome.value])              # the first events of A that B does not have
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable

from graphlab.comparison.index import Index
from graphlab.comparison.side import FEED, SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import informative, rate

SHAPES = "shape"
HELD = (VARIABLE, "ReadVariableOp", "VariableV2", "Identity")
SHAPE_OPS = frozenset(
    "Shape ShapeN Size Rank BroadcastGradientArgs ConcatOffset InvertPermutation Range".split()
)
MOST_ROOTS = 64  # of a side: nobody reads more
NOT, REARRANGED, NEAR, EXACT = 0, 1, 2, 3
LEAST_REARRANGED = 4  # numbers of a tensor that may be another's in a different order


class Known:
    """Which values a side has, in which call, for the other to ask."""

    def __init__(self, side: Side, by_moment: bool) -> None:
        self.index: Index = side.index
        self._by_moment = by_moment
        self._exact: set[tuple] = set()
        self._near: set[tuple] = set()
        self._sizes: dict[tuple, set[int]] = {}  # values of a size, by moment
        self._rearranged: dict[tuple, set[int]] = {}  # of those that were asked for
        self._informative: dict[int, bool] = {}
        for event in side.events:
            at = self._at(event.moment)
            for _, number in event.outputs:
                for moment in {at, None}:
                    self._exact |= {(moment, key) for key in self._keys(event, number, _same)}
                    near = self._keys(event, number, self.index.near)
                    self._near |= {(moment, key) for key in near}
                    if self._rearrangeable(number):
                        size = self.index.values[number].size
                        self._sizes.setdefault((moment, size), set()).add(number)

    def level(self, event: Event, number: int) -> int:
        """Whether a value that an event of the other side gave is known here, and how."""
        at = self._at(event.moment)
        # What belongs to no call (0) may be anywhere; but a variable has its value when it has it.
        moments = (None,) if not at else (at,) if event.op in HELD else (at, 0)
        keys = self._keys(event, number, _same)
        if keys == [(SHAPES,)] or any((m, key) in self._exact for m in moments for key in keys):
            return EXACT
        near = self._keys(event, number, self.index.near)
        if any((moment, key) in self._near for moment in moments for key in near):
            return NEAR
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

    def _keys(self, event: Event, number: int, of: Callable[[int], int]) -> list[tuple]:
        """Under what a value is known, `of` a number: one that says little only with what gave it.

        But a rate is one however it was computed, as the powers of Adam's betas are: one program
        multiplies them from call to call, and one takes them to the power of a count.
        """
        if self.says(number) or rate(self.index.values[number]):
            return [(of(number),)]
        if self._of_shapes(event, number):
            return [(SHAPES,)]
        if event.op in SOURCES:
            return [(of(number), "source")]
        return [(of(number), event.op), (of(number), frozenset(map(of, event.inputs)))]

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


def _same(number: int) -> int:
    return number


def roots(side: Side, known: Known, wrong: Iterable[int]) -> list[Event]:
    """The events from which values that the other side does not have come, in their order.

    Each takes only what the other side has too (perhaps in another order), and gives what it
    does not have. Of a loop or of calls that repeat only the first is told. Those that take what
    is only near are told where there are no others: they make much of a small difference.
    """
    producers = producers_of(side)
    put = _Hidden(side, known, producers)
    todo: list[tuple[int, int | None]] = [  # events, and which of the values that they gave
        (producers[number][0], number) for number in wrong if number in producers
    ]
    seen: set[tuple[int, int | None]] = set()
    found: set[int] = set()
    enlarged: set[int] = set()
    while todo:
        at, asked = todo.pop()
        if (at, asked) in seen:
            continue
        seen.add((at, asked))
        event = side.events[at]
        if not event.inputs and event.op != FEED:
            # A variable's value is what was written into it, in this call or in one before.
            number = event.outputs[0][1]
            before = _latest(producers, number, at)
            if before is not None:
                todo.append((before, number))
                continue
        numbers = [number for _, number in event.outputs] if asked is None else [asked]
        gives = max((known.level(event, number) for number in numbers), default=NOT)
        if gives >= NEAR:
            continue
        levels = []
        for number, before in given(side, producers, at):
            level = EXACT if before is None else known.level(side.events[before], number)
            levels.append(level)
            if level < NEAR and before is not None:
                todo.append((before, number))
        if event.hidden:
            # What was put into a list or an array comes out of it, and nobody tells in between.
            todo += [(each, None) for each in put.others(event)]
            if put.before(event, at):
                levels.append(NOT)
        least = min(levels, default=EXACT)
        if least == NOT or not event.outputs:
            continue
        if gives == NOT and NEAR in levels:
            enlarged.add(at)
        elif gives == NOT or (least == EXACT and event.op not in SOURCES):
            found.add(at)
    first: dict[tuple, Event] = {}
    for at in sorted(found or enlarged):
        event = side.events[at]
        if event.op == FEED:  # whoever gave a variable its first value, the variable has a name
            same = (side.events[n] for n in producers[event.outputs[0][1]])
            event = next((each for each in same if each.op == VARIABLE), event)
        first.setdefault((event.node, event.op, event.frame.rpartition(":")[0]), event)
    return list(first.values())[:MOST_ROOTS]


class _Hidden:
    """Events that put into a list, an array or a table, and take out of it, by call."""

    def __init__(self, side: Side, known: Known, producers: dict[int, list[int]]) -> None:
        self._all: dict[tuple[int, str], list[int]] = {}
        self._puts: dict[tuple[int, str], int] = {}  # the first that puts in what B lacks
        for at, event in enumerate(side.events):
            if not event.hidden:
                continue
            key = event.moment, event.call
            self._all.setdefault(key, []).append(at)
            if key not in self._puts and any(
                before is not None and known.level(side.events[before], number) < EXACT
                for number, before in given(side, producers, at)
            ):
                self._puts[key] = at

    def others(self, event: Event) -> list[int]:
        """All of the event's call, once."""
        return self._all.pop((event.moment, event.call), [])

    def before(self, event: Event, at: int) -> bool:
        """Whether something was put in before that the other side lacks."""
        return self._puts.get((event.moment, event.call), at) < at


def given(side: Side, producers: dict[int, list[int]], at: int) -> list[tuple[int, int | None]]:
    """The values that an event took, each with the event that gave it, None where none did."""
    event = side.events[at]
    givers = event.givers or (-1,) * len(event.inputs)
    return [
        (number, giver if giver >= 0 else _latest(producers, number, at))
        for number, giver in zip(event.inputs, givers, strict=True)
    ]


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
