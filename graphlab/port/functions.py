"""Parts of a graph become functions of its library: what they take, and what of them must run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import tensorflow as tf

from graphlab.engine.kernels.control_flow import EXITS
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.model import Shape, node_of
from graphlab.port import effects
from graphlab.port.rewired import rewired
from graphlab.sources.backward import backward_scopes


def _is_nobodys(op: Op) -> bool:
    """Whether TensorFlow has named it."""
    return op.name.rpartition("/")[2].lower().startswith(op.type.lower())


_HANDS_ON = frozenset("Identity RefIdentity Enter RefEnter Switch RefSwitch".split())


@dataclass
class Functions:
    """Where the parts of one graph are put."""

    library: Library  # a copy of the graph's own
    ops: Mapping[str, Op]  # the graph as it was, by name
    arguments: Mapping[str, str]  # the types of its arguments, by tensor
    variables: Collection[str]  # handles that every method has by itself
    shape: Callable[[str], Shape]
    likes: dict[str, str] = field(default_factory=dict)  # new tensors: which has their shape
    called: dict[str, str] = field(default_factory=dict)  # what to call a tensor
    arrays: set[str] = field(default_factory=set)  # flows that stand for a TensorArray
    names: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)  # the functions
    unshaped: bool = False  # whether lists that it is given do not know the shape of their items

    @cached_property
    def _scopes(self) -> tuple[str, ...]:
        return tuple(backward_scopes(self.ops))

    def backward(self, op: str) -> str:
        """The scope of the backward graph that an op is in; "" of the way forward."""
        return next((scope for scope in self._scopes if op.startswith(scope)), "")

    def new_name(self, name: str) -> str:
        """A name that no op has."""
        found, number = name, 1
        while found in self.ops or found in self.names:
            number += 1
            found = f"{name}_{number}"
        self.names.add(found)
        return found

    def add(
        self,
        name: str,
        ops: Sequence[Op],
        arguments: Sequence[str],
        results: Sequence[str],
        where: str,
    ) -> str:
        """The name that the function has. Where an op takes a Const from outside it gets it."""
        number, found = 1, name
        while found in self.library.definitions:
            number += 1
            found = f"{name}_{number}"
        signature = tf.compat.v1.GraphDef().library.function.add()
        signature.signature.name = found
        for argument in arguments:
            # A variable is an argument only where the graph is a function that was given it.
            given_handle = self.arguments.get(argument) == "resource"
            kind = tf.resource.as_datatype_enum if given_handle else 0
            signature.signature.input_arg.add(name=argument, type=kind)
        inside = {op.name: op for op in ops}
        given = {tensor for op in ops for tensor in op.outputs} | set(arguments)
        for tensor in [*(tensor for op in ops for tensor in op.inputs), *results]:
            if tensor not in given and self.is_constant(tensor):
                op = self.ops[node_of(tensor)]
                inside[op.name] = rewired(op, {}, ())
        for op in ops:
            inside[op.name] = rewired(op, {}, [name for name in op.controls if name in inside])
        self.made.add(found)
        finals = tuple(op.name for op in ops if effects.changes(op, self.library))
        self.library.definitions[found] = signature
        self.library.bodies[found] = Body(where, inside, tuple(arguments), tuple(results), finals)
        return found

    def is_constant(self, tensor: str) -> bool:
        """Whether a tensor is a Const, which each function may have for itself."""
        op = self.ops.get(node_of(tensor))
        return op is not None and op.type == "Const"

    def handle(self, tensor: str) -> str:
        """The handle of the variable, or the Const, behind what hands it on; another tensor is
        itself."""
        found = tensor
        while found not in self.variables and not self.is_constant(found):
            op = self.ops.get(node_of(found))
            if op is None or op.type not in _HANDS_ON:
                return tensor
            found = op.inputs[0]
        return found

    def name_of(self, tensor: str) -> str:
        """What to call a tensor, as a name of the graph: what only hands on into a loop or a case,
        or out of it, has that of what it is given."""
        shown = tensor
        while tensor not in self.called:
            op = self.ops.get(node_of(tensor))
            if op is None or op.type not in _HANDS_ON | EXITS or not _is_nobodys(op):
                return node_of(shown)
            tensor = op.inputs[0]
            shown = shown if op.type == "Identity" else tensor
        return self.called[tensor]

    def dtype(self, tensor: str) -> str:
        """The type of a tensor of the graph, or of one that was made."""
        tensor = self._like(tensor)
        if tensor in self.arguments:
            return self.arguments[tensor]
        name, _, number = tensor.rpartition(":")
        return self.ops[name].dtypes[int(number)]

    def _like(self, tensor: str) -> str:
        """The tensor of the graph of which a new one has type and shape; what a loop gives may be
        as what another has given."""
        while tensor in self.likes:
            tensor = self.likes[tensor]
        return tensor

    def known_shape(self, tensor: str) -> Shape:
        """The shape of a tensor as a reader cares for it: a handle has none."""
        there = self._like(tensor)
        op = self.ops.get(node_of(there))
        no_number = {tensor, there} & self.arrays or (op is not None and "resource" in op.dtypes)
        return None if no_number else self.shape(there)

    def touches(self, op: Op) -> bool:
        """Whether it matters when it runs: it changes something, or reads a variable."""
        if effects.changes(op, self.library):
            return True
        return bool(self.variables) and any(self.handle(t) in self.variables for t in op.inputs)

    def in_use(self, ops: Sequence[Op]) -> list[Op]:
        """The ops, which are in order, without control inputs that nobody can notice."""
        matters: set[str] = set()
        result = []
        for op in ops:
            controls = [name for name in op.controls if name in matters]
            if controls or self.touches(op) or not matters.isdisjoint(op.before):
                matters.add(op.name)
            result.append(rewired(op, {}, controls))
        return result

    def captured(
        self, ops: Sequence[Op], arguments: Iterable[str], results: Iterable[str]
    ) -> list[str]:
        """The tensors from outside that a function of these ops needs, by first use."""
        given = {tensor: op for op in ops for tensor in op.outputs}
        named = {op.name: op for op in ops}
        known = {*arguments, *self.variables}
        found: dict[str, None] = {}
        todo = [op for op in reversed(ops) if effects.changes(op, self.library)]
        seen = {op.name for op in todo}

        def take(tensor: str) -> None:
            if tensor in known:
                return
            op = given.get(tensor)
            if op is None:
                if not self.is_constant(tensor):
                    found[tensor] = None
            elif op.name not in seen:
                seen.add(op.name)
                todo.append(op)

        for tensor in results:
            take(tensor)
        while todo:
            op = todo.pop()
            for tensor in op.inputs:
                take(tensor)
            for name in op.controls:
                if name in named and name not in seen:
                    seen.add(name)
                    todo.append(named[name])
        return list(found)
