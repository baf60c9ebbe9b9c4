"""The signatures of a MetaGraph: what is fed and fetched to call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphlab.errors import shown
from graphlab.model import Graph, TensorSpec
from graphlab.sources import proto
from graphlab.sources.modelfile import Part, Port, Signature
from graphlab.sources.savedmodel import structured
from graphlab.sources.savedmodel.objects import Concretes

OF_LOADERS = ("__saved_model_init_op", "__saved_model_train_op")  # what a loader calls by itself
_HARMLESS = ("_Arg", "_Retval", "Identity", "NoOp")  # all else that a body has that only calls
_SPARSE = ("values", "indices", "dense_shape")


def signatures(meta: Any, graph: Graph) -> tuple[Signature, ...]:
    """The signatures by name. A TF2 model's knows the function that does its work."""
    behind = _Behind(graph) if meta.HasField("object_graph_def") else None
    known = Concretes(meta.object_graph_def, graph)
    found = []
    for name in sorted(meta.signature_def):
        if name in OF_LOADERS:
            continue
        message = meta.signature_def[name]
        outputs = _ports(message.outputs)
        function = behind.function(outputs) if behind else ""
        inputs = _grouped(_ports(message.inputs), known, function)
        found.append(Signature(name, inputs, outputs, message.method_name, function))
    return tuple(found)


def dangling(found: tuple[Signature, ...], graph: Graph) -> list[str]:
    """A note for each tensor that a signature names and the graph lacks."""
    tensors = {spec.name for node in graph.nodes for spec in node.outputs}
    return [
        f"signature {shown(each.name)} names {shown(tensor.name)}, which the graph lacks"
        for each in found
        for port in (*each.inputs, *each.outputs)
        for tensor in port.tensors
        if tensor.name not in tensors
    ]


def _ports(infos: Any) -> tuple[Port, ...]:
    return tuple(_port(key, infos[key]) for key in sorted(infos))


def _port(key: str, info: Any) -> Port:
    """An input or output. A sparse or ragged one is made of tensors that are named one by one."""
    kind = info.WhichOneof("encoding")
    dtype, shape = proto.dtype_name(info.dtype), proto.shape_of(info.tensor_shape)
    if kind == "coo_sparse":
        sparse = info.coo_sparse
        rank = None if shape is None else len(shape)
        names = (
            sparse.values_tensor_name,
            sparse.indices_tensor_name,
            sparse.dense_shape_tensor_name,
        )
        parts = zip(_SPARSE, names, (dtype, "int64", "int64"), strict=True)
        shapes = {"values": (None,), "indices": (None, rank), "dense_shape": (rank,)}
        return Port(
            key,
            TensorSpec("", dtype, shape),
            "SparseTensor",
            tuple(Part(role, TensorSpec(name, each, shapes[role])) for role, name, each in parts),
        )
    if kind == "composite_tensor":
        leaf = structured.composite(info.composite_tensor.type_spec)
        infos = info.composite_tensor.components
        roles = leaf.roles if len(leaf.roles) == len(infos) else map(str, range(len(infos)))
        return Port(
            key,
            TensorSpec("", leaf.dtype, leaf.shape),
            leaf.kind,
            tuple(Part(r, _port("", each).tensor) for r, each in zip(roles, infos, strict=True)),
        )
    return Port(key, TensorSpec(info.name, dtype, shape))


def _grouped(inputs: tuple[Port, ...], known: Concretes, function: str) -> tuple[Port, ...]:
    """The inputs, with those together that are parts of one sparse or ragged tensor.

    A TF2 signature takes them one by one; the function behind it says what they are.
    """
    if function not in known:
        return inputs
    wanted = known.composites(function)
    tensors: Mapping[str, TensorSpec] = {port.key: port.tensor for port in inputs}
    keys = {part.key for port in wanted for part in port.parts}
    if not keys or not keys <= set(tensors):
        return inputs
    whole = [
        replace(port, parts=tuple(replace(p, tensor=tensors[p.key]) for p in port.parts))
        for port in wanted
    ]
    rest = [port for port in inputs if port.key not in keys]
    return tuple(sorted([*whole, *rest], key=lambda port: port.key))


class _Behind:
    """Which function a TF2 signature's call runs, through bodies that only call another."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._innermost: dict[str, str] = {}  # by the function where a way begins

    def function(self, outputs: tuple[Port, ...]) -> str:
        """The innermost function; "" where the outputs come from more than one call."""
        names = {tensor.name.rpartition(":")[0] for port in outputs for tensor in port.tensors}
        if len(names) != 1:
            return ""
        node = self._graph.by_name.get(names.pop())
        way: dict[str, None] = {}
        last = ""
        while node is not None and len(node.calls) == 1 and node.calls[0] not in way:
            last = node.calls[0]
            if last in self._innermost:
                last = self._innermost[last]
                break
            way[last] = None
            working = [n for n in self._graph.functions[last].nodes if n.op not in _HARMLESS]
            node = working[0] if len(working) == 1 else None
        self._innermost.update(dict.fromkeys(way, last))
        return last
