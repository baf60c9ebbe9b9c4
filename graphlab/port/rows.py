"""An optimizer's step for some rows of a variable as one op, where TensorFlow 1 made several.

Before such a step it adds what has the same row, and of Adam, which has no kernel for rows, it
writes all of the arithmetic.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tensorflow.core.framework import node_def_pb2, op_def_pb2

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port import updates
from graphlab.port.expression import Call, Expression
from graphlab.port.order import in_order, with_most, without_unused
from graphlab.port.patterns import STANDS_FOR
from graphlab.port.rewired import elsewhere, made, rewired
from graphlab.port.seen import Seen

ADAM = "ResourceSparseApplyAdam"  # the type of the op that stands for Adam's


def of_rows(
    ops: Sequence[Op], asked: Collection[str], shape: Callable[[str], Shape]
) -> Sequence[Op]:
    """The ops with one in place of each such step; it is given the gradient's rows as they were.
    `asked` are the tensors that must keep their names. GraphlabError where the ops are in no order.
    """
    if not any(op.type == "UnsortedSegmentSum" for op in ops):
        return ops
    ordered = in_order(ops)
    seen = Seen.of(ordered)
    found = [step for op in ordered for step in _steps(seen, op, shape) if step.is_closed(asked)]
    return with_most(ordered, found, lambda steps: _with_steps(ordered, steps, asked))


@dataclass(frozen=True)
class _Rows:
    """What was given for rows, some of them several times."""

    values: str
    indices: str
    ops: tuple[str, ...]  # those that add


@dataclass(frozen=True)
class _Step:
    seen: Seen
    op: Op  # that stands for it
    inside: frozenset[str]  # what nobody else may take
    besides: tuple[str, ...]  # what others may take

    def is_closed(self, asked: Collection[str]) -> bool:
        """Whether nobody takes what is inside."""
        for tensor in (tensor for name in self.inside for tensor in self.seen.ops[name].outputs):
            takers = {op.name for op in self.seen.takers.get(tensor, ())}
            if tensor in asked or tensor in self.seen.handed_on or takers - self.inside:
                return False
        return True


def _with_steps(ops: Sequence[Op], found: Sequence[_Step], asked: Collection[str]) -> list[Op]:
    ones = {step.op.name: step.op for step in found}
    homes = {name: step.op.name for step in found for name in (*step.besides, *step.inside)}
    gone = {name for step in found for name in step.inside} - ones.keys()
    left = [ones.get(op.name, op) for op in ops if op.name not in gone]
    added = homes.keys() - ones.keys()  # for the steps alone: it goes with them
    result = without_unused(left, asked, lambda op: op.name in added)
    for each in result:
        homes.pop(each.name, None)
    return [rewired(op, {}, [homes.get(name, name) for name in op.controls]) for op in result]


def _steps(seen: Seen, op: Op, shape: Callable[[str], Shape]) -> Iterable[_Step]:
    if op.type.removeprefix("Resource") in updates.RULES and "Sparse" in op.type:
        step = _of_kernel(seen, op, shape)
    elif op.type in ("AssignSub", "AssignSubVariableOp"):
        step = _of_adam(seen, op)
    else:
        step = None
    return [] if step is None else [step]


def _of_kernel(seen: Seen, op: Op, shape: Callable[[str], Shape]) -> _Step | None:
    """That of an op which is a step for rows that are all different, and has a rule."""
    names = [arg.name for arg in op.definition.input_arg]
    places = names.index("grad"), names.index("indices")
    rows = _rows(seen, *(op.inputs[place] for place in places))
    known = {t: value for t in op.inputs if (value := seen.value(t)) is not None}
    if rows is None or updates.rule_of(op, known, shape, of_rows=True) is None:
        return None
    given = dict(zip(places, (rows.values, rows.indices), strict=True))
    inputs = [given.get(n, tensor) for n, tensor in enumerate(op.inputs)]
    one = rewired(op, dict(zip(op.inputs, inputs, strict=True)), op.controls)
    return _step(seen, one, (*rows.ops, op.name), frozenset({op.name}), rows.ops)


def _step(
    seen: Seen, one: Op, names: Sequence[str], inside: frozenset[str], besides: tuple[str, ...]
) -> _Step:
    """Of an op that stands for these. It waits for what they do: what they take may be a tape's."""
    ops = [seen.ops[name] for name in names]
    before = [*one.before, *(each for op in ops for each in elsewhere(op) if each not in names)]
    controls = dict.fromkeys(each for op in ops for each in op.controls if each not in names)
    one = replace(
        _standing_for(one, names), before=tuple(dict.fromkeys(before)), controls=tuple(controls)
    )
    return _Step(seen, one, inside, besides)


def _rows(seen: Seen, grad: str, indices: str) -> _Rows | None:
    """What is behind a sum for each row that is named at all."""
    added = seen.maker(grad, "UnsortedSegmentSum")
    unique = seen.maker(indices, "Unique")
    if added is None or unique is None or seen.source(indices) != unique.outputs[0]:
        return None
    values, places, count = added.inputs
    first = seen.maker(count, "StridedSlice")
    sizes = None if first is None else seen.maker(first.inputs[0], "Shape")
    if first is None or sizes is None or seen.source(places) != unique.outputs[1]:
        return None
    begin = seen.value(first.inputs[1])
    is_first = begin is not None and begin.tolist() == [0] and first.attr("shrink_axis_mask").i == 1
    if not is_first or seen.source(sizes.inputs[0]) != unique.outputs[0]:
        return None
    ops = unique.name, sizes.name, first.name, added.name
    return _Rows(values, unique.inputs[0], ops)


