"""Whether results agree: number by number, to a tolerance, with the place where they are worst.

agree({"graph": {"y": a}, "eager": {"y": b}}, rtol=1e-6).worst
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Results = Mapping[str, "np.ndarray | list[np.ndarray]"]

PARTIAL = ("numpy", "keras")  # these need not give every result


@dataclass(frozen=True)
class Difference:
    """The place where two ways are furthest apart, in units of what is tolerated."""

    way: str
    other: str
    result: str
    index: tuple[int, ...]
    value: object
    other_value: object
    excess: float  # |value - other_value| / (atol + rtol * |other_value|); over 1 disagrees
    absolute: float  # |value - other_value|
    problem: str = ""  # where there are no two numbers to compare: a name, shape or type differs


@dataclass(frozen=True)
class Agreement:
    """Whether the ways agree, and the worst difference between any two."""

    ok: bool
    rtol: float
    atol: float
    worst: Difference | None  # None: bit-equal


def agree(results: Mapping[str, Results], rtol: float, atol: float = 0.0) -> Agreement:
    """Compare every way with the first, result by result and number by number.

    Two numbers agree where |a - b| <= atol + rtol * |b|, b being the first way's; NaN agrees
    with NaN. Only `numpy`, the oracle, and `keras` may leave results out.
    """
    first, *others = results
    differences = [
        difference
        for way in others
        for difference in _differences(way, results[way], first, results[first], rtol, atol)
    ]
    worst = max(differences, key=lambda difference: difference.excess, default=None)
    return Agreement(worst is None or worst.excess <= 1, rtol, atol, worst)


def _differences(
    way: str, mine: Results, other: str, theirs: Results, rtol: float, atol: float
) -> Iterator[Difference]:
    names = [name for name in theirs if name in mine or way not in PARTIAL]
    for name in [*names, *(name for name in mine if name not in theirs)]:
        if name not in mine or name not in theirs:
            yield _unlike(way, other, name, name in mine, name in theirs, "only one way gives it")
            continue
        a, b = mine[name], theirs[name]
        pairs: list[tuple[Any, Any, tuple[int, ...]]] = [(a, b, ())]
        if isinstance(a, list) or isinstance(b, list):
            if len(a) != len(b):
                yield _unlike(way, other, name, len(a), len(b), "numbers of cases differ")
                continue
            pairs = [(x, y, (index,)) for index, (x, y) in enumerate(zip(a, b, strict=True))]
        for x, y, index in pairs:
            yield from _array_difference(
                way, other, name, wide(np.asarray(x)), wide(np.asarray(y)), index, rtol, atol
            )


def _array_difference(
    way: str,
    other: str,
    name: str,
    a: np.ndarray,
    b: np.ndarray,
    at: tuple[int, ...],
    rtol: float,
    atol: float,
) -> Iterator[Difference]:
    """The worst number of two arrays; nothing where they are equal to the last bit."""
    if a.shape != b.shape:
        yield _unlike(way, other, name, a.shape, b.shape, "shapes differ")
        return
    same = np.broadcast_to(a == b, a.shape)  # of two kinds, it is one answer for all
    if same.all():
        return
    if a.dtype.kind in "fc" and b.dtype.kind in "fc":
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            absolute = np.abs(a.astype(np.complex128 if a.dtype.kind == "c" else np.float64) - b)
            same = same | (np.isnan(a) & np.isnan(b))
            absolute = np.where(same, 0.0, np.where(np.isnan(absolute), np.inf, absolute))
            excess = np.where(same, 0.0, absolute / (atol + rtol * np.abs(b)))
            excess = np.where(np.isnan(excess), np.inf, excess)
    else:
        absolute = excess = np.where(same, 0.0, np.inf)
    if not absolute.any():
        return
    index = np.unravel_index(int(np.argmax(excess)), a.shape)
    yield Difference(
        way,
        other,
        name,
        at + tuple(int(i) for i in index),
        _item(a[index]),
        _item(b[index]),
        float(excess[index]),
        float(absolute[index]),
    )


def wide(array: np.ndarray) -> np.ndarray:
    """Numbers of TensorFlow's short types (bfloat16, float8, int4), of whose kinds NumPy knows
    nothing, as float32, which has room for all of them; any other array as it is."""
    short = array.dtype.kind == "V" and array.dtype.names is None
    return array.astype(np.float32) if short else array


def _item(value: Any) -> object:
    """An element of an array as Python has it; of texts it is that already."""
    return value.item() if isinstance(value, np.generic) else value


def _unlike(
    way: str, other: str, name: str, value: object, other_value: object, problem: str
) -> Difference:
    return Difference(way, other, name, (), value, other_value, np.inf, np.inf, problem)
