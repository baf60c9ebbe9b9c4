"""A SavedModel or a MetaGraph -> ModelFile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import node_of
from graphlab.sources import graphdef, messages, ops
from graphlab.sources.checkpoint import place
from graphlab.sources.checkpoint.saved import Checkpoint
from graphlab.sources.modelfile import ModelFile
from graphlab.sources.nodedefs import Reading
from graphlab.sources.outside import Start
from graphlab.sources.savedmodel import lines, objects, signatures, variables

SERVE = "serve"


def from_saved_model(saved: Any, folder: Path, tags: tuple[str, ...] | None = None) -> ModelFile:
    """A SavedModel message: the graph of these tags, else the one to serve, else the first.

    GraphlabError where it holds no graph, or none of these tags.
    """
    if not saved.meta_graphs:
        raise GraphlabError(f"{folder} is a SavedModel without a graph; expected one at least")
    there = [tuple(sorted(graph.meta_info_def.tags)) for graph in saved.meta_graphs]
    chosen = _chosen(there, tags, folder)
    notes = []
    if len(there) > 1:
        others = "; ".join(_written(each) for i, each in enumerate(there) if i != chosen)
        notes.append(f"one graph of {len(there)} is shown; --tags shows another: {others}")
    checkpoint = place.read_checkpoint(folder / "variables", "variables")
    return from_meta_graph(saved.meta_graphs[chosen], folder, checkpoint, "SavedModel", notes)


def _chosen(there: list[tuple[str, ...]], asked: tuple[str, ...] | None, folder: Path) -> int:
    """Which of the graphs is meant."""
    if asked is None:
        return next((i for i, each in enumerate(there) if each == (SERVE,)), 0)
    if tuple(sorted(asked)) not in there:
        raise GraphlabError(
            f"{folder} has no graph with the tags {_written(asked)}; it has"
            f" {'; '.join(map(_written, there))}"
        )
    return there.index(tuple(sorted(asked)))


def _written(tags: tuple[str, ...]) -> str:
    return ",".join(tags) or "no tag"


def from_meta_graph(
    meta: Any,
    path: Path,
    checkpoint: Checkpoint | None,
    kind: str = "MetaGraph",
    notes: list[str] | None = None,
) -> ModelFile:
    """A MetaGraphDef message, with the checkpoint that its values are in."""
    info, graph_def = meta.meta_info_def, meta.graph_def
    of_objects = variables.of_objects(meta.object_graph_def, checkpoint)
    reading = Reading()
    graph = graphdef.from_graph_def(
        graph_def, info.stripped_op_list.op, variables.arguments(meta, of_objects), reading
    )
    if kind == "SavedModel":
        graph = lines.with_lines(graph, lines.source_lines(path))
    found = list(of_objects.values())
    if not meta.HasField("object_graph_def"):
        found = variables.of_graph(meta, graph, checkpoint)
    called = signatures.signatures(meta, graph)
    assets = tuple(dict.fromkeys(each.filename for each in _asset_defs(meta)))
    return ModelFile(
        path,
        kind,
        graph,
        called,
        (*found, *variables.only_saved(checkpoint, found)),
        info.tensorflow_version,
        graph_def.versions.producer or None,
        graph_def.versions.min_consumer or None,
        tuple(graph_def.versions.bad_consumers),
        tuple(sorted(info.tags)),
        assets,
        tuple(op.name for op in info.stripped_op_list.op if op.name not in ops.table()),
        checkpoint,
        (
            *(notes or ()),
            *_of_checkpoint(checkpoint, bool(found)),
            *(f"asset {shown(name)} is outside of the folder" for name in assets if outside(name)),
            *signatures.dangling(called, graph),
        ),
        refused=tuple(reading.refused),
        functions=objects.functions(meta.object_graph_def, graph),
        loading=(
            *_loading(meta, kind, checkpoint),
            *objects.loading(meta.object_graph_def, graph),
        ),
        saving=tuple(
            filter(None, (node_of(meta.saver_def.save_tensor_name), meta.saver_def.restore_op_name))
        ),
        assets_fed=_assets_fed(meta),
    )


def _of_checkpoint(checkpoint: Checkpoint | None, variables_there: bool) -> list[str]:
    if checkpoint is not None:
        return list(checkpoint.notes)
    return ["no checkpoint beside it: the variables have no values"] * variables_there


def _loading(meta: Any, kind: str, checkpoint: Checkpoint | None) -> Iterator[Start]:
    """What a session runs to load the graph: the restoring op with the checkpoint's prefix fed, and
    what initialises tables and, of a MetaGraph, what the checkpoint seldom has or is not there."""
    saver = meta.saver_def
    if checkpoint is not None and saver.restore_op_name:
        prefix = frozenset([saver.filename_tensor_name])
        yield Start((saver.restore_op_name,), fed=prefix, own=prefix)
    if kind == "SavedModel":
        assets = _assets_fed(meta)
        yield Start(tuple(_main_ops(meta)), fed=assets, own=assets)
    else:
        there = variables.local(meta) if checkpoint is not None else variables.listed(meta)
        initial = [each.initializer_name for each in there]
        yield Start((*initial, *_node_list(meta, "table_initializer")))


def _main_ops(meta: Any) -> Iterator[str]:
    """The op that a loader runs by itself, as each version of TensorFlow noted it."""
    for name in signatures.OF_LOADERS:
        if name in meta.signature_def:
            outputs = meta.signature_def[name].outputs
            yield from (outputs[key].name for key in sorted(outputs))
    for name in ("saved_model_main_op", "legacy_init_op"):
        yield from _node_list(meta, name)


def _node_list(meta: Any, name: str) -> tuple[str, ...]:
    """The ops in a collection."""
    there = name in meta.collection_def
    return tuple(meta.collection_def[name].node_list.value) if there else ()


def _assets_fed(meta: Any) -> frozenset[str]:
    """The tensors that hold the names of assets."""
    return frozenset(each.tensor_info.name for each in _asset_defs(meta) if each.tensor_info.name)


def outside(asset: str) -> bool:
    """Whether an asset's file name leads out of the folder of assets.

    >>> outside("vocabulary.txt"), outside("../../etc/passwd"), outside("/etc/passwd")
    (False, True, True)
    """
    return asset.startswith(("/", "\\")) or ".." in asset.replace("\\", "/").split("/")


def _asset_defs(meta: Any) -> Iterator[Any]:
    """What is noted of each asset; TensorFlow before 1.15 kept it in a collection."""
    yield from meta.asset_file_def
    if "saved_model_assets" in meta.collection_def:
        for each in meta.collection_def["saved_model_assets"].any_list.value:
            try:
                yield messages.parse(messages.AssetFileDef, each.value)
            except messages.DecodeError as error:
                raise GraphlabError(f"the list of assets cannot be read: {error}") from error
