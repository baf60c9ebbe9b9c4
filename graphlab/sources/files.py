"""Model files -> ModelFile, without TensorFlow, and without running anything they hold.

    model = read_model(Path("exported/1"))
    model.graph, model.signatures, model.variables

A SavedModel folder (or its saved_model.pb), a GraphDef (.pb, .pbtxt), a MetaGraph (.meta) with
the checkpoint beside it, a checkpoint alone (.index, or one file of version 1) or the folder that
a Saver writes, a Keras model (.keras, .h5, .json).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node
from graphlab.sources import graphdef, messages, proto, read
from graphlab.sources.checked import checked
from graphlab.sources.checkpoint import place
from graphlab.sources.keras import archive
from graphlab.sources.modelfile import ModelFile, Variable
from graphlab.sources.nodedefs import Reading
from graphlab.sources.savedmodel import metagraph, variables
from graphlab.startup import uncollected

MOST_TEXT = 256 << 20  # bytes: text is read a hundred times as slowly as bytes
Tags = tuple[str, ...] | None  # of the graph of a SavedModel that is meant; None: the one to serve


def read_model(path: Path, tags: Tags = None) -> ModelFile:
    """What a model's file holds. GraphlabError, one line, where it cannot be read as one."""
    try:
        with uncollected():
            model = checked(_read(path, tags))
    except GraphlabError as error:
        said = str(error)
        raise GraphlabError(said if str(path) in said else f"{path}: {said}") from error
    except (RecursionError, MemoryError) as error:
        raise GraphlabError(f"{path} is nested too deeply or too large to be read") from error
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror or error}") from error
    if tags is not None and model.kind != "SavedModel":
        raise GraphlabError(f"--tags is for a SavedModel, which holds graphs; {path} is none")
    return model


def _read(path: Path, tags: Tags) -> ModelFile:
    path, note = _resolved(path)
    model = _of_file(path, tags)
    return replace(model, notes=(note, *model.notes)) if note else model


def _of_file(path: Path, tags: Tags) -> ModelFile:
    if path.name in read.SAVED:
        return _saved_model(path, tags)
    ending = read.ending(path)
    if ending in (".keras", ".h5", ".hdf5", ".json") or path.is_dir():
        return archive.from_keras(path)
    if ending == ".index":
        return _checkpoint(path, path.name[: -len(ending)])
    if ending not in (".pb", ".pbtxt", ".meta"):
        if place.is_version1(path):
            return _checkpoint(path, path.name)
        raise GraphlabError(f"{path} is no model that is known here; expected {read.EXPECTED}")
    data = read.whole(path, f"a {ending} file", read.MOST_MESSAGE)
    if is_text(data):
        return _from_text(path, data, tags)
    if ending == ".pbtxt":
        raise GraphlabError(f"{path} is no text, which a .pbtxt file is; is it a .pb?")
    if ending == ".meta":
        return _meta_graph(path, _parsed(messages.MetaGraphDef, data, path))
    # The first field of a SavedModel is a number (its tag is 8), that of a GraphDef a node.
    if data[:1] == b"\x08":
        return _of_saved_model(path, _parsed(messages.SavedModel, data, path), tags)
    return _graph(path, _parsed(messages.GraphDef, data, path))


def _resolved(path: Path) -> tuple[Path, str]:
    """The file to read, and a note: in a folder that of the SavedModel, the latest checkpoint or
    the only one."""
    if not path.is_dir():
        read.size_of(path)
        return path, ""
    for name in read.SAVED:
        if read.is_file(path / name):
            return path / name, ""
    if read.is_file(path / archive.IN_FOLDER):
        return path, ""
    latest = place.latest(path)
    if latest is not None:
        return _of_prefix(path, latest[0]), latest[1]
    there = sorted(path.iterdir())
    for ending in (".meta", ".index"):
        found = [each for each in there if read.ending(each) == ending]
        if len(found) == 1:
            return found[0], ""
        if found:
            names = ", ".join(each.name for each in found[:5])
            what = "MetaGraphs" if ending == ".meta" else "checkpoints"
            raise GraphlabError(f"{path} holds {len(found)} {what}; name one of {names}")
    files = [each.name for each in there if read.ending(each) in read.ENDINGS]
    several = "one of " * (len(files) > 1)
    named = f"name {several}{', '.join(files[:5])}"
    instead = named if files else f"expected {read.EXPECTED}"
    raise GraphlabError(f"{path} holds no saved_model.pb, no .meta and no checkpoint; {instead}")


def _of_prefix(folder: Path, name: str) -> Path:
    """The file of a checkpoint that says most: the graph beside the values, if there is one."""
    found = (folder / f"{name}{ending}" for ending in (".meta", ".index", ""))
    return next((each for each in found if read.is_file(each)), place.first_file(folder, name))


def _parsed(kind: Any, data: bytes, path: Path) -> Any:
    try:
        return messages.parse(kind, data)
    except messages.DecodeError as error:
        raise GraphlabError(
            f"{path} is no {kind.DESCRIPTOR.name}: its {len(data):,} bytes cannot be read as one;"
            " it may be cut short or damaged"
        ) from error


