"""An exercise with the roles turned round: a weak checker, and a port that is to fool it.

found = fool(exercise(3), Path("port.py"), seed=1)
found.won      # the weak checker is content, and a probe is not
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphlab.exercises import SECONDS
from graphlab.exercises.exercise import Exercise
from graphlab.exercises.ladder import Ladder, check
from graphlab.exercises.sides import Broken, Sides


@dataclass(frozen=True, slots=True)
class Fooled:
    """What the weak checker says of a port, and what the probes say."""

    content: bool  # the weak checker took it
    ladder: Ladder

    @property
    def won(self) -> bool:
        """Whether the weak checker took what is none."""
        return self.content and self.ladder.broken is not None


def fool(
    exercise: Exercise,
    port: Path,
    seed: int,
    seconds: float = SECONDS,
    tell: Callable[[str], None] = lambda name: None,
) -> Fooled:
    """Ask the exercise's weak checker, and then the nine probes.

    GraphlabError as `ladder.check` has it.
    """
    ladder = check(exercise.original, port, exercise.draws, seed, seconds, tell)
    tell("the weak checker")
    weak = runpy.run_path(str(exercise.weak))["weak"]
    with Sides(exercise.original, port, seconds) as sides:
        sides.build()
        try:
            content = bool(weak(sides))
        except Broken:
            content = False
    return Fooled(content, ladder)
