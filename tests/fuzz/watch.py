"""Cases one after the other in a child, which is ended where it hangs or takes too much.

for finding in findings(seed=7, cases=range(1000)): print(finding)
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 5.0
MEMORY = 2 << 30  # bytes of resident memory
GROWTH = 600 << 20  # a child that has grown so large is replaced between two cases
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Finding:
    """What is wrong with a case."""

    seed: int
    case: int
    file: str
    what: str

    def __str__(self) -> str:
        return f"--seed {self.seed} --case {self.case} ({self.file}): {self.what}"


@dataclass
class Told:
    """How the cases went."""

    cases: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)


def findings(seed: int, cases: Iterable[int], told: Told | None = None) -> Iterator[Finding]:
    """Try the cases; what is wrong with each that something is wrong with."""
    told = told or Told()
    child = None
    try:
        for case in cases:
            if child is None or child.memory() > GROWTH:
                if child is not None:
                    child.end()
                child = _Child(seed)
            file, what = child.ask(case)
            told.cases += 1
            told.verdicts[what.split()[0] if what else "?"] += 1
            if what not in ("read", "refused"):
                yield Finding(seed, case, file, what.removeprefix("WRONG "))
            if not child.lives():
                child.end()
                child = None
    finally:
        if child is not None:
            child.end()


class _Child:
    def __init__(self, seed: int) -> None:
        tests = Path(__file__).parents[1]
        paths = [str(ROOT), str(tests), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.child", str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        assert self.process.stdin and self.process.stdout
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.rest = b""
        self.place = Path(str(json.loads(self._line(60.0) or "null")))

    def ask(self, case: int) -> tuple[str, str]:
        """The name of the file, and the verdict."""
        assert self.process.stdin
        self.process.stdin.write(f"{case}\n".encode())
        self.process.stdin.flush()
        made = self._line(60.0)
        if made is None:
            self.process.kill()
            self.process.wait()
            return "?", "WRONG the making of the case hangs"
        _, _, file = json.loads(made)
        began = time.monotonic()
        answer = self._line(SECONDS)
        if answer is not None:
            return file, str(json.loads(answer)[1])
        if not self.lives():
            return file, f"WRONG the process ended with {self.process.wait()}"
        large = self.memory() > MEMORY
        took = time.monotonic() - began
        self.process.kill()
        self.process.wait()
        return file, f"WRONG more than {MEMORY >> 30} GB" if large else f"WRONG {took:.0f} s"

    def _line(self, seconds: float) -> str | None:
        """The next line within so many seconds of the processor's time; None where there is none.

        The time of other processes is not counted, but no more than twenty times as much of it.
        """
        assert self.process.stdout
        until = self._busy() + seconds
        last = time.monotonic() + 20 * seconds
        while b"\n" not in self.rest:
            if self.selector.select(0.05):
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                if not data:
                    return None
                self.rest += data
            elif self._busy() > until or time.monotonic() > last or self.memory() > MEMORY:
                return None
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode()

    def _busy(self) -> float:
        """Seconds of the processor that the child has taken, with those of its own children."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """The bytes of memory that it has now."""
        try:
            pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def lives(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        """End it, and remove what it left."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.lives():
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.selector.close()
        shutil.rmtree(self.place, ignore_errors=True)
