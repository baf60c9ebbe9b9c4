"""A body as patterns are looked for in it, and what a pattern is guessed to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port import constants
from graphlab.port.constants import number

MOST_AXES = 8


@dataclass(frozen=True)
class Taken:
    """An argument that is a tensor of the graph."""

    tensor: str


@dataclass(frozen=True)
class Copy:
    """An argument that is `tf.identity` of a tensor of the graph."""

    of: Taken


@dataclass(frozen=True)
class Sparse:
    """An argument that is a sparse tensor of three tensors of the graph, perhaps reshaped."""

    indices: Taken
    values: Taken
    dense_shape: Taken
    new_shape: Taken | None = None

    @property
    def parts(self) -> tuple[Taken, ...]:
        """What `tf.SparseTensor` takes, and then what `tf.sparse.reshape` does."""
        last = () if self.new_shape is None else (self.new_shape,)
        return self.indices, self.values, self.dense_shape, *last


# Its keyword, "" where it has none; a Taken, a list of these as a tuple, a Copy, a Sparse, or a
# number or a list.
Argument = tuple[str, Any]


@dataclass(frozen=True)
class Guess:
    """A call, and the tensors of the graph that it may give."""

    function: str
    arguments: tuple[Argument, ...]
    gives: tuple[str, ...]
    shaped: bool = True  # whether TensorFlow made it of what it knew the shapes of

    @property
    def taken(self) -> list[str]:
        """The tensors among the arguments."""
        flat = [each for _, one in self.arguments for each in _parts(one)]
        return [each.tensor for each in flat if isinstance(each, Taken)]


def _parts(argument: Any) -> Sequence[Any]:
    if isinstance(argument, Sparse):
        return argument.parts
    if isinstance(argument, Copy):
        return [argument.of]
    return argument if is_listed(argument) else [argument]


def is_listed(argument: Any) -> bool:
    """Whether an argument is a list of tensors."""
    return isinstance(argument, tuple) and bool(argument) and isinstance(argument[0], Taken)


@dataclass
class Seen:
    """A body, seen past what only hands on."""

    ops: Mapping[str, Op]  # by name
    takers: dict[str, list[Op]] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)  # by tensor
    handed_on: dict[str, list[str]] = field(default_factory=dict)  # the other way round

    @classmethod
    def of(cls, ops: Sequence[Op]) -> Seen:
        """`ops` are in order."""
        seen = cls({op.name: op for op in ops})
        for op in ops:
            maker = seen.ops.get(node_of(op.inputs[0])) if op.inputs else None
            is_read = maker is not None and maker.outputs and maker.definition.output_arg[0].is_ref
            if op.type == "Identity" and not is_read:
                seen.behind[op.outputs[0]] = seen.source(op.inputs[0])
                seen.handed_on.setdefault(seen.source(op.inputs[0]), []).append(op.outputs[0])
            else:
                for tensor in dict.fromkeys(map(seen.source, op.inputs)):
                    seen.takers.setdefault(tensor, []).append(op)
        return seen

    def source(self, tensor: str) -> str:
        """The tensor behind Identities."""
        return self.behind.get(tensor, tensor)

    def maker(self, tensor: str, *types: str) -> Op | None:
        """The op that gives a tensor, if it is of one of these types."""
        tensor = self.source(tensor)
        op = self.ops.get(node_of(tensor))
        return op if op is not None and op.type in types and tensor in op.outputs else None

    def inputs(self, tensor: str, *types: str) -> tuple[str, ...] | None:
        """What that op takes; None where it is of another type."""
        op = self.maker(tensor, *types)
        return None if op is None else tuple(map(self.source, op.inputs))

    def taker(self, tensor: str, *types: str) -> Op | None:
        """The first op of these types that takes a tensor."""
        return next((op for op in self.takers.get(tensor, ()) if op.type in types), None)

    def value(self, tensor: str) -> np.ndarray | None:
        """The value of a constant."""
        op = self.maker(tensor, "Const")
        return None if op is None else constants.value_of(op)

    def scalar(self, tensor: str) -> float | None:
        """The value of a constant that is one number, in its shortest form."""
        value = self.value(tensor)
        if value is None or value.ndim or value.dtype.kind != "f":
            return None
        return number(float(value)) if value.dtype == np.float32 else float(value)

    def axes(self, tensor: str) -> tuple[int, ...] | None:
        """The value of a constant that names axes."""
        value = self.value(tensor)
        few = value is not None and value.dtype.kind == "i" and 0 < value.size <= MOST_AXES
        return tuple(value.ravel().tolist()) if few and value is not None else None
