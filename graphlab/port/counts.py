"""How many items there are of what is reduced, as TensorFlow 1 and its successor reckon it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphlab.model import Shape
from graphlab.port import constants
from graphlab.port.numbers import Numbers


def part_of_shape(numbers: Numbers, shape: int, places: int) -> int | None:
    """The number of some sizes of a shape, where these are known."""
    known, asked = numbers.sized.get(shape), numbers.values.get(places)
    if known is None or asked is None or not all(0 <= n < len(known) for n in asked.ravel()):
        return None
    found = [known[n] for n in asked.ravel()]
    if None in found:
        return None
    dtype = numbers.made[shape][1]
    return numbers.of_constant(np.asarray(found, dtype).reshape(asked.shape))


def averaged(numbers: Numbers, whole: int, least: int) -> int | None:
    """The number of how many items each of some means is of. TensorFlow 1 divides the number of all
    by that of the means, its successor multiplies the sizes along the axes. These are the same
    where there are means at all, and else there is nothing to be divided by them."""
    made, values = numbers.made, numbers.values
    if made[whole][0] != "Prod" or made[made[whole][1]][0] != "Shape":
        return None
    shape = made[whole][1]
    known = numbers.sized.get(shape)
    axes = _unknown(known, values[least]) if least in values else _reduced(numbers, shape, least)
    return None if axes is None or not known else _product(numbers, whole, axes % len(known))


def _unknown(known: Shape, others: np.ndarray) -> np.ndarray | None:
    """The axis whose size is not known, where the means are as many as the others multiply to."""
    if known is None or known.count(None) != 1:
        return None
    is_rest = math.prod(size for size in known if size is not None) == others
    return np.asarray(known.index(None), others.dtype) if is_rest else None


def _reduced(numbers: Numbers, shape: int, least: int) -> np.ndarray | None:
    """The axes of a mean of what has a shape, where `least` is the number of the means, or one."""
    made, values = numbers.made, numbers.values
    if made[least][0] != "Maximum":
        return None
    counts = [n for n in made[least][1:3] if not constants.is_scalar(values.get(n), 1)]
    if len(counts) != 1 or made[counts[0]][0] != "Prod":
        return None
    means = made[counts[0]][1]
    kind, *mean = made[made[means][2]] if made[means][0] == "Shape" else ("",)
    is_of_it = kind == "Mean" and made[shape][2] == numbers.shaped[mean[0]]
    return values.get(mean[1]) if is_of_it else None


def _product(numbers: Numbers, whole: int, axes: np.ndarray) -> int:
    """The number of the product of some sizes, where `whole` is that of all."""
    _, shape, *over = numbers.made[whole]
    places = numbers.of_constant(axes)
    part = part_of_shape(numbers, shape, places)
    if part is not None:
        return numbers.of_constant(np.asarray(numbers.values[part].prod(), axes.dtype))
    return _taken(numbers, shape, axes, tuple(over))


def _taken(numbers: Numbers, shape: int, axes: np.ndarray, over: tuple[Any, ...]) -> int:
    """The number of the product of the sizes along some axes; of one axis of the size."""
    zero = numbers.of_constant(np.asarray(0, np.int32))
    places = numbers.of_constant(axes.reshape(()) if axes.size == 1 else axes)
    part = numbers.of(("GatherV2", shape, places, zero, _GATHERS))
    return part if axes.size == 1 else numbers.of(("Prod", part, *over))


def product_of_one(numbers: Numbers, whole: int) -> int | None:
    """The number of a size of a shape, where it is multiplied with no other."""
    kind, *made = numbers.made[whole]
    places = numbers.values.get(made[1]) if kind == "GatherV2" else None
    if places is None or places.shape != (1,) or numbers.made[made[0]][0] != "Shape":
        return None
    return _taken(numbers, made[0], places, ())


_GATHERS = (("batch_dims", b"\x18\x00"), ("type", b"int32"))
