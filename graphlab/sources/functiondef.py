"""A FunctionDef -> Graph: its arguments are nodes of op `_Arg`, its results of op `_Retval`.

In a body an input is an argument, `"node:output:0"` or `"^node"`; here it is `"node:2"`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Marks, Node, TensorSpec
from graphlab.sources import proto
from graphlab.sources.nodedefs import (
    Given,
    Library,
    Reading,
    attrs_of,
    given_by,
    node_of_def,
    outputs_of,
)


def from_function_def(
    body: Any, library: Library, reading: Reading, variables: Mapping[str, str]
) -> Graph:
    """A FunctionDef as a Graph of its arguments, its nodes and what it returns."""
    where = f"function {shown(body.signature.name)}"
    arguments = [_arg(body, index, variables) for index in range(len(body.signature.input_arg))]
    name = body.signature.name
    attrs = [attrs_of(node_def, library, reading, name) for node_def in body.node_def]
    listed = [
        given_by(node_def, each, library, reading)
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
            offsets[output] = len(offsets)  # of an unknown op: as they are met
        known = index.isascii() and index.isdigit() and len(index) < 9
        return name, offsets.get(output, -1) + (int(index) if known else 0)

    inputs = [
        tuple(tensor(text) for text in n.input if not text.startswith("^")) for n in body.node_def
    ]
    returned = [(arg.name, tensor(body.ret[arg.name])) for arg in body.signature.output_arg]
    try:
        outputs = outputs_of(
            body.node_def, listed, [*inputs, tuple(r for _, r in returned)], reading
        )
    except GraphlabError as error:
        raise GraphlabError(f"{where}: {error}") from error
    for argument in arguments:
        if not argument.name:
            raise GraphlabError(f"{where}: an argument has no name; every one needs one")
        if argument.name in outputs:
            raise GraphlabError(f"{where}: {shown(argument.name)} names two of its nodes")
        outputs[argument.name] = argument.outputs
    tensors = {spec.name for specs in outputs.values() for spec in specs}
    nodes = [
        node_of_def(node_def, each, taken, outputs, tensors, library)
        for node_def, each, taken in zip(body.node_def, attrs, inputs, strict=True)
    ]
    return Graph((*arguments, *nodes, *_returns(body, returned, outputs, tensors)))


def _offsets(outputs: Given | None) -> dict[str, int]:
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
    return Node(
        argument.name,
        "_Arg",
        outputs=(TensorSpec(f"{argument.name}:0", dtype, shape),),
        attrs=attrs,
        marks=Marks(variable=variables.get(argument.name, "")),
    )


def _returns(
    body: Any,
    returned: list[tuple[str, tuple[str, int]]],
    outputs: Mapping[str, tuple[TensorSpec, ...]],
    tensors: set[str],
) -> Iterator[Node]:
    """A node for each value that the function gives, in order."""
    taken = set(outputs)
    times: Counter[str] = Counter()
    for index, (name, (node, output)) in enumerate(returned):
        own = f"{name}_RetVal" + (f"_{times[name]}" if times[name] else "")
        times[name] += 1
        while own in taken:  # the function's own nodes may be called so
            own += "_"
        taken.add(own)
        attrs: dict[str, Any] = {
            "T": proto.dtype_name(body.signature.output_arg[index].type),
            "index": index,
        }
        tensor = f"{node}:{output}"
        if tensor in tensors:
            yield Node(own, "_Retval", (tensor,), attrs=attrs)
        else:
            yield Node(own, "_Retval", attrs=attrs, marks=Marks(missing=(tensor,)))
