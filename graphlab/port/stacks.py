"""The stacks on which a loop of TF1 puts what its gradient takes back; where a tape has become of
that gradient, nothing does."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.port import effects
from graphlab.port.lowered import IFS, WHILES
from graphlab.port.rewired import rewired
from graphlab.port.slim import bodies_of

CALLS = WHILES | IFS


def take_off_stacks(ops: Sequence[Op], library: Library, of_tf1: Container[str]) -> list[Op]:
    """The ops that put on stacks what nothing takes back, which are in functions that are loops
    `of_tf1`; these are without them in the library then."""
    bodies = bodies_of(ops, library)
    bodies = {name: body for name, body in bodies.items() if name in of_tf1}
    every = [*ops, *(op for body in bodies.values() for op in body.ops.values())]
    idle = _idle(every, bodies)
    if not idle:
        return []
    for name, body in bodies.items():
        kept = {op.name: op for op in _without(body.ops.values(), idle)}
        library.bodies[name] = replace(body, ops=kept)
    for name in bodies:  # a condition whose cases only put something there does nothing any more
        body = library.bodies[name]
        finals = [final for final in body.finals if final in body.ops]
        finals = [final for final in finals if effects.changes(body.ops[final], library)]
        library.bodies[name] = replace(body, finals=tuple(finals))
    return [op for op in every if op.name in idle]


def _idle(ops: Sequence[Op], bodies: Mapping[str, Body]) -> set[str]:
    """The names of the ops that put something on a stack that no other ops have."""
    outside = {
        argument: tensor
        for op in ops
        if op.type in CALLS
        for name in called(op)
        if name in bodies
        for argument, tensor in zip(
            bodies[name].arguments, op.inputs[op.type in IFS :], strict=True
        )
        if argument != tensor  # a condition's are called as in the loop around it
    }

    def behind(tensor: str) -> str:
        while tensor in outside:
            tensor = outside[tensor]
        return tensor

    taken = {tensor for op in ops for tensor in op.inputs if op.type not in CALLS}
    stacks = {op.outputs[0] for op in ops if op.type == "StackV2"}
    pushes = [op for op in ops if op.type == "StackPushV2" and taken.isdisjoint(op.outputs)]
    own = {op.name for op in pushes}
    others = {
        behind(tensor)
        for op in ops
        if op.type not in CALLS and op.name not in own
        for tensor in op.inputs
    }
    return {op.name for op in pushes if behind(op.inputs[0]) in stacks - others}


def _without(ops: Iterable[Op], idle: set[str]) -> list[Op]:
    return [
        rewired(op, {}, [name for name in op.controls if name not in idle])
        for op in ops
        if op.name not in idle
    ]
