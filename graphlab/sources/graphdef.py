"""A GraphDef with its function library -> Graph, without TensorFlow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node
from graphlab.sources import ops
from graphlab.sources.functiondef import from_function_def
from graphlab.sources.nodedefs import Library, Reading, attrs_of, given_by, node_of_def, outputs_of

_INDEXED = re.compile(r"(.*):([0-9]{1,9})", re.DOTALL)


def from_graph_def(
    graph_def: Any,
    op_defs: Iterable[Any] = (),
    variables: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    reading: Reading | None = None,
) -> Graph:
    """A GraphDef message as a Graph that `model.check` accepts.

    `op_defs` are definitions that the file brought along. `variables` says which variable an
    argument of a function is, by function and argument. What a node names and the file does not
    hold (inputs, control inputs) is left out of the node and kept in its `marks.missing`. In
    `reading` is noted what TensorFlow would refuse of the nodes' attributes. GraphlabError where
    two nodes have one name, a node has none, or claims are impossible.
    """
    bodies = {body.signature.name: body for body in graph_def.library.function}
    if len(bodies) < len(graph_def.library.function):
        twice = _twice(body.signature.name for body in graph_def.library.function)
        raise GraphlabError(f"function {shown(twice)} is defined twice; names must be unique")
    library = Library(
        {name: ops.described(body.signature) for name, body in bodies.items()},
        {op.name: ops.described(op) for op in op_defs if op.name not in ops.table()},
    )
    reading = reading or Reading()
    functions = {
        name: from_function_def(body, library, reading, variables.get(name, {}))
        for name, body in bodies.items()
    }
    return Graph(tuple(_nodes(graph_def.node, library, reading)), functions)


# A graph's own nodes: an input is "node", "node:1" or "^node".


def _nodes(node_defs: Any, library: Library, reading: Reading) -> Iterator[Node]:
    inputs = [
        tuple(_tensor(text) for text in n.input if not text.startswith("^")) for n in node_defs
    ]
    attrs = [attrs_of(node_def, library, reading) for node_def in node_defs]
    given = [
        given_by(node_def, each, library, reading)
        for node_def, each in zip(node_defs, attrs, strict=True)
    ]
    outputs = outputs_of(node_defs, given, inputs, reading)
    tensors = {spec.name for specs in outputs.values() for spec in specs}
    for node_def, each, taken in zip(node_defs, attrs, inputs, strict=True):
        yield node_of_def(node_def, each, taken, outputs, tensors, library)


def _tensor(text: str) -> tuple[str, int]:
    """The node and output that an input names: `"x:1"` is `("x", 1)`."""
    found = _INDEXED.fullmatch(text) if ":" in text else None
    return (found[1], int(found[2])) if found else (text, 0)


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
