"""What a graph was before TensorFlow 1 took it apart: loops and conditions, and what became of
their gradients a tape's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.model import Shape
from graphlab.port.arrays import GRADIENT, with_arrays, with_arrays_of_all
from graphlab.port.asked import Asked
from graphlab.port.functions import Functions
from graphlab.port.loops import with_functions
from graphlab.port.scene import Scene, Tape
from graphlab.port.slim import of_parts
from graphlab.port.tape import taped
from graphlab.port.translate import Translator

Shapes = Callable[[str], Callable[[str], Shape]]  # of a body by its name: shapes by tensor


@dataclass(frozen=True)
class Recognised:
    """The ops of a graph, with an op in place of each loop, condition and backward graph."""

    ops: tuple[Op, ...]
    parts: Functions  # what became of loops and conditions
    scene: Scene
    tapes: Mapping[str, Tape]  # by the names of their ops
    counted: tuple[Op, ...]  # the ops that are there, or for which these stand


def recognised(asked: Asked, parts: Functions, ops: Sequence[Op], shapes: Shapes) -> Recognised:
    """The ops are in order, and `parts` knows all of the graph; its library stays as it is.

    TensorArrays are first taken as if nobody asked for gradients through them; where a part of a
    gradient stays without a tape, they are what they were.
    """
    found = _recognised(asked, parts, ops, shapes, despite_gradients=True)
    every = [*found.ops, *of_parts(found.ops, found.parts.library)]
    if any(op.type == GRADIENT for op in every):
        return _recognised(asked, parts, ops, shapes, despite_gradients=False)
    return found


def _recognised(
    asked: Asked, parts: Functions, ops: Sequence[Op], shapes: Shapes, despite_gradients: bool
) -> Recognised:
    of = parts.library
    library = Library(dict(of.definitions), of.gradients, dict(of.bodies))
    parts = Functions(library, parts.ops, {}, parts.variables, parts.shape)
    run = {op.name for op in ops}
    others = [op for op in parts.ops.values() if op.name not in run]
    if despite_gradients:
        ops, others = with_arrays_of_all(ops, others, parts)
    else:
        ops = with_arrays(ops, parts)
    ops = with_functions(ops, asked.fetches, asked.targets, parts)
    scene = _scene(asked, ops, parts, shapes)
    found, tapes = taped(scene, ops, others, asked.fetches, library)
    there = {op.name for op in found}
    gone = of_parts([op for op in ops if op.name not in there], library)
    return Recognised(tuple(found), parts, scene, tapes, (*ops, *gone))


def _scene(asked: Asked, ops: Sequence[Op], parts: Functions, shapes: Shapes) -> Scene:
    """What tapes are looked for in."""
    given = {argument.tensor: argument.name for argument in asked.arguments}
    every = [*parts.ops.values(), *ops]
    return Scene(
        {**given, **dict.fromkeys(asked.captured, "")},
        {t: asked.kinds[name] for t, name in asked.variables.items() if t in parts.variables},
        parts.shape,
        {t: d for op in every for t, d in zip(op.outputs, op.dtypes, strict=True)},
        Translator(),
        parts.library,
        lambda name: parts.known_shape if name in parts.made else shapes(name),
        parts.made,
    )
