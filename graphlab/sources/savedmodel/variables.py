"""The variables of a model, with what its checkpoint holds of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node
from graphlab.sources import messages, proto
from graphlab.sources.checkpoint.saved import Checkpoint, Saved, path_of
from graphlab.sources.modelfile import Variable, written
from graphlab.sources.savedmodel import objects

OPS = ("VariableV2", "Variable", "VarHandleOp")
UNNAMED = "Variable"  # what TensorFlow calls a variable to which nobody gave a name


def of_graph(meta: Any, graph: Graph, checkpoint: Checkpoint | None) -> list[Variable]:
    """The variables of a TF1 graph: as its collections name them, else all there are."""
    values = _Values(checkpoint)
    trainable = {_name(each): each for each in _collection(meta, "trainable_variables")}
    listed = {_name(each): each for each in _collection(meta, "variables")} | trainable
    nodes = [node for node in graph.nodes if node.op in OPS]
    names = listed or dict.fromkeys(_shared_name(node) for node in nodes)
    by_name = {node.name: node for node in nodes} | {_shared_name(node): node for node in nodes}
    return [
        values.variable(
            name, by_name.get(name), listed.get(name), name in trainable if listed else None
        )
        for name in names
    ]


def listed(meta: Any) -> list[Any]:
    """The variables that the collections of a TF1 graph list, as VariableDefs."""
    return [*_collection(meta, "variables"), *local(meta)]


def local(meta: Any) -> list[Any]:
    """Of them those that savers leave out."""
    return _collection(meta, "local_variables")


def of_objects(graph: Any, checkpoint: Checkpoint | None) -> dict[int, Variable]:
    """The variables of a TF2 model by the number of their object, with their keys.

    One is called by its own name, or where that does not tell it from the others, by its path.
    """
    ways = objects.paths(graph)
    notes = checkpoint.objects if checkpoint is not None else None
    keys = _keys(graph, notes) if notes is not None else {}
    by_key = checkpoint.by_key if checkpoint is not None else {}
    found = {
        number: _of_object(node.variable, keys.get(number, ""), by_key)
        for number, node in enumerate(graph.nodes)
        if node.HasField("variable")
    }
    copies = _copies(graph, found, by_key)
    counts = Counter(each.name for number, each in found.items() if number not in copies)
    for number, each in found.items():
        path = path_of(each.key) or written(ways.get(number, ()))
        if path and (number in copies or counts[each.name] > 1):
            found[number] = replace(each, name=path, own_name=each.name)
    for number, original in copies.items():
        found[number] = replace(found[number], copy_of=found[original].name)
    return found


def only_saved(checkpoint: Checkpoint | None, found: Iterable[Variable]) -> list[Variable]:
    """What the checkpoint holds beside the variables that were found."""
    claimed = {name for each in found for name in (each.key or each.name, each.piece_of)}
    left = alone(checkpoint) if checkpoint is not None else []
    return [replace(each, used=False) for each in left if (each.key or each.name) not in claimed]


def alone(checkpoint: Checkpoint) -> list[Variable]:
    """The tensors of a checkpoint, under the names that `tf.train.list_variables` gives them.

    Of objects' variables that is the path to them.
    """
    names = checkpoint.own_names
    return [
        Variable(
            path_of(each.key),
            each.dtype,
            each.shape,
            each.bytes,
            key="" if path_of(each.key) == each.key else each.key,
            own_name=names.get(each.key, ""),
            pieces=max(len(each.pieces), 1),
            digest=each.digest,
        )
        for each in checkpoint.tensors
    ]


def arguments(meta: Any, found: Mapping[int, Variable]) -> dict[str, dict[str, str]]:
    """Which variable each captured argument of a TF2 function is, by function and argument."""
    graph = meta.object_graph_def
    bodies = {body.signature.name: body.signature for body in meta.graph_def.library.function}
    result: dict[str, dict[str, str]] = {}
    for name in graph.concrete_functions:
        bound = graph.concrete_functions[name].bound_inputs
        taken = [each.name for each in bodies[name].input_arg] if name in bodies else []
        if not bound or len(bound) > len(taken):
            continue
        for argument, number in zip(taken[-len(bound) :], bound, strict=True):
            if number in found:
                result.setdefault(name, {})[argument] = found[number].name
    return result


# TF2: variables are objects


def _of_object(message: Any, key: str, by_key: Mapping[str, Saved]) -> Variable:
    value = by_key.get(key)
    return Variable(
        message.name,
        proto.dtype_name(message.dtype),
        proto.shape_of(message.shape),
        value.bytes if value else None,
        message.trainable,
        key,
        pieces=max(len(value.pieces), 1) if value else 1,
        digest=value.digest if value else "",
    )


def _copies(
    graph: Any, found: Mapping[int, Variable], by_key: Mapping[str, Saved]
) -> dict[int, int]:
    """The variables that are another one stored once more, by number, each with that other.

    Keras exports every weight twice: as the variable that its functions use, and as an object of
    its own of the same name and with the same bytes, which no function uses.
    """
    used = {
        number
        for name in graph.concrete_functions
        for number in graph.concrete_functions[name].bound_inputs
    }
    originals: dict[tuple, int] = {}
    copies: dict[int, int] = {}
    for at in (True, False):
        for number, each in found.items():
            value = by_key.get(each.key)
            if (number in used) != at or value is None or each.name == UNNAMED:
                continue
            same = (each.name, each.dtype, each.shape, value.checksum)
            if at:
                originals.setdefault(same, number)
            elif same in originals:
                copies[number] = originals[same]
    return copies


def _keys(graph: Any, notes: Any) -> dict[int, str]:
    """The checkpoint's key of each object that has a value: both are walked side by side."""
    pairs: dict[int, int] = {}  # the same object in the graph and in the checkpoint
    children_of: dict[int, dict[str, int]] = {}  # of an object in the checkpoint
    left = [(0, 0)]
    while left:
        number, other = left.pop()
        there = 0 <= number < len(graph.nodes) and 0 <= other < len(notes.nodes)
        if number in pairs or not there:
            continue
        pairs[number] = other
        ours, theirs = graph.nodes[number], notes.nodes[other]
        if other not in children_of:
            children_of[other] = {child.local_name: child.node_id for child in theirs.children}
        children = children_of[other]
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
    keys = {
        other: attribute.checkpoint_key
        for other in children_of
        for attribute in notes.nodes[other].attributes
        if attribute.name == "VARIABLE_VALUE"
    }
    return {number: keys[other] for number, other in pairs.items() if other in keys}


