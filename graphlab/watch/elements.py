"""Which tensors a run of a session takes from a queue, an iterator, or what else is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import tensorflow as tf

from graphlab.sources.elements import KEPT
from graphlab.sources.frames import BACK, ENTERS, EXITS, MERGES, SWITCHES

_FLOW = ENTERS | EXITS | SWITCHES | MERGES | BACK
_HANDLES = ("resource", "variant")


def elements(graph: tf.Graph, asked: Iterable[Any], fed: Collection[str]) -> list[tf.Tensor]:
    """What the ops of KEPT that must run give besides what is fed, in the order of the graph.

    `asked` are the tensors and operations of the run, `fed` names of tensors. What may hang on a
    branch or a turn of a loop is left out: a session cannot fetch it.
    """
    if not any(op.type in KEPT for op in graph.get_operations()):
        return []
    needed = _needed((each.op if isinstance(each, tf.Tensor) else each for each in asked), fed)
    aside = _behind((op for op in needed.values() if op.type in _FLOW), needed, fed)
    return [
        tensor
        for op in graph.get_operations()
        if op.type in KEPT and op.name in needed and op.name not in aside
        for tensor in op.outputs
        if tensor.name not in fed and tensor.dtype.name not in _HANDLES
    ]


def _before(op: tf.Operation, fed: Collection[str]) -> list[tf.Operation]:
    """The ops that an op waits for."""
    return [*(tensor.op for tensor in op.inputs if tensor.name not in fed), *op.control_inputs]


def _needed(ops: Iterable[tf.Operation], fed: Collection[str]) -> dict[str, tf.Operation]:
    """The ops, and all that they wait for, by name."""
    left = list(ops)
    found = {}
    while left:
        op = left.pop()
        if op.name not in found:
            found[op.name] = op
            left += _before(op, fed)
    return found


def _behind(
    ops: Iterable[tf.Operation], needed: Mapping[str, tf.Operation], fed: Collection[str]
) -> set[str]:
    """The names of the ops, and of all that wait for them."""
    followers: dict[str, list[str]] = {}
    for op in needed.values():
        for before in _before(op, fed):
            followers.setdefault(before.name, []).append(op.name)
    left = [op.name for op in ops]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += followers.get(name, ())
    return found
