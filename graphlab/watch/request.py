"""What a call asked for: its fetches and feeds by name, and which calls ask for the same."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.model import Source, TensorSpec
from graphlab.sources import live

tf1 = tf.compat.v1


def identity(value: Any, keys: bool = False) -> Any:
    """What makes two fetches (or feeds, by their keys) the same, at the price of some ids."""
    if not _is_nested(type(value)):
        return id(value)
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value if keys else value.values()
    # A call of its own for each item would take as long as all the rest.
    return tuple([identity(item) if _is_nested(type(item)) else id(item) for item in value])


def _nested(kind: Any) -> bool:
    """Whether equal ones may be different objects. (`isinstance` is slow with tensors.)"""
    return issubclass(kind, str | list | tuple | dict)


def _named(kind: Any) -> bool:
    return issubclass(kind, tf.Tensor | tf.Operation)


_is_nested: Callable[[Any], bool] = functools.cache(_nested)
_is_named: Callable[[Any], bool] = functools.cache(_named)


def user_line(frame: Any) -> Source | None:
    """The innermost line of the call that is the user's own."""
    frames = []
    while frame is not None:
        frames.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return live.user_line(frames)


def names(fetches: Any, graph: tf.Graph) -> tuple[str, ...]:
    """The fetches' names in order, however they are nested; of a variable, what reads it."""
    flat = tf.nest.flatten(fetches, expand_composites=True)
    return tuple(item if isinstance(item, str) else _name(item, graph) for item in flat)


def _name(item: Any, graph: tf.Graph) -> str:
    if _is_named(type(item)):
        return item.name
    try:
        return graph.as_graph_element(item).name
    except (TypeError, ValueError, KeyError):
        return getattr(item, "name", str(item))


def feeds(feed_dict: Any, graph: tf.Graph) -> tuple[TensorSpec, ...]:
    """What was fed: the tensor's name, its dtype and the shape of the value."""
    result = []
    for key, value in (feed_dict or {}).items():
        tensor = graph.as_graph_element(key) if isinstance(key, str) else key
        dtype = getattr(getattr(tensor, "dtype", None), "name", "")
        result.append(TensorSpec(names(key, graph)[0], dtype, tuple(np.shape(value))))
    return tuple(result)


def arguments(function: Any, args: Sequence[Any]) -> tuple[TensorSpec, ...]:
    """A function's arguments and captures as they were in this call."""
    return tuple(
        TensorSpec(inside.name, outside.dtype.name, live.static_shape(outside.shape))
        for inside, outside in zip(function.graph.inputs, args, strict=True)
    )


def partitions(function: Any, collected: Iterable[Any]) -> Any:
    """The partition graphs of this function among those the runtime has just made."""
    names = {operation.name for operation in function.graph.get_operations()}
    graphs = max(
        collected,
        key=lambda graphs: len(names & {n.name for n in graphs.pre_optimization_graph.node}),
        default=None,
    )
    return graphs.partition_graphs if graphs is not None else ()


def as_asked(metadata: Any, options: Any) -> Any:
    """The metadata without what only we asked for."""
    result = tf1.RunMetadata()
    result.CopyFrom(metadata)
    if options is None or options.trace_level == tf1.RunOptions.NO_TRACE:
        result.ClearField("step_stats")
    if options is None or not options.output_partition_graphs:
        result.ClearField("partition_graphs")
    return result
