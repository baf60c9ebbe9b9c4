"""Values that two files hold of the same variables: which are the same, and what differs of others.

A tensor of each file is in memory at a time, and of the numbers as doubles only some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.sources.modelfile import ModelFile, Variable
from graphlab.sources.values import arrays

CHUNK = 1 << 20  # numbers


@dataclass(frozen=True, slots=True)
class Compared:
    """What the values of one variable are in both files: () where they are the same, else digests,
    and how many numbers differ and the largest difference."""

    told: tuple[tuple[str, str, str], ...] = ()  # what, of A, of B


def changes(
    a: ModelFile, b: ModelFile, pairs: Sequence[tuple[Variable, Variable]]
) -> Iterator[Compared | None]:
    """For each pair what its values are; None where those of one are not known, or where dtype or
    shape are others. Values of equal digests are not read."""
    alike = [one.dtype == two.dtype and one.shape == two.shape for one, two in pairs]
    noted = [bool(one.digest) and one.digest == two.digest for one, two in pairs]
    asked = [
        pair for pair, like, known in zip(pairs, alike, noted, strict=True) if like and not known
    ]
    mine = arrays(a, [one for one, _ in asked])
    theirs = arrays(b, [two for _, two in asked])
    for (one, two), like, known in zip(pairs, alike, noted, strict=True):
        if known:
            yield Compared()
        elif not like:
            yield Compared()  # what differs is told already
        else:
            yield _compared(one, two, next(mine), next(theirs))


def _compared(
    one: Variable, two: Variable, a: np.ndarray | None, b: np.ndarray | None
) -> Compared | None:
    if a is None or b is None:
        # What cannot be read, as texts, may still have digests that differ.
        both = one.digest and two.digest and one.digest.split()[0] == two.digest.split()[0]
        return Compared((("value", one.digest, two.digest),)) if both else None
    count, apart = difference(a, b)
    if not count:
        return Compared()
    numbers = f"{count:,} differ, by {apart:.3g} at most"
    return Compared((("value", _digest(a), _digest(b)), ("numbers", f"{a.size:,}", numbers)))


def difference(a: np.ndarray, b: np.ndarray) -> tuple[int, float]:
    """How many numbers of two arrays of one shape differ, and by how much at most; inf where one is
    a NaN or infinite and the other is not."""
    one, other = a.reshape(-1), b.reshape(-1)
    count, apart = 0, 0.0
    for start in range(0, one.size, CHUNK):
        mine, theirs = one[start : start + CHUNK], other[start : start + CHUNK]
        unlike = mine != theirs
        if mine.dtype.kind in "fc":
            unlike &= ~(np.isnan(mine) & np.isnan(theirs))
        if not unlike.any():
            continue
        count += int(unlike.sum())
        wide = np.complex128 if mine.dtype.kind == "c" else np.float64
        with np.errstate(all="ignore"):
            away = np.abs(mine[unlike].astype(wide) - theirs[unlike].astype(wide))
        apart = max(apart, float(np.where(np.isnan(away), np.inf, away).max()))
    return count, apart


def _digest(array: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=8).hexdigest()
