"""What is in an HDF5 file, read by another process that may be stopped.

The HDF5 library runs for ever on some damaged files (and others have made it crash), which
nothing in its own process can prevent. The child writes one JSON document.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError

SECONDS = 5  # of computing; a real file of 100,000 arrays takes three
MOST_MEMORY = 4 << 30
MOST_ARRAYS = 100_000
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from graphlab.sources.keras import hdf5;"
    " hdf5.child(*sys.argv[2:])"
)


def contents(path: Path, member: str = "") -> dict[str, Any]:
    """A file's `config` and `keras` (texts or None) and its `arrays`: [name, dtype, shape, bytes].

    `member` reads a file of that name in a zip archive. GraphlabError where it cannot be read.
    """
    command = [sys.executable, "-c", _CHILD, str(Path(__file__).parents[3]), str(path), member]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=4 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        ran = None
    if ran is None or ran.returncode < 0:
        raise GraphlabError(f"{path} is damaged HDF5: reading it came to no end, or crashed")
    try:
        found = json.loads(ran.stdout)
    except ValueError as error:
        last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing said"]
        raise GraphlabError(f"{path} is damaged HDF5: {last[0][:200]}") from error
    if "error" in found:
        raise GraphlabError(f"{path} is damaged HDF5: {found['error']}")
    return found


def _found(path: Path, member: str) -> dict[str, Any]:
    import h5py  # a dependency of Keras

    with contextlib.ExitStack() as stack:
        source: Any = path
        if member:
            archive = stack.enter_context(zipfile.ZipFile(path))
            source = stack.enter_context(archive.open(member))
        file = stack.enter_context(h5py.File(source, "r"))
        group = file.get("model_weights", file)
        return {
            "config": _text(file.attrs.get("model_config")),
            "keras": _text(file.attrs.get("keras_version")),
            "arrays": _arrays(group, "model_weights" in file),
        }


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else None


def _arrays(group: Any, by_layer: bool) -> list[list[Any]]:
    """The arrays of a group; links out of the file are not followed, no array is read."""
    import h5py

    found: list[list[Any]] = []

    def visit(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset) and item.shape is not None:
            # In a whole model each is in the group of its layer, under its own name.
            own = (name.partition("/")[2] if by_layer else name).removesuffix(":0")
            shape = [int(size) for size in item.shape]
            size = item.dtype.itemsize
            for each in shape:
                size *= each
            found.append([own or name, str(item.dtype), shape, size])
        return True if len(found) >= MOST_ARRAYS else None

    group.visititems(visit)
    return found


def _limited() -> None:
    """Hold this process to its limits, where the system has any."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def child(path: str, member: str) -> None:
    """Write what is in the file to stdout: what `contents` starts."""
    _limited()
    try:
        told = _found(Path(path), member)
    except Exception as error:  # h5py and zipfile raise a dozen kinds for damaged bytes
        told = {"error": " ".join(str(error).split())[:200] or type(error).__name__}
    sys.stdout.write(json.dumps(told))
