"""Calls of functions that are called once, taken apart: a reader meets the ops where they run.

A SavedModel hands one call on to another before the first op of the model comes. A condition of
which the answer is in the graph is a call of one of its cases: TensorFlow 1 checks with them what
it is given, as how many axes it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graphlab import _private
from graphlab.engine.kernels.functions import KERNELS, called
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.model import Shape, node_of
from graphlab.port.answers import know
from graphlab.port.lowered import IFS

Shapes = Callable[[str], Callable[[str], Shape]]  # of a body by its name: shapes by tensor
_HANDS_ON = "IdentityN"  # what stands in place of the call: its outputs are the results


@dataclass
class Inlined:
    """A body's ops without the calls, and where their tensors' shapes are known."""

    library: Library
    shapes: Shapes
    ops: list[Op] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)  # function and tensor there
    known: dict[str, np.ndarray] = field(default_factory=dict)  # numbers that are in the graph

    def shape(self, tensor: str) -> Shape:
        """The static shape of a tensor, of a function's by what it is called there."""
        function, there = self.homes.get(tensor, ("", tensor))
        return self.shapes(function)(there)


def inlined(ops: Sequence[Op], library: Library, shapes: Shapes) -> Inlined:
    """The ops with each call of a function that is called once in place of the call.

    GraphlabError where a function is missing.
    """
    done = Inlined(library, shapes, names={op.name for op in ops})
    times = _times(ops, library)
    todo = list(reversed(ops))
    while todo:
        op = todo.pop()
        call = _call(op, done)
        if call is not None and times[call[0]] == 1:
            todo += reversed(_taken_apart(op, *call, done))
        else:
            place = len(done.ops)
            done.ops.append(op if op.index == place else replace(op, index=place))
            know(op, done.known)
    return done


def _call(op: Op, done: Inlined) -> tuple[str, Sequence[str]] | None:
    """The function that an op calls whatever it is given, and what with; None of another."""
    if "PartitionedCall" in op.type or op.type in done.library.definitions:
        return called(op)[0], op.inputs
    answer = done.known.get(op.inputs[0]) if op.type in IFS else None
    if answer is None or answer.dtype != bool:
        return None
    then, other = called(op)
    return then if answer else other, op.inputs[1:]


def _times(ops: Sequence[Op], library: Library) -> Counter[str]:
    """How often each function is called, by whatever there is."""
    times: Counter[str] = Counter()
    todo = list(ops)
    while todo:
        op = todo.pop()
        if op.type not in KERNELS and op.type not in library.definitions:
            continue
        for name in called(op):
            times[name] += 1
            if times[name] == 1:
                todo += library.body(name, op).ops.values()
    return times


def _taken_apart(call: Op, function: str, inputs: Sequence[str], done: Inlined) -> list[Op]:
    """The ops of the call's function under names that are free, and what hands their results on.

    What has an effect, or reads what may change, waits for all that the call waited for.
    """
    body = done.library.body(function, call)
    own = {name: _free(name, call.name, done.names) for name in body.ops}
    given = dict(zip(body.arguments, inputs, strict=True))

    def here(tensor: str) -> str:
        if tensor in given:
            return given[tensor]
        return f"{own[node_of(tensor)]}:{tensor.rpartition(':')[2]}"

    waits = tuple(dict.fromkeys([*call.controls, *call.before]))
    found = []
    for op in body.ops.values():
        taken = tuple(map(here, op.inputs))
        controls = tuple(own[name] for name in op.controls if name in own)
        late = op.definition.is_stateful and op.type != "VarHandleOp"
        outputs = tuple(map(here, op.outputs))
        for inside, outside in zip(op.outputs, outputs, strict=True):
            done.homes[outside] = function, inside
        found.append(
            replace(
                op,
                name=own[op.name],
                inputs=taken,
                controls=tuple(dict.fromkeys([*controls, *(waits if late else ())])),
                outputs=outputs,
                before=tuple(dict.fromkeys(map(node_of, taken))),
                distinct=tuple(dict.fromkeys(taken)),
            )
        )
    results = tuple(map(here, body.results))
    hands_on = replace(
        call,
        type=_HANDS_ON,
        inputs=results,
        controls=tuple(dict.fromkeys([*(own[name] for name in body.finals), *waits])),
        before=tuple(dict.fromkeys(map(node_of, results))),
        distinct=tuple(dict.fromkeys(results)),
        definition=_private.op_def(_HANDS_ON),
    )
    return [*found, hands_on]


def _free(name: str, call: str, names: set[str]) -> str:
    """The name of a function's op in its caller: its own, or the call's before it."""
    found, n = name, 1
    while found in names:
        found = f"{call}/{name}" if n == 1 else f"{call}_{n}/{name}"
        n += 1
    names.add(found)
    return found