# TF1: variables are nodes


class _Values:
    """What a checkpoint holds of the variables of a graph."""

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        self._by_key = checkpoint.by_key if checkpoint is not None else {}
        self._pieces = {
            (key, piece.start, piece.shape): piece.bytes
            for key, each in self._by_key.items()
            for piece in each.pieces
        }

    def variable(
        self, name: str, node: Node | None, listed: Any, trainable: bool | None
    ) -> Variable:
        """A variable; `listed` is what a collection says of it, if any does."""
        value = self._by_key.get(name)
        if value is not None:
            digest = value.digest
            return Variable(name, value.dtype, value.shape, value.bytes, trainable, digest=digest)
        cut = listed.save_slice_info_def if listed is not None else None
        whole = self._by_key.get(cut.full_name) if cut is not None else None
        if cut is not None and whole is not None and _is_part(cut, whole):
            shape, size = tuple(cut.var_shape), self._part_bytes(cut, whole)
            return Variable(name, whole.dtype, shape, size, trainable, piece_of=whole.key)
        attrs: Mapping[str, Any] = node.attrs if node else {}
        dtype, shape_known = attrs.get("dtype"), proto.noted_shape(attrs.get("shape"))
        said = dtype if isinstance(dtype, str) else ""
        return Variable(name, said, shape_known, None, trainable)

    def _part_bytes(self, cut: Any, whole: Saved) -> int | None:
        """The bytes of a part of a saved tensor, which may have been cut up in another way."""
        stored = self._pieces.get((whole.key, tuple(cut.var_offset), tuple(cut.var_shape)))
        elements = math.prod(size or 0 for size in whole.shape or ())
        if stored is not None or whole.bytes is None or not elements:
            return stored
        return whole.bytes * math.prod(cut.var_shape) // elements


def _is_part(cut: Any, whole: Saved) -> bool:
    """Whether a tensor has such a part."""
    sizes = whole.shape or ()
    if not len(cut.var_offset) == len(cut.var_shape) == len(sizes):
        return False
    parts = zip(cut.var_offset, cut.var_shape, sizes, strict=True)
    return all(start >= 0 <= size and start + size <= (most or 0) for start, size, most in parts)


def _shared_name(node: Node) -> str:
    """A resource variable is saved under the name that it shares."""
    name = node.attrs.get("shared_name")
    return name if isinstance(name, str) and name else node.name


def _collection(meta: Any, name: str) -> list[Any]:
    """The variables in a collection of a MetaGraph, as VariableDefs."""
    values = meta.collection_def[name].bytes_list.value if name in meta.collection_def else ()
    try:
        return [messages.parse(messages.VariableDef, value) for value in values]
    except messages.DecodeError as error:
        raise GraphlabError(f"collection {name!r} holds no variables: {error}") from error


def _name(variable: Any) -> str:
    return variable.variable_name.rpartition(":")[0] or variable.variable_name
