"""The bytes of a file, as many as can be believed: a plain file, of no more than a limit."""

from __future__ import annotations

import stat
from pathlib import Path

from graphlab.errors import GraphlabError

SAVED = ("saved_model.pb", "saved_model.pbtxt")  # what makes a folder a SavedModel
ENDINGS = (".pb", ".pbtxt", ".meta", ".index", ".keras", ".h5", ".hdf5", ".json")
EXPECTED = "a SavedModel folder, .pb, .pbtxt, .meta, .index, .keras, .h5 or .json"
MOST_MESSAGE = (2 << 30) - 1  # bytes: protobuf takes no larger message


def named(text: str) -> tuple[Path, str] | None:
    """A model's path and what stands behind a colon, `"exported:predict"`; None if it is neither.

    A folder, a file with a model's ending, or a checkpoint by its name without one.
    """
    path = Path(text)
    if not (path.is_dir() or path.suffix.lower() in ENDINGS):
        left, colon, behind = text.rpartition(":")
        if left and colon and (Path(left).is_dir() or Path(left).suffix.lower() in ENDINGS):
            return Path(left), behind
        for ending in (".meta", ".index"):
            if not path.exists() and Path(f"{text}{ending}").is_file():
                return Path(f"{text}{ending}"), ""
        return None
    return path, ""


def whole(path: Path, what: str, most: int = MOST_MESSAGE) -> bytes:
    """All bytes of a file that should be `what`.

    GraphlabError where there is no file, none to read, an empty one, or one over `most` bytes.
    """
    size = size_of(path)
    if size == 0:
        raise GraphlabError(f"{path} is empty; expected {what}")
    if size > most:
        raise GraphlabError(
            f"{path} has {size:,} bytes, more than the {most:,} that {what} may have"
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror}") from error


def part(path: Path, offset: int, size: int) -> bytes:
    """So many bytes from there on, fewer where the file ends before. GraphlabError as above."""
    there = size_of(path)
    if offset < 0 or size < 0 or offset >= there:
        return b""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(min(size, there - offset))
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror}") from error


def size_of(path: Path) -> int:
    """A plain file's size in bytes. GraphlabError where there is none, or a pipe or a device."""
    try:
        about = path.stat()
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:  # a zero byte in the name
        raise GraphlabError(f"cannot read {str(path)!r}: {error}") from error
    if not stat.S_ISREG(about.st_mode):
        raise GraphlabError(f"cannot read {path}: it is no plain file")
    return about.st_size
