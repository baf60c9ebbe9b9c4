"""The file while it is made: which classes and functions there are, and what scopes that share one
have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.model import Shape, node_of
from graphlab.port import constants, effects
from graphlab.port.arrays import with_arrays
from graphlab.port.classes import Class, Method, Unported
from graphlab.port.functions import Functions
from graphlab.port.hints import default
from graphlab.port.loops import with_functions
from graphlab.port.names import Names
from graphlab.port.outline import Outline, Template
from graphlab.port.translate import Translator


@dataclass
class Scopes:
    """What all bodies of a file share."""

    outline: Outline
    library: Library
    shape: Callable[[str], Shape]  # of the graph's tensors
    shapes: Callable[[str], Callable[[str], Shape]]  # of a function's, by its name
    handles: Mapping[str, str]  # names of variables, by the tensor of the handle
    constants: dict[str, Op]  # by what they are called in `attributes` of a builder
    arguments: Mapping[str, str] = field(default_factory=dict)  # what the model is given, by tensor
    translator: Translator = field(default_factory=Translator)
    names: Names = field(default_factory=Names)  # of the file
    classes: list[Class] = field(default_factory=list)
    functions: list[Method] = field(default_factory=list)
    counted: list[Op] = field(default_factory=list)  # ops of functions of the library
    raw: list[str] = field(default_factory=list)
    lost: list[Unported] = field(default_factory=list)
    rules: dict[str, None] = field(default_factory=dict)  # of optimizers, and cells
    parts: dict[str, Functions] = field(default_factory=dict)  # made of a body, by its name
    own: dict[str, str] = field(default_factory=dict)  # the model's variables, by handle: `self.w`
    places: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    has_arrays: bool = False  # whether its lists are TensorArrays
    unshaped: set[str] = field(default_factory=set)  # functions that get lists out of lists

    def with_functions(
        self,
        body: Body,
        ops: Sequence[Op],
        results: Sequence[str],
        targets: Iterable[str],
        shape: Callable[[str], Shape],
    ) -> list[Op]:
        """The ops of a function with its loops and conditions of TF1 as ops that call others."""
        signature = self.library.definitions[body.name].signature
        types = {
            tensor: tf.as_dtype(arg.type).name
            for tensor, arg in zip(body.arguments, signature.input_arg, strict=True)
        }
        parts = self.parts[body.name] = Functions(self.library, body.ops, types, (), shape)
        parts.unshaped = body.name in self.unshaped
        lists = _popped_lists(ops)
        for op in ops:
            if effects.is_call(op, self.library) and not lists.isdisjoint(op.inputs):
                self.unshaped.update(called(op))
        return with_functions(with_arrays(ops, parts), results, targets, parts)

    def find(self, root: Template) -> None:
        """Note all scopes of each template: by its first's tensors their own."""
        todo: list[tuple[Template, Mapping[str, str]]] = [(root, {})]
        while todo:
            template, here = todo.pop()
            for use in template.uses.values():
                own = {first: here.get(tensor, tensor) for first, tensor in use.tensors.items()}
                self.places.setdefault(use.template, []).append(own)
                todo.append((self.outline.templates[use.template], own))

    def word(self, tensor: str) -> str:
        """What to call a tensor that a scope is given, as a name of the graph."""
        if tensor in self.handles:
            return self.whole(self.handles[tensor])
        if tensor in self.arguments:
            return self.arguments[tensor]
        op = self.parts[""].ops.get(node_of(tensor))
        own = "" if op is None else default(op)
        scope = node_of(tensor).rpartition("/")[0]
        return f"{scope}/{own}" if own else node_of(tensor)

    def whole(self, variable: str) -> str:
        """A variable's name without the `part_0` of one that TensorFlow 1 was to divide into parts,
        and did not."""
        words = variable.split("/")
        if "part_0" not in words[1:]:
            return variable
        n = words.index("part_0", 1)
        second = "/".join([*words[:n], "part_1"])
        return variable if second in self.handles.values() else "/".join(words[:n] + words[n + 1 :])

    def merged(self, type_: str) -> Callable[[str], Shape]:
        """The shapes of a template's tensors: None where its scopes differ."""
        places = self.places.get(type_, [])

        @functools.cache
        def shape(tensor: str) -> Shape:
            if len(places) == 1:
                return self.shape(places[0].get(tensor, tensor))
            shapes = [self.shape(own.get(tensor, tensor)) for own in places]
            if not shapes or any(each is None for each in shapes):
                return None if shapes else self.shape(tensor)
            if len({len(each or ()) for each in shapes}) > 1:
                return None
            sizes = [set(each) for each in zip(*map(tuple, filter(None, shapes)), strict=True)]
            return tuple(each.pop() if len(each) == 1 else None for each in sizes)

        return shape

    def differing(self, type_: str) -> list[str]:
        """The first's constants that could be written, were they not others in another scope."""
        places = self.places.get(type_, [])
        found = []
        for tensor in places[0] if len(places) > 1 else ():
            ops = [self.constants.get(own[tensor]) for own in places]
            if all(op is not None for op in ops):
                values = [constants.value_of(op) for op in ops if op is not None]
                if any(not _same(values[0], value) for value in values):
                    found.append(tensor)
        return found


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _popped_lists(ops: Sequence[Op]) -> set[str]:
    """The lists that are taken from lists: these tell the type of their items, not their shape."""
    return {
        op.outputs[1] for op in ops if op.type == "TensorListPopBack" and op.dtypes[1] == "variant"
    }