def _saved_model(path: Path, tags: Tags) -> ModelFile:
    data = read.whole(path, "a SavedModel", read.MOST_MESSAGE)
    if path.suffix == ".pbtxt":
        return _of_saved_model(path, _text(messages.SavedModel, data, path), tags)
    return _of_saved_model(path, _parsed(messages.SavedModel, data, path), tags)


def _of_saved_model(path: Path, message: Any, tags: Tags = None) -> ModelFile:
    folder = path.parent if path.name in read.SAVED else path
    return _with_nodes(metagraph.from_saved_model(message, folder, tags), path)


def _meta_graph(path: Path, message: Any, tags: Tags = None) -> ModelFile:
    checkpoint = None
    if read.ending(path) == ".meta":
        checkpoint = place.read_checkpoint(path.parent, path.name.removesuffix(".meta"))
    return _with_nodes(metagraph.from_meta_graph(message, path, checkpoint), path)


def _graph(path: Path, message: Any, tags: Tags = None) -> ModelFile:
    reading = Reading()
    graph = graphdef.from_graph_def(message, reading=reading)
    found = tuple(
        Variable(node.name, _dtype(node), proto.noted_shape(node.attrs.get("shape")))
        for node in graph.nodes
        if node.op in variables.OPS
    )
    versions = message.versions
    model = ModelFile(
        path,
        "GraphDef",
        graph,
        variables=found,
        producer=versions.producer or None,
        min_consumer=versions.min_consumer or None,
        bad_consumers=tuple(versions.bad_consumers),
        refused=tuple(reading.refused),
        notes=("a graph alone: its variables have no values",) * bool(found),
    )
    return _with_nodes(model, path)


def _dtype(node: Node) -> str:
    noted = node.attrs.get("dtype")
    return noted if isinstance(noted, str) else ""


def _with_nodes(model: ModelFile, path: Path) -> ModelFile:
    """The model, unless it is a file of something else that happens to be read as a message."""
    if not len(model.graph) and not model.graph.functions:
        raise GraphlabError(f"{path} holds no node; expected a graph ({read.EXPECTED})")
    return model


def _checkpoint(path: Path, name: str) -> ModelFile:
    checkpoint = place.read_checkpoint(path.parent, name)
    assert checkpoint is not None  # it has just been found
    notes = ("a checkpoint holds values and no graph; the graph is in the .meta or SavedModel",)
    return ModelFile(
        path,
        "checkpoint",
        Graph(),
        variables=tuple(variables.alone(checkpoint)),
        checkpoint=checkpoint,
        notes=(*notes, *checkpoint.notes),
    )


# Text


def is_text(data: bytes) -> bool:
    """Whether bytes are text: no control characters but white space, and UTF-8."""
    head = data[:4096]
    if head.translate(None, _TEXT):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character may be cut by the end of the piece
    return True


_TEXT = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])


def _from_text(path: Path, data: bytes, tags: Tags) -> ModelFile:
    """Text: what its first field belongs to says what it is."""
    first = next(
        (line.split(b"#")[0].strip() for line in data.splitlines() if line.split(b"#")[0].strip()),
        b"",
    )
    word = first.replace(b":", b" ").replace(b"{", b" ").split()[:1]
    reader = _FIRST_FIELDS.get(word[0].decode(errors="replace") if word else "")
    if reader is None:
        begins = shown(first.decode(errors="replace"), 40)
        raise GraphlabError(
            f"{path} is text and begins with {begins}; expected a GraphDef or MetaGraphDef"
            " (node { ... }), as text or as bytes"
        )
    kind, made = reader
    model = made(path, _text(kind, data, path), tags)
    if path.suffix == ".pbtxt":
        return model
    note = f"{path.name} is text, which a {path.suffix} file is not; it was read as a .pbtxt"
    return replace(model, notes=(*model.notes, note))


def _text(kind: Any, data: bytes, path: Path) -> Any:
    if len(data) > MOST_TEXT:
        raise GraphlabError(f"{path} has {len(data):,} bytes of text; the most is {MOST_TEXT:,}")
    from google.protobuf import text_format  # as much to import as all of ours

    try:
        return text_format.Parse(data, kind())
    except (text_format.ParseError, UnicodeDecodeError, ValueError) as error:
        problem = " ".join(str(error).split())[:200]
        raise GraphlabError(f"{path} is no {kind.DESCRIPTOR.name} as text: {problem}") from error


_Reader = tuple[Any, Callable[[Path, Any, Tags], ModelFile]]
_GRAPH: _Reader = (messages.GraphDef, _graph)
_META: _Reader = (messages.MetaGraphDef, _meta_graph)
_SAVED: _Reader = (messages.SavedModel, _of_saved_model)
_FIRST_FIELDS: dict[str, _Reader] = (
    dict.fromkeys(("node", "library", "versions", "version"), _GRAPH)
    | dict.fromkeys(
        ("meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def"), _META
    )
    | dict.fromkeys(("saved_model_schema_version", "meta_graphs"), _SAVED)
)
