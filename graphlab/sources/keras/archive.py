"""Keras files -> ModelFile: layers as nodes, nested models as scopes.

A `.keras` archive or the folder that it is made of, an `.h5` file with a whole model or with
weights alone, the JSON of `model.to_json()`. Read from the file's JSON and the headers of its
arrays. No layer is made, so no code that a file may hold (a Lambda, a pickle, a class by name) is
ever run here.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node, TensorSpec
from graphlab.sources import read
from graphlab.sources.keras import configuration, hdf5, layers, shards, summary, texts, weights
from graphlab.sources.modelfile import KERAS, WEIGHTS, ModelFile, Signature

MOST_CONFIG = 64 << 20  # bytes of a model's JSON
STORED = "model.weights.h5"
IN_FOLDER = "config.json"  # what makes a folder a Keras model
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
# What zipfile raises, in one place or another, where bytes are not what they should be.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
)
MODULES = ("keras", "tf_keras", "builtins")  # from which Keras itself writes its classes
# What a layer of these classes (or a value of these) runs when a model is loaded: code of the file.
CODE = ("Lambda", "__lambda__", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


@dataclass(frozen=True)
class _Parts:
    """What a file holds of a model."""

    config: Any
    version: Any = None
    found: hdf5.Contents | None = None  # the arrays; None: no weights
    notes: tuple[str, ...] = ()


def from_keras(path: Path) -> ModelFile:
    """What a Keras file, or a folder with a `config.json`, holds.

    GraphlabError where it is none.
    """
    if path.is_dir():
        return _model(path, _of_folder(path))
    start = read.part(path, 0, 8)
    if start.startswith(ZIP):
        return _model(path, _of_archive(path))
    if start == HDF5:
        return _of_hdf5(path)
    if path.suffix.lower() == ".json":
        return _of_json(path)
    raise GraphlabError(
        f"{path} is no Keras model: a .keras file is a zip archive, an .h5 file HDF5, and this"
        f" begins with {start!r}"
    )


def code_in(config: Any) -> list[str]:
    """What of a configuration brings its own code, or would import it: `"Lambda 'scale'"`."""
    found: dict[str, None] = {}
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            kind, module = value.get("class_name"), value.get("module")
            if not isinstance(kind, str):
                left += value.values()
                continue
            if isinstance(module, str) and module.partition(".")[0] not in MODULES:
                found[f"{kind[:40]} of module {module[:40]}"] = None
            if kind in CODE:
                inner = value.get("config")
                name = inner.get("name") if isinstance(inner, dict) else None
                found[f"{kind} {shown(name)}" if isinstance(name, str) else kind] = None
            left += value.values()
        elif isinstance(value, list):
            left += value
    return sorted(found)


def config_of(path: Path) -> Any:
    """The model's configuration, the JSON as it is. GraphlabError where there is none."""
    if path.is_dir():
        return _of_folder(path).config
    if read.part(path, 0, 4) == ZIP:
        with _opened(path) as archive:
            return _json(_member(path, archive, IN_FOLDER), path)
    if path.suffix.lower() == ".json":
        return _json(read.whole(path, "a model's JSON", MOST_CONFIG), path)
    found = hdf5.contents(path)
    if found.config is None:
        raise GraphlabError(f"{path} holds weights and no model (no text model_config)")
    return _json(found.config, path)


def weights_of(path: Path) -> tuple[Path, str] | None:
    """The file that holds a model's arrays, and which member of it does; None where none is it."""
    if path.is_dir():
        return path / STORED, ""
    start = read.part(path, 0, 8)
    if start.startswith(ZIP):
        return path, STORED
    return (path, "") if start == HDF5 else None


# The kinds of files


def _of_archive(path: Path) -> _Parts:
    with _opened(path) as archive:
        config = _json(_member(path, archive, IN_FOLDER), path)
        about: Any = {}
        if "metadata.json" in archive.namelist():
            about = _json(_member(path, archive, "metadata.json"), path)
        there = STORED in archive.namelist()
    version = about.get("keras_version") if isinstance(about, dict) else None
    if not there:
        return _Parts(config, version, None, (f"it holds no {STORED}: no weights can be told",))
    return _with_weights(config, version, path, STORED)


def _of_folder(path: Path) -> _Parts:
    config = _json(read.whole(path / IN_FOLDER, "a model's JSON", MOST_CONFIG), path)
    about: Any = {}
    if (path / "metadata.json").is_file():
        about = _json(read.whole(path / "metadata.json", "metadata", MOST_CONFIG), path)
    version = about.get("keras_version") if isinstance(about, dict) else None
    if not (path / STORED).is_file():
        return _Parts(config, version, None, (f"it holds no {STORED}: no weights can be told",))
    return _with_weights(config, version, path / STORED, "")


def _with_weights(config: Any, version: Any, path: Path, member: str) -> _Parts:
    """A model with its arrays; its layers can be told without."""
    try:
        return _Parts(config, version, hdf5.contents(path, member))
    except GraphlabError as error:
        return _Parts(config, version, None, (f"its weights cannot be read: {error}",))


