"""What is made of small constants alone, and is small, is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port import exact
from graphlab.port.numbers import LARGEST, Numbers


def computed(
    numbers: Numbers, shape: Callable[[str], Shape], op: Op, taken: Sequence[int]
) -> list[int] | None:
    """The numbers of what the op gives, where all that it takes is known."""
    if op.type == "DynamicStitch":
        taken = _that_last(numbers, taken)
    if not taken or any(number not in numbers.values for number in taken):
        return None
    known = {t: numbers.values[n] for t, n in zip(op.inputs, taken, strict=True)}
    for tensor in op.outputs:
        sizes = _told(op, known) if op.type in _TELLS else shape(tensor)
        if sizes is None or (None in sizes and op.type != "BroadcastGradientArgs"):
            return None
        if math.prod(size or 0 for size in sizes) > LARGEST:
            return None
    values = exact.all_computed(op, known)
    return None if values is None else [numbers.of_constant(each) for each in values]


def _that_last(numbers: Numbers, taken: Sequence[int]) -> Sequence[int]:
    """What is put together, where the last part covers all others: these alone."""
    places, parts = taken[: len(taken) // 2], taken[len(taken) // 2 :]
    if not numbers.values.keys() >= {*places}:
        return taken
    found = [{*numbers.values[place].ravel().tolist()} for place in places]
    is_all = all(map(found[-1].issuperset, found))
    return [places[-1]] * len(places) + [parts[-1]] * len(parts) if is_all else taken


def _told(op: Op, known: Mapping[str, np.ndarray]) -> Shape:
    """The shape that an op is asked for, also where the graph does not know it: TensorFlow 1
    reckoned it, or its size has come out of an array."""
    values = [known[tensor] for tensor in op.inputs]
    if op.type == "Range":
        first, last, step = (value.item() for value in values)
        return (max(0, math.ceil((last - first) / step)),) if step else None
    if op.type == "Reshape":  # whose -1 is what is left
        return values[0].shape
    return tuple(values[_TELLS[op.type]].ravel().tolist())


# Where in what they take they are asked for a shape.
_TELLS = {"Range": 1, "Reshape": 1, "Fill": 0, "BroadcastTo": 1}
