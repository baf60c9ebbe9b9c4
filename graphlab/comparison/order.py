"""Where each place of the frontier is in the order in which A runs."""

from __future__ import annotations

from graphlab.comparison.pairing import Pair, Roots
from graphlab.comparison.side import Event, Side
from graphlab.comparison.values import informative


class Order:
    """Places in the order of A; what only B has stands behind what both had before it."""

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
