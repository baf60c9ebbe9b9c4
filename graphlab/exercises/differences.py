"""Where a port's numbers are not the original's: the first place, and how far.

equal(mine, theirs, "train_step", but=())       # Wrong("train_step: loss is 2.3, not 1.1")
same_law(mine, theirs, "the fresh kernel")      # of numbers that are drawn: their mean and spread
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from graphlab.exercises.exercise import Arrays

RTOL, ATOL = 1e-5, 1e-6
SIGMAS = 5  # by which a mean of random numbers may be off
SAMPLES = 30  # fewer random numbers than these say nothing of their law


class Wrong(Exception):
    """The port is no port: what was seen, in words."""


def equal(
    mine: Arrays,
    theirs: Arrays,
    what: str,
    but: tuple[str, ...],
    moved: Mapping[str, np.ndarray] = {},
) -> None:
    """Wrong where the port's arrays are not the original's, with the first and how far.

    `moved` says by name and element how far they may be apart beyond that.
    """
    for name, wanted in mine.items():
        said = f"{what}: {name}" if name else what
        if name not in theirs:
            given = ", ".join(theirs) or "nothing"
            raise Wrong(f"{said} is not given; the port gives {given}")
        found = theirs[name]
        if found.shape != wanted.shape:
            raise Wrong(f"{said} is of shape {list(found.shape)}, not {list(wanted.shape)}")
        if name in but:
            continue
        if wanted.dtype.kind not in "fciub" or found.dtype.kind not in "fciub":
            if not np.array_equal(wanted, found):
                raise Wrong(f"{said} is {found.ravel()[:1]}, not {wanted.ravel()[:1]}")
            continue
        further = moved.get(name, np.zeros(()))
        _close(wanted.astype(np.float64), found.astype(np.float64), said, further)


def _close(wanted: np.ndarray, found: np.ndarray, said: str, further: np.ndarray) -> None:
    bad = np.isnan(found) & ~np.isnan(wanted)
    if bad.any():
        at = f" at {[int(n) for n in np.argwhere(bad)[0]]}" if bad.shape else ""
        raise Wrong(f"{said} is NaN{at}, and {_number(wanted[bad].flat[0])} in the original")
    finite = wanted[np.isfinite(wanted)]
    limit = ATOL + RTOL * float(np.abs(finite).max(initial=0)) + further
    away = ~np.isclose(found, wanted, rtol=0, atol=limit, equal_nan=True)
    if not away.any():
        return
    apart = np.where(away, np.nan_to_num(np.abs(found - wanted), nan=np.inf), -1)
    worst = np.unravel_index(int(np.argmax(apart)), apart.shape)
    place = f" at {[int(n) for n in worst]}" if worst else ""
    raise Wrong(f"{said} is {_number(found[worst])}, not {_number(wanted[worst])}{place}")


def _number(value: float) -> str:
    return f"{value:.6g}"


def same_law(wanted: np.ndarray, found: np.ndarray, said: str) -> None:
    """Wrong where two samples are not of one law, as far as their mean and spread tell."""
    if wanted.dtype.kind != "f":
        equal({"": wanted}, {"": found}, said, ())
        return
    if all(np.array_equal(wanted[0], each) for each in wanted):
        equal({"": wanted}, {"": found}, said, ())
        return
    if all(np.array_equal(found[0], each) for each in found):
        raise Wrong(f"{said} is the same in every build, and the original's is drawn")
    if wanted.size < SAMPLES:
        return
    spread = float(wanted.std())
    # What the difference of two means, and of two spreads, is off by at most by chance: normal
    # numbers are assumed, and the laws of initializers have shorter tails.
    chance = SIGMAS * spread / math.sqrt(wanted.size)
    if abs(float(found.mean() - wanted.mean())) > math.sqrt(2) * chance:
        raise Wrong(f"{said} has the mean {found.mean():.3g}, not {wanted.mean():.3g}")
    if abs(float(found.std()) - spread) > chance:
        raise Wrong(f"{said} has the spread {found.std():.3g}, not {spread:.3g}")
