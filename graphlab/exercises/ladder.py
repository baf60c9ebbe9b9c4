"""A port checked: nine probes, up to the first that breaks.

found = check(exercise(3), Path("port.py"), seed=1)
found.holds, found.rungs[-1].detail
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.exercises import SECONDS
from graphlab.exercises.because import parting
from graphlab.exercises.differences import Wrong
from graphlab.exercises.exercise import Draws
from graphlab.exercises.probes import PROBES, Skipped, Trial
from graphlab.exercises.sides import Broken, OriginalBroken, Sides

HOLDS, BREAKS, SKIPPED, LEFT = "holds", "breaks", "does not apply", "not tried"
TRACED = 5  # probes that ask in one process, where the same can be asked once more


@dataclass(frozen=True, slots=True)
class Rung:
    """What one probe found."""

    number: int
    name: str
    outcome: str  # "holds", "breaks", "does not apply", "not tried"
    detail: str = ""  # what was seen
    means: str = ""  # of the one that breaks: what it usually is
    parts: str = ""  # where the programs part, with both lines


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the probes say of a port."""

    port: str
    original: str
    seed: int
    holds: bool
    rungs: tuple[Rung, ...]

    @property
    def broken(self) -> Rung | None:
        """The first that breaks."""
        return next((rung for rung in self.rungs if rung.outcome == BREAKS), None)


def check(
    original: Path,
    port: Path,
    draws: Draws,
    seed: int,
    seconds: float = SECONDS,
    tell: Callable[[str], None] = lambda name: None,
    traced: bool = True,
) -> Ladder:
    """Ask both programs the same, probe by probe, until one breaks.

    All that is drawn comes from `seed`, which no program gets to see. `tell` hears the name of each
    probe before it is tried; `traced` has the programs compared op by op where a probe breaks.
    GraphlabError where the port cannot be built, or it is the original that cannot be run.
    """
    random = np.random.RandomState(seed)
    rungs: list[Rung] = []
    with (
        tempfile.TemporaryDirectory(prefix="graphlab-") as folder,
        Sides(original, port, seconds) as sides,
    ):
        trial = Trial(sides, draws, random, Path(folder), draws.sizes(random))
        try:
            sides.build()
        except Broken as problem:
            raise GraphlabError(f"{port} {problem}") from None
        except OriginalBroken as problem:
            raise _unusable(original, port, problem) from None
        for number, probe in enumerate(PROBES, 1):
            if any(rung.outcome == BREAKS for rung in rungs):
                rungs.append(Rung(number, probe.name, LEFT))
                continue
            tell(probe.name)
            try:
                rungs.append(Rung(number, probe.name, HOLDS, probe.ask(trial)))
            except Skipped as why:
                rungs.append(Rung(number, probe.name, SKIPPED, str(why)))
            except Wrong as seen:
                parts = ""
                if traced and number <= TRACED:
                    tell("where they part")
                    parts = parting(original, port, sides.asked, Path(folder), seconds)
                rungs.append(Rung(number, probe.name, BREAKS, str(seen), probe.means, parts))
            except Broken as problem:
                rungs.append(Rung(number, probe.name, BREAKS, f"the port {problem}"))
            except OriginalBroken as problem:
                raise _unusable(original, port, problem) from None
    holds = all(rung.outcome in (HOLDS, SKIPPED) for rung in rungs)
    return Ladder(str(port), str(original), seed, holds, tuple(rungs))


def _unusable(original: Path, port: Path, problem: OriginalBroken) -> GraphlabError:
    return GraphlabError(f"{original.name}, which {port.name} is checked against, {problem}")
