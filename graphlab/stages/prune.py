"""A graph cut down to what its fetches need, as a session does it before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import tensorflow as tf

from graphlab.errors import GraphlabError, nearest
from graphlab.model import node_of


def pruned(graph: tf.Graph, fetches: Sequence[str], feeds: Iterable[str] = ()) -> Any:
    """The GraphDef of all that has to run; a fed op is a Placeholder in it.

    `fetches` are tensors or ops, `feeds` tensors. GraphlabError where the graph has not got one.
    """
    feeds = list(feeds)
    names = {operation.name: operation for operation in graph.get_operations()}
    for name in [*fetches, *feeds]:
        if node_of(name) not in names:
            raise GraphlabError(
                f"{name} is not in the graph; did you mean {nearest(node_of(name), names)}?"
            )
    keep = _needed(names, fetches, set(feeds))
    definition = graph.as_graph_def(add_shapes=True)
    result = tf.compat.v1.GraphDef(versions=definition.versions, library=definition.library)
    fed = [graph.get_tensor_by_name(name) for name in feeds]
    stand_ins = {tensor.name: _stand_in(tensor) for tensor in fed}
    for node in definition.node:
        for tensor in names[node.name].outputs:
            if tensor.name in stand_ins:
                result.node.append(stand_ins[tensor.name])
        if node.name not in keep:
            continue
        result.node.append(node)
        for i, name in enumerate(node.input):
            full = name if ":" in name else f"{name}:0"
            if full in stand_ins:
                result.node[-1].input[i] = stand_ins[full].name
    return result


def _needed(names: dict, fetches: Sequence[str], fed: set[str]) -> set[str]:
    waiting = [node_of(name) for name in fetches if name not in fed]
    found = set(waiting)
    while waiting:
        operation = names[waiting.pop()]
        before = [t.op.name for t in operation.inputs if t.name not in fed]
        for name in [*before, *(control.name for control in operation.control_inputs)]:
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _stand_in(tensor: Any) -> Any:
    """A Placeholder for a fed tensor: under its op's own name where the op gives nothing else."""
    alone = len(tensor.op.outputs) == 1
    name = tensor.op.name if alone else f"{tensor.op.name}/_fed_{tensor.value_index}"
    result = tf.compat.v1.NodeDef(name=name, op="Placeholder", device=tensor.op.device)
    result.attr["dtype"].type = tensor.dtype.as_datatype_enum
    shape = tensor.op.get_attr("shape") if tensor.op.type == "Placeholder" else None
    result.attr["shape"].shape.CopyFrom(shape or tensor.shape.as_proto())
    result.attr["_output_shapes"].list.shape.add().CopyFrom(tensor.shape.as_proto())
    return result
