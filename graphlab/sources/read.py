"""The bytes of a file, as many as can be believed: a plain file, of no more than a limit."""

from __future__ import annotations

import stat
from pathlib import Path

from graphlab.errors import GraphlabError

SAVED = ("saved_model.pb", "saved_model.pbtxt")  # what makes a folder a SavedModel
ENDINGS = (".pb", ".pbtxt", ".meta", ".index", ".keras", ".h5", ".hdf5", ".json")
EXPECTED = "a SavedModel folder, .pb, .pbtxt, .meta, .index, .keras, .h5 or .json"
MOST_MESSAGE = (2 << 30) - 1  # bytes: protobuf takes no larger message


def ending(path: Path) -> str:
    """`".pb"` of `a.pb`; of a checkpoint whose prefix ends in a slash it is the whole name.

    >>> ending(Path("run/model.META")), ending(Path("run/.index")), ending(Path("run/model"))
    ('.meta', '.index', '')
    """
    name = path.name.lower()
    return path.suffix.lower() or (name if name in ENDINGS else "")


def whole(path: Path, what: str, most: int = MOST_MESSAGE) -> bytes:
    """All bytes of a file that should be `what`.

    GraphlabError where there is no file, none to read, an empty one, or one over `most` bytes.
    """
    check_size(path, what, most)
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror}") from error


def check_size(path: Path, what: str, most: int) -> None:
    """GraphlabError as `whole` raises it, before anything is read."""
    size = size_of(path)
    if size == 0:
        raise GraphlabError(f"{path} is empty; expected {what}")
    if size > most:
        raise GraphlabError(
            f"{path} has {size:,} bytes, more than the {most:,} that {what} may have"
        )


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


def size_if_there(path: Path) -> int | None:
    """A plain file's size in bytes, None where there is none."""
    return size_of(path) if is_file(path) else None


def is_file(path: Path) -> bool:
    """Whether there is a plain file; a name that cannot be one is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a name that cannot be one is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
