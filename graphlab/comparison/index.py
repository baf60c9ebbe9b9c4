"""Which values are the same, to a tolerance.

index = Index(rtol=1e-5, atol=1e-6)
index.number(a) == index.number(b)                        # the same numbers in the same order
index.near(index.number(a)) == index.near(index.number(b))   # or so small that it does not matter

Every array gets the number of its class; finding it takes as long with a million classes as with
one, since only arrays whose largest and mean numbers are near are compared at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

About = tuple[tuple, float, float]  # kind, largest, mean: see `_about`
FINEST = 1e-5  # of the largest number: what is nearer is the same however little is asked
NOTHING = 1e-6  # of atol: what is no larger is 0 to everybody


class Index:
    """Classes of equal values, of whatever shape.

    Two numbers are equal within rtol, or FINEST if that is less, of the largest of their array, and
    near within rtol of it and atol more. Near is enough for a result; but a square root or a
    division makes much of it, and where that is so the values were not equal.
    """

    def __init__(self, rtol: float, atol: float) -> None:
        self.rtol, self.atol = rtol, atol
        self.values: list[np.ndarray] = []  # the first of each class
        self.bytes = 0  # of them
        self._exact: dict[tuple, int] = {}
        # Classes may be no wider than this: what stands for one stands for all that is in it.
        self._equal = _Cells(min(rtol, FINEST), atol * NOTHING)
        self._close = _Cells(rtol, atol)
        self._near: list[int] = []  # for each class the first that it is near to
        self._sorted: Index | None = None
        self._rearranged: dict[int, int] = {}

    def number(self, array: np.ndarray) -> int:
        """The class of an array, which may be a new one."""
        numbers = flat(array)
        exact = (numbers.dtype.str, numbers.size, hash(_bytes(numbers)))
        found = self._exact.get(exact)
        if found is None:
            found = self._exact[exact] = self._classed(array, numbers)
        return found

    def near(self, number: int) -> int:
        """The same number for all classes that are near to one another."""
        return self._near[number]

    def rearranged(self, number: int) -> int:
        """The same number for all classes that hold near numbers in any order."""
        if self._sorted is None:
            self._sorted = Index(self.rtol, self.atol)
        if number not in self._rearranged:
            numbers = flat(self.values[number])
            texts = numbers.dtype.kind == "O"
            ordered = np.array(sorted(numbers), object) if texts else np.sort(numbers)
            self._rearranged[number] = self._sorted.near(self._sorted.number(ordered))
        return self._rearranged[number]

    def tolerance(self, numbers: np.ndarray) -> float:
        """How far apart two numbers of such an array may be, to be near."""
        return self._close.tolerance(numbers)

    def _classed(self, array: np.ndarray, numbers: np.ndarray) -> int:
        """The class of numbers that have not been seen to the last bit."""
        about = _about(numbers) if numbers.dtype.kind in "fc" else None
        found = self._equal.find(about, numbers, self.values) if about else None
        if found is not None:
            return found
        made = len(self.values)
        first = self._close.find(about, numbers, self.values) if about else None
        self.values.append(np.asarray(array))
        self.bytes += self.values[-1].nbytes
        self._near.append(made if first is None else first)
        if about:
            self._equal.add(about, made)
            if first is None:
                self._close.add(about, made)
        return made


class _Cells:
    """Arrays in cells by their largest and mean numbers: what is near is in a cell beside."""

    def __init__(self, rtol: float, atol: float) -> None:
        self.rtol, self.atol = rtol, atol
        self._least = atol or 1e-300
        self._cells: dict[tuple, list[int]] = {}

    def tolerance(self, numbers: np.ndarray) -> float:
        return self.atol + self.rtol * largest(numbers)

    def find(self, about: About, numbers: np.ndarray, values: Sequence[np.ndarray]) -> int | None:
        """The nearest of the arrays that were added, if it is as near as the tolerance."""
        kind, most, mean = about
        limit, found = self.atol + self.rtol * most, None
        middle = self._cell(most)
        for cell in (middle - 1, middle, middle + 1):
            place = math.floor(mean / self._width(cell))
            for beside in (place - 1, place, place + 1):
                for number in self._cells.get((kind, cell, beside), ()):
                    far = distance(flat(values[number]), numbers)
                    if far < limit or (far == limit and found is None):
                        limit, found = far, number
        return found

    def add(self, about: About, number: int) -> None:
        """Have an array found from now on."""
        kind, most, mean = about
        cell = self._cell(most)
        place = math.floor(mean / self._width(cell))
        self._cells.setdefault((kind, cell, place), []).append(number)

    def _cell(self, most: float) -> int:
        """The cell of a largest number.

        Cells are as wide as the tolerance: even near 0, and growing with the number further out.
        """
        if not self.rtol:
            return math.floor(most / (4 * self._least))
        return math.floor(math.asinh(most * self.rtol / self._least) / (4 * self.rtol))

    def _width(self, cell: int) -> float:
        """How far the means of two arrays of that cell may be apart, and more."""
        if not self.rtol:
            return 4 * self._least
        at = min((cell + 2) * 4 * self.rtol, 700.0)
        return 4 * (abs(math.sinh(at)) * self._least + self._least)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of two flat arrays; inf where a NaN, an Inf or a text differs."""
    if a.shape != b.shape:
        return math.inf
    if not a.size:
        return 0.0
    if a.dtype.kind not in "fc" or b.dtype.kind not in "fc":
        same = a == b
        if np.all(same):
            return 0.0
        if a.dtype.kind in "iu" and b.dtype.kind in "iu":
            return float(np.abs(a.astype(np.float64) - b.astype(np.float64)).max())
        return math.inf
    with np.errstate(all="ignore"):
        apart = np.abs(a - b)
        most = float(apart.max())
        if math.isfinite(most):  # as nearly always
            return most
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        apart = np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))
    return float(apart.max())


