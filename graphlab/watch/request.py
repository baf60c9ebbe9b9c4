"""What a call asked for: which calls ask for the same, from which line, what they were given, and
what the runtime made of a function."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from types import FrameType
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.model import Source, TensorSpec
from graphlab.sources import live

tf1 = tf.compat.v1


def items(fetches: Any) -> Sequence[Any]:
    """What is asked for, as a list or a tuple names it; anything else is one thing."""
    return fetches if type(fetches) in (list, tuple) else (fetches,)


def holds_none(items: Sequence[Any]) -> bool:
    """Whether none of the items holds others, which a program may change."""
    return not any(isinstance(item, list | tuple | dict) for item in items)


def identity(value: Any) -> Any:
    """What makes two fetches the same, at the price of some ids."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return id(value)
    return tuple([identity(item) for item in value])


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of the call that is the user's own; None where there is none."""
    while frame is not None and live.is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def user_line(frame: FrameType | None) -> Source | None:
    """The innermost line of the call that is the user's own."""
    own = user_frame(frame)
    return None if own is None else (own.f_code.co_filename, own.f_lineno)


def specs(feeds: Mapping[str, np.ndarray]) -> tuple[TensorSpec, ...]:
    """What was fed: the tensor's name, the dtype and the shape of its value."""
    return tuple(
        TensorSpec(name, _dtype(value), tuple(np.shape(value))) for name, value in feeds.items()
    )


def _dtype(value: np.ndarray) -> str:
    """A text is an object to NumPy, and a handle bytes."""
    if _private.is_session_handle(value):
        return "resource"
    return "string" if value.dtype.kind in "OSU" else tf.as_dtype(value.dtype).name


def arguments(function: Any, args: Sequence[Any]) -> tuple[TensorSpec, ...]:
    """A function's arguments and captures as they were in this call."""
    return tuple(
        TensorSpec(inside.name, outside.dtype.name, live.static_shape(outside.shape))
        for inside, outside in zip(function.graph.inputs, args, strict=True)
    )


class Told:
    """What the runtime told while a function was first called: looked through when asked for, as
    the program waits for whatever is done at once."""

    def __init__(self, graph: tf.Graph, collected: Iterable[Any]) -> None:
        """`collected` has what the runtime made of the functions instantiated meanwhile."""
        self.graph = graph  # the function's
        self._collected = collected

    @cached_property
    def bytes(self) -> int:
        """The memory that it takes, about."""
        return sum(graphs.ByteSize() for graphs in self._collected)

    @cached_property
    def partitions(self) -> Any:
        """The graphs of this function that the devices were given.

        Told by the name, op, inputs and attributes of every node, as no graph says whose it is. ()
        where none is this function's, or two that are became different graphs.
        """
        collected, self._collected = self._collected, ()
        body = _body(self.graph)
        told = [graphs for graphs in collected if _body_of(graphs.pre_optimization_graph) == body]
        found = [graphs.partition_graphs for graphs in told]
        alike = all(list(each) == list(found[0]) for each in found)
        return found[0] if found and alike else ()


def _body(graph: tf.Graph) -> dict[str, tuple]:
    """Each op of a function but its arguments, which are a number where they are an input."""
    arguments = {tensor.name: str(n) for n, tensor in enumerate(graph.inputs)}
    return {
        op.name: (
            op.type,
            [arguments.get(t.name, t.name.removesuffix(":0")) for t in op.inputs],
            _attributes(op.node_def),
        )
        for op in graph.get_operations()
        if op.type != "Placeholder"
    }


def _body_of(graph_def: Any) -> dict[str, tuple]:
    """The same of a GraphDef in which arguments and results are nodes."""
    ends = {node.name: node for node in graph_def.node if node.op in _ENDS}
    arguments = {name: str(node.attr["index"].i) for name, node in ends.items()}
    return {
        node.name: (
            node.op,
            [arguments.get(i, i) for i in node.input if not i.startswith("^")],
            _attributes(node),
        )
        for node in graph_def.node
        if node.name not in ends
    }


def _attributes(node: Any) -> dict[str, bytes]:
    """What the program set, not what the runtime noted."""
    return {
        name: value.SerializeToString(deterministic=True)
        for name, value in node.attr.items()
        if not name.startswith("_")
    }


_ENDS = ("_Arg", "_DeviceArg", "_Retval", "_DeviceRetval")  # of a body that is called


def forget(metadata: Any, fetched: Collection[str]) -> None:
    """Take from the metadata what says that these tensors were fetched, which only we asked for."""
    names = {name.removesuffix(":0") for name in fetched}
    gone = {
        node.name
        for graph in metadata.partition_graphs
        for node in graph.node
        if node.op == "_Retval" and not names.isdisjoint(node.input)
    }
    for graph in metadata.partition_graphs if gone else ():
        _keep(graph.node, [node for node in graph.node if node.name not in gone])
    for device in metadata.step_stats.dev_stats if gone else ():
        _keep(device.node_stats, [s for s in device.node_stats if s.node_name not in gone])


def _keep(messages: Any, kept: Sequence[Any]) -> None:
    """Of messages that repeat these."""
    del messages[:]
    messages.extend(kept)


def as_asked(metadata: Any, options: Any) -> Any:
    """The metadata without what only we asked for."""
    result = tf1.RunMetadata()
    result.CopyFrom(metadata)
    if options is None or options.trace_level == tf1.RunOptions.NO_TRACE:
        result.ClearField("step_stats")
    if options is None or not options.output_partition_graphs:
        result.ClearField("partition_graphs")
    return result
