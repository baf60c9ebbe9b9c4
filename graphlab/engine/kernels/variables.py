"""Variables. A resource variable's ops have eager kernels; a TF1 reference variable's have none.

A reference variable is kept in a private resource variable. What its ops do is done by their
resource twins (`ApplyAdam` by `ResourceApplyAdam`): the same arithmetic in TensorFlow.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.dispatch import plain_attrs
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.values import Ref, is_tensor
from graphlab.engine.state import State
from graphlab.errors import GraphlabError

MAKES = ("VarHandleOp", "VariableV2", "Variable", "TemporaryVariable")
WRITES = frozenset(("AssignVariableOp", "Assign"))
# What may be done with a variable that has no value yet.
NEEDS_NO_VALUE = WRITES | {"VarIsInitializedOp", "IsVariableInitialized", "RefSwitch", "RefEnter"}
_TWINS = {
    "Assign": "AssignVariableOp",
    "AssignAdd": "AssignAddVariableOp",
    "AssignSub": "AssignSubVariableOp",
}


def name_of(op: Op) -> str:
    """Under which name the state knows the variable that an op stands for."""
    return (op.type != "TemporaryVariable" and op.text("shared_name")) or op.name


def twin_of(op: Op) -> str | None:
    """The op on a resource that does the same as this op on a reference."""
    twin = _TWINS.get(op.type, f"Resource{op.type}")
    if not op.definition.input_arg or not op.definition.input_arg[0].is_ref:
        return None
    return twin if _private.op_def(twin) is not None else None


class Handle:
    """VarHandleOp, VariableV2: gives the execution's own variable."""

    __slots__ = ("device", "name", "number", "ref")

    def __init__(self, op: Op, device: str) -> None:
        self.device = device
        self.name = name_of(op)
        self.number = op.attr("dtype").type
        self.ref = op.type != "VarHandleOp"

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        handle = state.variable(self.name, self.number, self.device)
        return [Ref(self.name, handle, self.number)] if self.ref else [handle]


class Twin:
    """An op that changes a reference variable, done by its twin on the resource."""

    __slots__ = ("attrs", "device", "outputs", "refs", "twin")

    def __init__(self, op: Op, device: str) -> None:
        twin = twin_of(op)
        assert twin is not None
        self.twin = twin
        self.device = device
        self.refs = op.refs
        definition = _private.op_def(twin)
        self.outputs = len(definition.output_arg)
        attrs = dict(zip(*[iter(plain_attrs(op.node, definition))] * 2, strict=True))
        if twin.startswith("Assign"):
            attrs = {"dtype": op.attr("T").type}
        if "dtype" in [attr.name for attr in definition.attr]:
            attrs.setdefault("dtype", op.attr("T").type if "T" in op.node.attr else 0)
        self.attrs = tuple(part for item in attrs.items() for part in item)

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        if op.type == "Assign" and op.attr("validate_shape").b:
            _check_shape(op, *inputs)
        taken = [
            value.handle if wants_ref else value if is_tensor(value) else value.read()
            for value, wants_ref in zip(inputs, self.refs, strict=True)
        ]
        outputs = _private.execute(self.twin, self.outputs, taken, self.attrs, self.device)
        return outputs or inputs[:1]


class OnHandle:
    """IsVariableInitialized: asks of the reference what another op asks of the resource."""

    __slots__ = ("device",)

    def __init__(self, op: Op, device: str) -> None:
        self.device = device

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        return _private.execute("VarIsInitializedOp", 1, [inputs[0].handle], (), self.device)


def destroy_temporary(op: Op, inputs: list, state: State) -> list:
    """The last value of a temporary variable, which is then forgotten."""
    value = inputs[0].read()
    state.variables.pop(inputs[0].name, None)
    return [value]


def _check_shape(op: Op, variable: Ref, value: Any) -> None:
    try:
        before = variable.read().shape
    except tf.errors.FailedPreconditionError:
        return
    value = value if is_tensor(value) else value.read()
    if before != value.shape:
        raise GraphlabError(
            f"{op.title} gives variable {variable.name} the shape {tuple(value.shape)};"
            f" expected {tuple(before)}"
        )