@dataclass
class _Walk:
    """Goes against the flow; what it has passed is inside."""

    seen: Seen
    inside: dict[str, None] = field(default_factory=dict)

    def inputs(self, tensor: str, *types: str) -> tuple[str, ...]:
        """What the op of these types takes that gives a tensor. LookupError where there is none."""
        return self.op(tensor, *types).inputs

    def op(self, tensor: str, *types: str) -> Op:
        """That op."""
        op = self.seen.maker(tensor, *types)
        if op is None:
            raise LookupError
        self.inside[op.name] = None
        return op

    def rest_of_one(self, tensor: str) -> str:
        """What it is that is taken from one."""
        one, rest = self.inputs(tensor, "Sub")
        if self.seen.scalar(one) != 1.0:
            raise LookupError
        return rest

    def scattered(self, tensor: str) -> Op:
        """The op that adds to rows of the variable whose value, then, a tensor is."""
        op = self.op(tensor, "ScatterAdd", "ReadVariableOp")
        return op if op.type == "ScatterAdd" else self.waited_for(op, "ResourceScatterAdd")

    def waited_for(self, op: Op, *types: str) -> Op:
        """What changes the same variable, of these types, before an op."""
        for name in op.controls:
            before = self.seen.ops.get(name)
            if before is not None and before.type in types and before.inputs[0] == op.inputs[0]:
                self.inside[name] = None
                return before
        raise LookupError

    def fades(self, scatter: Op) -> str:
        """By which factor, before an op adds to some rows of a variable, all of them are less."""
        assign = self.waited_for(scatter, "Assign", "AssignVariableOp")
        held, factor = self.inputs(assign.inputs[1], "Mul")
        read = self.seen.maker(held, "Identity", "ReadVariableOp")
        if assign.inputs[0] not in (self.seen.source(held), *(read.inputs if read else ())):
            raise LookupError
        return factor


def _of_adam(seen: Seen, op: Op) -> _Step | None:
    """That of AdamOptimizer, which is told by its last op: `sub` of TensorFlow's `adam.py`."""
    walk = _Walk(seen, {op.name: None})
    try:
        moved, root = walk.inputs(op.inputs[1], "RealDiv")
        rate, first = walk.inputs(moved, "Mul")
        deviation, epsilon = walk.inputs(root, "AddV2", "Add")
        (second,) = walk.inputs(deviation, "Sqrt")
        scaled, rest = walk.inputs(rate, "RealDiv")
        lr, corrected = walk.inputs(scaled, "Mul")
        beta1_power = walk.rest_of_one(rest)
        beta2_power = walk.rest_of_one(*walk.inputs(corrected, "Sqrt"))
        m, v = walk.scattered(first), walk.scattered(second)
        beta1, beta2 = walk.fades(m), walk.fades(v)
        grad, less = walk.inputs(m.inputs[2], "Mul")
        squared, less_still = walk.inputs(v.inputs[2], "Mul")
        square = walk.inputs(squared, "Mul")
        rests = walk.rest_of_one(less), walk.rest_of_one(less_still)
    except LookupError:
        return None
    indices = {seen.source(each.inputs[1]) for each in (m, v)}
    rows = _rows(seen, grad, next(iter(indices)))
    pairs = *((grad, each) for each in square), *zip(rests, (beta1, beta2), strict=True)
    same = all(seen.source(one) == seen.source(other) for one, other in pairs)
    if rows is None or len(indices) > 1 or not same:
        return None
    rates = beta1_power, beta2_power, lr, beta1, beta2, epsilon
    taken = (op.inputs[0], m.inputs[0], v.inputs[0], *rates, rows.values, rows.indices)
    kind = op.attr("T" if op.type == "AssignSub" else "dtype").type
    types = {"T": kind, "Tindices": m.attr("Tindices").type}
    one = made("NoOp", op.name, taken, (), op)
    for name, kind in types.items():
        one.node.attr[name].type = kind
    one = replace(one, type=ADAM, definition=_definition())
    return _step(seen, one, (*rows.ops, *walk.inside), frozenset(walk.inside), rows.ops)


@functools.cache
def _definition() -> Any:
    """As TensorFlow's of Adam for a whole variable, with rows."""
    definition = op_def_pb2.OpDef()
    definition.CopyFrom(_private.op_def("ResourceApplyAdam"))
    definition.name = ADAM
    definition.input_arg.add(name="indices", type_attr="Tindices")
    definition.attr.add(name="Tindices", type="type")
    return definition


def _standing_for(op: Op, names: Iterable[str]) -> Op:
    node = node_def_pb2.NodeDef()
    node.CopyFrom(op.node)
    node.attr[STANDS_FOR].list.s.extend(name.encode() for name in dict.fromkeys(names))
    return replace(op, node=node)


def is_of_rows(op: Op) -> bool:
    """Whether it is a step that is given a gradient's rows as they were."""
    return "indices" in [arg.name for arg in op.definition.input_arg] and STANDS_FOR in op.node.attr


def with_slices(op: Op, taken: Sequence[Expression]) -> list[Expression]:
    """What such a step is given, with values and indices as one."""
    given = {a.name: each for a, each in zip(op.definition.input_arg, taken, strict=True)}
    given["grad"] = Call("tf.IndexedSlices", (given["grad"], given.pop("indices")))
    return [*given.values()]
