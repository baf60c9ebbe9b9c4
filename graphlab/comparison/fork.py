"""Down from results that differ, op by op, as long as both sides are built alike.

fork((a, b), (wrong_a, wrong_b), known)         # the ops at which they go different ways
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphlab.comparison.known import NEAR, Known
from graphlab.comparison.pairing import Pair
from graphlab.comparison.parting import given, producers_of
from graphlab.comparison.side import FEED, SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import rearrangeable

Places = tuple[int, int]  # of events of A and of B
Taken = tuple[int, int | None]  # a value, and the place of the event that gave it
_MAKES = frozenset({"Cast", "ExpandDims", "Reshape"})  # of the sources: what a program writes
_HOLDS = frozenset({VARIABLE, "Variable", "VariableV2"})  # what was last written


def fork(
    sides: tuple[Side, Side],
    wrong: tuple[Sequence[int], Sequence[int]],
    known: tuple[Known, Known],
) -> Pair | None:
    """The first ops, in A's order, at which two sides that are built alike go different ways.

    From the `wrong` values, or where no op gave those from what calls gave, both sides are followed
    back together, by ops of one type, to where they take what differs. None where they are not
    built alike as far as that, or begin with something else.
    """
    descent = _Descent(sides, known)
    for number, other in descent.starts(wrong):
        found = descent.ends(number, other)
        if found:
            return found[min(found)]
    return None


@dataclass
class _Descent:
    sides: tuple[Side, Side]
    known: tuple[Known, Known]
    producers: list[dict[int, list[int]]] = field(init=False)
    writes: list[dict[str, list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.producers = [producers_of(side) for side in self.sides]
        self.writes = [_writes_of(side) for side in self.sides]
        self.near = self.sides[0].index.near

    def starts(self, wrong: tuple[Sequence[int], Sequence[int]]) -> Iterator[Places]:
        """The events from which what differs comes, in the order of the results."""
        pairs = [each for each in zip(*wrong, strict=False) if self._made(each)]
        if not pairs:
            fetched = [{(o.moment, o.name): o.value for o in side.fetched} for side in self.sides]
            both = ((value, fetched[1].get(key, value)) for key, value in fetched[0].items())
            pairs = [each for each in both if self._differ(*each) and self._made(each)]
        for each in pairs:
            yield self._givers(*each)

    def _givers(self, number: int, other: int) -> Places:
        """Who gave two values: the last that are called the same, as zeros have many; else the
        first."""
        mine, theirs = self.producers[0][number], self.producers[1][other]
        there = {_called(self.sides[1].events[at]): at for at in theirs}
        for at in reversed(mine):
            called = _called(self.sides[0].events[at])
            if called in there:
                return at, there[called]
        return mine[0], theirs[0]

    def ends(self, one: int, other: int) -> dict[Places, Pair | None]:
        """Where the ways down end: with ops at which the sides part, or None where they are not
        built alike."""
        found: dict[Places, Pair | None] = {}
        todo, seen = [(one, other)], set()
        while todo:
            places = todo.pop()
            if places in seen:
                continue
            seen.add(places)
            events = self._events(places)
            if events[0].op in _HOLDS and events[1].op in _HOLDS:
                before = [self._written(n, events[n].node, places[n]) for n in (0, 1)]
                if before[0] is None or before[1] is None:
                    found[places] = None
                else:
                    todo.append((before[0], before[1]))
                continue
            deeper, parted = self._below(places)
            todo += deeper
            found |= parted
        return found

    def _below(self, places: Places) -> tuple[list[Places], dict[Places, Pair | None]]:
        """Of two events what is to be followed further, and where they part, if they do."""
        one, other = self._events(places)
        taken = [given(self.sides[n], self.producers[n], places[n]) for n in (0, 1)]
        if one.op != other.op or one.op == FEED:
            return [], {places: None}
        if len(taken[0]) != len(taken[1]):
            return [], {places: (one, other) if self._share(one, other) else None}
        deeper: list[Places] = []
        parted: dict[Places, Pair | None] = {}
        for mine, theirs in zip(*taken, strict=True):
            if self._differ(mine[0], theirs[0]):
                self._follow(places, (mine, theirs), deeper, parted)
        if deeper or parted:
            return deeper, parted
        if one.hidden or other.hidden:  # what it takes was put into a list or an array before
            put = self._put(places)
            return ([], {places: None}) if put is None else ([put], {})
        return [], {places: (one, other)}  # another attribute, or what both have elsewhere

    def _follow(
        self,
        places: Places,
        taken: tuple[Taken, Taken],
        deeper: list[Places],
        parted: dict[Places, Pair | None],
    ) -> None:
        """Of what two events take and what differs: to `deeper` if both were given it by ops of one
        type, else to `parted`."""
        (number, giver), (partner, there) = taken
        one, other = self._events(places)
        if giver is None or there is None:
            parted[places] = None
            return
        below = self._through((giver, there))
        mine, theirs = self._events((giver, there))
        if self._exchanged((mine, theirs), (number, partner)):
            follows = mine.op in _MAKES or self._written_before(below)
            if mine.op == theirs.op and mine.op in SOURCES and follows:
                deeper.append((giver, there))
        elif mine.op == theirs.op:
            deeper.append((giver, there))
        elif self._rearranged(number, partner):
            parted[places] = None
        elif (alone := self._written_alone((giver, there), below)) is not None:
            parted[giver, there] = alone
        elif self.near(partner) in map(self.near, mine.inputs):
            parted[giver, places[1]] = mine, other  # which goes on without it
        elif self.near(number) in map(self.near, theirs.inputs):
            parted[places[0], there] = one, theirs
        elif self._events(below)[0].op == self._events(below)[1].op:
            deeper.append(below)
        elif "Const" in (mine.op, theirs.op):
            parted[places] = one, other
        else:
            parted[giver, there] = (mine, theirs) if self._share(mine, theirs) else None

    def _through(self, places: Places) -> Places:
        """The events from which values come that these only hand on."""
        found = list(places)
        for n in (0, 1):
            event = self.sides[n].events[found[n]]
            while event.op in SOURCES and event.inputs:
                before = given(self.sides[n], self.producers[n], found[n])[0][1]
                if before is None:
                    break
                found[n], event = before, self.sides[n].events[before]
        return found[0], found[1]

    def _written_before(self, places: Places) -> bool:
        """Whether two values are computed, and not what the programs begin with."""
        return all(
            event.op not in SOURCES
            or (event.op in _HOLDS and self._written(n, event.node, places[n]) is not None)
            for n, event in enumerate(self._events(places))
        )

    def _written_alone(self, places: Places, below: Places) -> Pair | None:
        """The event of one side that wrote what the other side still has as it was given."""
        for n in (0, 1):
            event, held = self.sides[n].events[places[n]], self.sides[1 - n].events[below[1 - n]]
            writes = any(name in self.sides[n].variables for name, _ in event.outputs)
            if event.op != VARIABLE and writes and held.op in (FEED, VARIABLE, "ReadVariableOp"):
                return (event, None) if n == 0 else (None, event)
        return None

    def _exchanged(self, events: tuple[Event, Event], numbers: tuple[int, int]) -> bool:
        """Whether both sides have both values, and each takes the other one here."""
        return all(
            self.known[1 - n].says(numbers[n])
            and self.known[1 - n].level(events[n], numbers[n]) >= NEAR
            for n in (0, 1)
        )

    def _put(self, places: Places) -> Places | None:
        """The first events of the two calls, called the same, that put something else into what has
        no value."""
        there = {_called(self.sides[1].events[at]): at for at in self._hidden(1, places[1])}
        for at in self._hidden(0, places[0]):
            event = self.sides[0].events[at]
            other = there.get(_called(event))
            if other is not None and self._put_in((at, other)):
                return at, other
        return None

    def _put_in(self, places: Places) -> bool:
        """Whether two events take what ops of one type gave, and what differs. What a loop keeps
        for its gradient is numbered otherwise where it keeps one value more."""
        taken = [given(self.sides[n], self.producers[n], places[n]) for n in (0, 1)]
        return any(
            giver is not None
            and there is not None
            and self._differ(number, partner)
            and self.known[0].says(number)
            and self.sides[0].events[giver].op == self.sides[1].events[there].op
            for (number, giver), (partner, there) in zip(*taken, strict=False)
        )

    def _hidden(self, n: int, at: int) -> Iterator[int]:
        """The events of a call before that one that take or give what has no value."""
        last = self.sides[n].events[at]
        for place, event in enumerate(self.sides[n].events[:at]):
            if event.hidden and (event.moment, event.call) == (last.moment, last.call):
                yield place

    def _share(self, one: Event, other: Event) -> bool:
        """Whether both take something of the same, which says something."""
        says = self.known[0].says
        takes = [{self.near(n) for n in each.inputs if says(n)} for each in (one, other)]
        return not takes[0].isdisjoint(takes[1])

    def _written(self, n: int, name: str, at: int) -> int | None:
        """The last event before another one that wrote a variable."""
        return next((each for each in reversed(self.writes[n].get(name, ())) if each < at), None)

    def _events(self, places: Places) -> tuple[Event, Event]:
        return self.sides[0].events[places[0]], self.sides[1].events[places[1]]

    def _made(self, numbers: tuple[int, int]) -> bool:
        return all(numbers[n] in self.producers[n] for n in (0, 1))

    def _differ(self, number: int, other: int) -> bool:
        return self.near(number) != self.near(other)

    def _rearranged(self, number: int, other: int) -> bool:
        """Whether two values are the same numbers in another order: programs of two layouts are
        not built alike."""
        index = self.sides[0].index
        return (
            index.values[number].size == index.values[other].size
            and rearrangeable(index.values[number])
            and index.rearranged(number) == index.rearranged(other)
        )


def _called(event: Event) -> tuple[int, str, str, str]:
    return event.moment, event.op, event.node, event.frame


def _writes_of(side: Side) -> dict[str, list[int]]:
    """The events that wrote each variable, in their order."""
    found: dict[str, list[int]] = {}
    for at, event in enumerate(side.events):
        for name, _ in event.outputs if event.op != VARIABLE else ():
            if name in side.variables:
                found.setdefault(name, []).append(at)
    return found
