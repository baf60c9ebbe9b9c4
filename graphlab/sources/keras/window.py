"""A file in a zip archive as one that can be read from anywhere, at once.

Python's own reader goes back to the start for every step back: a hundred megabytes of weights
would be read a hundred times.
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from typing import IO, Any

MOST_UNPACKED = 4 << 30  # bytes of a packed member
_HEADER = struct.Struct("<26xHH")  # of a member: ends with the lengths of its name and extra


class Window(io.RawIOBase):
    """`size` bytes of a file from `start` on."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = (0, self._at, self._size)[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a writable buffer; how many bytes there were for it."""
        view = memoryview(buffer).cast("B")
        count = max(min(len(view), self._size - self._at), 0)
        self._file.seek(self._start + self._at)
        data = self._file.read(count)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def opened(file: IO[bytes], name: str) -> IO[bytes] | Window:
    """A member of the zip archive that `file` is; unpacked to a temporary file where it is packed.

    What zipfile raises of damaged archives; ValueError where it unpacks to very much.
    """
    archive = zipfile.ZipFile(file)
    info = archive.getinfo(name)
    if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
        file.seek(info.header_offset)
        name_length, extra = _HEADER.unpack(file.read(_HEADER.size))
        return Window(file, info.header_offset + _HEADER.size + name_length + extra, info.file_size)
    whole = tempfile.TemporaryFile()  # noqa: SIM115  (the caller's to close)
    left = MOST_UNPACKED
    with archive.open(info) as packed:
        while data := packed.read(1 << 20):
            left -= len(data)
            if left < 0:
                raise ValueError(f"{name} unpacks to more than {MOST_UNPACKED:,} bytes")
            whole.write(data)
    whole.seek(0)
    return whole
