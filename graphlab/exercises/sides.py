"""Two programs, each in a process of its own, asked the same things at the same time.

with Sides(original, port, seconds=60) as sides:
    sides.write(weights)
    mine, theirs = sides.call("train_step", feeds)
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from graphlab.exercises import wire
from graphlab.exercises.exercise import PROGRAMS

MEMORY = 16 << 30  # bytes of data that a process may hold
LEAVING = 10  # seconds that a process may take to end


class Broken(Exception):
    """The port did not do what was asked; the message says how, in words that follow its name."""


class OriginalBroken(Exception):
    """The original did not, which is no fault of the port's."""


class Process:
    """A program in a process of its own; questions are answered in order."""

    def __init__(self, file: Path, hidden: Sequence[Path], ends: float) -> None:
        self.ends = ends
        self.started = False
        self.folder = tempfile.TemporaryDirectory(prefix="graphlab-")
        self.process = self.start()
        self.variables: dict[str, tuple[tuple[int, ...], str]] = {}
        self._first = {"file": str(file.resolve()), "hidden": [str(h.resolve()) for h in hidden]}

    def start(self) -> subprocess.Popen[bytes]:
        """The process of a worker. A port starts in an empty folder, and its own argument list says
        nothing."""
        return subprocess.Popen(
            [sys.executable, "-m", "graphlab.exercises.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self.folder.name,
            env=same_modules(),
            start_new_session=True,  # Ctrl-C is for the checker, which ends it
            preexec_fn=_bounded if os.name == "posix" else None,
        )

    def load(self) -> dict[str, Any]:
        """Run the file for what it draws, and say what that is. Broken where it cannot be run."""
        return self._begun({"draws": True})

    def build(self) -> None:
        """Wait until TensorFlow is there, and build the program. Broken where that fails."""
        words = self._begun({"draws": False})
        self.variables = {n: (tuple(shape), dtype) for n, shape, dtype in words["variables"]}

    def _begun(self, how: Mapping[str, bool]) -> dict[str, Any]:
        if not self.started:
            self._answer()
            self.started = True
        return self.ask({**self._first, **how})[0]

    def ask(
        self, words: Mapping[str, Any], arrays: Mapping[str, np.ndarray] = {}
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Ask one thing. Broken where the program raises, ends, or does not come back in time."""
        assert self.process.stdin is not None
        try:
            wire.send(self.process.stdin, words, arrays)
        except BrokenPipeError:
            raise Broken(self._gone()) from None
        return self._answer()

    def do(
        self, what: str, arrays: Mapping[str, np.ndarray] = {}, **how: Any
    ) -> dict[str, np.ndarray]:
        """One method of the worker; the arrays that it gives."""
        return self.ask({"do": what, "how": how}, arrays)[1]

    def counted(self) -> tuple[int, int]:
        """How often functions were traced, and sessions run, until now."""
        words, _ = self.ask({"do": "counted", "how": {}})
        return words["traces"], words["sessions"]

    def _answer(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        assert self.process.stdout is not None
        timer = threading.Timer(max(self.ends - time.monotonic(), 0), self.process.kill)
        timer.start()
        try:
            words, arrays = wire.receive(self.process.stdout)
        except (EOFError, ValueError):
            raise Broken(self._gone()) from None
        finally:
            timer.cancel()
        if "error" in words:
            raise Broken(words["error"])
        return words, arrays

    def _gone(self) -> str:
        """What became of a process that does not answer."""
        if time.monotonic() >= self.ends:
            return "does not come to an end; --timeout gives it more time"
        try:  # it has closed its end, so it is about to leave
            code = self.process.wait(LEAVING)
        except subprocess.TimeoutExpired:
            return "closes what it answers with"
        return f"ends its process, with exit code {code}"

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self.folder.cleanup()


class Sides:
    """The original and the port, and a third process in which the port is restored."""

    def __init__(self, original: Path, port: Path, seconds: float) -> None:
        ends = time.monotonic() + seconds
        hidden = (PROGRAMS, original)
        self.original = Process(original, (), ends)
        self.port = Process(port, hidden, ends)
        self.restored = Process(port, hidden, ends)  # started now, as it takes its time
        self.partner: dict[str, str] = {}  # the port's variable of each of the original's
        self.asked: tuple[list, list] = ([], [])  # of either side, since it was built

    def __enter__(self) -> Sides:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self.original, self.port, self.restored):
            process.close()

    def build(self) -> None:
        """Build both, and say which variable is which."""
        self.asked = ([], [])
        self._both(lambda side: side.build())
        self.partner = partners(self.original.variables, self.port.variables)

    def go_on(self) -> None:
        """From here on the restored process is the port."""
        self.port, self.restored = self.restored, self.port
        self.partner = partners(self.original.variables, self.port.variables)

    def write(self, values: Mapping[str, np.ndarray]) -> None:
        """Give the variables of both sides these values, by the original's names."""
        named = {self.partner[name]: value for name, value in values.items()}
        self._note("write", values, named)
        self._both(lambda side: side.do("write", values if side is self.original else named))

    def read(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The values of both sides' variables, by the original's names."""
        mine, theirs = self._both(lambda side: side.do("read"))
        return mine, self.by_name(theirs)

    def by_name(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The port's values by the original's names."""
        return {name: values[other] for name, other in self.partner.items()}

    def call(
        self, method: str, feeds: Mapping[str, np.ndarray]
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Both sides' answers by name."""
        self._note(method, feeds, feeds)
        mine, theirs = self._both(lambda side: side.do("call", feeds, method=method))
        if len(mine) == len(theirs) == 1 and not set(mine) & set(theirs):
            return mine, dict(zip(mine, theirs.values(), strict=True))
        return mine, theirs

    def _note(self, what: str, mine: Mapping, theirs: Mapping) -> None:
        for kept, values in zip(self.asked, (mine, theirs), strict=True):
            kept.append((what, values))

    def _both(self, ask: Any) -> tuple[Any, Any]:
        """Ask both at once; the original's fault is told first."""
        with ThreadPoolExecutor(1) as thread:
            given = thread.submit(ask, self.original)
            try:
                theirs, broken = ask(self.port), None
            except Broken as problem:
                theirs, broken = None, problem
        if isinstance(found := given.exception(), Broken):
            raise OriginalBroken(str(found))
        if broken is not None:
            raise broken
        return given.result(), theirs


def partners(
    mine: Mapping[str, tuple[tuple[int, ...], str]],
    theirs: Mapping[str, tuple[tuple[int, ...], str]],
) -> dict[str, str]:
    """Which of the port's variables is which of the original's: by name, by the end of the name, by
    a shape that only one has. Broken where one has none.

    What only the port has (a seed's state, a count of steps, a rate) is nobody's partner.
    """
    found: dict[str, str] = {}
    keys = (
        lambda name, shape: name,
        lambda name, shape: (name.rpartition("/")[2], shape),
        lambda name, shape: shape,
    )
    for key in keys:
        groups: list[dict[Any, list[str]]] = [{}, {}]
        for group, side, taken in zip(
            groups, (mine, theirs), (found, set(found.values())), strict=True
        ):
            for name, (shape, _) in side.items():
                if name not in taken:
                    group.setdefault(key(name, shape), []).append(name)
        for each, names in groups[0].items():
            others = groups[1].get(each, [])
            if len(names) == len(others) == 1:
                found[names[0]] = others[0]
    lost = [name for name in mine if name not in found]
    if lost:
        left = ", ".join(name for name in theirs if name not in found.values()) or "none"
        raise Broken(
            f"has no variable for {lost[0]} of shape {list(mine[lost[0]][0])}; of its own there are"
            f" left: {left}. Name it in variables, slots of optimizers too"
        )
    for name, other in found.items():
        if mine[name][0] != theirs[other][0]:
            raise Broken(
                f"has {other} of shape {list(theirs[other][0])}, not {list(mine[name][0])}"
            )
    return found


def same_modules() -> dict[str, str]:
    """An environment in which Python finds the modules that this process finds, in any folder."""
    paths = [str(Path(each).resolve()) for each in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _bounded() -> None:
    """Keep a port from taking all the memory there is."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
