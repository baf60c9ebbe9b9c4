"""What flows along the edges: eager tensors, and three things that eager TensorFlow lacks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.model import TensorSpec

_EAGER: type = _private.EagerTensor


class _Dead:
    """What comes out of the side of a Switch that was not taken."""

    def __repr__(self) -> str:
        return "dead"


DEAD = _Dead()


class Ref:
    """A reference to a TF1 variable: whoever takes its value reads it at that moment."""

    __slots__ = ("handle", "name", "number", "view")

    def __init__(
        self, name: str, handle: Any, number: int, view: Callable[[Any], Any] | None = None
    ) -> None:
        self.name = name
        self.handle = handle
        self.number = number  # TensorFlow's number of the value's type
        self.view = view  # of what is no reference, and has the variable's memory: of its value

    def read(self) -> Any:
        """The value now. A `tf.errors.FailedPreconditionError` where there is none."""
        attrs = ("dtype", self.number)
        (value,) = _private.execute("ReadVariableOp", 1, [self.handle], attrs, self.handle.device)
        return value if self.view is None else self.view(value)

    def seen(self, view: Callable[[Any], Any]) -> Ref:
        """What has the variable's memory, too, and is seen in this way."""
        before = self.view
        whole = view if before is None else lambda value: view(before(value))
        return Ref(self.name, self.handle, self.number, whole)


def is_tensor(value: Any) -> bool:
    """Whether it is an eager tensor."""
    return type(value) is _EAGER


def tensor_of(value: Any) -> Any:
    """The eager tensor that a consumer or a fetch gets."""
    return value.read() if type(value) is Ref else value


def as_numpy(value: Any) -> Any:
    """A value to look at: an array; for handles and the like a text that says what it is."""
    if type(value) is Ref:
        try:
            value = value.read()
        except tf.errors.FailedPreconditionError:
            return f"<variable {value.name}, not initialised>"
    if not is_tensor(value):
        return repr(value)
    if value.dtype == tf.resource:
        return f"<resource {value.device.rpartition('device:')[2]}>"
    if value.dtype == tf.variant:
        return "<variant>"
    return array_of(value)


def array_of(tensor: Any) -> np.ndarray:
    """What an eager tensor holds, of CPU memory not copied: an array that nobody can write to.

    The tensor's memory lives as long as the array, and nothing that runs meanwhile changes it:
    an op writes over its input, or over a variable's value, where nobody else holds it.
    """
    dtype = np.dtype(tensor.dtype.as_numpy_dtype)
    if dtype.isbuiltin == 1 and dtype.kind in "biufc":
        return np.asarray(memoryview(tensor))
    array = tensor.numpy()  # texts, and the short types, of which a memoryview knows nothing
    return array if isinstance(array, np.ndarray) else np.asarray(array, dtype)


def spec_of(name: str, dtype: str, value: Any) -> TensorSpec:
    """Name, dtype and the shape that the value has."""
    if type(value) is _EAGER:
        return TensorSpec(name, dtype, _private.shape_of(value))
    return TensorSpec(name, dtype, None)


_SIZES: dict[str, int] = {}


def bytes_of(spec: TensorSpec) -> int | None:
    """The memory that a tensor takes, None where its elements have no fixed size."""
    if spec.dtype not in _SIZES:
        dtype = tf.as_dtype(spec.dtype)
        _SIZES[spec.dtype] = 0 if spec.dtype in ("string", "resource", "variant") else dtype.size
    size = _SIZES[spec.dtype]
    return math.prod(spec.shape) * size if size and spec.shape is not None else None  # type: ignore[arg-type]


class Values(Mapping):
    """Tensor names and their values; an array is made when it is looked at."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: tuple[str, ...], values: list) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, name: str) -> Any:
        try:
            return as_numpy(self._values[self._names.index(name)])
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
