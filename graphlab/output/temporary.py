"""Hidden files and folders that hold what is not yet whole, and are gone once it is.

Each is locked while it is in use. A process that is killed leaves one behind, without its lock:
`sweep` removes those, and none that another process is still writing.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: there nothing is locked, and nothing swept
    fcntl = None  # type: ignore[assignment]

PREFIX, SUFFIX = ".graphlab-", ".tmp"
_OURS = re.compile(rf"{re.escape(PREFIX)}[a-z0-9_]{{8}}{re.escape(SUFFIX)}")


@contextlib.contextmanager
def file(folder: Path) -> Iterator[Path]:
    """A new, empty file in the folder; gone after the block if it was not moved.

    OSError where the folder takes none.
    """
    import tempfile  # it takes a tenth of the time of `graphlab --help`

    def make() -> Path:
        handle, place = tempfile.mkstemp(SUFFIX, PREFIX, folder)
        os.close(handle)
        return Path(place)

    with _locked(make) as place:
        try:
            yield place
        finally:
            place.unlink(missing_ok=True)


@contextlib.contextmanager
def inner_folder(folder: Path) -> Iterator[Path]:
    """A new folder in the folder; gone after the block, with what is left in it."""
    import shutil
    import tempfile

    with _locked(lambda: Path(tempfile.mkdtemp(SUFFIX, PREFIX, folder))) as place:
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def _locked(make: Callable[[], Path]) -> Iterator[Path]:
    """What is made, locked; made again where another process swept it before it was."""
    place = make()
    while (lock := _lock(place)) is not None and not place.exists():
        os.close(lock)
        place = make()
    try:
        yield place
    finally:
        if lock is not None:
            os.close(lock)


def _lock(place: Path) -> int | None:
    """A handle by which it stays locked until that is closed; None where there are no locks."""
    if fcntl is None:
        return None
    try:
        handle = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(os.devnull, os.O_RDONLY)
    with contextlib.suppress(OSError):  # not every file system has them
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def sweep(folder: Path) -> None:
    """Remove what killed processes left in the folder. What cannot be removed stays."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for place in [Path(entry.path) for entry in entries if _OURS.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                _remove_unlocked(place)


def _remove_unlocked(place: Path) -> None:
    import shutil

    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink()
    finally:
        os.close(handle)
