"""What the tensors of a body are before a line is written: given, handed on, constants, values of
variables; and how often each is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from graphlab.engine.kernels.dispatch import ALIASES as SHARE
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.port import calls, constants, effects
from graphlab.port.expression import Expression


@dataclass
class Values:
    """What is known of each tensor of one body. `given` are what its arguments are called."""

    library: Library
    given: Mapping[str, str]  # by tensor
    variables: dict[str, str]  # by the tensor of the handle: `self.w`
    reading: dict[str, str] = field(default_factory=dict)  # values of variables, by tensor
    shared: set[str] = field(default_factory=set)  # of them those that change with the variable
    known: dict[str, np.ndarray] = field(default_factory=dict)
    stored: dict[str, Op] = field(default_factory=dict)  # constants too large to be written
    alias: dict[str, str] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)  # tensors that are lists
    hints: dict[str, str] = field(default_factory=dict)  # see `hints`
    uses: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)  # uses that are still to be written

    def know(self, op: Op) -> None:
        """What is no work: constants, handles, what only hands on; and what is a list."""
        kinds = zip(op.outputs, op.dtypes, strict=True)
        self.lists.update(tensor for tensor, dtype in kinds if dtype == "variant")
        if op.type == "Const":
            self.known[op.outputs[0]] = constants.value_of(op)
            self.stored[op.outputs[0]] = op
        elif op.type in effects.ALIASES:
            for inside, outside in zip(op.inputs, op.outputs, strict=True):
                if outside in self.given:
                    continue
                inside = self.resolved(inside)
                is_ref = op.type != "RefIdentity" and inside in self.variables
                if is_ref and op.dtypes[0] != "resource":
                    self.reading[outside] = self.variables[inside]
                    if op.type in SHARE:  # of a reference it is no copy
                        self.shared.add(outside)
                else:
                    self.alias[outside] = inside
        elif op.type in ("While", "StatelessWhile"):
            fixed = calls.invariants(op, self.library)
            for inside, outside, same in zip(op.inputs, op.outputs, fixed, strict=True):
                if same:
                    self.alias[outside] = self.resolved(inside)
        elif op.type == "ReadVariableOp":
            handle = self.resolved(op.inputs[0])
            if handle in self.variables:
                self.reading[op.outputs[0]] = self.variables[handle]
        if op.type in SHARE and self.resolved(op.inputs[0]) in self.shared:
            self.shared.add(op.outputs[0])
        if op.outputs and op.definition.input_arg and op.definition.output_arg[0].is_ref:
            source = self.resolved(op.inputs[0])
            if source in self.variables and op.type not in effects.ALIASES:
                self.variables[op.outputs[0]] = self.variables[source]

    def resolved(self, tensor: str) -> str:
        """The tensor behind what only hands on."""
        return self.alias.get(tensor, tensor)

    def live(self, ordered: list[Op], results: Iterable[str]) -> list[Op]:
        """The ops that some result or effect needs, and how often each tensor is taken."""
        self.uses.update(results)
        kept = []
        for op in reversed(ordered):
            if op.type in effects.NO_WORK or op.type in effects.ALIASES:
                if op.outputs and op.outputs[0] in self.reading:
                    kept.append(op)
                continue
            if op.type == "ReadVariableOp" and op.outputs[0] in self.reading:
                kept.append(op)
                continue
            taken = any(self.uses[tensor] for tensor in op.outputs)
            if taken or effects.changes(op, self.library):
                kept.append(op)
                self.uses.update(self.resolved(tensor) for tensor in op.inputs)
        self.left.update(self.uses)
        return kept[::-1]

    def constants_of(self, op: Op) -> dict[str, np.ndarray]:
        """The inputs of an op that are constants."""
        behind = {tensor: self.resolved(tensor) for tensor in op.inputs}
        return {
            tensor: self.known[there]
            for tensor, there in behind.items()
            if there in self.known and there not in self.given
        }

    def literal(self, tensor: str) -> Expression | None:
        """A constant where it stands for itself."""
        tensor = self.resolved(tensor)
        if tensor in self.given or tensor not in self.known:
            return None
        value = self.known[tensor]
        literal = constants.literal_of(value)
        return None if literal is None else constants.typed(value, literal)
