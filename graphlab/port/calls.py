"""Ops that call functions: a method is called, or `tf.cond` and `tf.while_loop` are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import tensorflow as tf

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape, node_of
from graphlab.port.expression import Call, Expression, Lambda, Listing, Literal, Name, Tensor


class Methods(Protocol):
    """Where functions become methods."""

    library: Library

    def method(
        self,
        function: str,
        op: Op,
        takes: tuple[int, ...] | None = None,
        gives: tuple[int, ...] | None = None,
    ) -> str:
        """The method that a function of the library becomes, as `self.body`.

        It takes the arguments of these numbers, in this order, and gives these results; else all.
        """


def expression_of(op: Op, file: Methods, shape: Callable[[str], Shape]) -> Expression:
    """GraphlabError for a condition that is no bool."""
    kind = op.type.removeprefix("Stateless")
    taken: tuple[Expression, ...] = tuple(map(Tensor, op.inputs))
    if kind == "If":
        if op.attr("Tcond").type != _BOOL:
            raise GraphlabError(
                f"{op.title} branches on what is no bool, which tf.cond does not take"
            )
        branches = [_branch(name, op, file, taken[1:]) for name in called(op)]
        return Call("tf.cond", (taken[0], *branches))
    if kind == "While":
        return _loop(op, file, taken, shape)
    if kind == "Case":
        branches = [_branch(name, op, file, taken[1:]) for name in called(op)]
        return Call("tf.switch_case", (taken[0], Listing(tuple(branches))))
    return Call(file.method(called(op)[0], op), taken)


_BOOL = 10


def invariants(op: Op, library: Library) -> list[bool]:
    """Which of a While's values its body hands on as they are."""
    body = library.body(called(op)[1], op)
    behind = {
        t: op_.inputs[0] for op_ in body.ops.values() if op_.type == "Identity" for t in op_.outputs
    }

    def source(tensor: str) -> str:
        while tensor in behind:
            tensor = behind[tensor]
        return tensor

    return [source(r) == a for a, r in zip(body.arguments, body.results, strict=True)]


def _used(function: str, op: Op, library: Library, gives: Sequence[int] | None = None) -> list[int]:
    """The numbers of the arguments that a function needs for its results."""
    body = library.body(function, op)
    results = body.results if gives is None else [body.results[number] for number in gives]
    taken = set(results)
    seen: set[str] = set()
    todo = [*map(node_of, results), *body.finals]
    while todo:
        name = todo.pop()
        inner = body.ops.get(name)
        if inner is not None and name not in seen:
            seen.add(name)
            taken.update(inner.inputs)
            todo += [*inner.before, *inner.controls]
    return [number for number, tensor in enumerate(body.arguments) if tensor in taken]


def _branch(function: str, op: Op, file: Methods, held: Sequence[Expression]) -> Expression:
    takes = tuple(_used(function, op, file.library))
    return _function((), file.method(function, op, takes), [held[number] for number in takes])


def _function(parameters: tuple[str, ...], method: str, held: Sequence[Expression]) -> Expression:
    """The method itself, or what calls it with what is the same in each turn."""
    if not held:
        return Name(method)
    return Lambda(parameters, Call(method, (*map(Name, parameters), *held)))


def _loop(
    op: Op, file: Methods, taken: tuple[Expression, ...], shape: Callable[[str], Shape]
) -> Expression:
    """`tf.while_loop`, whose values are those that the body changes."""
    same = invariants(op, file.library)
    kept = tuple(number for number, fixed in enumerate(same) if not fixed)

    def function(name: str, gives: tuple[int, ...] | None) -> Expression:
        used = _used(name, op, file.library, gives)
        held = tuple(number for number in used if same[number])
        method = file.method(name, op, (*kept, *held), gives)
        return _function(("*turn",), method, [taken[number] for number in held])

    condition, turn = called(op)
    begins = Listing(tuple(taken[number] for number in kept), True)
    arguments = (function(condition, None), function(turn, kept), begins)
    shapes = shapes_of(op, kept, shape)
    return Call("tf.while_loop", arguments, (("shape_invariants", shapes),) if shapes else ())


def shapes_of(op: Op, kept: Sequence[int], shape: Callable[[str], Shape]) -> Expression | None:
    """The shapes that a While's values of these numbers have in all turns, where one is no longer
    that of the first value; else None."""
    attr = next((a for a in op.definition.attr if a.name == "output_shapes"), None)
    told = op.attr("output_shapes").list.shape if attr is not None else []
    if len(told) != len(op.inputs):
        return None
    begins = [tf.TensorShape(shape(op.inputs[number])) for number in kept]
    holds = [tf.TensorShape(told[number]) for number in kept]
    if all(_is_within(hold, begin) for begin, hold in zip(begins, holds, strict=True)):
        return None
    found = [
        begin if _is_within(hold, begin) else hold
        for begin, hold in zip(begins, holds, strict=True)
    ]
    written = [None if each.rank is None else tuple(each.as_list()) for each in found]
    return Listing(tuple(Call("tf.TensorShape", (Literal(each),)) for each in written), True)


def _is_within(one: tf.TensorShape, other: tf.TensorShape) -> bool:
    """Whether all that the other shape says is true of the first."""
    if other.rank is None:
        return True
    if one.rank != other.rank:
        return False
    return all(b is None or a == b for a, b in zip(one.as_list(), other.as_list(), strict=True))
