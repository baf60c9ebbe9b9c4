"""NodeDefs as the engine reads them: what each op takes and gives, in flat tensor names.

A graph's nodes and a function's body have different spellings of the same thing
(`"split:1"` and `"split:output:1"`); here they become one. A name is one string however often
it is written (`intern`): tables of names are then fast, and a large graph stays small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from sys import intern
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.errors import GraphlabError, nearest
from graphlab.model import TensorSpec

REF = 100  # TensorFlow's number of a reference type is its number of the plain type and this


@dataclass(eq=False, slots=True)
class Op:
    """One node, ready to be planned."""

    index: int  # its place in the order of creation
    name: str
    type: str
    inputs: tuple[str, ...]  # tensor names
    controls: tuple[str, ...]  # op names
    outputs: tuple[str, ...]  # tensor names
    dtypes: tuple[str, ...]  # of the outputs
    device: str
    definition: Any  # the OpDef, or the FunctionDef's signature where the type is a function
    node: Any  # the NodeDef
    where: str  # the function it belongs to, "" for the graph itself
    before: tuple[str, ...] = ()  # the ops it takes tensors from, each once
    distinct: tuple[str, ...] = ()  # the inputs, each once
    came: tuple[tuple[TensorSpec, ...], int | None] = (), None  # its only output last time, bytes

    def attr(self, name: str) -> Any:
        """An attr as an AttrValue: the node's, or else the op's default."""
        if name in self.node.attr:
            return self.node.attr[name]
        return next(a.default_value for a in self.definition.attr if a.name == name)

    def text(self, name: str) -> str:
        """An attr that is a string."""
        return self.attr(name).s.decode()

    @property
    def refs(self) -> tuple[bool, ...]:
        """Which inputs want the reference itself and not its value."""
        return tuple(
            arg.is_ref
            for arg in self.definition.input_arg
            for _ in range(_types(arg, self.node, self.definition)[0])
        )

    @property
    def takes_reference(self) -> bool:
        """Whether an input wants the reference itself."""
        return any(arg.is_ref for arg in self.definition.input_arg)

    @property
    def title(self) -> str:
        """How messages name it: `layer/mm (MatMul)`."""
        return f"{self.name} ({self.type})" + (f" of function {self.where}" if self.where else "")


@dataclass(eq=False)
class Body:
    """A graph, or the body of a function."""

    name: str
    ops: Mapping[str, Op]
    arguments: tuple[str, ...] = ()  # tensors
    results: tuple[str, ...] = ()  # tensors
    finals: tuple[str, ...] = ()  # ops that must run although no result needs them

    @cached_property
    def in_order(self) -> bool:
        """Whether each op is written after all that it waits for, so that there is no cycle."""
        written: set[str] = {tensor.partition(":")[0] for tensor in self.arguments}
        for op in self.ops.values():
            if not (written.issuperset(op.before) and written.issuperset(op.controls)):
                return False
            written.add(op.name)
        return True


@dataclass(eq=False)
class Library:
    """The functions of a graph, read when they are first called."""

    definitions: dict[str, Any]  # FunctionDefs
    gradients: Mapping[str, str] = field(default_factory=dict)  # named by the graph, by function
    bodies: dict[str, Body] = field(default_factory=dict)

    def body(self, name: str, caller: Op) -> Body:
        """GraphlabError where a function is missing."""
        if name not in self.definitions:
            found = nearest(name, self.definitions) or "none"
            raise GraphlabError(
                f"{caller.title} calls the function {name!r}, which is not in the graph's"
                f" library; it has {found}; give the whole GraphDef with its library"
            )
        if name not in self.bodies:
            self.bodies[name] = body_of(self.definitions[name], self.definitions)
        return self.bodies[name]


def read(graph_def: Any) -> tuple[Body, Library]:
    """All ops of a graph, and its functions. GraphlabError for an op that TensorFlow lacks."""
    functions = {f.signature.name: f for f in graph_def.library.function}
    ops: dict[str, Op] = {}
    for index, node in enumerate(graph_def.node):
        inputs = tuple(
            name if ":" in name else f"{name}:0" for name in node.input if name[0] != "^"
        )
        ops[node.name] = _op(index, node, inputs, "", functions)
    gradients = {g.function_name: g.gradient_func for g in graph_def.library.gradient}
    return Body("", ops), Library(functions, gradients)


def body_of(definition: Any, functions: Mapping[str, Any]) -> Body:
    """A function's body; its arguments are tensors without an op."""
    name = definition.signature.name
    arguments = {arg.name: f"{arg.name}:0" for arg in definition.signature.input_arg}
    starts: dict[str, int] = {}  # "split:output": where the outputs of this name start
    for node in definition.node_def:
        at = 0
        signature = _signature(node, name, functions)
        for arg in signature.output_arg:
            starts[f"{node.name}:{arg.name}"] = at
            at += _types(arg, node, signature)[0]

    def flat(tensor: str) -> str:
        if tensor in arguments:
            return arguments[tensor]
        node_arg, _, index = tensor.rpartition(":")
        if node_arg not in starts:  # an argument written as "x:0"
            return tensor
        return f"{node_arg.rpartition(':')[0]}:{starts[node_arg] + int(index)}"

    ops = {}
    for index, node in enumerate(definition.node_def):
        inputs = tuple(flat(tensor) for tensor in node.input if tensor[0] != "^")
        ops[node.name] = _op(index, node, inputs, name, functions)
    stateful = [op.name for op in ops.values() if op.definition.is_stateful]
    return Body(
        name,
        ops,
        tuple(arguments.values()),
        tuple(flat(definition.ret[arg.name]) for arg in definition.signature.output_arg),
        tuple(dict.fromkeys([*stateful, *definition.control_ret.values()])),
    )


