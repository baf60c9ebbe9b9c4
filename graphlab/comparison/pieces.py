"""Variables whose numbers stand in several of the other side's, told number by number.

TensorFlow 1 keeps the kernels of an LSTM in one variable and Keras in two, with the gates in
another order; of a GRU the gates are in one, and the candidate in another.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from graphlab.comparison.found import VariablePair

Values = Mapping[str, np.ndarray]
MOST_BLOCKS = 12  # of a variable: what is cut into more is not told
LEAST_FOUND = 0.9  # of a variable's numbers that are somebody's


def pieces(a: Values, b: Values, paired: Sequence[VariablePair]) -> list[str]:
    """A line for each variable without a partner of which most numbers stand in variables of the
    other side that have none either: which stretch is which. Numbers that are there more than once
    tell nothing by themselves."""
    left_a = {n: v for n, v in a.items() if n not in {p.a for p in paired} and v.dtype.kind == "f"}
    left_b = {n: v for n, v in b.items() if n not in {p.b for p in paired} and v.dtype.kind == "f"}
    lines = []
    told: set[str] = set()
    for whole, parts, side in ((left_b, left_a, "A"), (left_a, left_b, "B")):
        for name, array in parts.items():
            blocks = _blocks(array, whole) if array.size > 2 else None
            if blocks and not {name, *(of for of, _, _ in blocks)} <= told:
                other = "B" if side == "A" else "A"
                told |= {name, *(of for of, _, _ in blocks)}
                said = ", ".join(f"{of}{_slices(there)}" for of, there, _ in blocks)
                where = ", ".join(_slices(here) for _, _, here in blocks)
                lines.append(f"{side}'s {name} at {where} is {other}'s {said}")
    return lines


Box = tuple[tuple[int, int], ...]  # from and to, by axis


def _blocks(array: np.ndarray, others: Values) -> list[tuple[str, Box, Box]] | None:
    """Boxes of an array that stand in others as they are: of which, where there, where here, in the
    order here. None where it is not most of the array, or they are too many."""
    found: list[tuple[str, Box, Box]] = []
    covered = 0
    for name, other in others.items():
        if other.ndim != array.ndim:
            continue
        here, there = _common(array, other)
        if not len(here):
            continue
        moves, of = np.unique(there - here, axis=0, return_inverse=True)
        if len(moves) > MOST_BLOCKS:
            return None
        for n, move in enumerate(moves.tolist()):
            for box in _boxes(here[of.reshape(-1) == n]):
                moved = tuple((x + m, y + m) for (x, y), m in zip(box, move, strict=True))
                if not np.array_equal(_at(array, box), _at(other, moved)):
                    return None
                found.append((name, moved, box))
                covered += _at(array, box).size
    if len(found) > MOST_BLOCKS or covered < LEAST_FOUND * array.size:
        return None
    return sorted(found, key=lambda each: each[2])


def _boxes(places: np.ndarray) -> Iterator[Box]:
    """Stretches of places, [places, axes], that are cut from one another along some axis."""
    runs = []
    for axis in places.T:
        each = np.unique(axis)
        cuts = np.flatnonzero(np.diff(each) > 1) + 1
        runs.append([(int(run[0]), int(run[-1]) + 1) for run in np.split(each, cuts)])
    return itertools.product(*runs)


def _at(array: np.ndarray, box: Box) -> np.ndarray:
    return array[tuple(slice(*each) for each in box)]


def _common(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the numbers that both have, and each of them once: [numbers, axes] of each."""
    (mine, at_a), (theirs, at_b) = _once(a), _once(b)
    _, here, there = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    return (
        np.stack(np.unravel_index(at_a[here], a.shape), 1),
        np.stack(np.unravel_index(at_b[there], b.shape), 1),
    )


def _once(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that are there once, in their order, and where in the flat array."""
    numbers, at, counts = np.unique(array, return_index=True, return_counts=True)
    return numbers[counts == 1], at[counts == 1]


def _slices(box: Box) -> str:
    return "[" + ", ".join(f"{low}:{high}" for low, high in box) + "]"
