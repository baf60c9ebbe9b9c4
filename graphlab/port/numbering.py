"""Which tensors are the same to the last bit, without computing them: each gets a number.

Two tensors of one number are made by the same op of the same things. What is known to change no bit
is left out: what only hands on, a reshape to the shape that is there, a product with one. Tensors
of two graphs can be held against each other: they are numbered by one `Numbers`.

A loop is a circle: what a variable is in a turn hangs on what it was in the turn before. Its number
is that of its first value and, again and again, of what comes of that in a turn. Two circles of n
variables each that are the same for 2n turns are the same in all: with each turn more variables can
be told apart, or never. So it is with a loop in a loop, whose first value is another in each turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphlab.engine.kernels.control_flow import EXITS, NEXTS
from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape, node_of
from graphlab.port import circles, constants, effects, exact, older
from graphlab.port.arrays import GRADIENT, NEW
from graphlab.port.circles import Circles
from graphlab.port.folded import computed
from graphlab.port.numbers import Numbers
from graphlab.port.sides import Sides
from graphlab.port.told import told_by_shape
from graphlab.port.unchanged import before_reshape, unchanged

SAME_EITHER_WAY = frozenset("AddV2 Mul SquaredDifference LogicalAnd LogicalOr".split())
ONE_SHAPE = {"AddN": 0, "Select": 1}  # from where on what they take has the shape of what they give
HANDS_ON = effects.ALIASES | {"StopGradient", "EnsureShape"}


@dataclass
class Numbering:
    """The tensors of one graph. `own` tells what its ops do from what those of others do."""

    numbers: Numbers
    own: str
    shape: Callable[[str], Shape]
    of: dict[str, int] = field(default_factory=dict)
    flow: Circles | None = None  # where there are loops
    steady: set[str] = field(default_factory=set)  # loop variables that never change
    attrs: dict[str, Any] = field(default_factory=dict)  # by op
    sides: Sides = field(default_factory=lambda: Sides({}, None))
    # What both sides of a condition give, the false one first, by its number and its predicate's.
    joined: dict[tuple[int, ...], list[int]] = field(default_factory=dict)

    def number(self, tensor: str) -> int:
        """A tensor's number; of one that no op has made its own."""
        if tensor not in self.of:
            self.of[tensor] = self.numbers.of(("given", self.own, tensor))
        return self.of[tensor]

    def is_constant(self, tensor: str) -> bool:
        """Whether it is the same in each call."""
        number = self.number(tensor)
        made = self.numbers.made[number]
        filled = made[0] == "Fill" and made[1] in self.numbers.values
        return number in self.numbers.values or filled or made[0] == "constant"

    def add(self, ops: Sequence[Op]) -> None:
        """Number what the ops give, each behind what it takes but for what goes round in a loop.
        What has a number keeps it."""
        if not any(op.type in NEXTS for op in ops):
            self.sides = Sides.of(ops, None)
            self._add(ops)
            return
        self.flow = Circles(ops)
        self.sides = Sides.of(ops, self.flow)
        for group in self.flow.in_order():
            if len(group) == 1:
                self._add(group)
            else:
                self._turn(group, self.flow)

    def _add(self, ops: Sequence[Op]) -> None:
        for op in ops:
            if all(tensor in self.of for tensor in op.outputs):
                continue
            for tensor, number in zip(op.outputs, self._outputs(op), strict=True):
                self.of.setdefault(tensor, number)

    def _turn(self, group: Sequence[Op], flow: Circles) -> None:
        """Number a circle."""
        ways = {op.outputs[0]: flow.ways(op) for op in group if flow.is_variable(op)}
        rest = [op for op in group if not flow.is_variable(op)]
        own = {t: way for t, way in ways.items() if t not in self.of}
        if not ways:
            for op in group:
                for tensor in op.outputs:
                    self.number(tensor)
            return
        fixed = self.of.keys() | own.keys()
        inside = {tensor for op in group for tensor in op.outputs}
        firsts = {tensor: first for tensor, (first, _) in own.items()}
        is_nested = not inside.isdisjoint(firsts.values())  # what begins in each turn anew
        now = {
            tensor: self.numbers.of(("Merge", *(() if first in inside else (self.number(first),))))
            for tensor, first in firsts.items()
        }
        for _ in range(2 * len(own) + 2):
            self.of |= now
            self._renumber(rest, fixed)
            begins = {tensor: self.number(first) for tensor, first in firsts.items()}
            after = {tensor: self.number(following) for tensor, (_, following) in own.items()}
            if after == now and not is_nested:
                self.steady.update(own)
                now = begins
                break
            now = {t: self.numbers.of(("Merge", begins[t], after[t])) for t in own}
        self.of |= now
        self._renumber(rest, fixed)

    def _renumber(self, ops: Sequence[Op], fixed: set[str]) -> None:
        for op in ops:
            for tensor, number in zip(op.outputs, self._outputs(op), strict=True):
                if tensor not in fixed:
                    self.of[tensor] = number

    def _in_flow(self, op: Op, taken: list[int], flow: Circles) -> list[int] | None:
        """Of what leads into loops, round and out of them, and of stacks and TensorArrays."""
        if op.type in circles.HANDS_ON:
            return taken
        if op.type in EXITS and (test := flow.test_of_exit(op)) is not None:
            if flow.makers[op.inputs[0]].inputs[0] in self.steady:
                return taken
            return [self.numbers.of(("Exit", taken[0], self.number(test)))]
        if op.type == "StackPushV2":
            return taken[1:2]
        if op.type == "StackPopV2" and (pushed := flow.pushes(op)) is not None:
            value, test, cases = pushed
            number = self.number(value)
            if flow.is_outside(value):
                return [number]
            sides = [n for predicate, side in cases for n in (self.number(predicate), side)]
            return [self.numbers.of(("popped", number, self.number(test), *sides))]
        if op.type == GRADIENT:
            return self._of_gradients(op, flow)
        return None

    def _of_gradients(self, op: Op, flow: Circles) -> list[int] | None:
        """The handle and the flow of the array of an array's gradients. It is another for each that
        asks for gradients, by their names; None where there are several."""
        handle = flow.behind(op.inputs[0])
        if len(flow.sources[handle]) > 1:
            return None
        array = f"{node_of(handle)}:1"  # where it is known by its flow
        known = self.of.get(array, self.number(handle))
        key = (op.type, known, self.number(op.inputs[1]))
        return [self.numbers.of((*key, "output", n)) for n in range(2)]

    def _is_of_array(self, op: Op) -> bool:
        """Whether it does something with a TensorArray, whose flow says what was done before."""
        return op.type.startswith("TensorArray") and op.type not in ("TensorArrayV3", GRADIENT)

    def _size(self, flow: int) -> int | None:
        """The number of the size that a TensorArray was made with; None where it may grow."""
        made = self.numbers.made[flow]
        while made[0] in _GIVE_ARRAYS:
            made = self.numbers.made[made[_GIVE_ARRAYS[made[0]]]]
        return made[1] if made[0] == NEW and not made[2] else None

    def _outputs(self, op: Op) -> list[int]:
        if op.type == "Const":
            return [self.numbers.of_constant(constants.value_of(op))]
        if self.flow is not None and self.flow.is_turn(op):
            return [self.number(op.inputs[0])] * 2
        taken = [self.number(tensor) for tensor in op.inputs]
        if op.type == "Switch" and (op.dtypes[0] == "resource" or self.is_constant(op.inputs[0])):
            return taken[:1] * 2
        if op.type == "Switch" and tuple(taken) in self.joined:
            return self.joined[tuple(taken)]
        if op.type == "Merge":
            return self._merged(op, taken)
        if op.type == "VariableShape":
            if taken[0] in self.numbers.variables:
                return told_by_shape(self.numbers, self.shape, op, taken) or []
            return [self.numbers.of((op.type, taken[0], _attrs(op)))]
        led = self._in_flow(op, taken, self.flow) if self.flow is not None else None
        if led is not None:
            return led
        is_own = op.definition.is_stateful and not self._is_of_array(op)
        if not taken or is_own or op.takes_reference or _takes_function(op):
            return [self.numbers.of((self.own, tensor)) for tensor in op.outputs]
        if op.type in HANDS_ON and len(taken) == len(op.outputs):
            return taken
        if op.type == NEW:
            return [self.numbers.of((NEW, taken[0], op.attr("dynamic_size").b))]
        if op.type == f"{NEW}.size" and (size := self._size(taken[0])) is not None:
            return [size]
        told = told_by_shape(self.numbers, self.shape, op, taken)
        told = told or computed(self.numbers, self.shape, op, taken)
        if told is not None:
            return told
        same = unchanged(self.numbers, self.shape, op, taken)
        if same is not None:
            return [same]
        key = self._key(op, taken)
        if op.type == "Sum":
            self.numbers.summed.setdefault(self.numbers.of(key), self.shape(op.inputs[0]))
        if len(op.outputs) == 1:
            return [self.numbers.of(key, taken[ONE_SHAPE.get(op.type, len(taken)) :])]
        found = [self.numbers.of((*key, "output", n)) for n in range(len(op.outputs))]
        if op.type == "BroadcastGradientArgs":
            axes = older.axes_of(self.numbers, taken, [*map(self.shape, op.inputs)])
            found = [
                one if other is None else other for one, other in zip(found, axes, strict=True)
            ]
        return found

    def _merged(self, op: Op, taken: list[int]) -> list[int]:
        """What a condition gives, and from which side; or a loop variable that goes round in no
        circle, as it is made anew in each turn."""
        if self.flow is not None and self.flow.is_variable(op):
            key = ("Merge", *map(self.number, self.flow.ways(op)))
            return [self.numbers.of(key), self.numbers.of((*key, "output", 1))]
        decides = self.sides.predicate(op)
        if decides is None:
            return [self.numbers.of((self.own, tensor)) for tensor in op.outputs]
        asked = self.number(decides)
        found = [self.numbers.of(("Merge", *taken, asked, "output", n)) for n in range(2)]
        self.joined[found[0], asked] = taken
        return found

    def _key(self, op: Op, taken: list[int]) -> tuple[Any, ...]:
        kind = exact.NEWER.get(op.type, op.type)
        if kind == "AddN" and len(taken) == 2:
            kind = "AddV2"
        if kind in ("OnesLike", "ZerosLike") and op.dtypes[0] in _FILLED:
            return self._filled(op, taken[0], kind == "OnesLike")
        if kind == "Fill":
            return ("Fill", *taken)
        if kind == "Cast" and (told := older.cast_shape(self.numbers, taken[0], op.dtypes[0])):
            return told
        if kind == "Tile" and (whole := older.repeated(self.numbers, *taken)) is not None:
            kind, taken = "BroadcastTo", [taken[0], whole]
        if kind == "EmptyTensorList":
            taken = taken[:1]  # how many items it may hold at most changes none of them
        if kind == "Select" and self._is_by_item(op):
            kind = "SelectV2"
        if kind == "Reshape":
            return (kind, before_reshape(self.numbers, taken[0]), self._asked(op, taken[1]))
        if kind in SAME_EITHER_WAY:
            taken = sorted(taken)
        if kind == "AddV2":
            return (kind, *taken, ())
        if op.name not in self.attrs:
            self.attrs[op.name] = _attrs(op)
        if kind == "SparseSegmentSumGrad":
            kind, taken = older.segments_sum(self.numbers, taken, self.attrs[op.name])
        return (kind, *taken, self.attrs[op.name])

    def _asked(self, op: Op, asked: int) -> int:
        """What shape a Reshape is asked for: what of it is known, where that tells the rest."""
        sizes = older.sizes(self.shape(op.outputs[0]))
        return asked if sizes is None else self.numbers.of_constant(np.asarray(sizes, np.int32))

    def _is_by_item(self, op: Op) -> bool:
        """Whether it chooses item by item and not row by row, which its successor does not."""
        test, one = (self.shape(tensor) for tensor in op.inputs[:2])
        return test is not None and one is not None and len(test) in (0, len(one))

    def _filled(self, op: Op, like: int, ones: bool) -> tuple[Any, ...]:
        item = self.numbers.of_constant(np.asarray(ones, op.dtypes[0]))
        shape = self.shape(op.inputs[0])
        if shape is not None and None not in shape:
            return ("Fill", self.numbers.of_constant(np.asarray(shape, np.int32)), item)
        return ("Fill", self.numbers.of(("Shape", "<i4", self.numbers.shaped[like])), item)


# The keys of what gives an array on, and where in them is the one that it is given.
_GIVE_ARRAYS = {
    f"{NEW}.write": 3,
    f"{NEW}.scatter": 3,
    f"{NEW}.split": 3,
    f"{NEW}.unstack": 2,
    "Exit": 1,
    "Merge": 1,
}
_FILLED = ("float16", "float32", "float64", "int32", "int64")


def _takes_function(op: Op) -> bool:
    return any(attr.type in ("func", "list(func)") for attr in op.definition.attr)


def _attrs(op: Op) -> tuple[tuple[str, bytes], ...]:
    """The attrs that say what is computed; all that tell of types follow from the inputs."""
    return tuple(
        (attr.name, op.attr(attr.name).SerializeToString(deterministic=True))
        for attr in op.definition.attr
        if attr.name not in exact.IGNORED and attr.type not in ("type", "list(type)")
    ) + tuple(("type", dtype.encode()) for dtype in op.dtypes)
