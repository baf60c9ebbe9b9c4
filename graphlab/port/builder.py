"""One class of the file, or one function: its members, its methods, what they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphlab.engine.kernels.nodes import Op
from graphlab.engine.plan import prune
from graphlab.model import node_of
from graphlab.port import effects, sequential
from graphlab.port.body import Writer
from graphlab.port.classes import Class, Method, Unported
from graphlab.port.composed import composed
from graphlab.port.file import Inner
from graphlab.port.members import Members
from graphlab.port.names import Names, one_of
from graphlab.port.outline import Template
from graphlab.port.returned import several
from graphlab.port.scene import Tape
from graphlab.port.scopes import Scopes
from graphlab.port.sizes import with_plain_sizes
from graphlab.port.statements import Loop

# What a tf.Module has already.
_MODULES = frozenset(
    "name name_scope variables trainable_variables non_trainable_variables submodules"
    " with_name_scope constants".split()
)


class Builder:
    """Makes the class of a template, or its function where it has nothing of its own."""

    def __init__(self, scopes: Scopes, template: Template, built: dict[str, Builder]) -> None:
        self.scopes, self.template, self.built = scopes, template, built
        self.library, self.translator = scopes.library, scopes.translator
        self.has_arrays = scopes.has_arrays
        for use in template.uses.values():
            if use.template not in built:
                inner = scopes.outline.templates[use.template]
                built[use.template] = Builder(scopes, inner, built)
                built[use.template].write_scope()
        self.differing = scopes.differing(template.type)
        self.is_class = not template.type or self._has_own()
        self.own = Names(_MODULES) if self.is_class else scopes.names
        self.name = "Model"
        if template.type:
            self.name = (
                scopes.names.new_class(template.called)
                if self.is_class
                else scopes.names.new(template.called)
            )
        self.members = Members(scopes, template, self.own)
        self.functions: dict[Any, str] = {}
        self.todo: list[tuple[Any, Op]] = []
        self.methods: list[Method] = []
        self.lost: list[Unported] = []
        self.tapes: Mapping[str, Tape] = {}  # by their ops

    def _has_own(self) -> bool:
        template = self.template
        inner = [self.built[use.template] for use in template.uses.values()]
        own = [
            op
            for op in template.ops
            if (op.type == "Const" and self._is_stored(op))
            or sequential.is_sequential(op)
            or (op.type not in self.scopes.outline.templates and self._calls(op))
        ]
        return bool(template.variables or own or any(each.is_class for each in inner))

    def _calls(self, op: Op) -> bool:
        return effects.is_call(op, self.library)

    def _is_stored(self, op: Op) -> bool:
        tensor = op.outputs[0]
        if tensor in self.template.inputs:
            return False
        return tensor in self.differing or tensor not in self.template.literals

    @property
    def prefix(self) -> str:
        """What stands before the names of its members."""
        return "self." if self.is_class else ""

    def begin(self) -> dict[str, str]:
        """See `Members.begin`."""
        inside = {use.template: self.built[use.template] for use in self.template.uses.values()}
        classes = {
            type_: (each.name, each.members.attributes)
            for type_, each in inside.items()
            if each.is_class
        }
        return self.members.begin(classes, self.differing)

    def chain(self, op: Op) -> Loop | None:
        """See `file.File`."""
        for chain in self.template.chains:
            if chain.name == op.name:
                one = one_of(chain.scopes[0])
                if op.name in self.members.calls:
                    return Loop(one, f"self.{self.members.calls[op.name]}", "", chain.place)
                function = self.built[op.type].name
                return Loop("_", f"range({len(chain.scopes)})", function, chain.place)
        return None

    def constant(self, op: Op) -> str:
        """See `file.File`."""
        key = op.outputs[0]
        known = self.scopes.constants.get(key)
        if known is None or known.node is not op.node:
            key = f"{op.where} {key}"  # of a function of the library
            self.scopes.constants[key] = op
        return self.members.constant_of(key, op.name)

    def method(
        self,
        function: str,
        op: Op,
        takes: tuple[int, ...] | None = None,
        gives: tuple[int, ...] | None = None,
    ) -> str:
        """See `file.File`."""
        if function in self.built:
            return (
                f"self.{self.members.calls[op.name]}"
                if op.name in self.members.calls
                else self.built[function].name
            )
        key = function, takes, gives
        if key not in self.functions:
            self.library.body(function, op)  # GraphlabError where it is missing
            self.functions[key] = self.own.new(_short(function))
            self.todo.append((key, op))
        return f"self.{self.functions[key]}"

    def layers(self, op: Op) -> str:
        """See `file.File`."""
        return f"self.{self.members.calls[op.name]}"

    def rule(self, name: str) -> None:
        """See `file.File`."""
        self.scopes.rules[name] = None

    def unported(self, op: Op, reason: str) -> str:
        """See `file.File`."""
        name = self.own.new(f"not_ported_{op.type}")
        self.lost.append(Unported(op.name, name, reason))
        return f"{self.prefix}{name}"

    def write_scope(self) -> None:
        """The class or the function of a scope."""
        called = self.begin()
        template = self.template
        called_here = {self.built[use.template].name for use in template.uses.values()}
        names = Names(frozenset(called_here))
        parameters = _parameters(template.inputs, self.scopes, names)
        handles = {t: parameters[t] for t in template.inputs if t in self.scopes.handles}
        handles |= {t: name for t, name in called.items() if t in self.scopes.handles}
        given = {**parameters, **{t: n for t, n in called.items() if t not in handles}}
        name = "__call__" if self.is_class else self.name
        self.write(name, tuple(parameters.values()), names, given, handles, template.outputs)
        if self.is_class:
            self.scopes.classes.append(self.finished())
        else:
            self.scopes.functions += self.methods
            self.scopes.lost += self.lost

    def write(
        self,
        name: str,
        parameters: tuple[str, ...],
        names: Names,
        given: Mapping[str, str],
        handles: dict[str, str],
        results: Sequence[str],
        returned: Callable[[Writer], tuple[str, ...]] | None = None,
    ) -> None:
        """The method of the body, and those of the functions that it calls."""
        type_ = self.template.type
        shape = self.scopes.merged(type_) if type_ else self.scopes.shape
        indent = 8 if self.is_class else 4
        name_of = self.scopes.parts[""].name_of
        writer = Writer(self, names, given, handles, shape, name_of, indent)
        writer.tapes, writer.is_converted = self.tapes, True
        writer.write(self.template.ops, results, self.template.scope)
        times = len(self.scopes.places[type_]) if type_ else 1
        self.scopes.raw += writer.raw * times
        ends: tuple[str, ...] = ()
        if returned or results:
            ends = returned(writer) if returned else several(indent, writer.results(results))
        done, inside = tuple(writer.done), writer.ends(results)
        self.methods.append(Method(name, parameters, done, ends, inside))
        while self.todo:
            self.methods.append(self._function(*self.todo.pop(0)))

    def finished(self) -> Class:
        """The class, when all is written."""
        order = ("tf.Variable", "", "tf.constant")
        members = sorted(
            self.members.all, key=lambda m: order.index(m.kind if m.kind in order else "")
        )
        return Class(self.name, tuple(members), tuple(self.methods), tuple(self.lost))

    def _function(self, key: Key, op: Op) -> Method:
        """The method of a function of the library, or of a part of the graph."""
        function, takes, gives = key
        body = self.library.body(function, op)
        names = Names()
        parts = self.scopes.parts.get(body.name)
        name_of = node_of if parts is None else parts.name_of
        parameters = {tensor: names.new(name_of(tensor)) for tensor in body.arguments}
        signature = self.library.definitions[function].signature
        handles = {
            tensor: parameters[tensor]
            for tensor, arg in zip(body.arguments, signature.input_arg, strict=True)
            if arg.type == _RESOURCE and tensor in parameters
        }
        taken = [body.arguments[number] for number in _all_or(takes, body.arguments)]
        parameters = {tensor: parameters[tensor] for tensor in taken}
        inner = self.inner(function, op, gives, names, parameters, handles)
        inner.write()
        self.count(inner)
        writer = inner.writer
        returned = several(writer.lines.indent, writer.results(inner.results))
        done, inside = tuple(writer.done), writer.ends(inner.results)
        return Method(self.functions[key], tuple(parameters.values()), done, returned, inside)

    def inner(
        self,
        function: str,
        op: Op,
        gives: tuple[int, ...] | None,
        names: Names,
        given: Mapping[str, str],
        handles: dict[str, str],
        indent: int = 8,
    ) -> Inner:
        """See `file.File`."""
        body = self.library.body(function, op)
        results = [body.results[number] for number in _all_or(gives, body.results)]
        parts = self.scopes.parts.get(body.name)
        if parts is not None and function in parts.made:
            handles = handles | (self.scopes.own if not body.name else {})
            ops = prune(body, results, body.finals, {*body.arguments, *handles})
        else:
            ops = prune(body, results, body.finals, body.arguments)
            shape = self.scopes.shapes(body.name)
            ops = self.scopes.with_functions(body, ops, results, body.finals, shape)
        parts = self.scopes.parts[body.name]
        writer = Writer(self, names, given, handles, parts.known_shape, parts.name_of, indent)
        plain = with_plain_sizes(composed(ops, results, parts), results, parts.known_shape)
        return Inner(writer, ops, plain, results)

    def count(self, inner: Inner) -> None:
        """See `file.File`."""
        self.scopes.counted += inner.counted
        self.scopes.raw += inner.writer.raw


Key = tuple[str, tuple[int, ...] | None, tuple[int, ...] | None]  # a function, what it takes, gives
_RESOURCE = 20


def _all_or(numbers: tuple[int, ...] | None, of: Sequence[str]) -> Sequence[int]:
    return range(len(of)) if numbers is None else numbers


def _parameters(inputs: Sequence[str], scopes: Scopes, names: Names) -> dict[str, str]:
    """What a scope calls the tensors that it is given."""
    tensors = [tensor for tensor in inputs if tensor not in scopes.handles]
    one = tensors if len(tensors) == 1 else ()
    return {t: names.new("x" if t in one else scopes.word(t)) for t in inputs}


def _short(function: str) -> str:
    """A function's name without what TensorFlow puts around it.

    >>> _short("__inference_while_body_123"), _short("cond_true_5_rewritten_2")
    ('while_body', 'cond_true')
    """
    words = function.strip("_").removeprefix("inference_").split("_")
    while len(words) > 1 and (words[-1].isdigit() or words[-1] == "rewritten"):
        words.pop()
    return "_".join(words)
