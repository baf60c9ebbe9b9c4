"""Exercises' programs, asked without waiting for TensorFlow to start.

monkeypatch.setattr(sides, "Process", here)       # in this process, the original only once
monkeypatch.setattr(sides, "Process", Forked)     # in processes that are forked, TensorFlow loaded
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from graphlab.exercises import sides, worker

Ask = tuple[str, Mapping[str, Any], Mapping[str, Any]]  # what, arrays, how


class InThisProcess:
    """A program asked without a process of its own: ports are many, and TensorFlow starts slowly.

    One at a time, as a trace and a look at all objects of the process do not bear each other.
    """

    lock = threading.Lock()

    def __init__(self, file: Path) -> None:
        self.worker = worker.Worker(file.resolve(), [])
        self.variables: dict[str, tuple[tuple[int, ...], str]] = {}

    def build(self) -> None:
        words = self._asked(self.worker.build)
        self.variables = {n: (tuple(shape), dtype) for n, shape, dtype in words["variables"]}

    def do(self, what: str, arrays: Mapping[str, Any] = {}, **how: Any) -> Any:
        return self._asked(lambda: getattr(self.worker, what)(arrays, **how))[1]

    def counted(self) -> tuple[int, int]:
        words, _ = self._asked(lambda: self.worker.counted({}))
        return words["traces"], words["sessions"]

    def close(self) -> None:
        pass

    def _asked(self, ask: Any) -> Any:
        with self.lock:
            try:
                return ask()
            except Exception as error:
                raise sides.Broken(worker.told_error(error, self.worker.file)) from error


class Remembered:
    """An original, whose answers are kept: with one seed every port is asked what it is.

    What was asked of it since it was there, to the last bit, is what an answer is kept by. It is
    built only where something new is asked, and then asked all since its last build.
    """

    answers: ClassVar[dict[bytes, Any]] = {}

    def __init__(self, file: Path) -> None:
        self.file = file
        self.asked = hashlib.sha256(file.read_bytes())
        self.undone: list[Ask] = []
        self.live: InThisProcess | None = None

    def build(self) -> None:
        self.undone = []
        self.variables = self._answer(("build", {}, {}))

    def do(self, what: str, arrays: Mapping[str, Any] = {}, **how: Any) -> Any:
        return self._answer((what, arrays, how))

    def close(self) -> None:
        pass

    def _answer(self, ask: Ask) -> Any:
        self.asked.update(pickle.dumps(ask))
        key = self.asked.digest()
        self.undone.append(ask)
        if key not in self.answers:
            self.live = self.live or InThisProcess(self.file)
            self.answers[key] = [_done(self.live, each) for each in self.undone][-1]
            self.undone = []
        return self.answers[key]


def _done(live: InThisProcess, ask: Ask) -> Any:
    what, arrays, how = ask
    if what != "build":
        return live.do(what, arrays, **how)
    live.build()
    return live.variables


def here(file: Path, hidden: Sequence[Path], ends: float) -> InThisProcess | Remembered:
    """A port, from which files are hidden, or an original."""
    return InThisProcess(file) if hidden else Remembered(file)


class Forked(sides.Process):
    """A program in a process of its own, forked from one that has loaded TensorFlow already."""

    def start(self) -> Any:
        context = multiprocessing.get_context("forkserver")
        # Nothing of ours: Python 3.11's server does not know yet where this process finds it.
        context.set_forkserver_preload(["tensorflow"])
        return _Child(context, self.folder.name)


class _Child:
    """What `subprocess.Popen` is to a program that is started."""

    def __init__(self, context: Any, folder: str) -> None:
        questions, asking = context.Pipe(duplex=False)
        answers, answering = context.Pipe(duplex=False)
        self.process = context.Process(target=_worked, args=(questions, answering, folder))
        self.process.start()
        questions.close(), answering.close()
        self.stdin = os.fdopen(os.dup(asking.fileno()), "wb", buffering=0)
        self.stdout = os.fdopen(os.dup(answers.fileno()), "rb")
        asking.close(), answers.close()

    def kill(self) -> None:
        self.process.kill()

    def wait(self, seconds: float | None = None) -> int:
        self.process.join(seconds)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("a worker", seconds or 0)
        return self.process.exitcode


def _worked(questions: Any, answering: Any, folder: str) -> None:
    """The worker's own main(), with its ends of the pipes as stdin and stdout."""
    os.setsid()
    os.chdir(folder)
    os.dup2(questions.fileno(), 0)
    os.dup2(answering.fileno(), 1)
    questions.close(), answering.close()
    worker.main()
