"""The body that is ported, as a tape sees it, and what a tape gives."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

import tensorflow as tf

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.model import Shape
from graphlab.port.lowered import IFS, WHILES
from graphlab.port.translate import Translator

TYPE = "GradientTape"  # of the op that stands for a backward graph
TAPE, GRADIENTS = "tf.GradientTape", "tf.gradients"  # what is asked for gradients


@dataclass(frozen=True)
class Gradient:
    """What a tape gives for a source: of a slice its `values` and `indices`, else the whole, ""."""

    source: str  # a tensor, or the tensor of a variable's handle
    part: str = ""


@dataclass(frozen=True)
class Scene:
    """What is known of the body that is ported."""

    given: Mapping[str, str]  # arguments, what is captured, constants that a tape may follow
    variables: Mapping[str, tuple[tf.DType, tuple[int, ...]]]  # by the tensor of the handle
    shape: Callable[[str], Shape]
    dtypes: Mapping[str, str]  # by tensor
    translator: Translator
    library: Library
    shapes: Callable[[str], Callable[[str], Shape]]  # of a function by its name: shapes by tensor
    frames: Container[str] = frozenset()  # functions that loops of TF1 have become

    def is_of_tf1(self, op: Op) -> bool:
        """Whether it is a While that was a loop of TF1, or an If that was a condition."""
        return op.type in WHILES | IFS and any(name in self.frames for name in called(op))


@dataclass(frozen=True)
class Tape:
    """A backward graph as a call of a tape, or of tf.gradients, which needs none."""

    losses: tuple[str, ...]
    sources: tuple[str, ...]
    gives: tuple[tuple[str, Gradient], ...]  # the recorded tensors
    inside: frozenset[str]  # ops that stand beneath it
    watched: tuple[str, ...] = ()  # arguments that it must be told of
    by: str = TAPE
    held: tuple[str, ...] = ()  # what loops give, though nobody takes it

    @property
    def followed(self) -> tuple[str, ...]:
        """What the file must have a name for before the loss."""
        return (*self.sources, *self.watched)
