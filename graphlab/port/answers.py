"""Conditions whose answer is in the graph: so TensorFlow 1 checks what it is given, as how many
axes it has, which it mostly knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from graphlab.engine.kernels.control_flow import MERGES
from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port import exact
from graphlab.port.constants import value_of
from graphlab.port.order import in_order
from graphlab.port.rewired import constant, handed_on, rewired

_NUMBERS = ("bool", "int32", "int64")
_COMPARES = (
    *("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"),
    *("LogicalAnd", "LogicalNot", "LogicalOr"),
)


def know(op: Op, known: dict[str, np.ndarray]) -> None:
    """Note what an op gives, where that is one number and hangs on nothing else."""
    if op.type == "Const" and op.dtypes[0] in _NUMBERS:
        if not op.attr("value").tensor.tensor_shape.dim:
            known[op.outputs[0]] = value_of(op)
    elif op.type in ("Identity", *_COMPARES) and all(tensor in known for tensor in op.inputs):
        value = exact.computed(op, known)
        if value is not None:
            known[op.outputs[0]] = value


def without_dead_cases(ops: Sequence[Op], results: Iterable[str]) -> Sequence[Op]:
    """The ops without those cases of conditions of TensorFlow 1 that are never there: a Switch that
    knows its answer hands on, and so does a Merge with one side left. As they are where a result is
    in such a case."""
    known: dict[str, np.ndarray] = {}
    dead: set[str] = set()  # tensors, and ops
    found: list[Op] = []
    for op in in_order(ops):
        know(op, known)
        left = [tensor for tensor in op.inputs if tensor not in dead]
        is_join = op.type in MERGES
        is_dead = not dead.isdisjoint(op.controls) or len(left) < len(op.inputs)
        if op.type != "ControlTrigger" and (not left if is_join and op.inputs else is_dead):
            dead.update((op.name, *op.outputs))
        elif op.type == "Switch" and op.inputs[1] in known:
            side = int(known[op.inputs[1]])
            dead.add(op.outputs[1 - side])
            same = handed_on(op.name, op.inputs[0], op.dtypes[0], op)
            same = rewired(same, {}, [*op.controls, node_of(op.inputs[1])])
            found.append(replace(same, outputs=(op.outputs[side],)))
            know(found[-1], known)
        elif is_join and len(left) == 1 < len(op.inputs):
            same = handed_on(op.name, left[0], op.dtypes[0], op)
            found.append(rewired(same, {}, op.controls))
            know(found[-1], known)
            place = constant(f"{op.name}/which", op.inputs.index(left[0]), "int32", op)
            found.append(replace(place, outputs=op.outputs[1:]))
        else:
            found.append(rewired(op, {}, [name for name in op.controls if name not in dead]))
    if not dead:
        return ops
    return ops if not dead.isdisjoint(results) else found
