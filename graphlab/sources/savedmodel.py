"""SavedModel folders and MetaGraph files -> ModelFile: signatures, functions, variables.

Only `saved_model.pb` and the checkpoint's index are read, and of the checkpoint's data the note
which object each value belongs to. Assets are never opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node, TensorSpec
from graphlab.sources import graphdef, messages, ops, proto
from graphlab.sources.checkpoint import bundle
from graphlab.sources.modelfile import ModelFile, Port, Signature, Variable

INTERNAL = ("__saved_model_init_op", "__saved_model_train_op")  # what a loader calls by itself
SERVE = "serve"
VARIABLES = ("VariableV2", "Variable", "VarHandleOp")
_HARMLESS = ("_Arg", "_Retval", "Identity", "NoOp")  # all else that a body has that only calls


def from_saved_model(saved: Any, folder: Path) -> ModelFile:
    """A SavedModel message; of several graphs the one to serve, or else the first."""
    if not saved.meta_graphs:
        raise GraphlabError(f"{folder} is a SavedModel without a graph; expected one at least")
    tags = [tuple(sorted(graph.meta_info_def.tags)) for graph in saved.meta_graphs]
    chosen = next((i for i, each in enumerate(tags) if each == (SERVE,)), 0)
    notes = []
    if len(tags) > 1:
        others = "; ".join(", ".join(t) or "no tag" for i, t in enumerate(tags) if i != chosen)
        notes.append(f"one graph of {len(tags)} is shown; the others are tagged {others}")
    weights = folder / "variables" / "variables"
    return from_meta_graph(saved.meta_graphs[chosen], folder, weights, "SavedModel", notes)


def from_meta_graph(
    meta: Any, path: Path, weights: Path, kind: str = "MetaGraph", notes: list[str] | None = None
) -> ModelFile:
    """A MetaGraphDef message. `weights` is where a checkpoint would be, without its ending."""
    notes = list(notes or ())
    index = weights.parent / f"{weights.name}.index"
    saved = bundle.saved(index) if index.exists() else None
    objects = bundle.objects(index, saved) if saved else None
    info = meta.meta_info_def
    graph_def = meta.graph_def
    names = _variable_arguments(meta)
    graph = graphdef.from_graph_def(graph_def, info.stripped_op_list.op, names)
    if saved is None:
        notes.append(f"no checkpoint beside it ({index.name}): the variables have no values")
    assets = tuple(_assets(meta))
    notes += [f"asset {shown(a)} is outside of the folder" for a in assets if outside(a)]
    signatures = tuple(
        _signature(name, meta.signature_def[name], meta, graph)
        for name in sorted(meta.signature_def)
        if name not in INTERNAL
    )
    notes += _dangling(signatures, graph)
    return ModelFile(
        path,
        kind,
        graph,
        signatures,
        _variables(meta, graph, saved, objects),
        info.tensorflow_version,
        graph_def.versions.producer or None,
        graph_def.versions.min_consumer or None,
        tuple(sorted(info.tags)),
        assets,
        tuple(op.name for op in info.stripped_op_list.op if op.name not in ops.table()),
        weights if saved is not None else None,
        tuple(notes),
    )


def outside(asset: str) -> bool:
    """Whether an asset's file name leads out of the folder of assets.

    >>> outside("vocabulary.txt"), outside("../../etc/passwd"), outside("/etc/passwd")
    (False, True, True)
    """
    return asset.startswith(("/", "\\")) or ".." in asset.replace("\\", "/").split("/")


def _assets(meta: Any) -> dict[str, None]:
    """The file names of the assets; TensorFlow before 1.15 kept them in a collection."""
    found = dict.fromkeys(asset.filename for asset in meta.asset_file_def)
    if "saved_model_assets" in meta.collection_def:
        for each in meta.collection_def["saved_model_assets"].any_list.value:
            try:
                found[messages.parse(messages.AssetFileDef, each.value).filename] = None
            except messages.DecodeError as error:
                raise GraphlabError(f"the list of assets cannot be read: {error}") from error
    return found


# Signatures


def _signature(name: str, message: Any, meta: Any, graph: Graph) -> Signature:
    outputs = _ports(message.outputs)
    return Signature(
        name,
        _ports(message.inputs),
        outputs,
        message.method_name,
        _function_behind(graph, outputs) if meta.HasField("object_graph_def") else "",
    )


def _ports(infos: Any) -> tuple[Port, ...]:
    return tuple(_port(key, infos[key]) for key in sorted(infos))


def _port(key: str, info: Any) -> Port:
    kind = {"coo_sparse": "SparseTensor", "composite_tensor": "composite tensor"}.get(
        info.WhichOneof("encoding") or "", ""
    )
    name = info.coo_sparse.values_tensor_name if kind == "SparseTensor" else info.name
    if kind == "composite tensor" and info.composite_tensor.components:
        name = info.composite_tensor.components[0].name
    shape = proto.shape_of(info.tensor_shape)
    return Port(key, TensorSpec(name, proto.dtype_name(info.dtype), shape), kind)


def _function_behind(graph: Graph, outputs: tuple[Port, ...]) -> str:
    """The function that a TF2 signature's call runs, through bodies that only call another."""
    names = {port.tensor.name.rpartition(":")[0] for port in outputs}
    if len(names) != 1:
        return ""
    node = graph.by_name.get(names.pop())
    through: dict[str, None] = {}
    while node is not None and len(node.calls) == 1 and node.calls[0] not in through:
        through[node.calls[0]] = None
        working = [n for n in graph.functions[node.calls[0]].nodes if n.op not in _HARMLESS]
        node = working[0] if len(working) == 1 else None
    return next(reversed(through), "")


