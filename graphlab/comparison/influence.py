"""Which variable of one side is which of the other, told by what moves when it is moved.

All variables of one shape, whose names and values do not tell, are given the same numbers, on both
sides. Then one after another gets other numbers, and the call is executed again: what the
call gives depends on the place that the variable has in the program, and on nothing else.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphlab.comparison.calls import spans_of
from graphlab.comparison.index import FINEST, Index
from graphlab.comparison.side import Played, Side
from graphlab.comparison.starts import begun, lent
from graphlab.comparison.values import array_of
from graphlab.engine import Engine
from graphlab.errors import GraphlabError

MOST_MOVES = 64  # of a side, each a replay; more variables of this kind are not told apart
Values = Mapping[str, np.ndarray]


def by_influence(
    a: Side, b: Side, names: tuple[Iterable[str], Iterable[str]], given: Values
) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of `names`, of A and of B, that alone move the same results in the same way; and a
    line where a side has more variables than are moved.

    `given` are the values of A for those variables of B whose partners are known. Where calls
    cannot be replayed, or draw random numbers, nothing is told. Variables that only another call
    has, as each of two networks has its own, are moved in that one.
    """
    pairs: list[tuple[str, str]] = []
    mine, theirs = map(list, names)
    moments: list[dict[str, int]] = [{}, {}]  # in which each was moved
    beyond: list[dict[str, None]] = [{}, {}]
    left = [MOST_MOVES, MOST_MOVES]
    for one, other in calls_with(a, b, (mine, theirs)):
        movers = Mover(a, one, mine, {}), Mover(b, other, theirs, given)
        chosen = []
        for n, mover in enumerate(movers):
            told = {pair[n] for pair in pairs}
            new = [
                name
                for name in mover.movable
                if name not in told and moments[n].get(name, one.moment) == one.moment
            ]
            beyond[n] |= dict.fromkeys(new[left[n] :])
            chosen.append(new[: left[n]])
        if not all(chosen):
            continue
        for n, each in enumerate(chosen):
            moments[n] |= dict.fromkeys(each, one.moment)
            left[n] -= len(each)
        pairs += _told(movers, chosen, Index(FINEST, a.index.atol))
    notes = []
    for n, side in enumerate((a, b)):
        more = len(beyond[n].keys() - moments[n].keys())
        if more:
            notes.append(
                f"{side.name}: {more} variables were not moved to see which they are; name them"
                " with --match"
            )
    return pairs, notes


def calls_with(
    a: Side, b: Side, names: tuple[Iterable[str], Iterable[str]]
) -> list[tuple[Played, Played]]:
    """Calls of one moment that have some of `names` on both sides: first those that have most, and
    compute most, as to fetch all variables of a session tells nothing."""
    wanted = [set(each) for each in names]
    sides = [
        [
            (played, len(_has(played) & wanted[n]), len(span))
            for played, span in spans_of(side)
            if not played.outermost
        ]
        for n, side in enumerate((a, b))
    ]
    found = [
        ((one.moment or math.inf, -min(have, has), -min(ops, more)), (one, other))
        for (one, have, ops), (other, has, more) in itertools.product(*sides)
        if one.moment == other.moment and have and has
    ]
    return [calls for _, calls in sorted(found, key=lambda each: each[0])]


def _told(
    movers: tuple[Mover, Mover], chosen: Sequence[Sequence[str]], index: Index
) -> list[tuple[str, str]]:
    """What one call of each side tells of the names that are moved in it."""
    try:
        moved = [mover.moved(names, index) for mover, names in zip(movers, chosen, strict=True)]
    except GraphlabError:
        return []
    # One side may give more than the other: what both give is what tells.
    seen = [set().union(*(numbers for _, numbers in side.values())) for side in moved]
    both = seen[0] & seen[1]
    groups: dict[tuple, tuple[list[str], list[str]]] = {}
    for n, side in enumerate(moved):
        for name, (shape, numbers) in side.items():
            if numbers & both:
                key = shape, frozenset(numbers & both)
                groups.setdefault(key, ([], []))[n].append(name)
    return [(one[0], other[0]) for one, other in groups.values() if len(one) == len(other) == 1]


class Mover:
    """Replays a call of a side from other values of the variables of some names.

    `movable` are those whose value it can choose; the others begin as they did, or as `given`.
    """

    def __init__(self, side: Side, played: Played, names: Iterable[str], given: Values) -> None:
        self.side, self.replay, self.called = side, played.replay, played.called
        held = _has(played)
        self.movable = [n for n in names if n in held and side.dtypes[n] in _MOVABLE]
        self.held = {n: v for n, v in given.items() if n in held}
        self.begin = self.held | {name: self.numbers(name, 0) for name in self.movable}

    def moved(
        self, names: Iterable[str], index: Index
    ) -> dict[str, tuple[tuple[int, ...], set[int]]]:
        """For each variable its shape, and the results that are others once it is moved."""
        still = self._given(self.begin, index)
        found = {}
        for name in names:
            numbers = self.numbers(name, 1)
            gone = self._given({**self.begin, name: numbers}, index) - still
            # That it holds what it was given is true of every variable.
            found[name] = self.side.variables[name].shape, gone - {index.number(numbers)}
        return found

    def _given(self, state: Mapping[str, Any], index: Index) -> set[int]:
        """What comes of a state. Equal, and not only near: within a wide tolerance a small step
        moves nothing, and everything that is small is the same."""
        given, after = self.results(state, index)
        return {*given, *after}

    def results(self, state: Mapping[str, Any], index: Index) -> tuple[list[int], list[int]]:
        """What the call gives from a state, and what it leaves in its variables.

        GraphlabError where it cannot be replayed.
        """
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


def _has(played: Played) -> frozenset[str]:
    """The variables that a call begins with, as its side calls them."""
    start, called = played.replay.start, played.called
    return frozenset(called.get(own, own) for own in (*start.state, *lent(start)))


_MOVABLE = (np.float16, np.float32, np.float64)
