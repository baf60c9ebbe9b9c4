"""A recording of eager ops -> a GraphDef, so that an eager step can be replayed op by op.

The ops come in the order in which Python dispatched them. A tensor from before the recording
becomes a Placeholder to be fed with the value it had; a variable from before, a VarHandleOp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.model import Graph
from graphlab.watch.eager import EagerOp, is_outside

tf1 = tf.compat.v1


def graph_def_of(ops: Sequence[EagerOp], graph: Graph, dtypes: Mapping[str, tf.DType]) -> Any:
    """The recording `graph_of(ops, ...)` gave `graph` for, as a GraphDef with its functions.

    `dtypes` says what is behind the handles from outside, by their node.
    """
    result = tf1.GraphDef()
    records = iter(ops)
    for node in graph.nodes:
        made = result.node.add(name=node.name, op=node.op)
        if is_outside(node):
            _outside(made, node.outputs[0], dtypes.get(node.name))
            continue
        record = next(records)
        made.input.extend(node.inputs)
        definition = _private.op_def(node.op)
        if definition is None:
            _add_function(result.library, node.op)
            continue
        kinds = {attr.name: attr.type for attr in definition.attr}
        for key, value in zip(record.attrs[::2], record.attrs[1::2], strict=True):
            if key in kinds and value is not None:
                _set(made.attr[key], kinds[key], value)
        if node.op == "VarHandleOp":  # anonymous variables would all be one
            made.attr["shared_name"].s = node.name.encode()
    for name in {called for node in result.node for called in _called(node)}:
        _add_function(result.library, name)
    return result


def _outside(made: Any, spec: Any, dtype: tf.DType | None) -> None:
    """Fill in the node of a tensor or a variable from before the recording."""
    if spec.dtype == "resource" and dtype is not None:
        made.op = "VarHandleOp"
        made.attr["dtype"].type = dtype.as_datatype_enum
        made.attr["shape"].shape.unknown_rank = True
        return
    made.op = "Placeholder"
    made.attr["dtype"].type = tf.as_dtype(spec.dtype).as_datatype_enum
    made.attr["shape"].shape.CopyFrom(tf.TensorShape(spec.shape).as_proto())


def _set(message: Any, kind: str, value: Any) -> None:
    """Write a Python value of an attribute into its AttrValue, as the op's definition wants it."""
    if kind.startswith("list("):
        message.list.SetInParent()
        for item in value:
            _put(message.list, kind[5:-1], item)
    else:
        _put(message, kind, value)


def _put(message: Any, kind: str, value: Any) -> None:
    field = {"string": "s", "int": "i", "float": "f", "bool": "b", "func": "func"}.get(kind, kind)
    if kind == "type":
        value = tf.as_dtype(value).as_datatype_enum
    elif kind == "string":
        value = value if isinstance(value, bytes) else str(value).encode()
    elif kind == "shape":
        value = tf.TensorShape(value).as_proto()
    elif kind == "func":
        name = value if isinstance(value, str | bytes) else value.name
        value = tf1.AttrValue(func={"name": name}).func
    place = getattr(message, field)
    if hasattr(place, "append"):  # a list attribute's field is repeated
        place.append(value) if not hasattr(place, "add") else place.add().CopyFrom(value)
    elif hasattr(place, "CopyFrom"):
        place.CopyFrom(value)
    else:
        setattr(message, field, value)


def _called(node: Any) -> list[str]:
    return [value.func.name for value in node.attr.values() if value.WhichOneof("value") == "func"]


def _add_function(library: Any, name: str) -> None:
    """Put a function of the runtime, and those it calls, into a library."""
    if any(function.signature.name == name for function in library.function):
        return
    definition = _private.function_definition(name)
    library.function.add().CopyFrom(definition)
    for node in definition.node_def:
        for called in [*_called(node), node.op]:
            if called != node.op or _private.op_def(called) is None:
                _add_function(library, called)
