"""From results that differ back to the ops where that begins.

known = Known(b, by_moment)                   # which values B has, call by call
roots(a, known, [outcome.value])              # the first events of A that B does not have
"""

from __future__ import annotations

import bisect
from collections.abc import Container, Iterable

from graphlab.comparison.known import EXACT, NEAR, NOT, REARRANGED, Known
from graphlab.comparison.side import FEED, SOURCES, VARIABLE, Event, Side

# What only puts numbers in other places: no computation, though it may well be the wrong place.
MOVERS = frozenset(
    "Split SplitV StridedSlice Slice Gather GatherV2 GatherNd Concat ConcatV2 Pack Unpack Transpose"
    " Reverse ReverseV2 Squeeze".split()
)
MOST_ROOTS = 64  # of a side: nobody reads more


def roots(
    side: Side, known: Known, wrong: Iterable[int], told: Container[str] | None = None
) -> list[Event]:
    """The events from which values that the other side does not have come, in their order.

    Each takes only what the other side has too (perhaps in another order), and gives what it
    does not have. Of a loop or of calls that repeat only the first is told. What gives the same
    numbers in another order is told where nothing gives others; and what takes what is only near,
    and makes much of a small difference, where there is neither.

    Of the ops that only move numbers those are told whose nodes are `told`, by default all: what
    others give is had by the other side where what they take is.
    """
    producers = producers_of(side)
    put = _Hidden(side, known, producers)
    written = _Written(side, known)
    levels_of = _Levels(side, known, producers, told)
    todo: list[tuple[int, int | None]] = [  # events, and which of the values that they gave
        (producers[number][0], number) for number in wrong if number in producers
    ]
    seen: set[tuple[int, int | None]] = set()
    found: set[int] = set()
    moved: set[int] = set()
    enlarged: set[int] = set()
    while todo:
        at, asked = todo.pop()
        if (at, asked) in seen:
            continue
        seen.add((at, asked))
        event = side.events[at]
        number = event.outputs[0][1] if event.outputs else -1
        if event.op == FEED and known.says(number):
            # Python hands on what a call gave, as the state of a recurrent network.
            before = _latest(producers, number, at)
            while before is not None and side.events[before].op == FEED:
                before = _latest(producers, number, before)
            if before is not None:
                todo.append((before, number))
                continue
        if not event.inputs and event.op != FEED:
            # A variable's value is what was written into it, in this call or in one before.
            before = _latest(producers, number, at)
            if before is None and event.op == VARIABLE:
                before, number = written.before(event.node, at)
            if before is not None:
                todo.append((before, number))
                continue
        numbers = [number for _, number in event.outputs] if asked is None else [asked]
        gives = max((known.level(event, number) for number in numbers), default=NOT)
        if gives >= NEAR:
            continue
        levels = []
        for number, before in given(side, producers, at):
            level = levels_of.of(before, number)
            levels.append(level)
            if level < NEAR and before is not None:
                todo.append((before, number))
        if event.hidden:
            # What was put into a list or an array comes out of it, and nobody tells in between.
            todo += [(each, None) for each in put.others(event)]
            if put.before(event, at):
                levels.append(NOT)
        least = min(levels, default=EXACT)
        if least == NOT or not event.outputs or levels_of.hands_on(event):
            continue
        if gives == NOT and NEAR in levels:
            enlarged.add(at)
        elif gives == NOT and not _as_it_was(side, event, numbers):
            found.add(at)
        elif least == EXACT and event.op not in SOURCES:
            moved.add(at)
    first: dict[tuple, Event] = {}
    for at in sorted(found or moved or enlarged):
        event = side.events[at]
        if event.op == FEED:  # whoever gave a variable its first value, the variable has a name
            same = (side.events[n] for n in producers[event.outputs[0][1]])
            event = next((each for each in same if each.op == VARIABLE), event)
        first.setdefault((event.node, event.op, event.frame.rpartition(":")[0]), event)
    return list(first.values())[:MOST_ROOTS]


class _Levels:
    """Whether what an event took is known to the other side, and how."""

    def __init__(
        self,
        side: Side,
        known: Known,
        producers: dict[int, list[int]],
        told: Container[str] | None,
    ) -> None:
        self.side, self.known, self.producers, self.told = side, known, producers, told
        self._moved: dict[int, int] = {}  # of events that hand on, the least of what they took

    def hands_on(self, event: Event) -> bool:
        """Whether an event only moves numbers, and is not told."""
        return self.told is not None and event.op in MOVERS and event.node not in self.told

    def of(self, before: int | None, number: int) -> int:
        """The level of a value, which that event gave; None: none of this side did."""
        if before is None:
            return EXACT
        event = self.side.events[before]
        level = self.known.level(event, number)
        if level > NOT or not self.hands_on(event):
            return level
        if before not in self._moved:
            todo = [before]
            while todo:  # a chain of them is walked without recursion
                at = todo[-1]
                taken = given(self.side, self.producers, at)
                open_ones = [
                    giver
                    for number, giver in taken
                    if giver is not None
                    and giver not in self._moved
                    and self.hands_on(self.side.events[giver])
                    and self.known.level(self.side.events[giver], number) == NOT
                ]
                if open_ones:
                    todo += open_ones
                    continue
                self._moved[at] = min((self._taken(*each) for each in taken), default=EXACT)
                todo.pop()
        return min(self._moved[before], REARRANGED)

    def _taken(self, number: int, giver: int | None) -> int:
        if giver is None:
            return EXACT
        level = self.known.level(self.side.events[giver], number)
        return level if level > NOT else min(self._moved.get(giver, NOT), REARRANGED)


class _Written:
    """What calls, executed again, left in variables that the other side does not have. Where they
    draw numbers the program itself left something else, and that has no op."""

    def __init__(self, side: Side, known: Known) -> None:
        self._by_name: dict[str, list[tuple[int, int]]] = {}
        for at, event in enumerate(side.events):
            for name, number in event.outputs if event.op != VARIABLE else ():
                if name in side.variables and known.level(event, number) == NOT:
                    self._by_name.setdefault(name, []).append((at, number))

    def before(self, name: str, at: int) -> tuple[int | None, int]:
        """The last event before another one that wrote such a value, and the value."""
        all_of_them = self._by_name.get(name, [])
        place = bisect.bisect_left(all_of_them, (at, -1))
        return all_of_them[place - 1] if place else (None, -1)


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


def _as_it_was(side: Side, event: Event, numbers: Iterable[int]) -> bool:
    """Whether an event gives what it took, as a sum over no axis does: of numbers that say little
    it is known what computed them, and this computes none. A variable is changed by it all the
    same."""
    writes = any(name in side.variables for name, _ in event.outputs)
    return not writes and all(number in event.inputs for number in numbers)


def ancestors(side: Side, events: Iterable[Event]) -> set[int]:
    """The ids of these events of a side, and of all on which they depend."""
    producers = producers_of(side)
    wanted = {id(event) for event in events}
    todo = [at for at, event in enumerate(side.events) if id(event) in wanted]
    seen: set[int] = set()
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo += [giver for _, giver in given(side, producers, at) if giver is not None]
    return {id(side.events[at]) for at in seen}


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
