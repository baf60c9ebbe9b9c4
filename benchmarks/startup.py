"""The commands that only read, against a Python that only imports click and rich."""

from collections.abc import Iterator

from benchmarks import Row, in_turns, process, row

BARE = "import click, rich.console, rich.table, rich.text"
ROUNDS = 15


def measure() -> Iterator[Row]:
    """`graphlab --help` and `graphlab lessons`, whole processes."""
    for command in ("--help", "lessons"):
        pairs = in_turns(
            lambda command=command: process("-m", "graphlab", command),
            lambda: process("-c", BARE),
            ROUNDS,
        )
        for of in ("wall", "cpu", "memory"):
            yield row(f"graphlab {command}", pairs, of, 1.5 if of != "memory" else None)
