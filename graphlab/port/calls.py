"""Ops that call functions: a method is called, or `tf.cond` and `tf.while_loop` are."""

from __future__ import annotations

from typing import Protocol

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.port.expression import Call, Expression, Lambda, Listing, Name, Tensor


class Methods(Protocol):
    """Where functions become methods."""

    library: Library

    def method(
        self, function: str, op: Op, kept: tuple[int, ...] | None = None, gives: bool = True
    ) -> str:
        """As `self.body`."""


def expression_of(op: Op, file: Methods) -> Expression:
    """GraphlabError for a condition that is no bool."""
    kind = op.type.removeprefix("Stateless")
    taken: tuple[Expression, ...] = tuple(map(Tensor, op.inputs))
    if kind == "If":
        if op.attr("Tcond").type != _BOOL:
            raise GraphlabError(
                f"{op.title} branches on what is no bool, which tf.cond does not take"
            )
        branches = [_function((), file.method(name, op), taken[1:]) for name in called(op)]
        return Call("tf.cond", (taken[0], *branches))
    if kind == "While":
        return _loop(op, file, taken)
    if kind == "Case":
        branches = [_function((), file.method(name, op), taken[1:]) for name in called(op)]
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


def _function(parameters: tuple[str, ...], method: str, held: tuple[Expression, ...]) -> Expression:
    """The method itself, or what calls it with what is the same in each turn."""
    if not held:
        return Name(method)
    return Lambda(parameters, Call(method, (*map(Name, parameters), *held)))


def _loop(op: Op, file: Methods, taken: tuple[Expression, ...]) -> Expression:
    """`tf.while_loop`, whose values are those that the body changes."""
    same = invariants(op, file.library)
    kept = tuple(n for n, fixed in enumerate(same) if not fixed)
    held = tuple(each for each, fixed in zip(taken, same, strict=True) if fixed)
    condition, turn = called(op)
    test = _function(("*turn",), file.method(condition, op, kept, False), held)
    step = _function(("*turn",), file.method(turn, op, kept), held)
    begins = Listing(tuple(taken[n] for n in kept), True)
    return Call("tf.while_loop", (test, step, begins))
