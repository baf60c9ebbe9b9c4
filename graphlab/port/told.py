"""Ops whose answer is known where a shape is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port.numbers import Numbers

_INT64 = 9  # TensorFlow's number of the type


def told_by_shape(
    numbers: Numbers, shape: Callable[[str], Shape], op: Op, taken: Sequence[int]
) -> list[int] | None:
    """The numbers of what an op gives that asks for a shape or for a part of it; None of others."""
    if op.type not in ("Shape", "ShapeN", "Size", "Rank", "VariableShape"):
        return None
    if op.type == "VariableShape":
        shapes: list[Shape] = [numbers.variables[taken[0]]]
    else:
        shapes = [shape(tensor) for tensor in op.inputs]
    dtype = np.int64 if op.type != "Rank" and op.attr("out_type").type == _INT64 else np.int32
    found = []
    for sizes, number in zip(shapes, taken, strict=True):
        if op.type == "Rank" and sizes is not None:
            found.append(numbers.of_constant(np.asarray(len(sizes), np.int32)))
        elif sizes is not None and None not in sizes:
            dims = np.asarray(sizes, dtype)
            value = np.asarray(dims.prod(), dtype) if op.type == "Size" else dims
            found.append(numbers.of_constant(value))
        elif op.type in ("Shape", "ShapeN", "VariableShape"):
            found.append(numbers.of_shape(np.dtype(dtype), number, sizes))
        else:
            found.append(numbers.of((op.type, np.dtype(dtype).str, numbers.shaped[number])))
    return found
