"""Attrs of an op as arguments of a call."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.port import exact
from graphlab.port.constants import number
from graphlab.port.expression import Expression, Listing, Literal, Name


def expression_of(op: Op, name: str) -> Expression:
    """An attr as it is written. GraphlabError for a function or a tensor."""
    attr = next(attr for attr in op.definition.attr if attr.name == name)
    value = op.attr(name)
    if attr.type.startswith("list("):
        kind = attr.type[5:-1]
        return Listing(tuple(_one(op, kind, item) for item in _items(value.list, kind)))
    return _one(op, attr.type, getattr(value, _FIELDS.get(attr.type, "func")))


def argument_of(op: Op, name: str) -> Expression:
    """An attr as TensorFlow's functions take it: paddings that are told are pairs, one an axis."""
    if name == "padding" and op.text(name) == "EXPLICIT":
        told = list(op.attr("explicit_paddings").list.i)
        return Literal(tuple(zip(told[::2], told[1::2], strict=False)))
    return expression_of(op, name)


def said(op: Op) -> list[str]:
    """The attrs that its inputs do not tell and that are not the default, in the op's order."""
    told: set[str] = set()
    for arg in op.definition.input_arg:
        told |= {arg.type_attr, arg.number_attr, arg.type_list_attr}
    return [
        attr.name
        for attr in op.definition.attr
        if attr.name not in told | exact.IGNORED and not _is_default(op, attr)
    ]


def _is_default(op: Op, attr: Any) -> bool:
    if not attr.HasField("default_value"):
        return False
    return attr.name not in op.node.attr or op.node.attr[attr.name] == attr.default_value


_FIELDS = {
    "int": "i",
    "float": "f",
    "bool": "b",
    "string": "s",
    "type": "type",
    "shape": "shape",
}


def _items(listed: Any, kind: str) -> Any:
    return getattr(listed, _FIELDS.get(kind, "func"))


def _one(op: Op, kind: str, value: Any) -> Expression:
    if kind == "type":
        return dtype_of(value)
    if kind == "float":
        return Literal(number(value))
    if kind == "string":
        try:
            return Literal(value.decode())
        except UnicodeDecodeError:
            return Literal(value)
    if kind == "shape":
        if value.unknown_rank:
            return Literal(None)
        return Literal(tuple(None if dim.size < 0 else dim.size for dim in value.dim))
    if kind in ("int", "bool"):
        return Literal(value)
    raise GraphlabError(f"{op.title} has an attr of kind {kind}, which no call takes")


def dtype_of(kind: int) -> Name:
    """`tf.float32`."""
    return Name(f"tf.{tf.as_dtype(kind % 100).name}")
