"""What a model's file says of itself, whatever its format."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graphlab.model import Graph, Node, Shape, TensorSpec, node_of
from graphlab.sources import ops

BACK = frozenset({"NextIteration", "RefNextIteration"})
KERAS = "Keras model"  # the kind whose nodes are layers, not ops


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a signature: its key, and the tensor that is fed or fetched."""

    key: str
    tensor: TensorSpec
    kind: str = ""  # "SparseTensor", ...: then `tensor` is only a part of it


@dataclass(frozen=True)
class Signature:
    """A way to call a model."""

    name: str
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    method: str = ""
    function: str = ""  # the function of the graph that does the work; "": the graph itself


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
    digest: str = ""  # of the value in the checkpoint: equal values have equal ones; "": not known


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
    tags: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    custom_ops: tuple[str, ...] = ()  # op types that the file defines and TensorFlow does not
    weights: Path | None = None  # the checkpoint (without its ending) that the values are in
    notes: tuple[str, ...] = ()  # one line each: what a reader should know before believing it
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def bodies(self) -> list[Graph]:
        """The main graph and every function's."""
        return [self.graph, *self.graph.functions.values()]


def unknown_ops(model: ModelFile) -> dict[str, str]:
    """Ops that TensorFlow would refuse, each with the reason; {} where it knows all of them."""
    if model.kind == KERAS:
        return {}
    found = {}
    for op in dict.fromkeys(node.op for body in model.bodies for node in body.nodes):
        definition = ops.definition(op)
        refused = definition.deprecated if definition else None
        if definition is None and op not in model.graph.functions:
            found[op] = "defined in the file" if op in model.custom_ops else "not defined anywhere"
        elif refused is not None and (model.producer or 0) >= refused:
            found[op] = f"refused in graphs from version {refused} on"
    return found


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
    left = [node_of(port.tensor.name) for port in signature.outputs]
    fed = {port.tensor.name for port in signature.inputs}
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
