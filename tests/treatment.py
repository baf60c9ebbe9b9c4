"""How the tests treat a part, as tests/course/lesson_NN.py says: `treatment("3.4").steps`.

Plain enough for Python 3.7: the maker of the goldens reads it beside the real TensorFlow 1.15.5.
"""

from __future__ import annotations

import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "course"


@dataclass(frozen=True)
class Treatment:
    """What the tests know of one part."""

    steps: int | None  # only so many steps are run; None: all of them
    broken: dict[str, Any]  # by claim, what to break it with
    spoiled: dict[str, Any]  # by claim, {result: (holds, does not hold)}
    shorter: tuple = ("", "")  # what of its text makes it long, and what stands there instead


def treatment(number):
    """How the part "3.4" is treated; what its lesson's file does not say is empty."""
    # A lesson of many parts may have its file in pieces, lesson_04a.py and lesson_04b.py.
    files = sorted(FOLDER.glob(f"lesson_{int(number.partition('.')[0]):02}*.py"))
    told = [runpy.run_path(str(path)) for path in files]

    def said(table, nothing):
        return next(
            (each[table][number] for each in told if number in each.get(table, {})), nothing
        )

    steps, shorter = said("STEPS", None), said("SHORTER", ("", ""))
    return Treatment(steps, said("BROKEN", {}), said("SPOILED", {}), shorter)


def cut(cases, steps):
    """The first steps only; a Cases keeps what its training starts from. None: all of them."""
    if steps is None:
        return cases
    return cases.first(steps) if hasattr(cases, "first") else cases[:steps]
