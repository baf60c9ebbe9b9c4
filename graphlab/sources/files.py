"""Model files -> ModelFile, without TensorFlow, and without running anything they hold.

    model = read_model(Path("exported/1"))
    model.graph, model.signatures, model.variables

A SavedModel folder (or its saved_model.pb), a GraphDef (.pb, .pbtxt), a MetaGraph (.meta) with
the checkpoint beside it, a checkpoint alone (.index), a Keras model (.keras, .h5).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node
from graphlab.sources import graphdef, messages, proto, read, savedmodel
from graphlab.sources.checked import checked
from graphlab.sources.checkpoint import bundle
from graphlab.sources.keras import archive
from graphlab.sources.modelfile import ModelFile, Variable

MOST_TEXT = 256 << 20  # bytes: text is read a hundred times as slowly as bytes


def read_model(path: Path) -> ModelFile:
    """What a model's file holds. GraphlabError, one line, where it cannot be read as one."""
    # A large graph is a million small objects, none of them garbage: searching through them again
    # and again takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return checked(_read(path))
    except GraphlabError as error:
        said = str(error)
        raise GraphlabError(said if str(path) in said else f"{path}: {said}") from error
    except (RecursionError, MemoryError) as error:
        raise GraphlabError(f"{path} is nested too deeply or too large to be read") from error
    finally:
        if collecting:
            gc.enable()


def _read(path: Path) -> ModelFile:
    path = _resolved(path)
    if path.name in read.SAVED:
        return _saved_model(path)
    ending = path.suffix.lower()
    if ending in (".keras", ".h5", ".hdf5"):
        return archive.from_keras(path)
    if ending == ".index":
        return _checkpoint(path)
    if ending not in (".pb", ".pbtxt", ".meta"):
        raise GraphlabError(f"{path} is no model that is known here; expected {read.EXPECTED}")
    data = read.whole(path, f"a {ending} file", read.MOST_MESSAGE)
    if is_text(data):
        return _from_text(path, data)
    if ending == ".pbtxt":
        raise GraphlabError(f"{path} is no text, which a .pbtxt file is; is it a .pb?")
    if ending == ".meta":
        return _meta_graph(path, _parsed(messages.MetaGraphDef, data, path))
    # The first field of a SavedModel is a number (its tag is 8), that of a GraphDef a node.
    if data[:1] == b"\x08":
        return _of_saved_model(path, _parsed(messages.SavedModel, data, path))
    return _graph(path, _parsed(messages.GraphDef, data, path))


def _resolved(path: Path) -> Path:
    """The file to read: in a folder, that of the SavedModel or the one MetaGraph."""
    if not path.is_dir():
        read.size_of(path)
        return path
    for name in read.SAVED:
        if (path / name).is_file():
            return path / name
    found = sorted(each for each in path.iterdir() if each.suffix == ".meta")
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.name for each in found[:5])
        raise GraphlabError(f"{path} holds {len(found)} MetaGraphs; name one of {names}")
    raise GraphlabError(f"{path} holds no saved_model.pb and no .meta; expected {read.EXPECTED}")


def _parsed(kind: Any, data: bytes, path: Path) -> Any:
    try:
        return messages.parse(kind, data)
    except messages.DecodeError as error:
        raise GraphlabError(
            f"{path} is no {kind.DESCRIPTOR.name}: its {len(data):,} bytes cannot be read as one;"
            " it may be cut short or damaged"
        ) from error


def _saved_model(path: Path) -> ModelFile:
    data = read.whole(path, "a SavedModel", read.MOST_MESSAGE)
    if path.suffix == ".pbtxt":
        return _of_saved_model(path, _text(messages.SavedModel, data, path))
    return _of_saved_model(path, _parsed(messages.SavedModel, data, path))


def _of_saved_model(path: Path, message: Any) -> ModelFile:
    folder = path.parent if path.name in read.SAVED else path
    return _with_nodes(savedmodel.from_saved_model(message, folder), path)


def _meta_graph(path: Path, message: Any) -> ModelFile:
    weights = path.with_suffix("") if path.suffix == ".meta" else path
    return _with_nodes(savedmodel.from_meta_graph(message, path, weights), path)


def _graph(path: Path, message: Any) -> ModelFile:
    graph = graphdef.from_graph_def(message)
    variables = tuple(
        Variable(node.name, _dtype(node), proto.noted_shape(node.attrs.get("shape")))
        for node in graph.nodes
        if node.op in savedmodel.VARIABLES
    )
    versions = message.versions
    model = ModelFile(
        path,
        "GraphDef",
        graph,
        variables=variables,
        producer=versions.producer or None,
        min_consumer=versions.min_consumer or None,
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


def _checkpoint(path: Path) -> ModelFile:
    saved = bundle.saved(path)
    names = bundle.names(bundle.objects(path, saved))
    variables = tuple(
        Variable(
            names.get(each.key, each.key),
            each.dtype,
            each.shape,
            each.bytes,
            key=each.key if each.key in names else "",
            digest=each.digest,
        )
        for each in saved
        if each.key != bundle.OBJECTS
    )
    notes = ("a checkpoint holds values and no graph; the graph is in the .meta or SavedModel",)
    return ModelFile(
        path, "checkpoint", Graph(), (), variables, weights=path.with_suffix(""), notes=notes
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


def _from_text(path: Path, data: bytes) -> ModelFile:
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
    model = made(path, _text(kind, data, path))
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


_Reader = tuple[Any, Callable[[Path, Any], ModelFile]]
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
