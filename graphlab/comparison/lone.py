"""What is told of an op at which one side parts, and for which the other has no partner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphlab.comparison.aligning import gives
from graphlab.comparison.known import NOT, Known
from graphlab.comparison.pairing import EAGER, Alike, last_name
from graphlab.comparison.parting import MOVERS, ancestors, given, producers_of
from graphlab.comparison.side import FEED, SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import informative, rate

Kind = tuple[str, int]  # of an op: its type, and the call in which it runs


def kind_of(event: Event) -> Kind:
    """What an event has to have in common with another that stands in its place."""
    return event.op, event.moment


class Lone:
    """What is told of a root of `side` that has no partner in `other`."""

    def __init__(
        self,
        side: Side,
        other: Side,
        has: Known,
        mine: Known,
        variables: Mapping[str, str],
        alike: Alike,
    ) -> None:
        self.side, self.other = side, other
        self.has, self.mine = has, mine  # what the other side has, and what this side
        self.variables, self.alike = variables, alike
        self.takers: dict[int, list[int]] = {}
        for at, event in enumerate(side.events):
            for giver in event.givers:
                self.takers.setdefault(giver, []).append(at)
        self.places = {id(event): at for at, event in enumerate(side.events)}
        self.producers = producers_of(side)
        self._takers_there: dict[int, list[Event]] | None = None  # of what the other side takes

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

    def converts(self, event: Event) -> bool:
        """Whether an op makes whole numbers real, or the like: that is seen in no number, and what
        is computed of them differs."""
        kinds = [
            {self.side.index.values[number].dtype.kind.replace("u", "i") for number in numbers}
            for numbers in (event.inputs, (number for _, number in event.outputs))
        ]
        return event.op == "Cast" and kinds[0] != kinds[1]

    def instead(self, event: Event, other: Event) -> Event | None:
        """Where an op of the other side is one of this side's, but that this one takes what the
        event gives: the event of the other side that it takes instead."""
        near = self.side.index.near
        at = self.places[id(event)]
        for taker in self._takers_of(event):
            if kind_of(taker) != kind_of(other):
                continue
            if not len(taker.givers) == len(other.givers) == len(taker.inputs):
                continue
            slots = zip(taker.inputs, taker.givers, other.inputs, other.givers, strict=True)
            unlike = [each for each in slots if near(each[0]) != near(each[2])]
            if len(unlike) == 1 and unlike[0][1] == at and unlike[0][3] >= 0:
                return self.other.events[unlike[0][3]]
        return None

    def kinds_of_takers(self, event: Event) -> set[Kind]:
        """What kinds of ops take what an event gives."""
        return {kind_of(taker) for taker in self._takers_of(event)}

    def _takers_of(self, event: Event) -> Iterator[Event]:
        return (self.side.events[at] for at in self.takers.get(self.places[id(event)], ()))

    def replaced(self, event: Event, given: Event) -> bool:
        """Whether what the other side takes instead of an event is computed in its place: by an op,
        of what the event takes, too, and not what the event takes itself."""
        near = self.side.index.near
        taken = {near(number) for number in event.inputs}
        return (
            given.op not in SOURCES
            and taken.isdisjoint(near(number) for _, number in given.outputs)
            and self.alike.score(event, given) > 0
        )

    def counterpart(self, event: Event) -> Event | None:
        """The first event of the other side that takes something of the same, which says something,
        and gives as many numbers, which this side lacks."""
        if self._takers_there is None:
            self._takers_there = {}
            for other in self.other.events:
                if other.op not in SOURCES | MOVERS:
                    for number in {self.side.index.near(n) for n in other.inputs}:
                        self._takers_there.setdefault(number, []).append(other)
        for number in event.inputs:
            if not self.has.says(number):
                continue
            for other in self._takers_there.get(self.side.index.near(number), ()):
                if self.alike.fits(event, other) and all(
                    self.mine.level(other, given) == NOT for _, given in other.outputs
                ):
                    return other
        return None

    def leads_to(self, events: Iterable[Event]) -> set[int]:
        """The ids of all events of this side on which one of these depends."""
        return ancestors(self.side, events)

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
            and takes <= {near(number) for number in other.inputs}
            and any(self.mine.level(other, number) == NOT for _, number in other.outputs)
            for other in self.other.events
        )

    def namesake(self, event: Event) -> Event | None:
        """The event of the other side that has the name, a variable's that of its partner, takes
        something of the same, and gives something else."""
        held = event.op in SOURCES
        if event.op == FEED and last_name(event) == EAGER:
            return None
        name = self.variables.get(event.node, event.node) if event.op == VARIABLE else event.node
        for other in self.other.events:
            if (
                other.op == event.op
                and other.node == name
                and other.moment == event.moment
                and (held or self.alike.common(event, other))
                and gives(other, self.side.index) != gives(event, self.side.index)
            ):
                return other
        return None
