"""The three streams of the process, whatever the shell has made of them.

A closed stdin is empty. An answer that stdout does not take is a GraphlabError; what stderr does
not take is lost, for there is no other place to say so.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any

from graphlab.errors import GraphlabError


def prepare() -> None:
    """Make all three ready, first of all: a file that is opened takes a closed one's place."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # it gets the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it stays open
    sys.stdout = _wrapped(sys.stdout, _Answer, 1)
    sys.stderr = _wrapped(sys.stderr, _Complaints, 2)


def finish() -> None:
    """Write what is left; nobody is told any more where it cannot be written."""
    try:
        sys.stdout.flush()
    except (GraphlabError, OSError):
        to_nowhere()


def to_nowhere() -> None:
    """Python flushes stdout once more when it leaves, and would complain then."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Answer(io.FileIO):
    def write(self, data: Any) -> Any:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            to_nowhere()
            why = "it is closed" if error.errno == errno.EBADF else error.strerror
            raise GraphlabError(f"cannot write the answer to stdout: {why}") from error


class _Complaints(io.FileIO):
    def write(self, data: Any) -> Any:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _wrapped(stream: Any, kind: type[io.FileIO], number: int) -> Any:
    """A stream that writes to the same file by our rules. A terminal stays as it is."""
    if stream is not None and (stream.isatty() or not hasattr(stream, "buffer")):
        return stream
    like = stream or io.TextIOWrapper(io.BytesIO())
    return io.TextIOWrapper(
        io.BufferedWriter(kind(number, "w", closefd=False)),
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=number == 2,
    )
