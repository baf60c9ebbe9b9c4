"""Speed and memory, as ratios of two things measured side by side in one run.

    python -m benchmarks              all subjects
    python -m benchmarks startup      one
    python -m benchmarks page FILE... one that takes files

A subject is a module of this folder with `measure() -> Iterator[Row]`, or of files of one's own
`measure_files(paths) -> Iterator[Row]`. A ratio is the median of
the ratios of neighbours, A and B in turns, so a machine that is busy for a while slows both.
Nothing is asserted: a row that misses what is wanted is marked.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Row:
    """One line of the table: ours against theirs."""

    what: str
    ours: str  # a number with its unit
    theirs: str
    ratio: float
    wanted: float | None = None  # the ratio that is to be kept; None: only told

    def __str__(self) -> str:
        missed = self.wanted is not None and self.ratio > self.wanted
        wanted = "" if self.wanted is None else f"<= {self.wanted:g}{' MISSED' if missed else ''}"
        return f"{self.what:<58} {self.ours:>10} {self.theirs:>10} {self.ratio:>7.3f}  {wanted}"


HEADING = f"{'what':<58} {'ours':>10} {'theirs':>10} {'ratio':>7}  wanted"


@dataclass(frozen=True)
class Cost:
    """What a process, or a stretch of one, took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, all threads
    memory: float = 0.0  # MiB at most; 0 where it was not measured


def in_turns(ours: Callable[[], Cost], theirs: Callable[[], Cost], rounds: int) -> list[tuple]:
    """Both by turns, so many times: pairs of (ours, theirs). Who is first changes each time."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            their = theirs()
            pairs.append((ours(), their))
        else:
            our = ours()
            pairs.append((our, theirs()))
    return pairs


def row(what: str, pairs: Sequence[tuple], of: str, wanted: float | None) -> Row:
    """One line about `of` ("wall", "cpu" or "memory") of measured pairs."""
    ours, theirs = ([getattr(pair[side], of) for pair in pairs] for side in (0, 1))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    told = (_told(statistics.median(side), of) for side in (ours, theirs))
    return Row(f"{what}, {of}", *told, ratio, wanted)


def stretch(work: Callable[[], object]) -> Cost:
    """What one call takes in this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def process(*arguments: str) -> Cost:
    """What Python takes with these arguments, from its start to its end.

    Our modules are compiled once and kept, as pip does with those of a package that it installs.
    RuntimeError where it fails.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(running.pid, 0)  # what this one child used
    wall = time.perf_counter() - started
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} left with {running.returncode}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def peak_memory() -> float:
    """The most memory this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quiet_tensorflow() -> None:
    """Import TensorFlow without its chatter, as the command line does."""
    from graphlab import startup

    startup.start_tensorflow()


def _told(value: float, of: str) -> str:
    if of == "memory":
        return f"{value:.0f} MiB"
    if value < 0.001:
        return f"{value * 1e6:.1f} µs"
    return f"{value * 1000:.2f} ms" if value < 1 else f"{value:.2f} s"
