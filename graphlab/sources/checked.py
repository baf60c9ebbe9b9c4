"""What a model may hold, asked once, where it comes in: no later step meets the impossible.

    model = checked(model)

The limits are TensorFlow's own where it has any, else far beyond all that programs make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphlab import model as graphs
from graphlab.errors import GraphlabError, shown
from graphlab.model import Node, Shape
from graphlab.sources.checkpoint.saved import MOST_ELEMENTS
from graphlab.sources.modelfile import ModelFile
from graphlab.sources.proto import MOST_DIMENSIONS

MOST_LETTERS = 1 << 16  # of a name: of a node, an op, a function, an attribute, a dtype
MOST_LEVELS = 1000  # scopes within scopes
LARGEST = 1 << 64  # no number of a model needs more bits


def checked(model: ModelFile) -> ModelFile:
    """The model, which keeps the rules of `model.check` and all limits.

    GraphlabError names what is beyond a limit: a name, a shape, a number.
    """
    for where, names in _names(model):
        for name in names:
            _check_name(name, where)
    for body in model.bodies:
        for node in body.nodes:
            _check_node(node)
    for variable in model.variables:
        _check_shape(variable.shape, "variable", variable.name)
    for port in (
        p for each in (*model.signatures, *model.functions) for p in (*each.inputs, *each.outputs)
    ):
        _check_shape(port.tensor.shape, "tensor", port.tensor.name)
    try:
        graphs.check(model.graph)
    except ValueError as error:
        raise GraphlabError(f"its graph is not sound: {error}; the file is damaged") from error
    return model


def _names(model: ModelFile) -> Iterator[tuple[str, Iterator[str]]]:
    """Names of each sort, but those of nodes."""
    yield "function", iter(model.graph.functions)
    yield "variable", (each.name for each in model.variables)
    yield "signature", (each.name for each in (*model.signatures, *model.functions))
    yield "asset", iter(model.assets)
    yield "tag", iter(model.tags)


def _check_name(name: str, what: str) -> None:
    if len(name) > MOST_LETTERS:
        raise GraphlabError(
            f"{what} {shown(name)} has a name of {len(name):,} characters; the most is"
            f" {MOST_LETTERS:,}"
        )
    if name.count("/") > MOST_LEVELS:
        raise GraphlabError(
            f"{what} {shown(name)} is {name.count('/'):,} scopes deep; the most is {MOST_LEVELS:,}"
        )


def _check_node(node: Node) -> None:
    _check_name(node.name, "node")
    _check_name(node.op, "the op of a node")
    _check_name(node.device, "device")
    for spec in node.outputs:
        _check_name(spec.dtype, "dtype")
        _check_shape(spec.shape, "tensor", spec.name)
    for name, value in node.attrs.items():
        _check_name(name, "attribute")
        _check_numbers(value, f"attribute {shown(name)} of node {shown(node.name)}")


def _check_shape(shape: Shape, what: str, name: str) -> None:
    if not shape:
        return
    if len(shape) > MOST_DIMENSIONS:
        raise GraphlabError(
            f"{what} {shown(name)} has a shape of {len(shape):,} dimensions; the most is"
            f" {MOST_DIMENSIONS}"
        )
    elements = 1
    for size in shape:
        if size is None:
            continue
        if size < 0:
            raise GraphlabError(f"{what} {shown(name)} has a shape with a size below 0")
        elements *= size
        if max(size, elements) > MOST_ELEMENTS:
            raise GraphlabError(
                f"{what} {shown(name)} has a shape that no tensor has, of more than"
                f" {MOST_ELEMENTS:,} elements"
            )


def _check_numbers(value: Any, what: str) -> None:
    """GraphlabError where a number has more bits than any of TensorFlow's."""
    if type(value) is int:
        if abs(value) > LARGEST:
            raise GraphlabError(f"{what} is a number of more than 64 bits")
    elif isinstance(value, list):
        for each in value:
            _check_numbers(each, what)
    elif isinstance(value, Mapping):
        for each in value.values():
            _check_numbers(each, what)
