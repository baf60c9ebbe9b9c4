"""Which variable of one side is which of the other, told by what moves when it is moved.

All variables of one shape, whose names and values do not tell, are given the same numbers, on both
sides. Then one after another gets other numbers, and the first call is executed again: what the
call gives depends on the place that the variable has in the program, and on nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from graphlab.comparison.index import Index
from graphlab.comparison.reading import begun, lent
from graphlab.comparison.side import Side
from graphlab.comparison.values import array_of
from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.watch.replay import Replay

MOST_MOVES = 64  # replays of a side; more variables of this kind are not told apart
Values = Mapping[str, np.ndarray]


def by_influence(
    a: Side, b: Side, names: tuple[Iterable[str], Iterable[str]], given: Values
) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of `names`, of A and of B, that alone move the same results in the same way; and a
    line where a side has more variables than are moved.

    `given` are the values of A for those variables of B whose partners are known. Where the
    first call cannot be replayed, or draws random numbers, nothing is told. Variables that only
    another call has, as each of two networks has its own, are moved in that one.
    """
    pairs: list[tuple[str, str]] = []
    notes: list[str] = []
    mine, theirs = map(list, names)
    while mine and theirs:
        movers = Mover(a, mine, {}), Mover(b, theirs, given)
        found, said = _told(movers, Index(a.index.rtol, a.index.atol))
        pairs += found
        notes += said
        beyond = [mover.beyond for mover in movers]
        if not any(beyond) or not all(mover.movable for mover in movers):
            break
        mine, theirs = (
            beyond[n] or [name for name in each if name not in {pair[n] for pair in pairs}]
            for n, each in enumerate((mine, theirs))
        )
    return pairs, notes


def _told(movers: tuple[Mover, Mover], index: Index) -> tuple[list[tuple[str, str]], list[str]]:
    """What one call of each side tells."""
    try:
        moved = [mover.moved(index) for mover in movers]
    except GraphlabError:
        return [], []
    # One side may give more than the other: what both give is what tells.
    seen = [set().union(*(numbers for _, numbers in side.values())) for side in moved]
    both = seen[0] & seen[1]
    groups: dict[tuple, tuple[list[str], list[str]]] = {}
    for n, side in enumerate(moved):
        for name, (shape, numbers) in side.items():
            if numbers & both:
                key = shape, frozenset(numbers & both)
                groups.setdefault(key, ([], []))[n].append(name)
    pairs = [(one[0], other[0]) for one, other in groups.values() if len(one) == len(other) == 1]
    notes = [
        f"{mover.side.name}: {mover.more} variables were not moved to see which they are; name them"
        " with --match"
        for mover in movers
        if mover.more
    ]
    return pairs, notes


class Mover:
    """Replays the call of a side that has most of the variables, from other values of them.

    `movable` are those whose values it can choose; the others begin as they did, or as `given`.
    """

    def __init__(self, side: Side, names: list[str], given: Values) -> None:
        self.side = side
        calls = [(replay, called, _has(replay, called)) for replay, called in side.replays]
        of_most = max(calls, key=lambda call: len(call[2].intersection(names)), default=None)
        self.replay: Replay | None = None
        self.called: Mapping[str, str] = {}
        held: frozenset[str] = frozenset()
        if of_most is not None:
            self.replay, self.called, held = of_most
        self.movable = [n for n in names if n in held and side.dtypes[n] in _MOVABLE]
        self.beyond = [n for n in names if n not in held]  # what it does not have
        self.names, self.more = self.movable[:MOST_MOVES], len(self.movable[MOST_MOVES:])
        self.held = {n: v for n, v in given.items() if n in held}
        self.begin = self.held | {name: self.numbers(name, 0) for name in self.names}

    def moved(self, index: Index) -> dict[str, tuple[tuple[int, ...], set[int]]]:
        """For each variable its shape, and the results that are others once it is moved."""
        if self.replay is None or not self.names:
            return {}
        still = self._near(self.begin, index)
        found = {}
        for name in self.names:
            gone = self._near({**self.begin, name: self.numbers(name, 1)}, index) - still
            found[name] = self.side.variables[name].shape, gone
        return found

    def _near(self, state: Mapping[str, Any], index: Index) -> set[int]:
        given, after = self.results(state, index)
        return {index.near(number) for number in (*given, *after)}

    def results(self, state: Mapping[str, Any], index: Index) -> tuple[list[int], list[int]]:
        """What the call gives from a state, and what it leaves in its variables.

        GraphlabError where it cannot be replayed.
        """
        assert self.replay is not None
        replay = replace(self.replay, start=begun(self.replay.start, state, self.called))
        execution = replay.steps(engine=self._engine)
        for _ in execution:
            pass
        after = execution.state()
        both = list(execution.fetched.values()), [after[name] for name in sorted(after)]
        given, left = (
            [
                index.number(array)
                for value in values
                if not isinstance(value, tuple) and (array := array_of(value)) is not None
            ]
            for values in both
        )
        return given, left

    @functools.cached_property
    def _engine(self) -> Engine:
        assert self.replay is not None
        return Engine(self.replay.source())

    def numbers(self, name: str, draw: int) -> np.ndarray:
        """What a variable of that shape is given on both sides, in the first draw or the second.

        A vector may be a variance, so that it is positive; a matrix must not make numbers that
        grow from layer to layer.
        """
        shape = self.side.variables[name].shape
        random = np.random.default_rng([draw, *shape])
        if len(shape) < 2:
            numbers = random.uniform(0.5, 1.5, shape)
        else:
            numbers = random.standard_normal(shape) / float(np.prod(shape) or 1) ** 0.25
        return np.asarray(numbers, self.side.variables[name].dtype)


def _has(replay: Replay, called: Mapping[str, str]) -> frozenset[str]:
    """The variables that a call begins with, as its side calls them."""
    return frozenset(called.get(own, own) for own in (*replay.start.state, *lent(replay.start)))


_MOVABLE = (np.float16, np.float32, np.float64)
