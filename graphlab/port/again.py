"""A loop of the recorded graph is built anew, so that TensorFlow can be asked for its gradient."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import tensorflow as tf

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape, node_of
from graphlab.port.lowered import Part, Turns, branches, turns
from graphlab.port.order import before, in_order


class Scene(Protocol):
    """Where the loop was recorded."""

    @property
    def library(self) -> Library:
        """The functions of loops."""


class Built(Protocol):
    """The graph in which it is made anew: see `anew`."""

    taken: set[str]
    homes: dict[str, tuple[str, str]]

    @property
    def scene(self) -> Scene:
        """What is known of the recorded body."""

    def add(self, op: Op) -> None:
        """Make an op."""

    def take(self, name: str, value: Any) -> None:
        """A tensor is made."""

    def lead(self, inside: str, outside: str) -> None:
        """Give a tensor another name."""

    def tensor(self, name: str) -> Any:
        """A tensor made anew."""

    def shape(self, name: str) -> Shape:
        """The shape of a recorded one."""


def loop(built: Built, op: Op) -> None:
    """Make a While and its body, of the values that somebody takes. What TensorFlow does not take
    is not made."""
    with contextlib.suppress(GraphlabError, TypeError, ValueError, tf.errors.OpError):
        whole = turns(op, built.scene.library)
        kept = whole.needed(tensor for tensor in op.outputs if tensor in built.taken)
        functions = [
            _function(built, whole, whole.test, kept, whole.test.results),
            _function(built, whole, whole.body, kept, [whole.body.results[n] for n in kept]),
        ]
        begins = [built.tensor(op.inputs[number]) for number in kept]
        shapes = [
            _shape(begin) if (known := built.shape(whole.body.arguments[n])) is None else known
            for n, begin in zip(kept, begins, strict=True)
        ]
        test, body = functions
        found = tf.while_loop(
            lambda *turn: test(*turn)[0],
            body,
            begins,
            shape_invariants=[*map(tf.TensorShape, shapes)],
        )
        for number, tensor in enumerate(op.outputs):
            if whole.fixed[number] and tensor in built.taken:
                built.lead(op.inputs[number], tensor)
        for number, value in zip(kept, tf.nest.flatten(found), strict=True):
            _take(built, op.outputs[number], value)


def condition(built: Built, op: Op) -> None:
    """Make an If and its branches, of the results that somebody takes. What TensorFlow does not
    take is not made."""
    with contextlib.suppress(GraphlabError, TypeError, ValueError, tf.errors.OpError):
        kept = [n for n, tensor in enumerate(op.outputs) if tensor in built.taken]
        then, other = (
            _branch(built, op, part, [part.results[n] for n in kept])
            for part in branches(op, built.scene.library)
        )
        found = tf.cond(built.tensor(op.inputs[0]), then, other)
        for number, value in zip(kept, tf.nest.flatten(found), strict=True):
            _take(built, op.outputs[number], value)


def _branch(built: Built, op: Op, part: Part, results: Sequence[str]) -> Callable[[], list[Any]]:
    ops = _needed(built, part, results)
    for given, argument in zip(op.inputs[1:], part.arguments, strict=True):
        if argument in built.taken:
            built.lead(given, argument)

    def made() -> list[Any]:
        for inner in ops:
            built.add(inner)
        return [built.tensor(tensor) for tensor in results]

    return made


def _needed(built: Built, part: Part, results: Sequence[str]) -> list[Op]:
    """The ops of a part that these results need, in order; what they take is noted as taken."""
    built.homes |= {name: (part.function, own) for name, own in part.own.items()}
    names = before(map(node_of, results), {op.name: op for op in part.ops}, ())
    ops = in_order([op for op in part.ops if op.name in names])
    built.taken |= {*results, *(tensor for op in ops for tensor in op.inputs)}
    return ops


def _take(built: Built, name: str, value: Any) -> None:
    if not isinstance(value, tf.TensorArray):
        value.set_shape(built.shape(name))
    built.take(name, value)


def _shape(value: Any) -> tf.TensorShape:
    """Of an array that of its flow."""
    return value.flow.shape if isinstance(value, tf.TensorArray) else value.shape


@contextlib.contextmanager
def as_in_tf1(of_tf1: bool) -> Iterator[None]:
    """Loops and TensorArrays are built as in TensorFlow 1, of Enter, Merge and their like, or else
    of Whiles and lists."""
    before = tf.compat.v1.control_flow_v2_enabled()
    _switch_whiles(not of_tf1)
    try:
        yield
    finally:
        _switch_whiles(before)


def _switch_whiles(on: bool) -> None:
    if on:
        tf.compat.v1.enable_control_flow_v2()
    else:
        tf.compat.v1.disable_control_flow_v2()


def _function(
    built: Built, whole: Turns, part: Part, kept: Sequence[int], results: Sequence[str]
) -> Callable[..., list[Any]]:
    """The condition or the body, as Python that makes their ops of the values that are kept."""
    ops = _needed(built, part, results)
    for number, argument in enumerate(part.arguments):
        if whole.fixed[number] and argument in built.taken:
            built.lead(whole.op.inputs[number], argument)

    def made(*values: Any) -> list[Any]:
        for number, value in zip(kept, values, strict=True):
            built.take(part.arguments[number], value)
        for op in ops:
            built.add(op)
        return [built.tensor(tensor) for tensor in results]

    return made
