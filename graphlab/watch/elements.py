"""Which tensors a run of a session takes from a queue, an iterator, or what else is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    kept = [op for op in graph.get_operations() if op.type in KEPT]
    if not kept:
        return []
    needed = _behind((each.op if isinstance(each, tf.Tensor) else each for each in asked), fed)
    return [
        tensor
        for op in kept
        if op.name in needed and not any(each.type in _FLOW for each in _behind([op], ()).values())
        for tensor in op.outputs
        if tensor.name not in fed and tensor.dtype.name not in _HANDLES
    ]


def _behind(ops: Iterable[tf.Operation], fed: Collection[str]) -> dict[str, tf.Operation]:
    """The ops, and all that they wait for, by name."""
    left = list(ops)
    found = {}
    while left:
        op = left.pop()
        if op.name not in found:
            found[op.name] = op
            left += [tensor.op for tensor in op.inputs if tensor.name not in fed]
            left += op.control_inputs
    return found
