"""Does a public call make exactly this op? TensorFlow is asked, with nothing computed.

A candidate is traced into an empty graph: it is right where it gives what one op of the same type
gives, with equal attrs, that takes the same tensors and equal constants in the same order. What
else it makes nobody needs, as shapes that it looked at, and has no effects.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.dispatch import CPU, Dispatch
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.state import State
from graphlab.port import brought, nested, parsed
from graphlab.port.expression import (
    Binary,
    Call,
    Expression,
    Listing,
    Literal,
    Method,
    Name,
    Part,
    Tensor,
)

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&": operator.and_,
    "|": operator.or_,
}
# Ops that TensorFlow 2 makes in place of older ones, with the same kernels or the same arithmetic.
NEWER = {
    "Add": "AddV2",
    "BatchMatMul": "BatchMatMulV2",
    "RefIdentity": "Identity",
    "PlaceholderWithDefault": "Identity",
    "FusedBatchNorm": "FusedBatchNormV3",
    "FusedBatchNormV2": "FusedBatchNormV3",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What a call gives: so many of the op's outputs, in a list or by themselves."""

    outputs: int
    listed: bool
    # Where it gives lists in a tuple, sparse tensors or a dict: how each output is taken out of
    # that, as `.values`, and how each sparse tensor is, with where its parts are: among the op's
    # outputs or, below zero, ~ the place among its inputs.
    paths: tuple[str, ...] = ()
    sparse: tuple[tuple[str, tuple[int, ...]], ...] = ()


def given_by(
    candidate: Expression,
    op: Op,
    constants: Mapping[str, np.ndarray],
    rank: Callable[[str], int | None],
    taken: int,
) -> Given | None:
    """What the candidate gives, if it makes the op; None where it does not.

    Of the op's inputs those in `constants` are known, `rank` gives the rank of the others. `taken`
    is how many of its outputs, from the first, somebody needs.
    """
    with tf.Graph().as_default():
        given: dict[str, tf.Tensor] = {}

        def placeholder(name: str) -> tf.Tensor:
            if name not in given:
                known = rank(name)
                shape = None if known is None else [None] * known
                given[name] = tf.compat.v1.placeholder(input_dtype(op, name), shape)
            return given[name]

        try:
            result = evaluated(candidate, placeholder)
            if nested.is_nested(result):
                return _within(result, op, given, constants, taken)
            found = tf.nest.flatten(result)
            if not op.outputs:
                return _without_outputs(found, op, given, constants)
            found = [each for each in found if not isinstance(each, tf.Operation)]
            if not found or not all(isinstance(each, tf.Tensor) for each in found):
                return None
            made = found[0].op
            if not _is_alone(made):
                return None
            outputs = list(made.outputs)[: len(found)]
            if len(found) < taken or any(a is not b for a, b in zip(found, outputs, strict=True)):
                return None
            names = {id(tensor): name for name, tensor in given.items()}
            same = _same(op, made, names, constants)
            return Given(len(found), not isinstance(result, tf.Tensor)) if same else None
        except Exception:  # whatever a function says to arguments that are not for it
            return None


def _is_alone(made: tf.Operation) -> bool:
    """Whether it waits for nothing, and nothing beside it in its graph has effects."""
    ops = made.graph.get_operations()
    return not made.control_inputs and not any(
        each is not made and each.op_def.is_stateful for each in ops
    )


def _within(
    result: Any,
    op: Op,
    given: Mapping[str, Any],
    constants: Mapping[str, np.ndarray],
    taken: int,
) -> Given | None:
    """Of a call whose outputs are inside of what it gives; of a sparse tensor some parts may be
    those that it was given."""
    names = {id(tensor): name for name, tensor in given.items()}
    inside = list(nested.inside(result))
    made = next(tensor.op for _, tensor in inside if id(tensor) not in names)
    if not _is_alone(made):
        return None
    paths = {id(tensor): path for path, tensor in inside}
    found = tuple(itertools.takewhile(bool, (paths.get(id(t), "") for t in made.outputs)))
    is_parser = parsed.is_same(op, made, names, constants)
    if len(found) < taken or not (is_parser or _same(op, made, names, constants)):
        return None
    places = {id(tensor): n for n, tensor in enumerate(made.outputs)}
    places |= {each: ~op.inputs.index(name) for each, name in names.items() if name in op.inputs}
    sparse = []
    for path, whole in nested.wholes(result):
        parts = nested.parts(whole)
        if all(id(part) in places for part in parts):
            sparse.append((path, tuple(places[id(part)] for part in parts)))
    return Given(len(found), True, found, tuple(sparse))


def _without_outputs(
    found: list[Any], op: Op, given: Mapping[str, Any], constants: Mapping[str, np.ndarray]
) -> Given | None:
    """Of an op that is there for what it does alone, as one that prints or stops a run."""
    if len(found) != 1 or not isinstance(found[0], tf.Operation):
        return None
    names = {id(tensor): name for name, tensor in given.items()}
    return Given(0, False) if _same(op, found[0], names, constants) else None


