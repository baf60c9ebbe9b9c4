"""NodeDefs -> Nodes: what is the same in a graph and in a function's body.

The table of ops says how many outputs a node has and of which dtype; of an op that the table
does not know, what its consumers take.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphlab.devices import short
from graphlab.errors import GraphlabError, shown
from graphlab.model import UNMARKED, Marks, Node, Shape, TensorSpec
from graphlab.sources import fitting, ops, proto
from graphlab.sources.fitting import Refused

MOST_COUNTED = 1_000_000  # outputs that all nodes together may claim beside one each
MOST_UNKNOWN = 1000  # outputs that the consumers of an op may make us believe it has

# What tells the static shape of a node's one output, where nothing noted it.
_SHAPED = {"Placeholder", "PlaceholderWithDefault", "VariableV2", "Variable", "FakeParam"}
# Of all its outputs.
_LISTS_SHAPES = {"IteratorGetNext", "IteratorGetNextSync", "OptionalGetValue"}


@dataclass(frozen=True)
class Library:
    """What a file says of its own ops and functions."""

    functions: Mapping[str, ops.Definition] = field(default_factory=dict)
    custom: Mapping[str, ops.Definition] = field(default_factory=dict)  # not TensorFlow's

    def definition(self, op: str) -> ops.Definition | None:
        """An op type, which may be a function that is called by its name; None: unknown."""
        return self.functions.get(op) or ops.definition(op) or self.custom.get(op)


@dataclass
class Reading:
    """What is found out about a file while its nodes are read."""

    left: int = MOST_COUNTED  # how many more outputs its nodes may claim beside one each
    refused: list[Refused] = field(default_factory=list)  # for their attributes


def attrs_of(
    node_def: Any, library: Library, reading: Reading, function: str = ""
) -> dict[str, Any]:
    """All attributes but the noted output shapes as plain values, sorted by name.

    What TensorFlow would refuse about them is noted.
    """
    attrs = node_def.attr
    if node_def.op not in library.functions:
        reason = fitting.attributes(node_def)
        if reason:
            reading.refused.append(Refused(node_def.name, node_def.op, reason, function))
    return {key: _plain(attrs[key]) for key in sorted(attrs) if key != "_output_shapes"}


def _plain(value: Any) -> Any:
    """`proto.attr`, with the short way for what nearly all attributes of a large graph are."""
    kind = value.WhichOneof("value")
    if kind == "type":
        return _dtype_name(value.type)
    if kind == "i":
        return value.i
    return value.b if kind == "b" else proto.attr(value)


_dtype_name = functools.cache(proto.dtype_name)
Given = list[tuple[str, list[str]]]  # each output argument with the dtypes of its tensors


def given_by(
    node_def: Any, attrs: Mapping[str, Any], library: Library, reading: Reading
) -> Given | None:
    """What a node gives. None where nobody knows the op."""
    definition = library.definition(node_def.op)
    if definition is None:
        return None
    found = []
    for number, argument in enumerate(definition.outputs):
        try:
            dtypes = ops.dtypes(argument, attrs, definition.defaults)
        except ValueError as error:
            raise GraphlabError(
                f"node {shown(node_def.name)} ({shown(node_def.op)}): {error}; the file is damaged"
            ) from error
        # A node of eight bytes has all that its definition lists or its numbers claim.
        _count(len(dtypes) - (number == 0), reading)
        found.append((argument.name, dtypes))
    return found


def _count(outputs: int, reading: Reading) -> None:
    reading.left -= outputs
    if reading.left < 0:
        raise GraphlabError(
            f"the nodes claim more than {MOST_COUNTED:,} outputs; the file is damaged"
        )


def outputs_of(
    node_defs: Any,
    given: Iterable[Given | None],
    inputs: Iterable[tuple[tuple[str, int], ...]],
    reading: Reading,
) -> dict[str, tuple[TensorSpec, ...]]:
    """Each node's outputs, by node name; of an unknown op those that somebody takes."""
    most: dict[str, int] = {}
    for taken in inputs:
        for name, index in taken:
            if most.get(name, 0) <= index < MOST_UNKNOWN:
                most[name] = index + 1
    outputs: dict[str, tuple[TensorSpec, ...]] = {}
    for node_def, arguments in zip(node_defs, given, strict=True):
        name = node_def.name
        if not name:
            raise GraphlabError(f"a {shown(node_def.op)} node has no name; every node needs one")
        if name in outputs:
            raise GraphlabError(f"node {shown(name)} appears twice; names must be unique")
        if arguments is None:
            dtypes = [""] * most.get(name, 0)
            _count(len(dtypes) - 1, reading)  # "x:999" makes an op have a thousand
        else:
            dtypes = [dtype for _, each in arguments for dtype in each]
        shapes = _shapes(node_def, len(dtypes))
        outputs[name] = tuple(
            TensorSpec(f"{name}:{index}", dtype, shapes[index] if index < len(shapes) else None)
            for index, dtype in enumerate(dtypes)
        )
    return outputs


def _shapes(node_def: Any, outputs: int) -> list[Shape]:
    """The static shapes that were noted in the file, of the first outputs."""
    attrs = node_def.attr
    if "_output_shapes" in attrs:
        return [proto.shape_of(shape) for shape in attrs["_output_shapes"].list.shape]
    if node_def.op in _LISTS_SHAPES and "output_shapes" in attrs:
        return [proto.shape_of(shape) for shape in attrs["output_shapes"].list.shape]
    if outputs != 1:
        return []
    if node_def.op == "Const" and "value" in attrs:
        return [proto.shape_of(attrs["value"].tensor.tensor_shape)]
    if node_def.op in _SHAPED and attrs["shape"].HasField("shape"):
        return [proto.shape_of(attrs["shape"].shape)]
    return []


def node_of_def(
    node_def: Any,
    attrs: dict[str, Any],
    taken: Iterable[tuple[str, int]],
    outputs: Mapping[str, tuple[TensorSpec, ...]],
    tensors: set[str],
    library: Library,
) -> Node:
    inputs = [f"{name}:{index}" for name, index in taken]
    controls = [text[1:] for text in node_def.input if text.startswith("^")]
    marks = UNMARKED
    if not tensors.issuperset(inputs) or any(control not in outputs for control in controls):
        missing = [tensor for tensor in inputs if tensor not in tensors]
        missing += [each for each in controls if each not in outputs]
        marks = Marks(missing=tuple(missing))
        inputs = [tensor for tensor in inputs if tensor in tensors]
        controls = [control for control in controls if control in outputs]
    return Node(
        node_def.name,
        node_def.op,
        tuple(inputs),
        tuple(dict.fromkeys(controls)),
        outputs[node_def.name],
        attrs,
        _short(node_def.device),
        None,
        _calls(node_def.op, attrs, library) if library.functions else (),
        marks,
    )


_short = functools.cache(short)


def _calls(op: str, attrs: Mapping[str, Any], library: Library) -> tuple[str, ...]:
    """The library's functions that a node calls, in the order of its attributes."""
    named = [
        each["function"]
        for value in attrs.values()
        for each in (value if isinstance(value, list) else (value,))
        if isinstance(each, dict) and "function" in each
    ]
    return tuple(name for name in dict.fromkeys([*named, op]) if name in library.functions)