def _of_hdf5(path: Path) -> ModelFile:
    found = hdf5.contents(path)
    if found.config is not None:
        return _model(path, _Parts(_json(found.config, path), found.keras, found))
    return _weights_alone(path, found)


def _weights_alone(path: Path, found: hdf5.Contents) -> ModelFile:
    numbered = any("vars" in name.split("/")[-2:-1] for name, *_ in found.arrays)
    if found.layers is None and not numbered:
        raise GraphlabError(
            f"{path} is HDF5 and holds neither a Keras model (no text model_config) nor the"
            " weights of one"
        )
    stored = weights.stored(found, None)
    notes = (
        "it holds weights and no layers: the model is in the .keras file, the JSON or the program",
        *_too_many(found),
    )
    return ModelFile(
        path,
        WEIGHTS,
        Graph(),
        variables=tuple(each.variable for each in stored),
        notes=notes,
        facts=_version(found.keras),
        parameters=summary.parameters(stored),
    )


def _of_json(path: Path) -> ModelFile:
    value = _json(read.whole(path, "a model's JSON", MOST_CONFIG), path)
    if shards.is_index(value):
        return _weights_alone(path, shards.contents(path, value))
    if not isinstance(value, dict) or not {"class_name", "config"} <= set(value):
        raise GraphlabError(
            f"{path} is JSON, and no Keras model's: model.to_json() writes a class_name and a"
            " config"
        )
    note = "it is the JSON of a model: it holds no weights"
    return _model(path, _Parts(value, value.get("keras_version"), None, (note,)))


# What is made of them


def _model(path: Path, parts: _Parts) -> ModelFile:
    try:
        return _told(path, parts)
    except GraphlabError as error:
        raise GraphlabError(f"{path}: {error}") from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        problem = f"{type(error).__name__}: {str(error)[:100]}"
        raise GraphlabError(
            f"{path}: its configuration does not describe layers as Keras does ({problem})"
        ) from error


def _told(path: Path, parts: _Parts) -> ModelFile:
    model = configuration.model_of(parts.config)
    notes = [*parts.notes, *(_too_many(parts.found) if parts.found else ())]
    stored = None if parts.found is None else weights.stored(parts.found, model, parts.version)
    if stored == [] and model is not None and summary.needs_weights(model):
        stored = None
        notes.append("it holds no weights of its layers, as a model has none that was never built")
    code = code_in(parts.config)
    rows: tuple[Any, ...] = ()
    if model is None:
        graph, signature, note = _of_its_own(parts.config)
        notes.append(note)
    else:
        drawn = layers.drawn(model)
        graph, signature = drawn.graph, drawn.signature
        notes += drawn.notes
        rows = summary.layers(model, drawn, stored)
    if code:
        some = ", ".join(code[:3]) + (f" and {len(code) - 3} more" if len(code) > 3 else "")
        notes.append(f"it brings code of its own, which was not run: {some}")
    return ModelFile(
        path,
        KERAS,
        graph,
        (signature,),
        tuple(each.variable for each in stored or ()),
        notes=tuple(notes),
        facts=_version(parts.version),
        layers=rows,
        parameters=None if stored is None else summary.parameters(stored),
    )


def _of_its_own(config: Any) -> tuple[Graph, Signature, str]:
    """A model whose layers are in its author's code alone: one node."""
    kind, inner = config["class_name"], config["config"]
    name = inner.get("name") if isinstance(inner, dict) else None
    name = name if isinstance(name, str) and name else str(kind)
    node = Node(name, str(kind), outputs=(TensorSpec(f"{name}:0", ""),))
    note = f"{kind} is a class of its author's own: the file does not say which layers it calls"
    return Graph((node,)), Signature(name), note


def _too_many(found: hdf5.Contents) -> list[str]:
    if not found.more:
        return []
    return [f"it holds more than {hdf5.MOST_ARRAYS:,} arrays, of which these are the first"]


def _version(written: Any) -> dict[str, str]:
    return {"Keras": written} if isinstance(written, str) else {}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; GraphlabError for all that is found to be damaged while it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGED as error:
        raise GraphlabError(f"{path} is a damaged .keras archive: {error}") from error


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of the archive, whole, but no more than a configuration may take."""
    if name not in archive.namelist():
        raise GraphlabError(f"{path} is no Keras model: it holds no {name}")
    with archive.open(name) as member:
        data = member.read(MOST_CONFIG + 1)
    if len(data) > MOST_CONFIG:
        raise GraphlabError(f"{path}: its {name} has more than {MOST_CONFIG:,} bytes")
    return data


def _json(data: bytes | str, path: Path) -> Any:
    try:
        return texts.loads(data)
    except (ValueError, RecursionError) as error:
        raise GraphlabError(f"{path}: its configuration is no JSON: {error}") from error
