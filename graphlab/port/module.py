"""The file: a `tf.Module` with the weights as attributes and the functions as methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.engine.plan import prune
from graphlab.model import Shape, node_of
from graphlab.port import constants, effects
from graphlab.port.body import Writer
from graphlab.port.expression import Expression, literal, text
from graphlab.port.forward import Scene
from graphlab.port.functions import Functions
from graphlab.port.inline import inlined
from graphlab.port.layout import WIDTH
from graphlab.port.lines import INDENT, Line
from graphlab.port.loops import with_functions
from graphlab.port.names import Names
from graphlab.port.tape import taped
from graphlab.port.translate import Translator

# What a tf.Module has already.
_MODULES = frozenset(
    "name name_scope variables trainable_variables non_trainable_variables submodules"
    " with_name_scope constants".split()
)


@dataclass(frozen=True)
class Argument:
    """An input of the ported function."""

    tensor: str
    name: str
    dtype: str
    shape: Shape


@dataclass(frozen=True)
class Unported:
    """An op that has no code, and why."""

    op: str
    method: str
    reason: str


@dataclass(frozen=True)
class Method:
    """A function of the file."""

    name: str
    parameters: tuple[str, ...]
    lines: tuple[Line, ...]
    returned: tuple[str, ...]  # lines


@dataclass(frozen=True)
class Module:
    """What was made of a graph: all that the file holds, before it is text."""

    arguments: tuple[Argument, ...]
    results: Mapping[str, str]  # the name in the file, by tensor
    variables: Mapping[str, str]  # the attribute, by the variable's name in the graph
    constants: Mapping[str, np.ndarray]  # by attribute
    methods: tuple[Method, ...]  # the first is the one that is called
    ops: int  # that were to be ported: constants, inputs and handles are none
    raw: tuple[str, ...]  # of them those that have no public name
    unported: tuple[Unported, ...]
    rules: tuple[str, ...] = ()  # of optimizers, which stand in the file

    @property
    def lines(self) -> int:
        """Lines of code that compute: all of the methods but their heads."""
        return sum(len(line.lines) for method in self.methods for line in method.lines) + sum(
            len(method.returned) for method in self.methods
        )


@dataclass
class Builder:
    """Makes the Module of a graph."""

    library: Library
    shapes: Callable[[str], Callable[[str], Shape]]  # of a body by its name: shapes by tensor
    kinds: Mapping[str, tuple[Any, tuple[int, ...]]] = field(default_factory=dict)  # of variables
    translator: Translator = field(default_factory=Translator)
    own: Names = field(default_factory=lambda: Names(_MODULES))
    stored: dict[str, np.ndarray] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)  # of constants
    methods: dict[Any, str] = field(default_factory=dict)
    todo: list[tuple[Any, Op]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    ops: int = 0
    lost: list[Unported] = field(default_factory=list)
    rules: dict[str, None] = field(default_factory=dict)
    handles: Mapping[str, str] = field(default_factory=dict)  # the graph's own variables
    parts: dict[str, Functions] = field(default_factory=dict)  # made of a body, by its name

    def __post_init__(self) -> None:
        mine = self.library
        self.library = Library(dict(mine.definitions), mine.gradients, dict(mine.bodies))

    def constant(self, op: Op) -> str:
        """See `body.File`."""
        key = op.where, op.name
        if key not in self.attributes:
            words = op.name.split("/")
            name = "/".join(words[-2:]) if words[-1].startswith("Const") else op.name
            self.attributes[key] = self.own.new(name)
            self.stored[self.attributes[key]] = constants.value_of(op)
        return f"self.{self.attributes[key]}"

    def method(
        self,
        function: str,
        op: Op,
        takes: tuple[int, ...] | None = None,
        gives: tuple[int, ...] | None = None,
    ) -> str:
        """See `body.File`."""
        key = function, takes, gives
        if key not in self.methods:
            self.library.body(function, op)  # GraphlabError where it is missing
            self.methods[key] = self.own.new(_short(function))
            self.todo.append((key, op))
        return f"self.{self.methods[key]}"

    def rule(self, name: str) -> None:
        """See `body.File`."""
        self.rules[name] = None

    def unported(self, op: Op, reason: str) -> str:
        """See `body.File`."""
        name = self.own.new(f"not_ported_{op.type}")
        self.lost.append(Unported(op.name, name, reason))
        return f"self.{name}"

    def build(
        self,
        body: Body,
        arguments: Sequence[Argument],
        fetches: Sequence[str],
        targets: Sequence[str],
        variables: Mapping[str, str],
        captured: Mapping[str, str],
    ) -> Module:
        """The Module. `variables` are the names of the graph's, by the tensor of the handle;
        `captured` are attributes that stand for tensors."""
        given = {argument.tensor: argument.name for argument in arguments}
        given |= {tensor: f"self.{name}" for tensor, name in captured.items()}
        flat, ops, shape = self._flat(body, fetches, targets, {*given, *variables})
        taken = {*fetches, *(tensor for op in ops for tensor in op.inputs)}
        variables = {tensor: name for tensor, name in variables.items() if tensor in taken}
        attributes = {name: self.own.new(name) for name in dict.fromkeys(variables.values())}
        handles = {tensor: f"self.{attributes[name]}" for tensor, name in variables.items()}
        self.handles = dict(handles)
        ops = self._with_functions(flat, ops, fetches, targets, shape)
        names = Names(frozenset(given.values()))
        writer = self._writer("", names, given, handles)
        run = {op.name for op in ops}
        others = [op for op in flat.ops.values() if op.name not in run]
        kinds = {tensor: self.kinds[name] for tensor, name in variables.items()}
        dtypes = {
            t: d for op in [*others, *ops] for t, d in zip(op.outputs, op.dtypes, strict=True)
        }
        scene = Scene(given, kinds, shape, dtypes, self.translator)
        written, writer.tapes = taped(scene, ops, others, fetches, self.library)
        writer.write(written, fetches)
        self._count(ops, writer)
        keys = Names()
        name_of = self.parts[body.name].name_of
        results = {tensor: keys.new(name_of(tensor)) for tensor in dict.fromkeys(fetches)}
        answers = dict(zip(results.values(), writer.results(results), strict=True))
        first = Method(
            "__call__",
            tuple(argument.name for argument in arguments),
            tuple(writer.done),
            _returned_dict(answers),
        )
        methods = [first]
        while self.todo:
            methods.append(self._function(*self.todo.pop(0)))
        return Module(
            tuple(arguments),
            results,
            attributes,
            self.stored,
            tuple(methods),
            self.ops,
            tuple(self.raw),
            tuple(self.lost),
            tuple(self.rules),
        )

    def _flat(
        self, body: Body, fetches: Sequence[str], targets: Sequence[str], fed: set[str]
    ) -> tuple[Body, Sequence[Op], Callable[[str], Shape]]:
        """The body with calls of a single place taken apart, the ops of it that are needed, and
        their shapes."""
        ops = prune(body, fetches, targets, fed)
        flat = inlined(ops, self.library, self.shapes)
        whole = Body("", {**body.ops, **{op.name: op for op in flat.ops}})
        return whole, prune(whole, fetches, targets, fed), flat.shape

    def _function(self, key: Key, op: Op) -> Method:
        function, takes, gives = key
        body = self.library.body(function, op)
        names = Names()
        parts = self.parts.get(body.name)
        name_of = node_of if parts is None else parts.name_of
        parameters = {tensor: names.new(name_of(tensor)) for tensor in body.arguments}
        signature = self.library.definitions[function].signature
        handles = {
            tensor: parameters[tensor]
            for tensor, arg in zip(body.arguments, signature.input_arg, strict=True)
            if arg.type == _RESOURCE and tensor in parameters
        }
        results = [body.results[number] for number in _all_or(gives, body.results)]
        takes_ = [body.arguments[number] for number in _all_or(takes, body.arguments)]
        parameters = {tensor: parameters[tensor] for tensor in takes_}
        if parts is not None and function in parts.made:
            handles |= {tensor: handle for tensor, handle in self.handles.items() if not body.name}
            ops = prune(body, results, body.finals, {*body.arguments, *handles})
        else:
            ops = prune(body, results, body.finals, body.arguments)
            shape = self.shapes(body.name)
            ops = self._with_functions(body, ops, results, body.finals, shape)
        writer = self._writer(body.name, names, parameters, handles)
        writer.write(ops, results)
        self._count(ops, writer)
        returned = _returned(writer.results(results))
        done = tuple(writer.done)
        return Method(self.methods[key], tuple(parameters.values()), done, returned)

    def _with_functions(
        self,
        body: Body,
        ops: Sequence[Op],
        results: Sequence[str],
        targets: Sequence[str],
        shape: Callable[[str], Shape],
    ) -> list[Op]:
        """Loops and conditions of TF1 become ops that call functions."""
        types = {}
        if body.name:
            signature = self.library.definitions[body.name].signature
            for tensor, arg in zip(body.arguments, signature.input_arg, strict=True):
                types[tensor] = tf.as_dtype(arg.type).name
        variables = set() if body.name else set(self.handles)
        parts = Functions(self.library, body.ops, types, variables, shape)
        self.parts[body.name] = parts
        return with_functions(ops, results, targets, parts)

    def _writer(
        self, where: str, names: Names, given: Mapping[str, str], handles: dict[str, str]
    ) -> Writer:
        parts = self.parts[where]
        return Writer(self, names, given, handles, parts.known_shape, parts.name_of)

    def _count(self, ops: Sequence[Op], writer: Writer) -> None:
        self.ops += sum(op.type not in effects.NO_WORK for op in ops)
        self.raw += writer.raw


_RESOURCE = 20
Key = tuple[str, tuple[int, ...] | None, tuple[int, ...] | None]  # a function, what it takes, gives


def _all_or(numbers: tuple[int, ...] | None, of: Sequence[str]) -> Sequence[int]:
    return range(len(of)) if numbers is None else numbers


def _short(function: str) -> str:
    """A function's name without what TensorFlow puts around it.

    >>> _short("__inference_while_body_123"), _short("cond_true_5_rewritten")
    ('while_body', 'cond_true')
    """
    words = function.strip("_").removeprefix("inference_").removesuffix("_rewritten").split("_")
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return "_".join(words)


def _returned(results: Sequence[Expression]) -> tuple[str, ...]:
    space = " " * INDENT
    if not results:
        return (f"{space}return tf.no_op()",)
    written = [text(each) for each in results]
    line = f"{space}return {', '.join(written)}"
    if len(line) <= WIDTH:
        return (line,)
    return (
        f"{space}return (",
        *(f"{space}    {each}," for each in written),
        f"{space})",
    )


def _returned_dict(results: Mapping[str, Expression]) -> tuple[str, ...]:
    space = " " * INDENT
    items = [f"{literal(name)}: {text(value)}" for name, value in results.items()]
    line = f"{space}return {{{', '.join(items)}}}"
    if len(line) <= WIDTH:
        return (line,)
    return (f"{space}return {{", *(f"{space}    {item}," for item in items), f"{space}}}")