def _dangling(signatures: tuple[Signature, ...], graph: Graph) -> list[str]:
    tensors = {spec.name for node in graph.nodes for spec in node.outputs}
    return [
        f"signature {shown(each.name)} names {shown(port.tensor.name)}, which the graph lacks"
        for each in signatures
        for port in (*each.inputs, *each.outputs)
        if port.tensor.name not in tensors
    ]


# Variables


def _variable_arguments(meta: Any) -> dict[str, dict[str, str]]:
    """Which variable each captured argument of a TF2 function is, by function and argument."""
    objects = meta.object_graph_def
    bodies = {body.signature.name: body.signature for body in meta.graph_def.library.function}
    result: dict[str, dict[str, str]] = {}
    for name in objects.concrete_functions:
        bound = objects.concrete_functions[name].bound_inputs
        arguments = [each.name for each in bodies[name].input_arg] if name in bodies else []
        if not bound or len(bound) > len(arguments):
            continue
        for argument, number in zip(arguments[-len(bound) :], bound, strict=True):
            if 0 <= number < len(objects.nodes) and objects.nodes[number].HasField("variable"):
                result.setdefault(name, {})[argument] = objects.nodes[number].variable.name
    return result


def _variables(
    meta: Any, graph: Graph, saved: tuple[bundle.Saved, ...] | None, objects: Any
) -> tuple[Variable, ...]:
    """The variables of the graph, then what only the checkpoint holds."""
    by_key = {each.key: each for each in saved or () if each.key != bundle.OBJECTS}
    if meta.HasField("object_graph_def"):
        found = _object_variables(meta.object_graph_def, objects, by_key)
    else:
        found = _graph_variables(meta, graph, by_key)
    claimed = {variable.key or variable.name for variable in found}
    names = bundle.names(objects)
    left = [
        Variable(
            names.get(key, key),
            each.dtype,
            each.shape,
            each.bytes,
            None,
            key,
            used=False,
            digest=each.digest,
        )
        for key, each in by_key.items()
        if key not in claimed
    ]
    return (*found, *left)


def _object_variables(
    graph: Any, objects: Any, by_key: Mapping[str, bundle.Saved]
) -> list[Variable]:
    """The variables among the objects of a TF2 model, with their keys in the checkpoint."""
    keys = _keys(graph, objects) if objects is not None else {}
    found = []
    for number, node in enumerate(graph.nodes):
        if not node.HasField("variable"):
            continue
        message, key = node.variable, keys.get(number, "")
        value = by_key.get(key)
        dtype, shape = proto.dtype_name(message.dtype), proto.shape_of(message.shape)
        size = value.bytes if value else None
        digest = value.digest if value else ""
        found.append(
            Variable(message.name, dtype, shape, size, message.trainable, key, digest=digest)
        )
    return found


def _keys(graph: Any, objects: Any) -> dict[int, str]:
    """The checkpoint's key of each object that has a value: both are walked side by side."""
    pairs: dict[int, int] = {}  # the same object in the graph and in the checkpoint
    left = [(0, 0)]
    while left:
        number, other = left.pop()
        there = 0 <= number < len(graph.nodes) and 0 <= other < len(objects.nodes)
        if number in pairs or not there:
            continue
        pairs[number] = other
        ours, theirs = graph.nodes[number], objects.nodes[other]
        children = {child.local_name: child.node_id for child in theirs.children}
        left += [
            (child.node_id, children[child.local_name])
            for child in ours.children
            if child.local_name in children
        ]
        # An optimizer's slots hang on no name, but on the variable that they belong to.
        left += [
            (mine.slot_variable_node_id, each.slot_variable_node_id)
            for mine, each in zip(ours.slot_variables, theirs.slot_variables, strict=False)
            if mine.slot_name == each.slot_name
        ]
    return {
        number: attribute.checkpoint_key
        for number, other in pairs.items()
        for attribute in objects.nodes[other].attributes
        if attribute.name == "VARIABLE_VALUE"
    }


def _graph_variables(meta: Any, graph: Graph, by_key: Mapping[str, bundle.Saved]) -> list[Variable]:
    """The variables of a TF1 graph: as its collections name them, else all there are."""
    trainable = _collection(meta, "trainable_variables")
    listed = dict.fromkeys([*_collection(meta, "variables"), *trainable])
    nodes = [node for node in graph.nodes if node.op in VARIABLES]
    names = listed or dict.fromkeys(_shared_name(node) for node in nodes)
    by_name = {node.name: node for node in nodes} | {_shared_name(node): node for node in nodes}
    found = []
    for name in names:
        node, value = by_name.get(name), by_key.get(name)
        attrs: Mapping[str, Any] = node.attrs if node else MappingProxyType({})
        shape, dtype = proto.noted_shape(attrs.get("shape")), attrs.get("dtype")
        found.append(
            Variable(
                name,
                value.dtype if value else dtype if isinstance(dtype, str) else "",
                value.shape if value else shape,
                value.bytes if value else None,
                name in trainable if listed else None,
                digest=value.digest if value else "",
            )
        )
    return found


def _shared_name(node: Node) -> str:
    """A resource variable is saved under the name that it shares."""
    name = node.attrs.get("shared_name")
    return name if isinstance(name, str) and name else node.name


def _collection(meta: Any, name: str) -> list[str]:
    """The names of the variables in a collection."""
    values = meta.collection_def[name].bytes_list.value if name in meta.collection_def else ()
    names = []
    for value in values:
        try:
            names.append(messages.parse(messages.VariableDef, value).variable_name)
        except messages.DecodeError as error:
            raise GraphlabError(f"collection {name!r} holds no variables: {error}") from error
    return [name.rpartition(":")[0] or name for name in names]
