"""The training loops of the course as a lesson runs them, against the same loops called bare."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks import Cost, Row, in_turns, quiet_tensorflow, row, stretch

ROUNDS = 5
STEPS = 240  # of each training: the first and the eighth are recorded, as in a whole one
WAYS = ("graph", "function")


def measure() -> Iterator[Row]:
    """The graph and the function way of every part that trains, first steps and all."""
    quiet_tensorflow()
    from graphlab.course import outline, ways

    for part in (part for lesson in outline.lessons() for part in lesson.parts):
        module = outline.load(part)
        if not hasattr(module, "cases"):  # nothing is drawn: nothing is trained for long
            continue
        if len(ways.cases_of(module)) < STEPS:
            continue
        for way in WAYS:

            def lesson(way: str = way, module: object = module) -> Cost:
                return stretch(lambda: ways.run_way(module, way, "CPU:0", steps=STEPS))

            loop = getattr(module, way)

            def bare(loop: Callable = loop, module: object = module) -> Cost:
                # What is drawn at random is drawn in both.
                return stretch(lambda: loop(ways.cases_of(module, steps=STEPS), "CPU:0"))

            yield row(f"{part.name}:{way}", in_turns(lesson, bare, ROUNDS), "wall", 1.1)
