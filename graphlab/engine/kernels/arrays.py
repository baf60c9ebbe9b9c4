"""TensorArrays and stacks of TF1: lists that live as long as a run, so Python keeps them here.

Their tensors are made, joined and cut by TensorFlow's own ops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.values import is_tensor, tensor_of
from graphlab.engine.state import State
from graphlab.errors import GraphlabError


class Array:
    """The items of a TensorArrayV3, and of its gradients."""

    def __init__(self, op: Op, size: int) -> None:
        self.name = op.name
        self.dtype = tf.as_dtype(op.attr("dtype").type)
        self.element_shape = tf.TensorShape(op.attr("element_shape").shape)
        self.dynamic = op.attr("dynamic_size").b
        self.clear = op.attr("clear_after_read").b
        self.adds = False  # whether a second write to a place adds to the first
        self.items: list[Any] = [None] * size
        self.gradients: dict[str, Array] = {}

    def __repr__(self) -> str:
        return f"<TensorArray {self.name} of {len(self.items)}>"

    def write(self, op: Op, index: int, value: Any) -> None:
        """GraphlabError where the index is outside, or the place is taken."""
        if index >= len(self.items) and self.dynamic:
            self.items += [None] * (index + 1 - len(self.items))
        if not 0 <= index < len(self.items):
            raise GraphlabError(
                f"{op.title} writes item {index} of a TensorArray; it has {len(self.items)}"
            )
        if self.items[index] is not None:
            if not self.adds:
                raise GraphlabError(f"{op.title} writes item {index} of a TensorArray twice")
            value = _run("AddV2", [self.items[index], value])
        self.items[index] = value

    def read(self, op: Op, index: int) -> Any:
        """An item; zeros where nothing was written and the shape is known."""
        if not 0 <= index < len(self.items):
            raise GraphlabError(
                f"{op.title} reads item {index} of a TensorArray; it has {len(self.items)}"
            )
        item = self.items[index]
        if item is None:
            shape = self.element_shape
            if not shape.is_fully_defined():
                raise GraphlabError(f"{op.title} reads item {index} before it was written")
            return _zeros(shape.as_list(), self.dtype)
        return item

    def gradient(self, source: str) -> Array:
        """The array of gradients for one source: as long, and filled by adding."""
        if source not in self.gradients:
            twin = object.__new__(Array)
            twin.__dict__.update(self.__dict__, adds=True, gradients={}, dynamic=False)
            twin.clear = False
            twin.items = [None] * len(self.items)
            shapes = {item.shape for item in self.items if item is not None}
            if len(shapes) == 1:
                twin.element_shape = shapes.pop()
            self.gradients[source] = twin
        return self.gradients[source]


def _array(op: Op, inputs: list, state: State) -> list:
    return [Array(op, _int(inputs[0])), _private.eager_tensor(0.0)]


def _gradient(op: Op, inputs: list, state: State) -> list:
    return [inputs[0].gradient(op.text("source")), tensor_of(inputs[1])]


def _write(op: Op, inputs: list, state: State) -> list:
    array, index, value, flow = inputs
    array.write(op, _int(index), tensor_of(value))
    return [flow]


def _read(op: Op, inputs: list, state: State) -> list:
    array, index = inputs[0], _int(inputs[1])
    item = array.read(op, index)
    if array.clear:
        array.items[index] = None
    return [item]


def _gather(op: Op, inputs: list, state: State) -> list:
    array, indices = inputs[0], tensor_of(inputs[1]).numpy()
    items = [array.read(op, int(index)) for index in indices]
    if not items:
        shape = [0, *(dim or 0 for dim in array.element_shape.as_list())]
        return [_zeros(shape, array.dtype)]
    return [_run("Pack", items, "N", len(items), "axis", 0)]


def _scatter(op: Op, inputs: list, state: State) -> list:
    array, indices, values, flow = inputs
    places = tensor_of(indices).numpy()
    values = [tensor_of(values)]
    parts = _run_all("Unpack", len(places), values, "num", len(places)) if len(places) else []
    for index, value in zip(places, parts, strict=True):
        array.write(op, int(index), value)
    return [flow]


def _concat(op: Op, inputs: list, state: State) -> list:
    array = inputs[0]
    items = [array.read(op, index) for index in range(len(array.items))]
    lengths = _private.eager_tensor([_private.shape_of(item)[0] for item in items], tf.int64)
    if len(items) == 1:
        return [items[0], lengths]
    inputs = [*items, _private.eager_tensor(0, tf.int32)]
    return [_run("ConcatV2", inputs, "N", len(items), "Tidx", 3), lengths]


def _split(op: Op, inputs: list, state: State) -> list:
    array, value, lengths, flow = inputs
    count = _private.shape_of(tensor_of(lengths))[0]
    taken = [tensor_of(value), tensor_of(lengths), _private.eager_tensor(0, tf.int32)]
    parts = _run_all("SplitV", count, taken, "num_split", count, "Tlen", 9) if count else []
    for index, part in enumerate(parts):
        array.write(op, index, part)
    return [flow]


def _size(op: Op, inputs: list, state: State) -> list:
    return [_private.eager_tensor(len(inputs[0].items), tf.int32)]


def _close(op: Op, inputs: list, state: State) -> list:
    inputs[0].items.clear()
    return []


class Stack:
    """What a TF1 loop puts away on the way forward and its gradient takes back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: list[Any] = []

    def __repr__(self) -> str:
        return f"<stack {self.name} of {len(self.items)}>"


def _stack(op: Op, inputs: list, state: State) -> list:
    return [Stack(op.name)]


def _push(op: Op, inputs: list, state: State) -> list:
    value = tensor_of(inputs[1])
    inputs[0].items.append(value)
    return [value]


def _pop(op: Op, inputs: list, state: State) -> list:
    if not inputs[0].items:
        raise GraphlabError(f"{op.title} takes from a stack that is empty")
    return [inputs[0].items.pop()]


def _run_all(op: str, count: int, inputs: list, *attrs: Any) -> list:
    """TensorFlow's own op on tensors whose first one gives the type T."""
    first = inputs[0]
    attrs = ("T", first.dtype.as_datatype_enum, *attrs)
    return _private.execute(op, count, inputs, attrs, first.device)


def _run(op: str, inputs: list, *attrs: Any) -> Any:
    return _run_all(op, 1, inputs, *attrs)[0]


def _zeros(shape: list, dtype: Any) -> Any:
    return _private.eager_tensor(np.zeros(shape, dtype.as_numpy_dtype), dtype)


def _int(value: Any) -> int:
    value = tensor_of(value)
    assert is_tensor(value)
    return int(value.numpy())


KERNELS = {
    "TensorArrayV3": _array,
    "TensorArrayGradV3": _gradient,
    "TensorArrayWriteV3": _write,
    "TensorArrayReadV3": _read,
    "TensorArrayGatherV3": _gather,
    "TensorArrayScatterV3": _scatter,
    "TensorArrayConcatV3": _concat,
    "TensorArraySplitV3": _split,
    "TensorArraySizeV3": _size,
    "TensorArrayCloseV3": _close,
    "StackV2": _stack,
    "StackPushV2": _push,
    "StackPopV2": _pop,
    "StackCloseV2": lambda op, inputs, state: [],
}
