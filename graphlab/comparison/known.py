"""Which values a side has, call by call, and how sure it is that they are the other's.

known = Known(b, by_moment)
known.level(event, number)           # of A: NOT, REARRANGED, NEAR or EXACT
"""

from __future__ import annotations

from collections.abc import Callable

from graphlab.comparison.index import Index
from graphlab.comparison.side import SOURCES, VARIABLE, Event, Side
from graphlab.comparison.values import LEAST_REARRANGED, informative, rate

SHAPES = "shape"
HELD = (VARIABLE, "ReadVariableOp", "VariableV2", "Identity")
SHAPE_OPS = frozenset(
    "Shape ShapeN Size Rank BroadcastGradientArgs ConcatOffset InvertPermutation Range".split()
)
NOT, REARRANGED, NEAR, EXACT = 0, 1, 2, 3


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
