"""The process that a script finds itself in: as `python script.py` would have made it.

    with as_main(script, arguments), own_output(), own_exit():
        ...                      # run it

What the script, its subprocesses and its exit handlers print goes to stderr, byte for byte: stdout
is for what graphlab has to say. So does what its Python functions print where a call of it is
executed again.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn

BESIDE = ("visualize", "lessons")  # packages that are installed with graphlab


@contextlib.contextmanager
def as_main(script: Path, arguments: tuple[str, ...]) -> Iterator[None]:
    """What `python script.py` would set: the arguments, and its folder first on the path.

    A script may have a `visualize.py` of its own beside it, so ours is put aside meanwhile.
    Afterwards the working folder is the old one: `-o` was meant from there. The flags that it
    defined (`tf.app.flags`) are gone: the same script once more, or its port, defines them anew.
    """
    from absl.flags import FLAGS  # TensorFlow's own, and slow to load

    argv, path, folder = sys.argv, list(sys.path), Path.cwd()
    ours = _put_aside()
    flags = set(FLAGS)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, path
        os.chdir(folder)
        for name in set(FLAGS) - flags:
            delattr(FLAGS, name)
        FLAGS.unparse_flags()
        _put_aside()
        sys.modules.update(ours)


def _put_aside() -> dict[str, ModuleType]:
    """Take the packages beside `graphlab` out of the imported ones; they come back."""
    names = [name for name in sys.modules if name.partition(".")[0] in BESIDE]
    return {name: sys.modules.pop(name) for name in names}


@contextlib.contextmanager
def own_output() -> Iterator[None]:
    """Let file 1 be file 2, for Python and for subprocesses; and once more when Python leaves."""
    pid = os.getpid()
    sys.stdout.flush()
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # one of them is closed
        kept = None
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if os.getpid() == pid:  # a forked process is all the script's
            sys.stderr.flush()
            if kept is not None:
                os.dup2(kept, 1)
                os.close(kept)
            # Exit handlers run the last one first: this one, and then the script's.
            atexit.unregister(_last_output)
            atexit.register(_last_output)


def _last_output() -> None:
    """From here on only the script has something to say."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        os.dup2(2, 1)
    sys.stdout = sys.stderr


class Left(SystemExit):
    """The script ended the process itself: `os._exit`."""


class Forked(BaseException):
    """This process is one that the script forked, and it came out of the script.

    It is to end as Python would have ended it: by `problem`, or with exit code 0.
    """

    def __init__(self, problem: BaseException | None) -> None:
        self.problem = problem


@contextlib.contextmanager
def own_exit(script: Path) -> Iterator[None]:
    """A forked process that comes out of the block is not let through: Forked is raised.

    `os._exit` in the script's own process leaves the block as Left, so that what was seen can be
    told.
    """
    pid, end = os.getpid(), os._exit

    def leave(code: int) -> NoReturn:
        if os.getpid() == pid and threading.current_thread() is threading.main_thread():
            raise Left(code)
        end(code)

    os._exit = leave  # type: ignore[assignment]
    problem: BaseException | None = None
    try:
        yield
    except BaseException as error:
        problem = error
    finally:
        os._exit = end
    if os.getpid() != pid:
        if problem is not None:
            trace = problem.__traceback__
            while trace is not None and trace.tb_frame.f_code.co_filename != str(script):
                trace = trace.tb_next
            problem.__traceback__ = trace or problem.__traceback__
        raise Forked(problem)
    if problem is not None:
        raise problem
