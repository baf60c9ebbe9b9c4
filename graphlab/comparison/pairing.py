"""Which op at which one side parts is which of the other's.

pairs = pair_roots(roots_a, roots_b, variables, index, by_moment)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphlab.comparison.index import Index
from graphlab.comparison.names import plain_name
from graphlab.comparison.side import SOURCES, VARIABLE, Event
from graphlab.comparison.values import informative

EAGER = "tensor"  # what eager code was given is called, whatever it is
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
    scored = sorted(
        (-score, n, m)
        for n, one in enumerate(a)
        for m, other in enumerate(b)
        if (score := alike.score(one, other)) > 0
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, n, m in scored:
        if n not in partner and m not in taken:
            partner[n] = m
            taken.add(m)
    # Last, what is the only one of its op that is left on both sides: it takes other values.
    counts = Counter(one.op for n, one in enumerate(a) if n not in partner)
    left = Counter(other.op for m, other in enumerate(b) if m not in taken)
    for n, one in enumerate(a):
        if n not in partner and one.op not in SOURCES and counts[one.op] == left[one.op] == 1:
            m = next(m for m, other in enumerate(b) if m not in taken and other.op == one.op)
            if alike.fits(one, b[m]):
                partner[n] = m
                taken.add(m)
    pairs: Roots = [(one, b[partner[n]] if n in partner else None) for n, one in enumerate(a)]
    return [*pairs, *((None, other) for m, other in enumerate(b) if m not in taken)]


@dataclass(frozen=True)
class Alike:
    """How much speaks for it that two roots are the same op of two programs."""

    variables: Mapping[str, str]
    index: Index
    by_moment: bool

    def score(self, a: Event, b: Event) -> float:
        """0: nothing. Ops of other types stand in one place where all that they take is the same,
        and they give as many numbers: a sum in place of a mean; or where something is, that says
        something: one side adds before it goes on. Ops of one type take something of the same, or
        have the same name. Variables that are not known to be partners are none."""
        if (a.op in SOURCES) != (b.op in SOURCES):
            return 0.0
        if a.op == b.op == VARIABLE:
            return 10.0 * (self.variables.get(a.node) == b.node)
        if self.by_moment and a.moment and b.moment and a.moment != b.moment:
            return 0.0
        named = last_name(a) == last_name(b) != EAGER
        if a.op in SOURCES:
            same = a.op == b.op and self._shapes(a) == self._shapes(b)
            return 2.0 * same + 3.0 * named + 0.5 * (same or named) * (a.moment == b.moment)
        all_same = self._kins(a) == self._kins(b)
        common = 1.0 if all_same else self.common(a, b)
        if a.op != b.op:
            return self.fits(a, b) * (2.0 + named if all_same else common)
        if not common and a.node != b.node:
            return 0.0
        return 2.0 + 2.0 * common + named + 0.5 * (a.moment == b.moment)

    def common(self, a: Event, b: Event) -> float:
        """The share of what both take that is the same, perhaps in another order, and says
        something: every program has zeros."""
        takes = [{self._kin(n) for n in each.inputs if self._says(n)} for each in (a, b)]
        return len(takes[0] & takes[1]) / max(len(a.inputs), len(b.inputs), 1)

    def fits(self, a: Event, b: Event) -> bool:
        """Whether they belong to one call and give as many numbers."""
        other_call = self.by_moment and a.moment and b.moment and a.moment != b.moment
        sizes = ([self.index.values[n].size for _, n in each.outputs] for each in (a, b))
        return not other_call and next(sizes) == next(sizes)

    def _kins(self, event: Event) -> list[int]:
        return sorted(
            self._kin(number) if self._says(number) else self.index.near(number)
            for number in event.inputs
        )

    def _kin(self, number: int) -> int:
        return self.index.rearranged(number)

    def _says(self, number: int) -> bool:
        return informative(self.index.values[number])

    def _shapes(self, event: Event) -> list[tuple[int, ...]]:
        return [self.index.values[number].shape for _, number in event.outputs]


def last_name(event: Event) -> str:
    """The last part of an op's name, without its number."""
    return plain_name(event.node).rpartition("/")[2]
