"""A GraphDef with its function library -> Graph, without TensorFlow.

The table of ops says how many outputs a node has and of which dtype; of an op that the table
does not know, what its consumers take. In a function's body, `"node:output:0"` becomes
`"node:2"`, arguments become nodes of op `_Arg` and what is returned nodes of op `_Retval`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graphlab.devices import short
from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node, Shape, TensorSpec
from graphlab.sources import ops, proto

MOST_COUNTED = 1_000_000  # outputs that numbers in a file may claim, over all of its nodes
MOST_UNKNOWN = 1000  # outputs that the consumers of an op may make us believe it has

_INDEXED = re.compile(r"(.*):([0-9]{1,9})", re.DOTALL)
# What tells the static shape of a node's one output, where nothing noted it.
_SHAPED = {"Placeholder", "PlaceholderWithDefault", "VariableV2", "Variable", "FakeParam"}


@dataclass(frozen=True)
class Library:
    """What a file says of its own ops and functions."""

    functions: Mapping[str, ops.Definition] = field(default_factory=dict)
    custom: Mapping[str, ops.Definition] = field(default_factory=dict)  # not TensorFlow's

    def definition(self, op: str) -> ops.Definition | None:
        """An op type, which may be a function that is called by its name; None: unknown."""
        return self.functions.get(op) or ops.definition(op) or self.custom.get(op)


@dataclass
class _Budget:
    """How many more outputs the file may claim by numbers."""

    left: int = MOST_COUNTED


def from_graph_def(
    graph_def: Any,
    op_defs: Iterable[Any] = (),
    variables: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Graph:
    """A GraphDef message as a Graph that `model.check` accepts.

    `op_defs` are definitions that the file brought along. `variables` says which variable an
    argument of a function is, by function and argument. What a node names and the file does not
    hold (inputs, control inputs) is left out of the node and kept as its attribute `missing`.
    GraphlabError where two nodes have one name, a node has none, or claims are impossible.
    """
    bodies = {body.signature.name: body for body in graph_def.library.function}
    if len(bodies) < len(graph_def.library.function):
        twice = _twice(body.signature.name for body in graph_def.library.function)
        raise GraphlabError(f"function {shown(twice)} is defined twice; names must be unique")
    library = Library(
        {name: ops.read(ops.write(body.signature)) for name, body in bodies.items()},
        {op.name: ops.read(ops.write(op)) for op in op_defs if op.name not in ops.table()},
    )
    budget = _Budget()
    functions = {
        name: _function(body, library, budget, variables.get(name, {}))
        for name, body in bodies.items()
    }
    return Graph(tuple(_nodes(graph_def.node, library, budget)), functions)


# A graph's own nodes: an input is "node", "node:1" or "^node".


def _nodes(node_defs: Any, library: Library, budget: _Budget) -> Iterator[Node]:
    inputs = [
        tuple(_tensor(text) for text in n.input if not text.startswith("^")) for n in node_defs
    ]
    attrs = [_attrs(node_def) for node_def in node_defs]
    given = [
        _given(node_def, each, library, budget)
        for node_def, each in zip(node_defs, attrs, strict=True)
    ]
    outputs = _outputs(node_defs, given, inputs)
    tensors = {spec.name for specs in outputs.values() for spec in specs}
    for node_def, each, taken in zip(node_defs, attrs, inputs, strict=True):
        yield _node(node_def, each, taken, outputs, tensors, library)


def _tensor(text: str) -> tuple[str, int]:
    """The node and output that an input names: `"x:1"` is `("x", 1)`."""
    found = _INDEXED.fullmatch(text) if ":" in text else None
    return (found[1], int(found[2])) if found else (text, 0)


def _attrs(node_def: Any) -> dict[str, Any]:
    """All attributes but the noted output shapes as plain values, sorted by name."""
    attrs = node_def.attr
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
_Given = list[tuple[str, list[str]]]  # each output argument with the dtypes of its tensors


def _given(
    node_def: Any, attrs: Mapping[str, Any], library: Library, budget: _Budget
) -> _Given | None:
    """What a node gives. None where nobody knows the op."""
    definition = library.definition(node_def.op)
    if definition is None:
        return None
    try:
        found = ops.dtypes(definition.outputs, attrs, definition.defaults)
    except ValueError as error:
        raise GraphlabError(
            f"node {shown(node_def.name)} ({shown(node_def.op)}): {error}; the file is damaged"
        ) from error
    for argument, (_, dtypes) in zip(definition.outputs, found, strict=True):
        if argument.count:
            budget.left -= len(dtypes)
    if budget.left < 0:
        raise GraphlabError(
            f"the nodes claim more than {MOST_COUNTED:,} outputs; the file is damaged"
        )
    return found


def _outputs(
    node_defs: Any, given: Iterable[_Given | None], inputs: Iterable[tuple[tuple[str, int], ...]]
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
    if outputs != 1:
        return []
    if node_def.op == "Const" and "value" in attrs:
        return [proto.shape_of(attrs["value"].tensor.tensor_shape)]
    if node_def.op in _SHAPED and attrs["shape"].HasField("shape"):
        return [proto.shape_of(attrs["shape"].shape)]
    return []


def _node(
    node_def: Any,
    attrs: dict[str, Any],
    taken: Iterable[tuple[str, int]],
    outputs: Mapping[str, tuple[TensorSpec, ...]],
    tensors: set[str],
    library: Library,
) -> Node:
    inputs = [f"{name}:{index}" for name, index in taken]
    controls = [text[1:] for text in node_def.input if text.startswith("^")]
    missing = [tensor for tensor in inputs if tensor not in tensors]
    missing += [control for control in controls if control not in outputs]
    if missing:
        attrs["missing"] = missing
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


# A function's body: an input is an argument, "node:output:0" or "^node".


def _function(body: Any, library: Library, budget: _Budget, variables: Mapping[str, str]) -> Graph:
    """A FunctionDef as a Graph of its arguments, its nodes and what it returns."""
    where = f"function {shown(body.signature.name)}"
    arguments = [_arg(body, index, variables) for index in range(len(body.signature.input_arg))]
    attrs = [_attrs(node_def) for node_def in body.node_def]
    listed = [
        _given(node_def, each, library, budget)
        for node_def, each in zip(body.node_def, attrs, strict=True)
    ]
    given = {node.name: each for node, each in zip(body.node_def, listed, strict=True)}
    first = {argument.name: {"": 0} for argument in arguments}
    first |= {name: _offsets(outputs) for name, outputs in given.items()}

    def tensor(text: str) -> tuple[str, int]:
        name, _, rest = text.partition(":")
        output, _, index = rest.rpartition(":")
        offsets = first.get(name, {})
        if output not in offsets and given.get(name, ()) is None:
            offsets[output] = sum(1 for _ in offsets)  # of an unknown op: as they are met
        known = index.isascii() and index.isdigit() and len(index) < 9
        return name, offsets.get(output, -1) + (int(index) if known else 0)

    inputs = [
        tuple(tensor(text) for text in n.input if not text.startswith("^")) for n in body.node_def
    ]
    returned = [(arg.name, tensor(body.ret[arg.name])) for arg in body.signature.output_arg]
    try:
        outputs = _outputs(body.node_def, listed, [*inputs, tuple(r for _, r in returned)])
    except GraphlabError as error:
        raise GraphlabError(f"{where}: {error}") from error
    for argument in arguments:
        if argument.name in outputs:
            raise GraphlabError(f"{where}: {shown(argument.name)} is an argument and a node")
        outputs[argument.name] = argument.outputs
    tensors = {spec.name for specs in outputs.values() for spec in specs}
    nodes = [
        _node(node_def, each, taken, outputs, tensors, library)
        for node_def, each, taken in zip(body.node_def, attrs, inputs, strict=True)
    ]
    return Graph((*arguments, *nodes, *_returns(body, returned, outputs, tensors)))


def _offsets(outputs: _Given | None) -> dict[str, int]:
    """The number of the first tensor of each output argument."""
    result, count = {}, 0
    for name, dtypes in outputs or ():
        result[name] = count
        count += len(dtypes)
    return result


def _arg(body: Any, index: int, variables: Mapping[str, str]) -> Node:
    """A function's argument as the node that TensorFlow makes of it."""
    argument = body.signature.input_arg[index]
    noted = body.arg_attr[index].attr if index in body.arg_attr else {}
    attrs: dict[str, Any] = {key: proto.attr(noted[key]) for key in sorted(noted)}
    shapes = attrs.pop("_output_shapes", None)
    shape = None if not shapes or shapes[0] is None else tuple(shapes[0])
    dtype = proto.dtype_name(argument.type)
    attrs |= {"T": dtype, "index": index}
    if argument.name in variables:
        attrs["variable"] = variables[argument.name]
    return Node(
        argument.name,
        "_Arg",
        outputs=(TensorSpec(f"{argument.name}:0", dtype, shape),),
        attrs=attrs,
    )


def _returns(
    body: Any,
    returned: list[tuple[str, tuple[str, int]]],
    outputs: Mapping[str, tuple[TensorSpec, ...]],
    tensors: set[str],
) -> Iterator[Node]:
    """A node for each value that the function gives, in order."""
    taken = set(outputs)
    for index, (name, (node, output)) in enumerate(returned):
        own = f"{name}_RetVal"
        while own in taken:  # the function's own nodes may be called so
            own += "_"
        taken.add(own)
        attrs: dict[str, Any] = {
            "T": proto.dtype_name(body.signature.output_arg[index].type),
            "index": index,
        }
        tensor = f"{node}:{output}"
        if tensor not in tensors:
            attrs["missing"] = [tensor]
        yield Node(own, "_Retval", (tensor,) if tensor in tensors else (), attrs=attrs)


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
