"""What a part shows where people would rather look: its figures, by name.

shown(module, {"graph": results}) -> Shown({"filters": Images(...)}, ())
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from graphlab.figure import FigureData, problem

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # it becomes a piece of a file's name
_TAKEN = re.compile(r"(.+-)?trace|loss|graph|eager|function|keras")  # by the pictures of runs


@dataclass(frozen=True)
class Shown:
    """The figures that can be drawn, and a line for each that cannot."""

    figures: Mapping[str, FigureData] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


NOTHING = Shown()


def shown(
    module: ModuleType, results: Mapping[str, Mapping[str, Any]], whole: bool = True
) -> Shown:
    """The figures of a part's `figures(results)`, of the results of the first way that ran.

    A part without that function shows none. What it raises is a complaint: the lesson goes on.
    `whole` says whether the results are of all steps, which a figure may need.
    """
    make = getattr(module, "figures", None)
    if make is None or not results:
        return NOTHING
    way = next(iter(results))
    try:
        made = dict(make(results[way]))
    except Exception as error:
        if way == "keras" and isinstance(error, KeyError):  # it may leave results out
            return NOTHING
        if not whole:
            return Shown({}, ("its figures show all of its steps, and only some were run",))
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return Shown({}, (f"figures() could not draw the results of {way}: {said}",))
    wrong = {name: _wrong(name, figure) for name, figure in made.items()}
    return Shown(
        {name: figure for name, figure in made.items() if not wrong[name]},
        tuple(f"figure {name!r}: {said}" for name, said in wrong.items() if said),
    )


def _wrong(name: Any, figure: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _TAKEN.fullmatch(name):
        return (
            "its name cannot be a file's; give lower case words joined by -, not the name of a way"
        )
    return problem(figure)
