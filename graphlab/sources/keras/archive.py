"""Keras files (.keras, .h5) -> ModelFile: layers as nodes, nested models as scopes.

Read from the file's JSON and the headers of its arrays. No layer is made, so no code that a
file may hold (a Lambda, a pickle, a class by name) is ever run here.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.sources import read
from graphlab.sources.keras import hdf5, layers
from graphlab.sources.modelfile import KERAS, ModelFile, Variable

MOST_CONFIG = 64 << 20  # bytes of a model's JSON
WEIGHTS = "model.weights.h5"
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
MODULES = ("keras", "builtins")  # from which Keras itself writes classes into its files
# What a layer of these classes (or a value of these) runs when a model is loaded: code of the file.
CODE = ("Lambda", "__lambda__", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def from_keras(path: Path) -> ModelFile:
    """A `.keras` archive, or an `.h5` file with a whole model.

    GraphlabError where it is neither, or holds weights alone.
    """
    start = read.part(path, 0, 8)
    if start.startswith(ZIP):
        return _from_archive(path)
    if start == HDF5:
        return _from_hdf5(path)
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
            if isinstance(module, str) and module.partition(".")[0] not in MODULES:
                found[f"{str(kind)[:40]} of module {module[:40]}"] = None
            if isinstance(kind, str) and kind in CODE:
                inner = value.get("config")
                name = inner.get("name") if isinstance(inner, dict) else None
                found[f"{kind} {shown(name)}" if isinstance(name, str) else kind] = None
            left += value.values()
        elif isinstance(value, list):
            left += value
    return sorted(found)


def config_of(path: Path) -> Any:
    """The model's configuration, the JSON as it is. GraphlabError where there is none."""
    if read.part(path, 0, 4) == ZIP:
        with _opened(path) as archive:
            return _json(_member(path, archive, "config.json"), path)
    return _whole(path, hdf5.contents(path))


def _from_archive(path: Path) -> ModelFile:
    with _opened(path) as archive:
        config = _json(_member(path, archive, "config.json"), path)
        about: Any = {}
        if "metadata.json" in archive.namelist():
            about = _json(_member(path, archive, "metadata.json"), path)
        variables, notes = _weights(path, archive)
    version = about.get("keras_version") if isinstance(about, dict) else None
    return _model(path, config, variables, version, notes)


def _weights(path: Path, archive: zipfile.ZipFile) -> tuple[list[Variable], list[str]]:
    """The arrays of an archive, and what is to be said of them: layers can be told without."""
    if WEIGHTS not in archive.namelist():
        return [], [f"it holds no {WEIGHTS}: the layers have no weights"]
    try:
        return _variables(hdf5.contents(path, WEIGHTS)), []
    except GraphlabError as error:
        return [], [f"its weights cannot be read: {error}"]


def _from_hdf5(path: Path) -> ModelFile:
    found = hdf5.contents(path)
    return _model(path, _whole(path, found), _variables(found), found["keras"], [])


def _whole(path: Path, found: dict[str, Any]) -> Any:
    """The configuration of a whole model in HDF5."""
    if found["config"] is None:
        raise GraphlabError(
            f"{path} holds weights and no model (no text model_config); save the whole model"
        )
    return _json(found["config"], path)


def _variables(found: dict[str, Any]) -> list[Variable]:
    return [
        Variable(name, dtype, tuple(shape), size) for name, dtype, shape, size in found["arrays"]
    ]


def _model(
    path: Path, config: Any, variables: list[Variable], version: Any, notes: list[str]
) -> ModelFile:
    try:
        graph, signature, told = layers.from_config(config)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        problem = f"{type(error).__name__}: {str(error)[:100]}"
        raise GraphlabError(
            f"{path}: its configuration does not describe layers as Keras does ({problem})"
        ) from error
    notes += told
    code = code_in(config)
    if code:
        some = ", ".join(code[:3]) + (f" and {len(code) - 3} more" if len(code) > 3 else "")
        notes.append(f"it brings code of its own, which was not run: {some}")
    facts = {"Keras": version} if isinstance(version, str) else {}
    return ModelFile(
        path, KERAS, graph, (signature,), tuple(variables), notes=tuple(notes), facts=facts
    )


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
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise GraphlabError(f"{path}: its configuration is no JSON: {error}") from error
