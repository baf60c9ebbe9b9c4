"""How values that are not the same are related, and what values tell.

relation(a, b, index).how               # "same", "near", "transposed", "permuted", "scaled", ...
informative(a)                          # whether others hardly have these numbers by chance
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab.agreement import wide
from graphlab.comparison.index import Index, distance, flat

LEAST_REARRANGED = 4  # numbers of a tensor that may be another's in a different order
MOST_AXES = 5  # of which all orders are tried
FEW = (
    4  # significant digits: a number of no more is a rate or a rate's kin, which many programs have
)


@dataclass(frozen=True, slots=True)
class Relation:
    """How a value of B is related to one of A."""

    how: str  # "same", "near", "reshaped", "transposed", "permuted", "scaled", "different"
    detail: str = ""  # the axes, the order or the factor
    apart: float = 0.0  # the largest difference, once rearranged; inf where none can be taken
    order: tuple[int, ...] = ()  # of what was permuted: which of A's stands in each place of B
    axis: int = 0  # along which it was
    axes: tuple[int, ...] = ()  # of what was transposed: which of A's is each axis of B


def relation(
    a: np.ndarray, b: np.ndarray, index: Index, orders: Sequence[tuple[int, ...]] = ()
) -> Relation:
    """How B's value is related to A's: the simplest that holds.

    `orders` in which other values were found to stand are tried before any other, and at last by
    how much of the value they leave.
    """
    a, b = np.asarray(a), np.asarray(b)
    one, other = flat(a), flat(b)
    if one.size != other.size or (one.dtype.kind in "fc") != (other.dtype.kind in "fc"):
        return Relation("different", _shapes(a, b), math.inf)
    limit = index.tolerance(other) if other.dtype.kind in "fc" else 0.0
    apart = distance(one, other)
    if apart <= limit:
        how = "reshaped" if a.shape != b.shape else "same" if apart == 0 else "near"
        return Relation(how, _shapes(a, b) if how == "reshaped" else "", apart)
    turned = [
        (order, axis, np.take(a, order, axis))
        for order in (orders if a.shape == b.shape else ())
        for axis, size in enumerate(a.shape)
        if size == len(order)
    ]
    for order, axis, value in turned:
        left = distance(flat(value), other)
        if left <= limit:
            return Relation("permuted", in_order(order, a, axis), left, order, axis)
    if index.rearranged(index.number(a)) == index.rearranged(index.number(b)):
        return _rearranged(a, b, limit)
    if one.dtype.kind == "f" and one.size:
        factor = _factor(one.astype(np.float64), other.astype(np.float64))
        if factor is not None:
            return Relation("scaled", f"B is A times {factor:.6g}", apart)
        along = scaled_along(a, b)
        if along is not None:
            detail = f"B is A times a factor for each of {a.shape[along]} along axis {along}"
            return Relation("scaled", detail, apart)
    for order, axis, value in turned:
        if _mostly(value, b, limit):
            detail = f"{in_order(order, a, axis)}; then {differing(value, b, limit)}"
            return Relation("different", detail, distance(flat(value), other), order, axis)
    if a.shape == b.shape and _mostly(a, b, limit):
        return Relation("different", differing(a, b, limit), apart)
    return Relation("different", _shapes(a, b), apart)


def _mostly(a: np.ndarray, b: np.ndarray, limit: float) -> bool:
    """Whether at least half of the numbers are equal, and they are not all zeros."""
    if a.dtype.kind not in "fiu" or b.dtype.kind not in "fiu" or a.size < 4:
        return False
    equal = np.abs(a.astype(np.float64) - b) <= limit
    return bool(2 * equal.sum() >= a.size)


def differing(a: np.ndarray, b: np.ndarray, limit: float) -> str:
    """Where numbers differ, and by how much: "4 of 16 numbers differ, by 1, from [4] to [7]"."""
    away = b.astype(np.float64) - a
    places = np.argwhere(~(np.abs(away) <= limit))
    by = away[tuple(places.T)]
    said = f"{len(places)} of {a.size} numbers differ"
    if len(by) and np.ptp(by) <= limit:
        said += f", all by {by[0]:.4g}"
    first, last = (list(map(int, places[n])) for n in (0, -1))
    return f"{said}, from {first} to {last}" if len(places) > 1 else f"{said}, at {first}"


def in_order(order: Sequence[int], array: np.ndarray, axis: int) -> str:
    """An order along an axis in words: `"in the order [2, 0, 1] along axis 1"`."""
    return f"{_blocks(order)}{_along(array, axis)}"


def _along(array: np.ndarray, axis: int) -> str:
    return f" along axis {axis}" if array.ndim > 1 else ""


def _rearranged(a: np.ndarray, b: np.ndarray, limit: float) -> Relation:
    """In which order A's numbers stand in B."""
    if 1 < a.ndim == b.ndim <= MOST_AXES:
        for axes in itertools.permutations(range(a.ndim)):
            turned = a.transpose(axes)
            if turned.shape == b.shape and distance(flat(turned), flat(b)) <= limit:
                left = distance(flat(turned), flat(b))
                return Relation("transposed", f"axes {list(axes)}", left, axes=axes)
    for axis in range(a.ndim) if a.shape == b.shape and a.dtype.kind in "fciu" else ():
        order = _order(np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0))
        turned = np.take(a, order, axis)
        left = distance(flat(turned), flat(b))
        if left <= limit:
            detail = in_order(order, a, axis)
            return Relation("permuted", detail, left, tuple(order), axis)
    return Relation("permuted", "the same numbers in another order")


