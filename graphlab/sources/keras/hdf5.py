"""What is in an HDF5 file, read by another process that may be stopped.

The HDF5 library runs for ever on some damaged files (and others have made it crash), which
nothing in its own process can prevent. The child writes one JSON document.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError
from graphlab.sources.keras import texts, window

SECONDS = 4  # of computing; a real file of 100,000 arrays takes three
PATIENCE = 4  # times as long by the clock, as the machine may have more to do
MOST_MEMORY = 4 << 30
MOST_ARRAYS = 100_000
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from graphlab.sources.keras import hdf5;"
    " hdf5.child(*sys.argv[2:])"
)


@dataclass(frozen=True)
class Contents:
    """What a file says of a model, and its arrays."""

    config: str | None  # the model's, as JSON
    keras: str | None  # the version that wrote it
    arrays: tuple[tuple[str, str, tuple[int, ...], int], ...]  # path, dtype, shape, bytes
    names: dict[str, str]  # of what the variables in a group are of, by the group's path
    layers: tuple[str, ...] | None  # of weights alone, as Keras 1 and 2 save them: their order
    more: bool  # whether there are more arrays than these


def contents(path: Path, member: str = "") -> Contents:
    """What is in a file, or in the file of that name in a zip archive.

    GraphlabError where it cannot be read, or h5py is not installed.
    """
    command = [sys.executable, "-c", _CHILD, str(Path(__file__).parents[3]), str(path), member]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=PATIENCE * SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise GraphlabError(
            f"{path} is damaged HDF5, or this machine is busy: reading it took more than"
            f" {PATIENCE * SECONDS} seconds"
        ) from error
    if ran.returncode < 0:
        raise GraphlabError(f"{path} is damaged HDF5: reading it {_ended(-ran.returncode)}")
    try:
        found = texts.loads(ran.stdout)
    except ValueError as error:
        last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing said"]
        raise GraphlabError(f"{path} is damaged HDF5: {last[0][:200]}") from error
    if "missing" in found:
        raise GraphlabError(
            f"{path} is HDF5, and h5py, which reads it, cannot be imported ({found['missing']});"
            " pip install h5py"
        )
    if "error" in found:
        raise GraphlabError(f"{path} is damaged HDF5: {found['error']}")
    layers = found["layers"]
    return Contents(
        found["config"],
        found["keras"],
        tuple((name, dtype, tuple(shape), size) for name, dtype, shape, size in found["arrays"]),
        found["names"],
        None if layers is None else tuple(layers),
        found["more"],
    )


def _ended(number: int) -> str:
    """In words, how a process ended that a signal ended."""
    if number == getattr(signal, "SIGXCPU", 0):
        return f"came to no end in {SECONDS} seconds of computing"
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"was ended by {name}"


def child(path: str, member: str) -> None:
    """Write what is in the file to stdout: what `contents` starts."""
    limited(SECONDS)
    told: dict[str, Any]
    try:
        import h5py  # a dependency of Keras
    except ImportError as error:
        told = {"missing": str(error)[:100]}
    else:
        try:
            told = _found(h5py, Path(path), member)
        except Exception as error:  # h5py and zipfile raise a dozen kinds for damaged bytes
            told = {"error": " ".join(str(error).split())[:200] or type(error).__name__}
    sys.stdout.write(json.dumps(told))


def limited(seconds: int) -> None:
    """Hold this process to so many seconds of computing and MOST_MEMORY, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        # At the hard limit comes SIGKILL, which does not say why.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _found(h5py: Any, path: Path, member: str) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        source: Any = path
        if member:
            source = stack.enter_context(
                window.opened(stack.enter_context(path.open("rb")), member)
            )
        file = stack.enter_context(h5py.File(source, "r"))
        arrays, names = _arrays(h5py, file)
        return {
            "config": _text(file.attrs.get("model_config")),
            "keras": _text(file.attrs.get("keras_version")),
            "arrays": arrays[:MOST_ARRAYS],
            "names": names,
            "layers": _texts(file.attrs.get("layer_names")),
            "more": len(arrays) > MOST_ARRAYS,
        }


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    return [text for each in value if (text := _text(each)) is not None]


def _arrays(h5py: Any, file: Any) -> tuple[list[list[Any]], dict[str, str]]:
    """The arrays, one more than may be, and the names of what they are of.

    Links out of the file are not followed, no array is read.
    """
    found: list[list[Any]] = []
    names: dict[str, str] = {}

    def visit(name: str | bytes, item: Any) -> bool | None:
        path = _text(name) or ""  # h5py gives bytes where it is no text
        if isinstance(item, h5py.Dataset):
            if item.shape is not None:
                shape = [int(size) for size in item.shape]
                size = item.dtype.itemsize
                for each in shape:
                    size *= each
                found.append([path, _dtype(item), shape, size])
        elif path == "vars" or path.endswith("/vars"):
            own = _text(item.attrs.get("name"))
            if own:
                names[path.removesuffix("vars").removesuffix("/")] = own
        return True if len(found) > MOST_ARRAYS else None

    file.visititems(visit)
    return found, names


def _dtype(item: Any) -> str:
    """An array's dtype; NumPy has none of its own for bfloat16, and Keras notes it beside."""
    if item.dtype.kind == "V":
        return _text(item.attrs.get("dtype")) or str(item.dtype)
    return str(item.dtype)
