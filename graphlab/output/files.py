"""Where an output may go, and writing it whole or not at all.

    check(Path("g.svg"), ("svg", "png"), inputs)     before the work: may it be written?
    write_whole(Path("g.svg"), data)                 after it: the old file, or the whole new one

An output never is an input, has an ending of its own, and takes the place of plain files alone. A
link is followed to what it leads to; a pipe, or a device like /dev/null, is written to.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from graphlab.errors import GraphlabError
from graphlab.output import temporary

PAGE = ("html", "htm")
NOTEBOOK = ("ipynb",)


def check(path: Path, endings: Sequence[str], inputs: Iterable[Path] = ()) -> None:
    """GraphlabError where a file cannot or must not be written: asked before the work.

    `inputs` are what the work reads: files, or folders, in which no file is to be replaced.
    """
    about = _about(path)
    _check_kind(path, about)
    if about is not None:
        _check_no_input(path, about, inputs)
    if about is None or stat.S_ISREG(about.st_mode):
        if path.suffix.removeprefix(".").lower() not in endings:
            raise GraphlabError(
                f"the ending of {path} names no format to write; expected one of"
                f" {', '.join('.' + known for known in endings)}"
            )
        _check_place(path)


def _about(path: Path) -> os.stat_result | None:
    """What is there, behind links; None where nothing is. GraphlabError where nothing can be."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:  # a name that is too long, links in a circle
        raise GraphlabError(f"cannot write {path}: {error.strerror}") from error
    except ValueError as error:  # a zero byte in the name
        raise GraphlabError(f"cannot write {str(path)!r}: {error}") from error


def _check_kind(path: Path, about: os.stat_result | None) -> None:
    """GraphlabError where something is there that is neither replaced nor written to."""
    if about is None:
        return
    if stat.S_ISDIR(about.st_mode):
        raise GraphlabError(f"cannot write {path}: it is a folder; name a file in it")
    if not (stat.S_ISREG(about.st_mode) or _is_stream(about)):
        kind = "a socket" if stat.S_ISSOCK(about.st_mode) else "a disk"
        raise GraphlabError(f"cannot write {path}: it is {kind}; name a file")
    if not os.access(path, os.W_OK):
        raise GraphlabError(f"cannot write {path}: it may not be written; choose another")


def _is_stream(about: os.stat_result) -> bool:
    """Whether it is written to as it stands: a pipe, a terminal, /dev/null."""
    return stat.S_ISFIFO(about.st_mode) or stat.S_ISCHR(about.st_mode)


def _check_no_input(path: Path, about: os.stat_result, inputs: Iterable[Path]) -> None:
    for each in inputs:
        try:
            there = each.stat()
        except (OSError, ValueError):
            continue  # whoever reads it will say so
        inside = stat.S_ISDIR(there.st_mode) and _is_in(path, each)
        if inside or os.path.samestat(about, there):
            raise GraphlabError(
                f"cannot write {path}: it is {f'in {each}, ' if inside else ''}what is read;"
                " choose another"
            )


def _is_in(path: Path, folder: Path) -> bool:
    """Whether links lead from a path to something in the folder."""
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return inner != outer and Path(inner).is_relative_to(outer)


def _check_place(path: Path) -> None:
    """GraphlabError where the folder takes no file; what killed processes left in it goes."""
    folder = _place(path).parent
    about = _about(folder)
    if about is None:
        raise GraphlabError(
            f"cannot write {path}: the folder {folder} does not exist; make it first"
        )
    if not stat.S_ISDIR(about.st_mode):
        raise GraphlabError(f"cannot write {path}: {folder} is a file, not a folder")
    temporary.sweep(folder)
    _probe(path, folder)


def _place(path: Path) -> Path:
    """The file that is to be replaced: behind a link, what it leads to."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _probe(path: Path, folder: Path) -> None:
    """GraphlabError where the folder, which is there, takes no file on behalf of the path."""
    try:  # permissions do not tell: root has all of them, and /proc takes no file
        with temporary.file(folder):
            pass
    except OSError as error:
        raise GraphlabError(
            f"cannot write {path}: the folder {folder} takes no file ({error.strerror});"
            " choose another"
        ) from error


def check_folder(path: Path, inputs: Iterable[Path] = ()) -> None:
    """GraphlabError where files cannot be put into a folder that is there or is to be made."""
    there = path
    while (about := _about(there)) is None and there != there.parent:
        there = there.parent
    if about is None or not stat.S_ISDIR(about.st_mode):
        raise GraphlabError(f"cannot write {path}: {there} is a file, not a folder")
    if there == path:
        _check_no_input(path, about, inputs)
    temporary.sweep(there)
    _probe(path, there)


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path`; whoever looks sees the old file or the whole new one.

    A pipe or a device gets the data as it comes. GraphlabError where it cannot be written.
    """
    about = _about(path)
    _check_kind(path, about)
    with _told(path):
        if about is not None and _is_stream(about):
            path.write_bytes(data)
            return
        place = _place(path)
        with temporary.file(place.parent) as written:
            written.write_bytes(data)
            written.chmod(0o666 & ~_umask() if about is None else stat.S_IMODE(about.st_mode))
            written.replace(place)


def put(path: Path, data: bytes) -> None:
    """A file of a folder that is not yet whole. GraphlabError where it cannot be written."""
    with _told(path.name):
        path.write_bytes(data)


@contextmanager
def _told(path: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GraphlabError(f"cannot write {path}: {error.strerror}") from error


@contextmanager
def whole_folder(folder: Path, option: str = "--out") -> Iterator[Path]:
    """A place to write to, whose files are in `folder` once the block is through.

    If the block raises, the folder is as it was before. GraphlabError before the block where
    the folder cannot be written, after it where something is in the place of one of the files.
    """
    made = None
    with ExitStack() as stack:
        try:
            stack.callback(lambda: _forget(made))
            made = _make(folder)
            temporary.sweep(folder)
            place = stack.enter_context(temporary.inner_folder(folder))
        except OSError as error:
            raise GraphlabError(
                f"cannot write to the folder {folder}: {error.strerror};"
                f" choose another with {option}"
            ) from error
        yield place
        written = sorted(place.iterdir())
        for file in written:
            _check_kind(folder / file.name, _about(folder / file.name))
        for file in written:
            _move(file, folder / file.name)
        made = None


def _move(file: Path, path: Path) -> None:
    """Put a whole file at the path, where nothing, a plain file or a stream is."""
    about = _about(path)
    if path.is_symlink() or (about is not None and _is_stream(about)):
        write_whole(path, file.read_bytes())
        return
    with _told(path):
        file.replace(path)


def _make(folder: Path) -> Path | None:
    """Make the folder; the topmost one that had to be made, None where it was there."""
    lacking = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    folder.mkdir(parents=True, exist_ok=True)
    return lacking[-1] if lacking else None


def _forget(made: Path | None) -> None:
    import shutil  # slow to load, like tempfile

    if made is not None:
        shutil.rmtree(made, ignore_errors=True)


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
