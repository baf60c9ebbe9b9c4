"""What a model's file says of itself, whatever its format."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphlab.model import Graph, Node, Shape, TensorSpec, node_of
from graphlab.sources import fitting, ops
from graphlab.sources.checkpoint.saved import Checkpoint
from graphlab.sources.fitting import Refused
from graphlab.sources.outside import Start

BACK = frozenset({"NextIteration", "RefNextIteration"})
KERAS = "Keras model"  # the kind whose nodes are layers, not ops
WEIGHTS = "Keras weights file"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the tensors that a composite value is made of."""

    role: str  # "indices", "row_splits", ...
    tensor: TensorSpec
    key: str = ""  # by which a function takes it, where it takes the parts one by one


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a signature: its key, and the tensor that is fed or fetched."""

    key: str
    tensor: TensorSpec  # of a composite value its dtype and shape, under no name
    kind: str = ""  # "SparseTensor", "RaggedTensor", ...: then it is made of `parts`
    parts: tuple[Part, ...] = ()

    @property
    def tensors(self) -> tuple[TensorSpec, ...]:
        """The tensors behind it: one, or those of its parts."""
        return tuple(part.tensor for part in self.parts) if self.kind else (self.tensor,)


@dataclass(frozen=True)
class Signature:
    """A way to call a model: a signature, or a concrete function of one of its objects."""

    name: str
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    method: str = ""
    function: str = ""  # the function of the graph that does the work; "": the graph itself
    path: tuple[str, ...] = ()  # of an object's function: the names that lead to it
    number: int = 0  # which of the concrete functions that are called by this path
    arguments: tuple[str, ...] = ()  # of an object's function: "x=float32[?,2]", "training=True"
    own_files: frozenset[str] = frozenset()  # its arguments that name files of the model itself


def written(path: tuple[str, ...]) -> str:
    """A path as one text, its names escaped as in the keys of a checkpoint.

    >>> written(("parts", "1", "z/y", "_pre"))
    'parts/1/z.Sy/_pre'
    """
    return "/".join(name.replace(".", "..").replace("/", ".S") for name in path)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a tensor of a checkpoint that no variable of the graph claims."""

    name: str
    dtype: str
    shape: Shape
    bytes: int | None = None  # in the checkpoint; None: no value was saved beside the graph
    trainable: bool | None = None  # None: the file does not say
    key: str = ""  # its name in the checkpoint, where that is another
    used: bool = True  # False: only the checkpoint knows it
    own_name: str = ""  # what the program calls it, where `name` says where it hangs
    pieces: int = 1  # in how many it is stored
    piece_of: str = ""  # the tensor of the checkpoint of which it is a part
    copy_of: str = ""  # the variable whose values the file holds here once more
    digest: str = ""  # of the saved value: equal values have equal ones; "": not known
    note: str = ""  # what else is to be known of it: "packed: ..."


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a Keras model, or a model in it, as `model.summary()` tells of it."""

    name: str
    kind: str
    outputs: tuple[TensorSpec, ...] = ()  # of its first call
    parameters: int | None = None  # None: the file holds no weights
    trainable: int | None = None  # of these; None: the file does not say
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many numbers a Keras model's weights are, each counted once."""

    trainable: int
    fixed: int
    unknown: int  # of layers of somebody's own: the file does not say whether they are trained
    optimizer: int


@dataclass(frozen=True)
class ModelFile:
    """A model as it was read. `graph` passes `model.check`."""

    path: Path
    kind: str  # "SavedModel", "GraphDef", "MetaGraph", "checkpoint", "Keras model"
    graph: Graph
    signatures: tuple[Signature, ...] = ()
    variables: tuple[Variable, ...] = ()
    tensorflow: str = ""  # the version that wrote it, where it says so
    producer: int | None = None  # the version of graphs in which it is written
    min_consumer: int | None = None  # TensorFlow older than that may not read it
    bad_consumers: tuple[int, ...] = ()  # nor these
    tags: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    custom_ops: tuple[str, ...] = ()  # op types that the file defines and TensorFlow does not
    checkpoint: Checkpoint | None = None  # that the values are in
    notes: tuple[str, ...] = ()  # one line each: what a reader should know before believing it
    facts: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()  # of a Keras model
    parameters: Parameters | None = None  # of a Keras model whose file holds weights
    refused: tuple[Refused, ...] = ()  # nodes whose attributes TensorFlow does not take
    functions: tuple[Signature, ...] = ()  # the concrete functions of a TF2 model's objects
    loading: tuple[Start, ...] = ()  # what TensorFlow runs to load it
    saving: tuple[str, ...] = ()  # the ops of the graph that save and restore it
    assets_fed: frozenset[str] = frozenset()  # tensors that a loader feeds with assets' names

    @property
    def bodies(self) -> list[Graph]:
        """The main graph and every function's."""
        return [self.graph, *self.graph.functions.values()]


