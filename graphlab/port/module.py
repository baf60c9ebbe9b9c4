"""A graph as a file: scopes as classes and functions, weights as attributes, functions of the
library as methods."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphlab.engine.kernels.control_flow import EXITS
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.engine.plan import prune
from graphlab.model import Shape, node_of
from graphlab.port import constants, effects, lists, tables
from graphlab.port.asked import Asked
from graphlab.port.body import Writer
from graphlab.port.builder import Builder
from graphlab.port.classes import Module
from graphlab.port.composed import composed
from graphlab.port.functions import Functions
from graphlab.port.hints import default
from graphlab.port.inline import inlined
from graphlab.port.layered import with_layers
from graphlab.port.likeness import Likeness
from graphlab.port.names import Names
from graphlab.port.older import REDUCES
from graphlab.port.outline import Outline, outlined
from graphlab.port.recognised import Shapes, recognised
from graphlab.port.returned import named
from graphlab.port.scene import Gradient, Tape
from graphlab.port.scopes import Scopes
from graphlab.port.sizes import with_plain_sizes
from graphlab.port.slim import Slim
from graphlab.port.stacks import take_off_stacks
from graphlab.port.tables import Table


def built(asked: Asked, library: Library, shapes: Shapes) -> Module:
    """The Module of a graph. GraphlabError where its ops are in no order."""
    given = {argument.tensor: argument.name for argument in asked.arguments}
    flat, ops, shape = _flat(asked, library, shapes)
    taken = {*asked.fetches, *(tensor for op in ops for tensor in op.inputs)}
    variables = {t: name for t, name in asked.variables.items() if t in taken}
    graph = recognised(asked, Functions(library, flat, {}, set(variables), shape), ops, shapes)
    parts, tapes, library = graph.parts, graph.tapes, graph.parts.library
    asked = _with_constants(asked, graph.ops, tapes)
    ops = [op for op in graph.ops if op.outputs[:1] == () or op.outputs[0] not in asked.captured]
    counted = [*graph.counted, *take_off_stacks(ops, library, parts.made)]
    slim = Slim(library, parts.made, parts.variables)
    held = [tensor for tape in tapes.values() for tensor in tape.held]
    ops = slim.smallest(ops, [*asked.fetches, *held])
    counted += slim.dropped
    shapes = slim.shapes(shapes)
    ops = composed(ops, asked.fetches, parts)
    if asked.keras:
        ops = with_layers(ops, asked.fetches, graph.scene.variables, parts)
    ops = with_plain_sizes(ops, asked.fetches, parts.known_shape)
    outline = Outline(library, Likeness(lambda tensor: _rank(parts.known_shape(tensor))))
    known = {*given, *asked.captured}
    root = outlined(ops, asked.fetches, known, variables, outline)
    consts = {op.outputs[0]: op for op in ops if op.type == "Const"}
    inside = Names(frozenset(given.values()))  # a function must not be called as an input is
    scopes = Scopes(
        outline,
        library,
        parts.known_shape,
        shapes,
        variables,
        consts,
        given,
        graph.scene.translator,
        inside,
        has_arrays=lists.are_arrays(ops, library),
    )
    scopes.parts[""] = parts
    scopes.find(root)
    builder = Builder(scopes, root, {})
    builder.tapes = {name: _with_calls(tape, root.members) for name, tape in tapes.items()}
    given |= _members(builder, asked, ops)
    handles = builder.begin()
    scopes.own |= {tensor: name for tensor, name in handles.items() if tensor in variables}
    keys = Names()
    words = _Words({op.name: op for op in ops}, parts, tapes, {**variables, **given}, asked.named)
    results = {tensor: keys.new(words.of(tensor)) for tensor in dict.fromkeys(asked.fetches)}

    def returned(writer: Writer) -> tuple[str, ...]:
        answers = zip(results.values(), writer.results(results, whole=False), strict=True)
        return named(writer.indent, dict(answers))

    parameters = tuple(argument.name for argument in asked.arguments)
    names = Names(frozenset({*given.values(), *scopes.names.taken}))
    builder.write("__call__", parameters, names, given, handles, asked.fetches, returned)
    paths = {variables[key]: p for p, key in builder.members.attributes.items() if key in variables}
    arrays: dict[str, np.ndarray] = {}
    for path, key in builder.members.attributes.items():
        outer = asked.captured.get(key)
        if isinstance(outer, Table):
            arrays |= {f"{path}{ending}": array for ending, array in outer.arrays.items()}
        elif key not in variables:
            arrays[path] = constants.value_of(consts[key]) if outer is None else outer
    return Module(
        tuple(asked.arguments),
        results,
        {name: paths[name] for name in dict.fromkeys(variables.values())},
        arrays,
        tuple(scopes.functions),
        (*scopes.classes, builder.finished()),
        sum(op.type not in effects.NO_WORK for op in [*counted, *scopes.counted]),
        tuple(scopes.raw),
        tuple(scopes.lost),
        tuple(scopes.rules),
    )


def _members(builder: Builder, asked: Asked, ops: Sequence[Op]) -> dict[str, str]:
    """The attributes of what is captured and taken, by tensor."""
    taken = {*asked.fetches, *(tensor for op in ops for tensor in tables.taken(op))}
    found = {}
    for tensor, held in asked.captured.items():
        table = held if isinstance(held, Table) else None
        own = asked.body.ops.get(node_of(tensor))
        is_argument = table is not None and (own is None or own.type not in tables.MAKES)
        if tensor in taken:
            words = "table" if is_argument else node_of(tensor)
            found[tensor] = builder.members.constant_of(tensor, words, table)
    return found


def _flat(
    asked: Asked, library: Library, shapes: Shapes
) -> tuple[Mapping[str, Op], list[Op], Callable[[str], Shape]]:
    """The graph with calls of a single place taken apart, the ops of it that are needed, and their
    shapes."""
    given = {argument.tensor for argument in asked.arguments}
    fed = {*given, *asked.variables, *asked.captured}
    ops = prune(asked.body, asked.fetches, asked.targets, fed)
    flat = inlined(ops, library, shapes)
    whole = Body("", {**asked.body.ops, **{op.name: op for op in flat.ops}})
    read = {
        op.outputs[0]: asked.variables[op.inputs[0]]
        for op in flat.ops
        if op.type == "ReadVariableOp" and op.inputs[0] in asked.variables
    }

    whole_sums = {op.outputs[0] for op in flat.ops if _is_of_all_axes(op, whole.ops)}

    @functools.cache
    def shape(tensor: str) -> Shape:
        """Also of what a function reads, which does not know what variable it is given, and of a
        sum over all axes of what has any number of them, of which Python alone knows it."""
        if tensor in read:
            return asked.kinds[read[tensor]][1]
        return () if tensor in whole_sums else flat.shape(tensor)

    return whole.ops, list(prune(whole, asked.fetches, asked.targets, fed)), shape


def _is_of_all_axes(op: Op, ops: Mapping[str, Op]) -> bool:
    """Whether it reduces what it is given to one number: over `tf.range(0, tf.rank(x), 1)`."""
    if op.type not in REDUCES or op.attr("keep_dims").b:
        return False
    axes = ops.get(node_of(op.inputs[1]))
    if axes is None or axes.type != "Range":
        return False
    first, rank, step = (ops.get(node_of(tensor)) for tensor in axes.inputs)
    return (
        rank is not None
        and rank.type == "Rank"
        and rank.inputs[0] == op.inputs[0]
        and [_number(each) for each in (first, step)] == [0, 1]
    )


def _number(op: Op | None) -> float | None:
    """The value of a constant that is one number."""
    value = None if op is None or op.type != "Const" else constants.value_of(op)
    return None if value is None or value.ndim else value.item()


def _with_constants(asked: Asked, ops: Sequence[Op], tapes: Mapping[str, Tape]) -> Asked:
    """With each constant that a tape follows as what is captured: the tape needs it by its name."""
    followed = {tensor for tape in tapes.values() for tensor in tape.followed}
    found = {
        op.outputs[0]: constants.value_of(op)
        for op in ops
        if op.type == "Const" and op.outputs[0] in followed
    }
    return replace(asked, captured={**asked.captured, **found})


def _with_calls(tape: Tape, members: Mapping[str, str]) -> Tape:
    """The tape of a body in which scopes are calls."""
    return replace(tape, inside=frozenset(members.get(name, name) for name in tape.inside))


@dataclass(frozen=True)
class _Words:
    """What results are called, before it is an identifier."""

    ops: Mapping[str, Op]
    parts: Functions
    tapes: Mapping[str, Tape]
    named: Mapping[str, str]  # variables and arguments
    told: Mapping[str, str]  # by a signature

    def of(self, tensor: str) -> str:
        """A gradient as what it is taken for; others as what they hand on, if nobody has named
        them."""
        if tensor in self.told:
            return self.told[tensor]
        told = self.parts.name_of(tensor)
        is_told = told != node_of(tensor) or self._is_exit(node_of(tensor))
        op = self.ops.get(node_of(tensor))
        while op is not None and op.type in effects.ALIASES and self._is_unnamed(op):
            tensor = op.inputs[op.outputs.index(tensor)]
            op = self.ops.get(node_of(tensor))
        for tape in self.tapes.values():
            if tensor in dict(tape.gives):
                return self._of_gradient(dict(tape.gives)[tensor])
        return told if is_told else (default(op) if op is not None else "") or node_of(tensor)

    def _is_unnamed(self, op: Op) -> bool:
        return bool(default(op)) or "PartitionedCall" in op.name or self._is_exit(op.name)

    def _is_exit(self, name: str) -> bool:
        """Whether what hands on now was the end of a loop of TF1."""
        was = self.parts.ops.get(name)
        return was is not None and was.type in EXITS

    def _of_gradient(self, gradient: Gradient) -> str:
        of = self.named.get(gradient.source) or self.of(gradient.source)
        return f"{of}_grad_{gradient.part}" if gradient.part else f"{of}_grad"


def _rank(shape: Shape) -> int | None:
    return None if shape is None else len(shape)
