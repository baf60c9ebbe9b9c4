"""Which op at which one side parts is which of the other's.

pairs = pair_roots(roots_a, roots_b, variables, index, by_moment)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphlab.comparison.index import Index
from graphlab.comparison.names import plain_name
from graphlab.comparison.side import SOURCES, VARIABLE, Event
from graphlab.comparison.values import informative

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
    alike = Alike(variables, index, by_moment)
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
class Alike:
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
        named = last_name(a) == last_name(b)
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


def last_name(event: Event) -> str:
    """The last part of an op's name, without its number."""
    return plain_name(event.node).rpartition("/")[2]