def _op(
    index: int, node: Any, inputs: tuple[str, ...], where: str, functions: Mapping[str, Any]
) -> Op:
    definition = _signature(node, where, functions)
    dtypes: list[str] = []
    for arg in definition.output_arg:
        for number in _types(arg, node, definition)[1]:
            dtypes.append(_dtype(number))
    name = intern(node.name)
    inputs = tuple([intern(tensor) for tensor in inputs])
    distinct = inputs if len(inputs) == 1 else tuple(dict.fromkeys(inputs))
    kinds = tuple(dtypes)
    return Op(
        index,
        name,
        intern(node.op),
        inputs,
        tuple(dict.fromkeys([intern(one[1:]) for one in node.input if one[0] == "^"])),
        tuple([intern(f"{name}:{i}") for i in range(len(dtypes))]),
        _kinds.setdefault(kinds, kinds),
        intern(node.device),
        definition,
        node,
        where,
        tuple(dict.fromkeys([intern(tensor.partition(":")[0]) for tensor in inputs])),
        inputs if len(distinct) == len(inputs) else distinct,
    )


def _signature(node: Any, where: str, functions: Mapping[str, Any]) -> Any:
    if node.op in functions:  # TF1 writes a call as an op of the function's name
        return functions[node.op].signature
    definition = _private.op_def(node.op)
    if definition is None:
        inside = f" of function {where}" if where else ""
        raise GraphlabError(
            f"{node.name}{inside} is of the op type {node.op!r}, which TensorFlow"
            f" {tf.__version__} does not know; load the library that defines it"
            " (tf.load_op_library) first"
        )
    return definition


def _types(arg: Any, node: Any, definition: Any) -> tuple[int, list[int]]:
    """How many tensors an argument is, and the number of each one's type."""

    def attr(name: str) -> Any:
        if name in node.attr:
            return node.attr[name]
        return next(a.default_value for a in definition.attr if a.name == name)

    if arg.type_list_attr:
        types = list(attr(arg.type_list_attr).list.type)
        return len(types), types
    kind = arg.type or attr(arg.type_attr).type
    count = attr(arg.number_attr).i if arg.number_attr else 1
    return count, [kind + (REF if arg.is_ref else 0)] * count


_dtypes: dict[int, str] = {}
_kinds: dict[tuple[str, ...], tuple[str, ...]] = {}  # one tuple for all ops that give the same


def _dtype(number: int) -> str:
    if number not in _dtypes:
        _dtypes[number] = tf.as_dtype(number % REF).name
    return _dtypes[number]
