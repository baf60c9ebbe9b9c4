"""What does a layer of Keras make? It is asked, with nothing computed: it must be the ops that the
layer is to stand for, but that it adds a bias by BiasAdd, and normalizes by a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.port import exact
from graphlab.port.layers import ADDS
from graphlab.port.scenery import Layer, dtype_of

# What a layer makes that computes nothing of what it is given.
_FREE = frozenset("Const Identity NoOp Placeholder ReadVariableOp Reshape Squeeze".split())
_NOT_ASKED = ("BatchNormalization", "Embedding", "Flatten", "Reshape")  # shapes, and a formula


def made(layer: Layer, ops: Sequence[Op]) -> tuple[int | None, ...] | None:
    """The shape of what Keras gives, without the batch; None where it makes other ops than these,
    or does not take what it is told."""
    import keras

    empty = {f"{name}_initializer": "zeros" for name, _ in layer.weights}  # draws nothing
    if layer.kind == "DepthwiseConv2D":
        empty["depthwise_initializer"] = empty.pop("kernel_initializer")
    shape = (None, *((1,) if layer.shape is None else layer.shape))  # of an activation any
    try:
        one = getattr(keras.layers, layer.kind)(
            *layer.arguments, **dict(layer.keywords), **empty, **dtype_of(layer)
        )
        given = tuple(one.compute_output_shape(shape))[1:]
        if layer.kind in _NOT_ASKED:
            return given
        traced = tf.function(lambda x: one(x)).get_concrete_function(
            tf.TensorSpec(shape, layer.dtype)
        )
    except (TypeError, ValueError, tf.errors.OpError):
        return None
    made = [op for op in traced.graph.get_operations() if op.type not in _FREE]
    return given if len(made) == len(ops) and all(map(_is_alike, ops, made)) else None


def _is_alike(op: Op, made: Any) -> bool:
    return (op.type in ADDS and made.type in ADDS) or exact.is_alike(op, made)
