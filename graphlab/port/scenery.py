"""What a layer of Keras is here, and what is seen of the body that it may be in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape, node_of
from graphlab.port.seen import Seen

DTYPES, INTEGERS = ("float32", "float64"), ("int32", "int64")


@dataclass(frozen=True)
class Layer:
    """A layer of Keras, and the ops that it stands for."""

    kind: str  # of `keras.layers`
    arguments: tuple[Any, ...]
    keywords: tuple[tuple[str, Any], ...]
    weights: tuple[tuple[str, str], ...]  # Keras' name of each, and its handle or Const: tensors
    takes: str  # a tensor
    gives: str
    members: tuple[str, ...]  # ops, in order
    shape: tuple[int | None, ...] | None  # of what it takes, without the batch
    dtype: str  # of what it takes


@dataclass(frozen=True)
class Scenery:
    """A body, its variables, and the shapes of its tensors."""

    seen: Seen
    variables: Mapping[str, tuple[tf.DType, tuple[int, ...]]]  # by the tensor of the handle
    known_shape: Callable[[str], Shape]
    told: dict[str, tuple[int | None, ...]] = field(default_factory=dict)  # by Keras, see `shape`

    def weight(self, tensor: str, rank: int) -> str | None:
        """The handle of the variable, or the Const, whose value a tensor is, if it has this
        rank. What is of rank 1 may have been given axes of 1 in front."""
        while tensor not in self.variables:
            tensor = self.seen.source(tensor)
            op = self.seen.ops.get(node_of(tensor))
            if op is None or tensor not in op.outputs:
                return None
            if op.type == "Const":
                break
            in_front = op.type == "Squeeze" or (op.type == "Reshape" and self._adds_axes(op))
            if op.type not in ("ReadVariableOp", "Identity") and not (rank == 1 and in_front):
                return None
            tensor = op.inputs[0]
        dtype, shape = self.kind(tensor)
        return tensor if len(shape) == rank and dtype in DTYPES else None

    def _adds_axes(self, op: Op) -> bool:
        shape = self.seen.axes(op.inputs[1])
        return shape is not None and set(shape[:-1]) <= {1}

    def kind(self, weight: str) -> tuple[str, tuple[int, ...]]:
        """The type and the shape of a weight."""
        if weight in self.variables:
            dtype, shape = self.variables[weight]
            return dtype.name, tuple(shape)
        proto = self.seen.ops[node_of(weight)].attr("value").tensor
        return tf.as_dtype(proto.dtype).name, tuple(dim.size for dim in proto.tensor_shape.dim)

    def shape(self, tensor: str) -> tuple[int | None, ...] | None:
        """The shape of a tensor without the batch; None where there is no telling."""
        if tensor in self.told:
            return self.told[tensor]
        found = self.known_shape(tensor)
        return None if not found else tuple(found[1:])


def dtype_of(layer: Layer) -> dict[str, str]:
    """The type in which a layer computes, where it must be told."""
    return {"dtype": layer.dtype} if layer.dtype not in ("float32", *INTEGERS) else {}
