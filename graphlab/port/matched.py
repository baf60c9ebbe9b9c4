"""Does a call of TensorFlow make exactly these ops? It is asked; its ops are held against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape, node_of
from graphlab.port import exact
from graphlab.port.expression import Expression
from graphlab.port.seen import Guess, Seen
from graphlab.port.sparse_rows import COMBINED

COMMUTATIVE = frozenset(("Mul", "Add", "AddV2"))  # ops that give the same bits in either order


def members(
    guess: Guess, call: Expression, seen: Seen, shape: Callable[[str], Shape]
) -> dict[str, None] | None:
    """The ops that the call of a guess makes; None where it makes others."""
    with tf.Graph().as_default() as graph:
        given: dict[str, Any] = {}
        try:
            for tensor in dict.fromkeys(guess.taken):
                given[tensor] = _given(tensor, seen, shape if guess.shaped else lambda _: None)
            found = tf.nest.flatten(exact.evaluated(call, given.__getitem__))
        except (TypeError, ValueError, AttributeError, tf.errors.OpError):
            return None  # the function takes no such arguments
        match = _Match(seen, {id(_tensor(value)): name for name, value in given.items()})
        if len(found) != len(guess.gives):
            return None
        same = all(match.is_same(*pair) for pair in zip(found, guess.gives, strict=True))
        asserts = [op for op in graph.get_operations() if op.type == "Assert"]
        return match.members if same and all(map(match.asserts, asserts)) else None


def _given(tensor: str, seen: Seen, shape: Callable[[str], Shape]) -> Any:
    """What stands for a tensor that a call takes; for a handle a variable. It is on a device of its
    own, as variables of a function are: from one beside it TensorFlow looks rows up otherwise."""
    dtype = dtype_of(tensor, seen)
    with tf.device("CPU:0"):
        if dtype != tf.resource:
            return tf.compat.v1.placeholder(dtype, shape(tensor))
        taker = seen.taker(tensor, "ResourceGather")
        if taker is None:
            raise ValueError(f"{tensor} is a variable of which no rows are taken")
        row = (shape(taker.outputs[0]) or ())[len(shape(taker.inputs[1]) or (None,)) :]
        value = tf.zeros([1, *(size or 1 for size in row)], taker.dtypes[0])
        return tf.Variable(value, shape=[None, *row])


def _tensor(value: Any) -> Any:
    return value.handle if isinstance(value, tf.Variable) else value


def dtype_of(tensor: str, seen: Seen) -> Any:
    """The type of a tensor, by what gives it or, of an argument, by what takes it."""
    op = seen.ops.get(node_of(tensor))
    if op is not None and tensor in op.outputs:
        return op.dtypes[op.outputs.index(tensor)]
    taker = next(op for op in seen.takers[tensor] if op.definition.input_arg)
    return exact.input_dtype(taker, next(t for t in taker.inputs if seen.source(t) == tensor))


@dataclass
class _Match:
    """What is made beside what was recorded."""

    seen: Seen
    given: Mapping[int, str]  # by identity: which tensor a placeholder stands for
    members: dict[str, None] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)  # recorded, by made

    def is_same(self, made: Any, recorded: str) -> bool:
        """Whether a recorded tensor is made as this one is, from what is given."""
        recorded = self.seen.source(recorded)
        if id(made) in self.given:
            return self._is_given(made, recorded)
        if made.name in self.pairs:
            return self.pairs[made.name] == recorded
        if made.op.type == "Identity":
            return self.is_same(made.op.inputs[0], recorded)
        if made.op.type == "Const":
            value = self.seen.value(recorded)
            return value is not None and exact.equal(value, made)
        op = self.seen.ops.get(node_of(recorded))
        if op is None or recorded not in op.outputs:
            return False
        if made.op.type == "AddV2" and op.type in ("Select", "SelectV2"):
            return self._is_nan_else(made, op)
        if not exact.is_alike(op, made.op):
            return False
        if op.outputs.index(recorded) != made.value_index:
            return False
        if not self._takes_same(made, op):
            return False
        self.members[op.name] = None
        self.pairs[made.name] = recorded
        return True

    def asserts(self, made: Any) -> bool:
        """Whether what was recorded waits for an assertion of the same; the words are others."""
        waits = dict.fromkeys(c for name in self.members for c in self.seen.ops[name].controls)
        before = dict(self.members), dict(self.pairs)
        for op in (self.seen.ops.get(name) for name in waits):
            if op is not None and op.type == made.type and op.name not in self.members:
                if self.is_same(made.inputs[0], op.inputs[0]):
                    self.members[op.name] = None
                    return True
                self.members, self.pairs = dict(before[0]), dict(before[1])
        return False

    def _is_given(self, made: Any, recorded: str) -> bool:
        """Whether it is what is given; TensorFlow 1 moved and reshaped what was left as it is."""
        passed: list[str] = []
        while recorded != self.given[id(made)]:
            op = self.seen.maker(recorded, "Transpose", "Reshape")
            told = None if op is None else self.seen.value(op.inputs[1])
            if op is None or told is None or not made.shape.is_fully_defined():
                return False
            kept = [*range(told.size)] if op.type == "Transpose" else made.shape.as_list()
            if told.tolist() != kept:
                return False
            passed.append(op.name)
            recorded = self.seen.source(op.inputs[0])
        self.members |= dict.fromkeys(passed)
        return True

    def _is_nan_else(self, made: Any, op: Op) -> bool:
        """Whether an op gives NaN beside a number that is not finite: TensorFlow 1 asked whether it
        is, and its successor adds the number less itself, which is zero or NaN."""
        test, chosen, other = op.inputs
        asked, nan = self.seen.maker(test, "IsFinite"), self.seen.scalar(other)
        value, zero = made.op.inputs
        if asked is None or nan is None or nan == nan or zero.op.type != "Sub":
            return False
        numbers = [(each, asked.inputs[0]) for each in zero.op.inputs]
        if not all(self.is_same(*pair) for pair in [(value, chosen), *numbers]):
            return False
        self.members |= dict.fromkeys((op.name, asked.name))
        self.pairs[made.name] = op.outputs[0]
        return True

    def _takes_same(self, made: Any, op: Op) -> bool:
        """Whether an op takes what the one that was made does, in its order or in one as good."""
        orders = [op.inputs, op.inputs[::-1]] if op.type in COMMUTATIVE else [op.inputs]
        segments = self.seen.maker(op.inputs[-1], "Cast") if op.type in COMBINED else None
        if segments is not None:  # TensorFlow 1 had them in int32 only
            orders.append((*op.inputs[:-1], segments.inputs[0]))
        before = dict(self.members), dict(self.pairs)
        for inputs in orders:
            if all(self.is_same(*pair) for pair in zip(made.op.inputs, inputs, strict=True)):
                if inputs[-1:] != op.inputs[-1:] and segments is not None:
                    self.members[segments.name] = None
                return True
            self.members, self.pairs = dict(before[0]), dict(before[1])
        return False
