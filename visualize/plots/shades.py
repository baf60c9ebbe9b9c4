"""Numbers become colours, the same in a picture and in a terminal.

>>> of = scale([[0.0, 2.0]])
>>> of.low, of.high, of.shares([[0.0, 1.0, 2.0]]).tolist()
(0.0, 2.0, [[0.0, 0.5, 1.0]])
>>> rgb([[-1.0, 0.0, 1.0]], scale([[-1.0, 1.0]], signed=True), DIVERGING).tolist()
[[[4, 58, 99], [255, 255, 255], [205, 80, 0]]]
>>> odd([1.0, float("nan"), float("inf")])
{'NaN': 1, 'inf': 1}
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Ramp = tuple[tuple[int, int, int], ...]  # colours, evenly spread from the least to the most

GREYS: Ramp = ((0, 0, 0), (255, 255, 255))
BLUES: Ramp = ((255, 255, 255), (160, 210, 238), (62, 150, 209), (0, 95, 155), (3, 40, 72))
# Blue below 0, white at 0, orange above: told apart by those who see few colours, and on grey
# paper, where the blue end is the darker.
DIVERGING: Ramp = (
    (4, 58, 99),
    (0, 114, 178),
    (127, 184, 220),
    (255, 255, 255),
    (250, 203, 158),
    (240, 141, 60),
    (205, 80, 0),
)
# What is no finite number has a colour that no ramp has.
ODD = {"NaN": (230, 0, 126), "inf": (0, 168, 107), "-inf": (132, 54, 196)}


@dataclass(frozen=True)
class Scale:
    """From which number to which the shades run; both 0 where there is no finite number."""

    low: float
    high: float

    def shares(self, values: Any) -> np.ndarray:
        """0 for low, 1 for high, NaN for what is not finite; one number alone is half way."""
        wide = np.asarray(values, np.float64)
        finite = np.where(np.isfinite(wide), wide, np.nan)
        if self.low == self.high:  # a unit that is dead is dark
            return np.where(np.isnan(finite), np.nan, 0.5 if self.low else 0.0)
        # Halves: the difference of two large numbers may be too large for a float.
        return np.clip((finite / 2 - self.low / 2) / (self.high / 2 - self.low / 2), 0, 1)


def scale(arrays: Iterable[Any], signed: bool = False) -> Scale:
    """From the smallest finite number of all to the largest; signed: as far to both sides."""
    least, most = math.inf, -math.inf
    for array in arrays:
        wide = np.asarray(array, np.float64)
        finite = wide[np.isfinite(wide)]
        if finite.size:
            least, most = min(least, float(finite.min())), max(most, float(finite.max()))
    if least > most:
        return Scale(0.0, 0.0)
    if signed:
        far = max(abs(least), abs(most)) or 1.0  # all 0: the middle of the ramp
        return Scale(-far, far)
    return Scale(least, most)


def rgb(values: Any, of: Scale, ramp: Ramp) -> np.ndarray:
    """Bytes [..., 3]: a colour for each number. What is not finite has the colours of ODD."""
    wide = np.asarray(values, np.float64)
    shares = of.shares(wide)
    at = np.linspace(0, 1, len(ramp))
    channels = [
        np.interp(np.nan_to_num(shares), at, [c[k] for c in ramp]).round() for k in range(3)
    ]
    colours = np.stack(channels, axis=-1).astype(np.uint8)
    for name, where in _odd_places(wide).items():
        colours[where] = ODD[name]
    return colours


def own_rgb(picture: Any, of: Scale) -> np.ndarray:
    """Bytes [height, width, 3] of a picture whose numbers are red, green and blue themselves.

    A pixel with a number that is not finite has the colour of ODD.
    """
    wide = np.asarray(picture, np.float64)
    colours = np.nan_to_num(of.shares(wide) * 255).round().astype(np.uint8)
    for name, where in _odd_places(wide).items():
        colours[where.any(axis=-1)] = ODD[name]
    return colours


def odd(values: Any) -> dict[str, int]:
    """How many NaN, inf and -inf there are; those of which there are any."""
    counts = {k: int(w.sum()) for k, w in _odd_places(np.asarray(values, np.float64)).items()}
    return {name: count for name, count in counts.items() if count}


def _odd_places(wide: np.ndarray) -> dict[str, np.ndarray]:
    return {"NaN": np.isnan(wide), "inf": wide == np.inf, "-inf": wide == -np.inf}


def shrunk(values: Any, most_rows: int, most_columns: int) -> np.ndarray:
    """The array, [rows, columns] or [rows, columns, 3], by means of equal blocks at most so large.

    A block with a number that is not finite is not finite either: it is not averaged away.
    """
    wide = np.asarray(values, np.float64)
    for axis, most in ((0, max(most_rows, 1)), (1, max(most_columns, 1))):
        count = wide.shape[axis]
        if count > most:
            cuts = np.linspace(0, count, most + 1).round().astype(int)
            pieces = [wide.take(range(a, b), axis) for a, b in itertools.pairwise(cuts)]
            with np.errstate(invalid="ignore"):  # inf and -inf in one block: NaN
                wide = np.stack([piece.mean(axis=axis) for piece in pieces], axis=axis)
    return wide


def is_light(colour: Any) -> bool:
    """Whether black can be read better on the colour, red, green and blue, than white."""
    red, green, blue = (float(x) for x in colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def number(value: float) -> str:
    """A number for a label, with three digits.

    >>> number(0.12345), number(-3.0), number(2000.0), number(1234567.0)
    ('0.123', '-3', '2000', '1.23e+06')
    """
    said = f"{value:.3g}"
    return f"{float(said):.0f}" if "e+" in said and abs(value) < 1e5 else said
