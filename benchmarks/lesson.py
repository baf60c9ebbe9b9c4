"""A whole lesson part, against a bare script that trains the same three loops."""

from collections.abc import Iterator

from benchmarks import Row, in_turns, process, row

ROUNDS = 7


def measure() -> Iterator[Row]:
    """`graphlab lesson 2.4`, all three ways, with all that it shows."""
    pairs = in_turns(
        lambda: process("-m", "graphlab", "lesson", "2.4"),
        lambda: process("-m", "benchmarks.bare.lesson_2_4"),
        ROUNDS,
    )
    for of in ("wall", "cpu", "memory"):
        yield row("graphlab lesson 2.4", pairs, of, 1.5 if of != "memory" else None)
