"""An exercise's programs, each built, called once, and watched: what its page draws.

original, start = programs(exercise(1))
original.run, original.replays
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphlab.exercises.exercise import Arrays, Exercise
from graphlab.exercises.sides import partners
from graphlab.exercises.worker import Worker

if TYPE_CHECKING:  # they import TensorFlow
    from graphlab.model import Run
    from graphlab.watch.replay import Replay


@dataclass(frozen=True)
class Program:
    """One file of an exercise, as the reader has it."""

    file: str  # its name in the reader's folder
    text: str
    run: Run | None = None  # of one train_step, the call of the most ops; None: it builds no graph
    replays: tuple[Replay, ...] = ()


def programs(exercise: Exercise, seed: int = 0) -> tuple[Program, ...]:
    """The original and the start, called with the same drawn weights and feeds; a weak checker.

    All is drawn from `seed`. What the files raise passes through: they are graphlab's own.
    """
    random = np.random.RandomState(seed)
    size = exercise.draws.sizes(random)
    weights = exercise.draws.weights(random, size) if exercise.draws.weights else {}
    feeds = exercise.draws.feeds(random, size, 0)
    original = Program(exercise.file("_tf1"), exercise.original.read_text(encoding="utf-8"))
    start = Program(exercise.file(), exercise.text_of(exercise.start))
    with tempfile.TemporaryDirectory(prefix="graphlab-") as folder, _path_kept():
        first, variables = _called(original, Path(folder), weights, feeds, None)
        second, _ = _called(start, Path(folder), weights, feeds, variables)
    if exercise.weak is None:
        return first, second
    weak = Program(exercise.file("_weak"), exercise.weak.read_text(encoding="utf-8"))
    return first, second, weak


Variables = Mapping[str, tuple[tuple[int, ...], str]]


def _called(
    program: Program, folder: Path, weights: Arrays, feeds: Arrays, originals: Variables | None
) -> tuple[Program, Variables]:
    """The program with the run of one call, and its variables.

    The file is a copy, as graphlab's own lines are never shown as a reader's.
    """
    from graphlab.watch.observer import observe

    file = folder / program.file
    file.write_text(program.text, encoding="utf-8")
    worker = Worker(file, [])
    told = worker.build()["variables"]
    variables = {name: (tuple(shape), dtype) for name, shape, dtype in told}
    partner = partners(originals or variables, variables)
    worker.write({partner[name]: value for name, value in weights.items()})
    with observe(values=True) as seen:
        worker.call(feeds, "train_step")
    runs = [run for run in seen.runs if run.way != "eager"]
    main = max(runs, key=lambda run: len(run.steps), default=None)
    return Program(program.file, program.text, main, seen.replays), variables


@contextmanager
def _path_kept() -> Iterator[None]:
    """A worker has a process of its own elsewhere, and puts a folder into Python's path."""
    kept = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = kept
