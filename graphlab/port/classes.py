"""What a ported file holds, before it is text: functions, classes with their methods, arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphlab.model import Shape
from graphlab.port.expression import Expression
from graphlab.port.lines import Line


@dataclass(frozen=True)
class Argument:
    """An input of the ported function."""

    tensor: str
    name: str
    dtype: str
    shape: Shape
    as_fed: bool = False  # the graph says nothing of its shape: it has the axes of what was fed
    taken: bool = False  # the graph takes it from a queue, an iterator, or what else is kept


@dataclass(frozen=True)
class Unported:
    """An op that has no code, and why."""

    op: str
    method: str
    reason: str


@dataclass(frozen=True)
class Method:
    """A function of the file, or of a class."""

    name: str
    parameters: tuple[str, ...]
    lines: tuple[Line, ...]
    returned: tuple[str, ...]  # lines
    ends: tuple[str, ...] = ()  # the ops that those stand for


@dataclass(frozen=True)
class Member:
    """What a class sets in `__init__`."""

    name: str
    kind: str  # "tf.Variable", "tf.constant", "keras.Sequential", a table's, or one of the file
    count: int = 0  # of a list; 0 where it is one by itself
    layers: tuple[Expression, ...] = ()  # of Keras, behind what says what the first is given
    given: tuple[Expression, ...] = ()  # of a table, besides what is in it


@dataclass(frozen=True)
class Class:
    """A `tf.Module` of the file."""

    name: str
    members: tuple[Member, ...]
    methods: tuple[Method, ...]
    unported: tuple[Unported, ...]


@dataclass(frozen=True)
class Module:
    """What was made of a graph. The last class is the model; its first method is called."""

    arguments: tuple[Argument, ...]
    results: Mapping[str, str]  # the name in the file, by tensor
    variables: Mapping[str, str]  # the path, as "layers.0.w", by the variable's name in the graph
    constants: Mapping[str, np.ndarray]  # by path
    functions: tuple[Method, ...]
    classes: tuple[Class, ...]
    ops: int  # that were to be ported: constants, inputs and handles are none
    raw: tuple[str, ...]  # of them those that have no public name
    lost: tuple[Unported, ...]  # in functions
    rules: tuple[str, ...] = ()  # of optimizers, and cells, which stand in the file

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the arguments of whose shape the graph says nothing, and those that it
        takes from a queue or an iterator."""
        kinds = [f"{a.name} {_axes(len(a.shape or ()))}" for a in self.arguments if a.as_fed]
        taken = [a.name for a in self.arguments if a.taken]
        told = {
            f"Shapes that the graph does not say are as fed: {', '.join(kinds)}.": kinds,
            "Arguments in place of what the graph takes from queues and iterators:"
            f" {', '.join(taken)}.": taken,
        }
        return tuple(sentence for sentence, names in told.items() if names)

    @property
    def methods(self) -> tuple[Method, ...]:
        """Of the model."""
        return self.classes[-1].methods

    @property
    def unported(self) -> tuple[Unported, ...]:
        """All ops that have no code."""
        return (*self.lost, *(lost for each in self.classes for lost in each.unported))

    @property
    def layers(self) -> int:
        """Layers of Keras that are written."""
        members = [member for each in self.classes for member in each.members]
        return sum(len(member.layers[1:]) for member in members)

    @property
    def lines(self) -> int:
        """Lines of code that compute: layers, and all of the functions and methods but their
        heads."""
        methods = [*self.functions, *(method for each in self.classes for method in each.methods)]
        return self.layers + sum(
            len(method.returned) + sum(len(line.lines) for line in method.lines)
            for method in methods
        )


def _axes(count: int) -> str:
    return "is a scalar" if not count else f"has {count} ax{'es' if count > 1 else 'is'}"
