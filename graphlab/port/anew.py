"""A part of the recorded body, made anew in a graph in which gradients can be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape
from graphlab.port import again, constants, effects, exact
from graphlab.port.arrays import expression_of, is_array
from graphlab.port.lowered import IFS, WHILES, Part
from graphlab.port.numbering import Numbering
from graphlab.port.numbers import LARGEST
from graphlab.port.scene import TAPE, Scene, Tape


@dataclass
class Built:
    """A part of the recorded body, made anew."""

    scene: Scene
    tapes: Mapping[str, Tape]
    at: Numbering
    graph: tf.Graph
    taken: set[str]  # tensors that something needs
    tape: Any = None
    made: dict[str, Any] = field(default_factory=dict)  # tensors and variables
    values: dict[str, np.ndarray] = field(default_factory=dict)  # constants
    reads: dict[str, Any] = field(default_factory=dict)  # variables, by the tensor that reads them
    numbers: dict[str, int] = field(default_factory=dict)  # of tensors that are made anew
    inner: dict[str, Any] = field(default_factory=dict)  # tapes beneath
    # Of tensors in functions that are made anew: the function, the tensor or the argument's place.
    inside: list[tuple[Any, str | int, int]] = field(default_factory=list)
    handles: dict[str, str] = field(default_factory=dict)  # by what a handle is called in a loop
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)  # function, tensor there

    def __post_init__(self) -> None:
        for name, tape in self.tapes.items():
            if tape.by == TAPE:
                self.inner[name] = tf.GradientTape()
                self.inner[name].__enter__()

    def add(self, op: Op) -> None:
        """Make an op; what cannot be made, or is nothing of arithmetic, is only given."""
        if op.name in self.tapes:
            self._gradients(op)
        elif op.type == "Const":
            if op.outputs[0] not in self.scene.given:
                self.values[op.outputs[0]] = constants.value_of(op)
        elif op.type in effects.HANDLES:
            self.variable(op.outputs[0])
        elif op.type in effects.ALIASES and len(op.inputs) == len(op.outputs):
            for inside, outside in zip(op.inputs, op.outputs, strict=True):
                if outside not in self.scene.given:
                    self._hand_on(inside, outside)
        elif op.type == "ReadVariableOp" and self.variable(op.inputs[0]) is not None:
            self.reads[op.outputs[0]] = self.variable(op.inputs[0])
        elif op.type in WHILES:
            again.loop(self, op)
        elif op.type in IFS:
            again.condition(self, op)
        elif is_array(op):
            self._use_array(op)
        elif "resource" not in op.dtypes and ("variant" not in op.dtypes or _is_list(op)):
            self._make(op)

    def variable(self, handle: str) -> Any:
        """The variable made anew for a handle; None where it is none of the program's."""
        handle = self.handles.get(handle, handle)
        if handle not in self.made and handle in self.scene.variables:
            dtype, shape = self.scene.variables[handle]
            made = tf.Variable(lambda: tf.zeros(shape, dtype), trainable=True)
            self.made[handle] = made
            self.numbers[made.handle.name] = self.at.number(handle)
        found = self.made.get(handle)
        return found if isinstance(found, tf.Variable) else None

    def lead(self, inside: str, outside: str) -> None:
        """Give a tensor, or a variable's handle, another name inside of a loop."""
        if self.variable(inside) is not None:
            self.handles[outside] = self.handles.get(inside, inside)
        elif inside in self.values:
            self.values[outside] = self.values[inside]
        else:
            self.made[outside] = self.tensor(inside)

    def take(self, name: str, value: Any) -> None:
        """A tensor is made."""
        self.made[name] = value
        self._note(value, name)

    def _note(self, value: Any, name: str) -> None:
        """What is made for a tensor has its number; an array is known by its flow."""
        value = value.flow if isinstance(value, tf.TensorArray) else value
        if value.graph is self.graph:
            self.numbers[value.name] = self.at.number(name)
            return
        place = next((n for n, each in enumerate(value.graph.inputs) if each is value), None)
        key = value.name if place is None else place
        self.inside.append((value.graph, key, self.at.number(name)))

    def numbered(self, parts: Sequence[Part]) -> dict[str, int]:
        """The numbers of what is made anew; `parts` are the functions of loops."""
        by_name = {part.function: part for part in parts}
        found = dict(self.numbers)
        for graph, key, number in self.inside:
            part = by_name.get(graph.name)
            if part is not None and isinstance(key, int):
                found[part.arguments[key]] = number
            elif part is not None:
                found |= {name: number for name, own in part.own.items() if own == key}
        return found

    def shape(self, name: str) -> Shape:
        """The shape of a recorded tensor, also inside of a loop."""
        if name not in self.homes:
            return self.scene.shape(name)
        function, own = self.homes[name]
        return self.scene.shapes(function)(own)

    def _hand_on(self, inside: str, outside: str) -> None:
        if self.variable(inside) is not None:
            self.reads[outside] = self.variable(inside)
        if inside in self.values:
            self.values[outside] = self.values[inside]
        if inside in self.reads:
            self.reads[outside] = self.reads[inside]
        if outside not in self.reads and outside not in self.values:
            value = self.tensor(inside)
            # What a loop keeps for the way back it keeps of each op.
            is_kept = outside in self.homes and not isinstance(value, tf.TensorArray)
            self.take(outside, tf.identity(value) if is_kept else value)

    def tensor(self, name: str) -> Any:
        """A tensor made anew. A variable is read once more wherever it is taken, as in the file."""
        if name in self.reads or self.variable(name) is not None:
            value = tf.convert_to_tensor(self.reads.get(name, self.variable(name)))
            self._note(value, name)
            return value
        if name in self.values and self.values[name].size <= LARGEST:
            return tf.constant(self.values[name])
        if name not in self.made:
            self._give(name)
        return self.made[name]

    def _give(self, name: str) -> None:
        if name in self.homes:
            raise GraphlabError(f"{name} is in a loop, and is not made anew")
        with self.graph.as_default(), tf.control_dependencies(None):  # in no loop
            given = tf.compat.v1.placeholder(self.scene.dtypes[name], self.scene.shape(name))
        self.made[name] = given
        self.numbers[given.name] = self.at.number(name)
        if given.dtype.is_floating and name in self.scene.given:
            self.tape.watch(given)
            for tape in self.inner.values():
                tape.watch(given)

    def _make(self, op: Op) -> None:
        try:
            outputs = self._made_of(op)
        except (GraphlabError, TypeError, ValueError, tf.errors.OpError):
            return  # TensorFlow does not take what is not for it; then it is only given
        for mine, theirs in zip(op.outputs, outputs, strict=True):
            theirs.set_shape(self.shape(mine))  # of an argument without one it is unknown
            self.take(mine, theirs)

    def _use_array(self, op: Op) -> None:
        """A TensorArray, or what is done with it: another one, as it is then, or what is in it."""
        found = exact.evaluated(expression_of(op, self._known(op)), self.tensor)
        if not isinstance(found, tf.TensorArray):
            found.set_shape(self.shape(op.outputs[0]))
        self.take(op.outputs[0], found)

    def _known(self, op: Op) -> dict[str, np.ndarray]:
        return {name: self.values[name] for name in op.inputs if name in self.values}

    def _made_of(self, op: Op) -> list[Any]:
        handle = self.variable(op.inputs[0]) if op.inputs else None
        if handle is not None and op.type == "ResourceGather" and not op.attr("batch_dims").i:
            return [tf.gather(handle, self.tensor(op.inputs[1])).op.outputs[0]]
        expression, _ = self.scene.translator.call(op, self._known(op), self._rank, 0)
        found = exact.evaluated(expression, self.tensor)
        return list(tf.nest.flatten(found)[0].op.outputs)

    def _rank(self, name: str) -> int | None:
        shape = self.shape(name)
        return None if shape is None else len(shape)

    def _gradients(self, op: Op) -> None:
        tape, inner = self.tapes[op.name], self.inner.get(op.name)
        if inner is not None:
            inner.__exit__(None, None, None)
        sources = [self.made[name] for name in tape.sources]
        ask = tf.gradients if inner is None else inner.gradient
        found = ask([self.tensor(loss) for loss in tape.losses], sources)
        for recorded, gradient in tape.gives:
            value = found[tape.sources.index(gradient.source)]
            value = getattr(value, gradient.part) if gradient.part else value
            self.made[recorded] = value
            self.numbers[value.name] = self.at.number(recorded)

    def sources(self) -> Iterator[tuple[str, Any]]:
        """Variables, then all other tensors that have a gradient."""
        variables = {n: v for n, v in self.made.items() if isinstance(v, tf.Variable)}
        yield from variables.items()
        for name, value in self.made.items():
            if name in variables or name in self.homes or isinstance(value, tf.TensorArray):
                continue
            if value.dtype.is_floating or value.dtype.is_complex:
                yield name, value


def _is_list(op: Op) -> bool:
    """Whether it is one of a TensorArray's ops, whose values are in a list."""
    return "TensorList" in op.type
