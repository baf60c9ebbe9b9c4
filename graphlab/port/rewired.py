"""Ops made anew: the same with other inputs, or new ones that stand for several of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of

LOST = "_not_ported"  # the attr of an op that has no code: why


def rewired(op: Op, tensors: Mapping[str, str], controls: Iterable[str]) -> Op:
    """The op with its inputs by other names, and these control inputs."""
    inputs = tuple(tensors.get(tensor, tensor) for tensor in op.inputs)
    controls = tuple(dict.fromkeys(controls))
    if inputs == op.inputs and controls == op.controls:
        return op
    before, distinct = _each_once(inputs)
    return replace(op, inputs=inputs, controls=controls, before=before, distinct=distinct)


def made(
    kind: str,
    name: str,
    inputs: Sequence[str],
    dtypes: Sequence[str],
    like: Op,
    attrs: Mapping[str, Any] | None = None,
    controls: Iterable[str] = (),
) -> Op:
    """A new op that stands where `like` does. `attrs` are fields of AttrValues by name."""
    node = tf.compat.v1.NodeDef(name=name, op=kind)
    for key, value in (attrs or {}).items():
        node.attr[key].CopyFrom(tf.compat.v1.AttrValue(**value))
    return Op(
        like.index,
        name,
        kind,
        tuple(inputs),
        tuple(dict.fromkeys(controls)),
        tuple(f"{name}:{n}" for n in range(len(dtypes))),
        tuple(dtypes),
        like.device,
        # An op without code is one of which nothing is known but that it must not be left out.
        _private.op_def("StatefulPartitionedCall" if LOST in node.attr else kind),
        node,
        like.where,
        *_each_once(tuple(inputs)),
    )


def elsewhere(op: Op) -> list[str]:
    """The ops that give what it takes by another name than theirs, as a tape does."""
    own = set(map(node_of, op.inputs))
    return [name for name in op.before if name not in own]


def handed_on(name: str, tensor: str, dtype: str, like: Op) -> Op:
    """An op of the graph that is left to give a tensor its name there."""
    kind = tf.as_dtype(dtype).as_datatype_enum
    return made("Identity", name, [tensor], [dtype], like, {"T": {"type": kind}})


def constant(name: str, value: Any, dtype: str, like: Op) -> Op:
    """A Const."""
    kind = tf.as_dtype(dtype).as_datatype_enum
    tensor = tf.make_tensor_proto(value, dtype)
    return made(
        "Const", name, [], [dtype], like, {"dtype": {"type": kind}, "value": {"tensor": tensor}}
    )


def lost(
    kind: str, name: str, inputs: Sequence[str], dtypes: Sequence[str], like: Op, reason: str
) -> Op:
    """What stands for ops that have no code: it becomes a method that raises."""
    return made(kind, name, inputs, dtypes, like, {LOST: {"s": reason.encode()}})


def _each_once(inputs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ops behind the tensors, and the tensors."""
    return tuple(dict.fromkeys(map(node_of, inputs))), tuple(dict.fromkeys(inputs))
