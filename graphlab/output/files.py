"""Writing files whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from graphlab.errors import GraphlabError


def check_writable(path: Path) -> None:
    """GraphlabError where a file cannot be put there: asked before the work, not after it."""
    folder = path.parent
    if path.is_dir():
        raise GraphlabError(f"cannot write {path}: it is a folder; name a file in it")
    if folder.exists() and not folder.is_dir():
        raise GraphlabError(f"cannot write {path}: {folder} is a file, not a folder")
    if not folder.is_dir():
        raise GraphlabError(
            f"cannot write {path}: the folder {folder} does not exist; make it first"
        )
    _probe(path, folder)


def _probe(path: Path, folder: Path) -> None:
    """GraphlabError where the folder, which is there, takes no file on behalf of the path."""
    import tempfile  # it takes a tenth of the time of `graphlab --help`

    try:  # permissions do not tell: root has all of them, and /proc takes no file
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise GraphlabError(
            f"cannot write {path}: the folder {folder} takes no file ({error.strerror});"
            " choose another"
        ) from error


def check_folder(path: Path) -> None:
    """GraphlabError where files cannot be put into a folder that is there or is to be made."""
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise GraphlabError(f"cannot write {path}: {there} is a file, not a folder")
    _probe(path, there)


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path`; whoever looks sees the old file or the whole new one.

    GraphlabError where it cannot be written.
    """
    import tempfile

    try:
        handle, place = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(place).chmod(0o666 & ~_umask())
            Path(place).replace(path)
        except BaseException:
            Path(place).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GraphlabError(f"cannot write {path}: {error.strerror}") from error


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