def unknown_ops(model: ModelFile) -> dict[str, str]:
    """Ops that TensorFlow would refuse, each with the reason; {} where it knows all of them."""
    if model.kind == KERAS:
        return {}
    found = {}
    custom = set(model.custom_ops)
    for op in dict.fromkeys(node.op for body in model.bodies for node in body.nodes):
        definition = ops.definition(op)
        refused = definition.deprecated if definition else None
        if definition is None and op not in model.graph.functions:
            found[op] = "defined in the file" if op in custom else "not defined anywhere"
        elif refused is not None and (model.producer or 0) >= refused:
            found[op] = f"refused in graphs from version {refused} on"
    return found


def too_new(model: ModelFile) -> str:
    """Why TensorFlow would not read the file at all; "" where it does."""
    newest = ops.graph_version()
    if (model.min_consumer or 0) > newest:
        return (
            f"it needs a TensorFlow that reads graphs of version {model.min_consumer}, and"
            f" TensorFlow {ops.version()} reads up to {newest}"
        )
    if newest in model.bad_consumers:
        return f"it says that TensorFlow {ops.version()} (graph version {newest}) must not read it"
    return ""


def refused_nodes(model: ModelFile) -> list[Refused]:
    """The nodes that TensorFlow would not take: for their attributes, or for their inputs."""
    if model.kind == KERAS:
        return []
    known = {(each.function, each.node) for each in model.refused}
    found = list(model.refused)
    for name, body in {"": model.graph, **model.graph.functions}.items():
        dtypes = {spec.name: spec.dtype for node in body.nodes for spec in node.outputs}
        for node in body.nodes:
            definition = ops.definition(node.op)
            if definition is None or node.marks.missing or (name, node.name) in known:
                continue  # what is not there is told by itself
            given = [dtypes[tensor] for tensor in node.inputs]
            reason = fitting.inputs(definition, node.attrs, given)
            if reason:
                found.append(Refused(node.name, node.op, reason, name))
    return found


def not_in_file(model: ModelFile) -> list[str]:
    """Functions that are called and not there: `"y calls f"`."""
    functions = model.graph.functions
    return [
        f"{node.name} calls {name}"
        for body in model.bodies
        for node in body.nodes
        for name in _functions_named(node.attrs)
        if name and name not in functions and ops.definition(name) is None
    ]


def _functions_named(attrs: Mapping[str, Any]) -> Iterator[str]:
    for value in attrs.values():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, dict) and "function" in each:
                yield each["function"]


def without_kernel(model: ModelFile) -> list[str]:
    """Ops that TensorFlow knows and has no kernel for: another op or compiler must replace them."""
    if model.kind == KERAS:
        return []
    found = dict.fromkeys(node.op for body in model.bodies for node in body.nodes)
    known = ((op, ops.definition(op)) for op in found)
    return [op for op, definition in known if definition is not None and not definition.runs]


def missing(model: ModelFile) -> list[str]:
    """What nodes name and the file does not hold: `"y takes x:0"`."""
    return [
        f"{node.name} takes {name}"
        for body in model.bodies
        for node in body.nodes
        for name in node.marks.missing
    ]


def cycle(graph: Graph) -> list[str]:
    """The nodes of a circle, each before one that takes what it gives, the first again at the end.

    [] where there is none. A loop's way back, from NextIteration to Merge, is none.
    """
    back = {node.name for node in graph.nodes if node.op in BACK}
    before = {
        node.name: [
            each for each in (*map(node_of, node.inputs), *node.controls) if each not in back
        ]
        for node in graph.nodes
    }
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def part(model: ModelFile, signature: Signature) -> Graph:
    """What a signature's outputs need, with the functions; the function's body where it is one."""
    functions = model.graph.functions
    if signature.function in functions:
        return Graph(functions[signature.function].nodes, functions)
    by_name = model.graph.by_name
    left = [node_of(tensor.name) for port in signature.outputs for tensor in port.tensors]
    fed = {tensor.name for port in signature.inputs for tensor in port.tensors}
    needed: set[str] = set()
    while left:
        name = left.pop()
        if name in needed or name not in by_name:
            continue
        needed.add(name)
        node = by_name[name]
        if any(spec.name in fed for spec in node.outputs):
            continue
        left += [node_of(tensor) for tensor in node.inputs]
        left += node.controls
    kept = tuple(node for node in model.graph.nodes if node.name in needed)
    return Graph(tuple(_without(node, needed) for node in kept), functions)


def _without(node: Node, needed: set[str]) -> Node:
    """A node whose inputs are fed in its place, without what those would have come from."""
    inputs = tuple(tensor for tensor in node.inputs if node_of(tensor) in needed)
    controls = tuple(name for name in node.controls if name in needed)
    if (inputs, controls) == (node.inputs, node.controls):
        return node
    return replace(node, inputs=inputs, controls=controls)