def flat(array: np.ndarray) -> np.ndarray:
    """All numbers in order; whole ones of one size, short floats as long ones."""
    numbers = np.asarray(array).reshape(-1)
    if numbers.dtype.kind in "iub":
        return numbers.astype(np.int64, copy=False)
    if numbers.dtype.kind == "f":
        return numbers.astype(np.float64 if numbers.dtype.itemsize > 4 else np.float32, copy=False)
    return numbers


def _bytes(numbers: np.ndarray) -> Any:
    return numbers.tobytes() if numbers.dtype.kind != "O" else tuple(map(_hashable, numbers))


def _hashable(item: Any) -> Any:
    return item if isinstance(item, bytes | str | int | float) else repr(item)


def _about(numbers: np.ndarray) -> About:
    """What near arrays have in common exactly, and two numbers that they have nearly so."""
    kind: tuple = (numbers.dtype.kind, numbers.size)
    most = _most(numbers)
    if not math.isfinite(most):
        finite = np.isfinite(numbers)
        bad = np.where(
            np.isnan(numbers), 2, np.sign(np.nan_to_num(numbers.real, posinf=1, neginf=-1))
        )
        kind = (*kind, hash(np.where(finite, 0, bad).astype(np.int8).tobytes()))
        numbers = numbers[finite]
        most = _most(numbers)
    if not numbers.size:
        return kind, 0.0, 0.0
    with np.errstate(all="ignore"):
        mean = float(numbers.real.mean(dtype=np.float64))
    return kind, most, mean if math.isfinite(mean) else 0.0


def largest(numbers: np.ndarray) -> float:
    """The largest finite size of a number, 0 where there is none."""
    found = _most(numbers)
    return found if math.isfinite(found) else _most(numbers[np.isfinite(numbers)])


def _most(numbers: np.ndarray) -> float:
    """The largest size of a number; no finite one where a NaN or an Inf is among them."""
    if not numbers.size:
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(numbers)))
