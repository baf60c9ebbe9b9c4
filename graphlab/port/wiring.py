"""Who takes what in a body, seen past what only hands on: what scopes are cut out of."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.model import node_of
from graphlab.port import constants, effects
from graphlab.port.order import in_order
from graphlab.port.scene import TYPE

# What may stand in several bodies at once, as it computes nothing.
FREE = effects.ALIASES | (effects.NO_WORK - {"NoOp", "ControlTrigger"}) | {"ReadVariableOp"}


@dataclass
class Wiring:
    """A body's ops in the order in which they run, their inputs without what hands them on."""

    ops: dict[str, Op]
    handles: Mapping[str, str]  # the variables, by the tensor of the handle
    given: frozenset[str]  # tensors
    fetched: frozenset[str]  # the tensors behind what is asked for
    behind: dict[str, str]  # by tensor: what is handed on
    reads: dict[str, str]  # values of variables, by tensor: the handle
    refs: dict[str, str]  # what is the variable itself after it was changed: the handle
    literals: dict[str, np.ndarray] = field(default_factory=dict)  # small constants, by tensor
    places: dict[str, int] = field(default_factory=dict)  # in the order, by op
    touched: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)  # see `_touched`
    fixed: set[str] = field(default_factory=set)  # ops that no scope may hold, see `_is_models`

    def works(self, name: str) -> bool:
        """Whether an op is more than a constant, a handle or a value handed on."""
        return self.ops[name].type not in FREE

    def is_other_resource(self, tensor: str) -> bool:
        """Whether a tensor is a resource, and no variable's handle."""
        op = self.ops.get(node_of(tensor))
        if op is None or tensor in self.handles or tensor not in op.outputs:
            return False
        return op.dtypes[op.outputs.index(tensor)] == "resource"

    def handle(self, tensor: str) -> str | None:
        """The variable's handle that a tensor is, or is read from."""
        tensor = self.reads.get(tensor, self.refs.get(tensor, tensor))
        return tensor if tensor in self.handles else None


def wiring(
    ops: Sequence[Op],
    fetches: Iterable[str],
    given: Collection[str],
    handles: Mapping[str, str],
    library: Library,
    literals: Mapping[str, np.ndarray] | None = None,
) -> Wiring:
    """GraphlabError where the ops are in no order. `literals` are known where they are part of a
    body whose wiring is."""
    behind: dict[str, str] = {}
    firsts: dict[str, str] = {}
    for tensor, variable in handles.items():  # a variable may have several handles
        if firsts.setdefault(variable, tensor) != tensor:
            behind[tensor] = firsts[variable]
    reads: dict[str, str] = {}
    refs: dict[str, str] = {}
    found: dict[str, Op] = {}
    for op in in_order(ops):
        inputs = tuple(behind.get(tensor, tensor) for tensor in op.inputs)
        if inputs != op.inputs:
            op = replace(
                op,
                inputs=inputs,
                before=tuple(dict.fromkeys([*map(node_of, inputs)])),
                # What handed it on may have waited for more.
                controls=tuple(dict.fromkeys([*op.controls, *op.before])),
                distinct=tuple(dict.fromkeys(inputs)),
            )
        found[op.name] = op
        if op.type == "ReadVariableOp" and inputs[0] in handles:
            reads[op.outputs[0]] = inputs[0]
        elif op.type in effects.ALIASES:
            for inside, outside, dtype in zip(inputs, op.outputs, op.dtypes, strict=True):
                handle = refs.get(inside, inside)
                if outside in given:
                    continue
                if op.type != "RefIdentity" and handle in handles and dtype != "resource":
                    reads[outside] = handle
                else:
                    behind[outside] = inside
        elif inputs and any(arg.is_ref for arg in op.definition.output_arg[:1]):
            handle = refs.get(inputs[0], inputs[0])
            if handle in handles:
                refs[op.outputs[0]] = handle
    fetched = frozenset(behind.get(tensor, tensor) for tensor in fetches)
    result = Wiring(found, handles, frozenset(given), fetched, behind, reads, refs)
    for place, op in enumerate(found.values()):
        result.places[op.name] = place
        result.touched[op.name] = _touched(op, result, library)
        if _is_models(op, library):
            result.fixed.add(op.name)
        if op.type == "Const" and op.outputs[0] not in result.given:
            value = _written(op) if literals is None else literals.get(op.outputs[0])
            if value is not None:
                result.literals[op.outputs[0]] = value
    return result


def _written(op: Op) -> np.ndarray | None:
    """The value of a constant that is small enough to be written where it is taken."""
    if _size(op) > constants.MOST:
        return None
    value = constants.value_of(op)
    return None if constants.literal_of(value) is None else value


def _is_models(op: Op, library: Library) -> bool:
    """Whether an op is a tape, whose lines are spread over the body, or calls methods of the model,
    which have its variables by themselves."""
    return op.type == TYPE or bool(_methods(op, library))


def _methods(op: Op, library: Library) -> list[Body]:
    """The methods of the model that an op calls: parts of the graph, not functions of its own."""
    if not effects.is_call(op, library):
        return []
    bodies = [library.bodies.get(name) for name in called(op)]
    return [body for body in bodies if body is not None and not body.name]


def _held(op: Op, wired: Wiring, library: Library) -> dict[str, None]:
    """The variables of the methods that an op calls."""
    found: dict[str, None] = {}
    for body in _methods(op, library):
        for inner in body.ops.values():
            found |= dict.fromkeys(t for t in inner.inputs if t in wired.handles)
            found |= _held(inner, wired, library)
    return found


def _size(op: Op) -> int:
    return math.prod(dim.size for dim in op.attr("value").tensor.tensor_shape.dim)


def _touched(op: Op, wired: Wiring, library: Library) -> list[tuple[str, bool]]:
    """The variables that an op reads or, where it says True, changes; "" is all the rest that is
    there besides: random states, what is printed."""
    if op.type in FREE:
        return [(wired.reads[t], False) for t in op.outputs if t in wired.reads]
    changes = effects.changes(op, library)
    of = dict.fromkeys(h for h in map(wired.handle, op.inputs) if h is not None)
    itself = {wired.refs.get(tensor, tensor) for tensor in op.inputs}
    touched = [(handle, changes and handle in itself) for handle in of]
    touched += [(wired.behind.get(handle, handle), changes) for handle in _held(op, wired, library)]
    is_call = effects.is_call(op, library)
    return touched if not changes or (touched and not is_call) else [*touched, ("", True)]
