"""The values of the arrays of an HDF5 file, read by another process as `hdf5` reads their heads.

For each array the child writes a line, how many bytes follow, and the bytes.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from graphlab.sources.keras import hdf5, window
from graphlab.sources.modelfile import Variable
from graphlab.sources.numbers import from_bytes

PER_SECOND = 20 << 20  # bytes; packed arrays are read at many times as much
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from graphlab.sources.keras import stream;"
    " stream.child(*sys.argv[2:])"
)


def arrays(path: Path, member: str, variables: Sequence[Variable]) -> Iterator[np.ndarray | None]:
    """The value of each variable, by its key, from the file or from that member of an archive.

    None for what cannot be read, and for all that come after what stops the reader.
    """
    seconds = hdf5.SECONDS + sum(each.bytes or 0 for each in variables) // PER_SECOND
    place = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", _CHILD, place, str(path), member, str(seconds)]
    keys = "".join(f"{each.key.encode().hex()}\n" for each in variables).encode()
    with contextlib.ExitStack() as stack:
        ran = stack.enter_context(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        )
        stack.callback(ran.kill)  # before it is waited for
        limit = threading.Timer(hdf5.PATIENCE * seconds, ran.kill)
        stack.callback(limit.cancel)
        limit.start()
        assert ran.stdin is not None and ran.stdout is not None
        writer = threading.Thread(target=_send, args=(ran.stdin, keys), daemon=True)
        writer.start()
        for each in variables:
            yield _next(ran.stdout, each)


def _send(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError), pipe:
        pipe.write(data)


def _next(pipe: IO[bytes], variable: Variable) -> np.ndarray | None:
    """The next array that the child writes, if it is what the file's head says."""
    line = pipe.readline(32).strip()
    if not line.isdigit():
        return None
    data = pipe.read(int(line))
    return from_bytes(data, variable.dtype, variable.shape)


def child(path: str, member: str, seconds: str) -> None:
    """Write the arrays whose keys come in: what `arrays` starts."""
    hdf5.limited(int(seconds))
    import h5py

    out = sys.stdout.buffer
    with contextlib.ExitStack() as stack:
        source: Any = path
        if member:
            source = window.opened(stack.enter_context(Path(path).open("rb")), member)
        file = stack.enter_context(h5py.File(source, "r"))
        for line in sys.stdin:
            data = _bytes(h5py, file, bytes.fromhex(line.strip()).decode())
            out.write(b"none\n" if data is None else f"{len(data)}\n".encode())
            out.write(data or b"")
            out.flush()


def _bytes(h5py: Any, file: Any, key: str) -> bytes | None:
    """An array's bytes, the first numbers first. Links out of the file are not followed."""
    try:
        if not isinstance(file.get(key, getlink=True), h5py.HardLink):
            return None
        item = file[key]
        if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "fciubV":
            return None
        array = np.asarray(item[()])
    except Exception:  # h5py raises a dozen kinds for damaged bytes
        return None
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
