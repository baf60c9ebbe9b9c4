"""How many items there are of what is reduced, as TensorFlow 1 and its successor reckon it."""

from __future__ import annotations

import numpy as np

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
    if made[whole][0] != "Prod" or made[least][0] != "Maximum":
        return None
    counts = [n for n in made[least][1:3] if not constants.is_scalar(values.get(n), 1)]
    if len(counts) != 1 or made[counts[0]][0] != "Prod":
        return None
    shape, reduced = made[whole][1], made[counts[0]][1]
    if made[shape][0] != "Shape" or made[reduced][0] != "Shape":
        return None
    kind, *mean = made[made[reduced][2]]
    known = numbers.sized.get(shape)
    if kind != "Mean" or not known or made[shape][2] != numbers.shaped[mean[0]]:
        return None
    axes = values.get(mean[1])
    return None if axes is None else _product(numbers, whole, axes % len(known))


def _product(numbers: Numbers, whole: int, axes: np.ndarray) -> int:
    """The number of the product of some sizes, where `whole` is that of all."""
    _, shape, *over = numbers.made[whole]
    places = numbers.of_constant(axes)
    part = part_of_shape(numbers, shape, places)
    if part is not None:
        return numbers.of_constant(np.asarray(numbers.values[part].prod(), axes.dtype))
    zero = numbers.of_constant(np.asarray(0, np.int32))
    part = numbers.of(("GatherV2", shape, places, zero, _GATHERS))
    return part if not axes.ndim else numbers.of(("Prod", part, *over))


_GATHERS = (("batch_dims", b"\x18\x00"), ("type", b"int32"))
