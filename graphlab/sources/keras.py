"""Keras files (.keras, .h5) -> ModelFile: layers as nodes, nested models as scopes.

Read from the file's JSON and the headers of its arrays. No layer is made, so no code that a
file may hold (a Lambda, a pickle, a class by name) is ever run here.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from graphlab.errors import GraphlabError, shown
from graphlab.sources import layers, read
from graphlab.sources.modelfile import KERAS, ModelFile, Variable

MOST_CONFIG = 64 << 20  # bytes of a model's JSON
MOST_ARRAYS = 100_000
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
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
    """The layers (or values) of a configuration that bring their own code: `"Lambda 'scale'"`."""
    found: dict[str, None] = {}
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            kind = value.get("class_name")
            if kind in CODE:
                inner = value.get("config")
                name = inner.get("name") if isinstance(inner, dict) else None
                found[f"{kind} {shown(name)}" if isinstance(name, str) else str(kind)] = None
            left += value.values()
        elif isinstance(value, list):
            left += value
    return sorted(found)


def config_of(path: Path) -> Any:
    """The model's configuration, the JSON as it is. GraphlabError where there is none."""
    if read.part(path, 0, 4) == ZIP:
        with _opened(path) as archive:
            return _json(_member(path, archive, "config.json"), path)
    with _hdf5(path, path) as file:
        return _hdf5_config(path, file)


def _from_archive(path: Path) -> ModelFile:
    with _opened(path) as archive:
        config = _json(_member(path, archive, "config.json"), path)
        about: Any = {}
        if "metadata.json" in archive.namelist():
            about = _json(_member(path, archive, "metadata.json"), path)
        variables: list[Variable] = []
        notes = []
        if "model.weights.h5" in archive.namelist():
            with archive.open("model.weights.h5") as inside, _hdf5(inside, path) as file:
                variables = list(_variables(_arrays(file)))
        else:
            notes.append("it holds no model.weights.h5: the layers have no weights")
    version = about.get("keras_version") if isinstance(about, dict) else None
    return _model(path, config, variables, version, notes)


def _from_hdf5(path: Path) -> ModelFile:
    with _hdf5(path, path) as file:
        config = _hdf5_config(path, file)
        version = file.attrs.get("keras_version")
        weights = file.get("model_weights")
        arrays = _arrays(weights) if weights is not None else []
        # Each is in the group of its layer, under its own name.
        variables = list(_variables((n.partition("/")[2], d, s) for n, d, s in arrays))
    return _model(path, config, variables, version, [])


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


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise GraphlabError(f"{path} is a damaged .keras archive: {error}") from error


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of the archive, whole, but no more than a configuration may take."""
    try:
        with archive.open(name) as member:
            data = member.read(MOST_CONFIG + 1)
    except KeyError as error:
        raise GraphlabError(f"{path} is no Keras model: it holds no {name}") from error
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise GraphlabError(f"{path}: its {name} cannot be read: {error}") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise GraphlabError(f"{path}: its {name} cannot be unpacked: {error}") from error
    if len(data) > MOST_CONFIG:
        raise GraphlabError(f"{path}: its {name} has more than {MOST_CONFIG:,} bytes")
    return data


def _json(data: bytes | str, path: Path) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise GraphlabError(f"{path}: its configuration is no JSON: {error}") from error


def _hdf5(source: Path | IO[bytes], path: Path) -> Any:
    import h5py  # a dependency of Keras

    try:
        return h5py.File(source, "r")
    except (OSError, ValueError, RuntimeError) as error:
        problem = " ".join(str(error).split())
        raise GraphlabError(f"{path} is damaged HDF5: {problem}") from error


def _hdf5_config(path: Path, file: Any) -> Any:
    config = file.attrs.get("model_config")
    if config is None:
        raise GraphlabError(
            f"{path} holds weights and no model (no attribute model_config); save the whole model"
        )
    if not isinstance(config, str | bytes):
        raise GraphlabError(f"{path}: its attribute model_config is no text")
    return _json(config, path)


def _arrays(group: Any) -> list[tuple[str, Any, Any]]:
    """Name, dtype and shape of each array of a group; links out of the file are not followed."""
    import h5py

    found: list[tuple[str, Any, Any]] = []

    def visit(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset):
            found.append((name, item.dtype, item.shape))
        return True if len(found) >= MOST_ARRAYS else None

    try:
        group.visititems(visit)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, UnicodeDecodeError):
        return found  # the names that could be read; a damaged branch has no others
    return found


def _variables(arrays: Iterable[tuple[str, Any, Any]]) -> Iterator[Variable]:
    for name, dtype, shape in arrays:
        size = dtype.itemsize
        for each in shape or ():
            size *= int(each)
        yield Variable(
            name.removesuffix(":0"), str(dtype), tuple(int(each) for each in shape or ()), size
        )