def _order(a: np.ndarray, b: np.ndarray) -> list[int]:
    """Which row of A each row of B is, if they are the same rows, told by their sums and sizes."""
    rows_a, rows_b = (np.reshape(x, (len(x), -1)).astype(np.float64) for x in (a, b))
    weights = np.cos(np.arange(rows_a.shape[1]) + 1.0)  # sums alone are equal too often
    by_a = np.argsort(rows_a @ weights, kind="stable")
    by_b = np.argsort(rows_b @ weights, kind="stable")
    order = np.empty(len(by_b), np.int64)
    order[by_b] = by_a
    return order.tolist()


def _blocks(order: Sequence[int]) -> str:
    """An order in few words: of 8 columns that moved in fours, `"4 blocks in the order [2, 0]"`."""
    count = len(order)
    step = order[1] - order[0] if count > 1 else 0
    if 1 < step < count - 1 and not count % step:
        strided = [n for start in range(step) for n in range(start, count, step)]
        if list(order) == strided:
            return f"as [{count // step}, {step}] transposed"
    for size in range(count // 2, 0, -1):
        if count % size or any(order[n] != order[n - n % size] + n % size for n in range(count)):
            continue
        starts = [order[n] for n in range(0, count, size)]
        if any(start % size for start in starts):
            continue
        blocks = [start // size for start in starts]
        shown = str(blocks) if len(blocks) <= 16 else f"{str(blocks[:16])[:-1]}, ...]"
        return f"{len(blocks)} blocks in the order {shown}" if size > 1 else f"in the order {shown}"
    return "in another order"


def _factor(a: np.ndarray, b: np.ndarray) -> float | None:
    """The one number by which all of A is multiplied in B; None where there is none."""
    at = int(np.argmax(np.abs(a)))
    if not a[at] or not np.isfinite(a).all() or not np.isfinite(b).all():
        return None
    factor = float(b[at] / a[at])
    if not factor or not np.allclose(a * factor, b, 1e-5, 1e-6 * float(np.abs(b).max())):
        return None
    return factor if a.size > 1 or abs(factor) == 1 else None


def factors(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray | None:
    """By what each slice of A along an axis is multiplied in B, [slices]; None where one is not."""
    one, other = (np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1) for x in (a, b))
    one, other = one.astype(np.float64), other.astype(np.float64)
    at = np.argmax(np.abs(one), axis=1)[:, None]
    with np.errstate(all="ignore"):
        found = np.take_along_axis(other, at, 1) / np.take_along_axis(one, at, 1)
    if not np.isfinite(found).all() or not found.all():
        return None
    fits = np.allclose(one * found, other, 1e-5, 1e-6 * float(np.abs(other).max()))
    return found[:, 0] if fits else None


def scaled_along(a: np.ndarray, b: np.ndarray) -> int | None:
    """The last axis along which each slice of B is one of A times a factor; None where there is
    none, or a slice is a number."""
    if a.shape != b.shape or a.ndim < 2 or not np.isfinite(a).all() or not np.isfinite(b).all():
        return None
    for axis in reversed(range(a.ndim)):
        if 1 < a.shape[axis] <= a.size // 3 and factors(a, b, axis) is not None:
            return axis
    return None


def informative(array: np.ndarray) -> bool:
    """Whether two tensors with these numbers are hardly alike by chance.

    Zeros, ones, shapes, masks and rates are in every program.
    """
    numbers = flat(array)
    if not numbers.size:
        return False
    if numbers.dtype.kind in "OSU":
        return numbers.size > 2
    sample = numbers[:: max(1, numbers.size // 64)][:64]
    if numbers.dtype.kind in "fc":
        sample = sample[np.isfinite(sample)]
        if numbers.size == 1:
            return bool(sample.size) and numbers.dtype.kind == "f" and not _plain(float(sample[0]))
        return len(np.unique(sample)) >= 3
    return numbers.dtype.kind in "iu" and len(np.unique(sample)) >= 8


def rearrangeable(array: np.ndarray) -> bool:
    """Whether it is worth a look if its numbers stand in another order elsewhere."""
    return array.size >= LEAST_REARRANGED and informative(array)


def rate(array: np.ndarray) -> bool:
    """Whether it is one number that is not whole: a rate, a power of one, a share."""
    if array.size != 1 or array.dtype.kind != "f":
        return False
    number = float(array.reshape(-1)[0])
    return math.isfinite(number) and not number.is_integer()


def _plain(number: float) -> bool:
    """Whether somebody may have typed it in: 0.1, 64, 0.001; or it comes of the batch's size."""
    short = float(f"{number:.{FEW}g}")
    return math.isclose(number, short, rel_tol=3e-7) or (
        bool(number) and math.isclose(1 / number, round(1 / number), rel_tol=3e-7)
    )


def array_of(value: Any) -> np.ndarray | None:
    """A value as an array; None for what is none, such as a handle."""
    if value is None or isinstance(value, str):
        return None
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, NotImplementedError):
        return None
    array = wide(array)
    return array if array.dtype.kind in "fciubOSU" else None


def _shapes(a: np.ndarray, b: np.ndarray) -> str:
    return f"{list(a.shape)} against {list(b.shape)}" if a.shape != b.shape else ""


def histogram(arrays: Iterable[np.ndarray], bins: int = 16) -> tuple[tuple[int, ...], ...]:
    """How many numbers of each array are in each of so many equal stretches, the same for all.

    Empty where there are no finite numbers.
    """
    flats = [flat(a) for a in arrays]
    finite = [
        f[np.isfinite(f)].astype(np.float64) if f.dtype.kind in "fiu" else np.empty(0)
        for f in flats
    ]
    whole = np.concatenate(finite) if finite else np.empty(0)
    if not whole.size:
        return ()
    low, high = float(whole.min()), float(whole.max())
    if low == high:
        return ()
    return tuple(tuple(np.histogram(f, bins, (low, high))[0].tolist()) for f in finite)
