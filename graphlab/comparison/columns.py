"""In which order the columns of a variable stand in its partner, told by what each of them moves.

Where the values of two partners have nothing to do with one another, the places of their columns in
the programs tell: the gates of an LSTM, the classes of a last layer, the rows behind a flattened
image. All variables of this kind get numbers that are the same in every column, so that no order
matters; then one column after another is moved, and the call is executed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graphlab.comparison.carrying import carry
from graphlab.comparison.found import EQUAL, VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.influence import MOST_MOVES, Mover, calls_with
from graphlab.comparison.side import Side
from graphlab.comparison.values import in_order
from graphlab.errors import GraphlabError

Changed = frozenset[tuple[str, int]]
Moved = list[Changed]  # by column: what is another when it is moved


def by_columns(
    a: Side, b: Side, pairs: Sequence[VariablePair], equal: bool = False
) -> tuple[VariablePair, ...]:
    """The pairs, with the order of the columns where it is known now.

    Columns of which none is told from another by what it moves are taken in their order: to
    exchange them changes nothing that the call gives. Nothing is told where the programs compute
    the same from the same numbers as they stand, or where a call cannot be replayed. Where only
    columns of equal numbers are in doubt, as of zeros, nothing is looked for unless `equal`.
    """
    doubtful = [pair for pair in pairs if _doubtful(pair, a, b)]
    if not equal and not any(pair.how == "different" for pair in doubtful):
        return tuple(pairs)
    known = [pair for pair in pairs if pair not in doubtful]
    given = carry(known, a.variables, b.variables).values
    names = [pair.a for pair in doubtful], [pair.b for pair in doubtful]
    calls = next(iter(calls_with(a, b, names)), None)
    if calls is None:
        return tuple(pairs)
    movers = Mover(a, calls[0], names[0], {}), Mover(b, calls[1], names[1], given)
    doubtful = [p for p in doubtful if p.a in movers[0].movable and p.b in movers[1].movable]
    if not doubtful:
        return tuple(pairs)
    index = Index(a.index.rtol, a.index.atol)
    both = [(pair.a, pair.b) for pair in doubtful]
    found: dict[str, VariablePair] = {}
    try:
        if _as_they_stand(movers, both, index):
            return tuple(pairs)
        left = MOST_MOVES
        for pair in sorted(doubtful, key=lambda pair: a.variables[pair.a].shape[-1]):
            shape = a.variables[pair.a].shape
            for axis in range(len(shape) - 1, max(len(shape) - 3, -1), -1):
                if shape[axis] > left:
                    break
                left -= shape[axis]
                order = _order(movers, both, pair, axis, index)
                if order is not None and order != list(range(len(order))):
                    detail = f"{in_order(order, a.variables[pair.a], axis)}, by influence"
                    found[pair.a] = replace(pair, detail=detail, order=tuple(order), axis=axis)
                    break
    except GraphlabError:
        return tuple(pairs)
    return tuple(found.get(pair.a, pair) for pair in pairs)


def _doubtful(pair: VariablePair, a: Side, b: Side) -> bool:
    """Whether the values of partners do not say how the one stands in the other."""
    mine, theirs = a.variables[pair.a], b.variables[pair.b]
    if pair.order or pair.axes or not mine.ndim or mine.shape != theirs.shape or mine.size < 2:
        return False
    return pair.how == "different" or (pair.how in EQUAL and bool((mine == mine.flat[0]).all()))


def _as_they_stand(
    movers: tuple[Mover, Mover], names: Sequence[tuple[str, str]], index: Index
) -> bool:
    """Whether both give the same from the same numbers, the columns in their order."""
    given = []
    for n, mover in enumerate(movers):
        same = {each[n]: mover.numbers(each[n], 0) for each in names}
        numbers, _ = mover.results({**mover.held, **same}, index)
        given.append({index.near(number) for number in numbers})
    return bool(given[0]) and (given[0] <= given[1] or given[1] <= given[0])


def _order(
    movers: tuple[Mover, Mover],
    names: Sequence[tuple[str, str]],
    pair: VariablePair,
    axis: int,
    index: Index,
) -> list[int] | None:
    """Which column of A each column of B is; None where they move other things."""
    moved = [
        _moved(mover, [each[n] for each in names], (pair.a, pair.b)[n], axis, index)
        for n, mover in enumerate(movers)
    ]
    both = Changed().union(*moved[0]) & Changed().union(*moved[1])
    columns: tuple[dict[Changed, list[int]], dict[Changed, list[int]]] = ({}, {})
    for side, into in zip(moved, columns, strict=True):
        for column, changed in enumerate(side):
            into.setdefault(changed & both, []).append(column)
    mine, theirs = columns
    if not both or {k: len(v) for k, v in mine.items()} != {k: len(v) for k, v in theirs.items()}:
        return None
    order = [0] * len(moved[0])
    for changed, of_b in theirs.items():
        for column, partner in zip(of_b, mine[changed], strict=True):
            order[column] = partner
    return order


def _moved(mover: Mover, names: Sequence[str], name: str, axis: int, index: Index) -> Moved:
    """For each column what the call gives and leaves that it does not while all are equal. What
    stands in variables is compared in any order: their columns may be permuted, too."""

    def results(moved: Mapping[str, np.ndarray]) -> Changed:
        given, left = mover.results({**mover.held, **even, **moved}, index)
        return Changed(
            [("given", index.near(number)) for number in given]
            + [("left", index.rearranged(number)) for number in left]
        )

    even = {each: _even(mover.numbers(each, 0)) for each in names}
    still = results({})
    found = []
    for column in range(even[name].shape[axis]):
        numbers = even[name].copy()
        at = (slice(None),) * (axis % numbers.ndim) + (column,)
        # As many other numbers as a column has, and the same for each of them.
        numbers[at] = np.take(mover.numbers(name, 1), 0, axis)
        found.append(results({name: numbers}) - still)
    return found


def _even(numbers: np.ndarray) -> np.ndarray:
    """An array of that shape in which all numbers are equal."""
    size = numbers.shape[-2] if numbers.ndim > 1 else 2
    return np.full_like(numbers, 1.0 / size)
