"""Messages between the checker and the process that a port runs in: names, words and plain arrays.

send(stream, {"do": "train"}, {"x": np.ones(3)})
words, arrays = receive(stream)
"""

from __future__ import annotations

import io
import json
import struct
import threading
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

_LENGTHS = struct.Struct(">QQ")
# NumPy parses the header of an array as Python, and Python 3.11.7 may raise a SystemError ("AST
# constructor recursion depth mismatch") where two threads parse at once.
_PARSING = threading.Lock()
MOST = 1 << 32  # bytes of one message: whoever announces more is not believed


def send(stream: IO[bytes], words: Mapping[str, Any], arrays: Mapping[str, Any] = {}) -> None:
    """Write one message. ValueError where an array holds Python objects."""
    named = list(arrays)
    packed = io.BytesIO()
    # Names of tensors may hold what no file name may, so the arrays are numbered.
    np.savez(packed, *(_plain(arrays[name]) for name in named), allow_pickle=False)
    told = json.dumps({**words, "names": named}).encode()
    stream.write(_LENGTHS.pack(len(told), packed.tell()) + told + packed.getvalue())
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The next message. EOFError where the other side is gone, ValueError where it is none.

    Nothing that comes in is ever executed: JSON, and arrays without Python objects.
    """
    told, packed = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if told + packed > MOST:
        raise ValueError(f"a message of {told + packed:,} bytes")
    words = json.loads(_exactly(stream, told))
    held = io.BytesIO(_exactly(stream, packed))
    with _PARSING, np.load(held, allow_pickle=False) as arrays:
        values = [arrays[f"arr_{n}"] for n in range(len(words["names"]))]
    return words, dict(zip(words.pop("names"), values, strict=True))


def _plain(value: Any) -> np.ndarray:
    """An array of NumPy's own class: whatever else a value is or says of itself stays behind."""
    return np.array(value, copy=True, subok=False)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    """So many bytes. EOFError where there are fewer."""
    pieces = []
    while count:
        piece = stream.read(count)
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