# What tells the optimizer that a product is a gradient's, and the type of what is taken, which the
# inputs tell: it computes the same.
IGNORED = frozenset(("grad_a", "grad_b", "grad_x", "grad_y", "Tsegmentids"))


def input_dtype(op: Op, tensor: str) -> tf.DType:
    """The type of an input, by what the op says of itself."""
    return input_dtypes(op)[op.inputs.index(tensor)]


def input_dtypes(op: Op) -> list[tf.DType]:
    """The types of all inputs."""
    return [tf.as_dtype(each) for each in input_types(op)]


def input_types(op: Op) -> list[int]:
    """The same as numbers of TensorFlow's; that of a reference is its value's."""
    found: list[int] = []
    for arg in op.definition.input_arg:
        if arg.type_list_attr:
            found += op.attr(arg.type_list_attr).list.type
        else:
            count = op.attr(arg.number_attr).i if arg.number_attr else 1
            found += [arg.type or op.attr(arg.type_attr).type] * count
    return [each % 100 for each in found]


def evaluated(expression: Expression, tensor: Callable[[str], Any]) -> Any:
    """What an expression gives. Functions are looked up by name; no text is executed."""
    if isinstance(expression, Tensor):
        return tensor(expression.name)
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Name):
        return public(expression.text)
    if isinstance(expression, Listing):
        items = [evaluated(item, tensor) for item in expression.items]
        return dict(zip(expression.keys, items, strict=True)) if expression.keys else items
    if isinstance(expression, Part):
        indices = [
            evaluated(each, tensor) if isinstance(each, Expression) else each
            for each in expression.indices
        ]
        return evaluated(expression.value, tensor)[tuple(indices)]
    if isinstance(expression, Binary):
        left, right = evaluated(expression.left, tensor), evaluated(expression.right, tensor)
        return SIGNS[expression.sign](left, right)
    if isinstance(expression, Method):
        method = getattr(evaluated(expression.value, tensor), expression.name)
        return method(*[evaluated(each, tensor) for each in expression.arguments])
    assert isinstance(expression, Call)
    return public(expression.function)(
        *[evaluated(each, tensor) for each in expression.arguments],
        **{key: evaluated(each, tensor) for key, each in expression.keywords},
    )


def public(name: str) -> Any:
    """`"tf.nn.relu"` as the function; `"lstm_cell"` as the one that a file brings along."""
    first, *words = name.split(".")
    return reduce(getattr, words, tf) if words else brought.function(first)


def _same(op: Op, made: Any, names: Mapping[int, str], constants: Mapping[str, Any]) -> bool:
    if not is_alike(op, made):
        return False
    for mine, theirs in zip(op.inputs, made.inputs, strict=True):
        if id(theirs) in names:
            if names[id(theirs)] != mine:
                return False
        elif mine not in constants or not equal(constants[mine], theirs):
            return False
    return True


def is_alike(op: Op, made: Any) -> bool:
    """Whether an op that was made is of the op's type, with equal attrs and as many inputs."""
    if NEWER.get(op.type, op.type) != NEWER.get(made.type, made.type):
        return False
    if len(made.inputs) != len(op.inputs):
        return False
    node = made.node_def
    return all(
        op.attr(attr.name) == _of(node, attr)
        for attr in made.op_def.attr
        if attr.name not in IGNORED and _has(op, attr.name)
    )


def _of(node: Any, attr: Any) -> Any:
    """An attr of a NodeDef; its map makes what it is asked for, so it is asked first."""
    if attr.name in node.attr:
        return node.attr[attr.name]
    return attr.default_value


def _has(op: Op, name: str) -> bool:
    return name in op.node.attr or any(attr.name == name for attr in op.definition.attr)


def equal(value: np.ndarray, tensor: Any) -> bool:
    """Whether a constant of a graph is an array, to the last bit."""
    other = tf.get_static_value(tensor)
    if other is None:
        return False
    other = np.asarray(other)
    if other.dtype != value.dtype or other.shape != value.shape:
        return False
    if value.dtype == object:
        return bool((other == value).all())
    return bool(other.tobytes() == value.tobytes())


def computed(op: Op, known: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """What the op makes of constants, by its own kernel; None where it does not take them."""
    found = all_computed(op, known)
    return found[0] if found is not None and len(found) == 1 else None


def all_computed(op: Op, known: Mapping[str, np.ndarray]) -> list[np.ndarray] | None:
    """All that the op makes of constants; None where it does not take them."""
    try:
        inputs = [_private.eager_tensor(known[tensor]) for tensor in op.inputs]
        found = Dispatch(op, CPU, {})(op, inputs, State({}))
        return [each.numpy() if each.shape else np.asarray(each.numpy()) for each in found]
    except (tf.errors.OpError, TypeError, ValueError):  # it fails in the file as in the graph
        return None
