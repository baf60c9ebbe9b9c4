"""The course by two processes, against the same by one."""

import tempfile
from collections.abc import Iterator

from benchmarks import Cost, Row, in_turns, process, row

ROUNDS = 3
SOME = "--steps", "20", "1", "2", "3", "4"  # of each part so few that a round takes minutes


def measure() -> Iterator[Row]:
    """`graphlab course --jobs 2` on the first lessons. A second core halves what it can."""
    pairs = in_turns(lambda: _course(2), lambda: _course(1), ROUNDS)
    yield row("graphlab course --jobs 2", pairs, "wall", 0.7)
    yield row("graphlab course --jobs 2", pairs, "cpu", None)


def _course(jobs: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        return process("-m", "graphlab", "course", "-o", folder, "--jobs", str(jobs), *SOME)
