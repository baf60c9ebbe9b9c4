"""What is read without TensorFlow, against a Python that imports click and rich or TensorFlow."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import ROOT, Cost, Row, in_turns, process, row

BARE = "import click, rich.console, rich.table, rich.text"
ROUNDS = 15


def measure() -> Iterator[Row]:
    """`graphlab --help` and `graphlab lessons`, whole processes; a lesson's first line."""
    for command in ("--help", "lessons"):
        pairs = in_turns(
            lambda command=command: process("-m", "graphlab", command),
            lambda: process("-c", BARE),
            ROUNDS,
        )
        for of in ("wall", "cpu", "memory"):
            yield row(f"graphlab {command}", pairs, of, 1.3 if of != "memory" else None)
    pairs = in_turns(_first_line, lambda: process("-c", "import tensorflow"), 5)
    yield row("graphlab lesson 2.4, its first line", pairs, "wall", 0.15)


def _first_line() -> Cost:
    """What a lesson takes until there is something to read. The rest of it is not waited for."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "graphlab", "lesson", "2.4"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        wall = time.perf_counter() - started
        running.kill()
    return Cost(wall, 0.0, 0.0)
