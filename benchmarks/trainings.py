"""The training loops of the course as a lesson runs them, against the same loops called bare.

A row for every part of at least `LEAST` steps, whole: in shorter ones two of a few steps are
recorded, and there is nothing that they could be small beside. To record two steps and to read what
was recorded takes as long whatever comes after, so a long training is measured once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks import Cost, Row, in_turns, quiet_tensorflow, row, stretch

ROUNDS = 5
LEAST = 200  # steps
LONG = 5.0  # seconds
WAYS = ("graph", "function")


def measure() -> Iterator[Row]:
    """The loop of every way, and with the reading of its recorded calls, which comes behind it."""
    quiet_tensorflow()
    from graphlab.course import outline, ways

    parts = [part for lesson in outline.lessons() for part in lesson.parts]
    # One may ask for more devices, which are made before the first op of any.
    for part, module in [(part, outline.load(part)) for part in parts]:
        if not hasattr(module, "cases") or len(ways.cases_of(module)) < LEAST:
            continue
        for way in WAYS:
            readings: list[Cost] = []
            loop = getattr(module, way)

            def lesson(
                way: str = way, module: object = module, readings: list[Cost] = readings
            ) -> Cost:
                seen = []
                cost = stretch(lambda: seen.append(ways.watch_way(module, way, "CPU:0")[1]))
                readings.append(stretch(lambda: seen[0].runs))
                return cost

            def bare(loop: Callable = loop, module: object = module) -> Cost:
                # What is drawn at random is drawn in both.
                return stretch(lambda: loop(ways.cases_of(module), "CPU:0"))

            rounds = 1 if bare().wall > LONG else ROUNDS
            pairs = in_turns(lesson, bare, rounds)
            for of in ("wall", "cpu"):
                yield row(f"{part.name}:{way}", pairs, of, 1.1)
            whole = [
                (Cost(ours.wall + read.wall, ours.cpu + read.cpu), theirs)
                for (ours, theirs), read in zip(pairs, readings, strict=True)
            ]
            yield row(f"{part.name}:{way} and read", whole, "wall", None)
