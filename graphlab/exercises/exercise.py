"""Exercises: found, and read without running a program of theirs.

An exercise is a folder of `programs/`, `NN_name/`:

    exercise.py   the text, three hints, and what the checker draws; NumPy and nothing else;
                  with TURNED a weak checker, weak.py, is to be fooled, OF says of whose program
    original.py   the TensorFlow 1 program, with a `build()` like a port's
    start.py      what the reader begins with
    solution.py   one right port; others, in other styles, are `right_*.py`
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from graphlab.errors import GraphlabError

PROGRAMS = Path(__file__).with_name("programs")
_FOLDER = re.compile(r"(\d\d)_\w+")
_SAID = re.compile(r"^\W*exercise (\d+)\b", re.IGNORECASE | re.MULTILINE)
CALLS = 6, 12  # of training: at least and at most

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Draws:
    """What a check draws, each time anew: sizes first, and arrays of these sizes.

    `weights` are given to the variables of these names before the first call; `feeds` are those of
    one `train_step`, `queries` those of one `predict`. `special` gives names, and for each the
    weights and feeds of one more training call, where mistakes show that ordinary numbers hide.
    """

    sizes: Callable[[np.random.RandomState], dict[str, int]]
    feeds: Callable[[np.random.RandomState, dict[str, int], int], Arrays]
    weights: Callable[[np.random.RandomState, dict[str, int]], Arrays] | None = None
    queries: Callable[[np.random.RandomState, dict[str, int]], Arrays] | None = None
    special: Callable[[np.random.RandomState, dict[str, int]], Iterator[Any]] | None = None
    calls: tuple[int, int] = CALLS
    random: tuple[str, ...] = ()  # fetches that draw, and are compared by their statistics
    alone: bool = True  # no Session may have run


@dataclass(frozen=True)
class Exercise:
    """One program to be ported."""

    number: int
    title: str
    text: str
    hints: tuple[str, str, str]  # the symptom, the op, the lesson
    lesson: str  # the part that teaches it: "20.1"
    folder: Path
    turned: bool  # the roles are turned round: a weak checker is to be fooled
    original: Path  # the TensorFlow 1 program
    start: Path  # what the reader begins with
    solution: Path  # one right port; of a turned one, one that fools the weak checker
    draws: Draws = field(repr=False)

    def __reduce__(self) -> tuple[Callable[[int], Exercise], tuple[int]]:
        """Another process reads it anew: what it draws is by functions of no module's."""
        return exercise, (self.number,)

    @property
    def weak(self) -> Path | None:
        """The weak checker that is to be fooled; None where the roles are not turned round."""
        return self.folder / "weak.py" if self.turned else None

    def file(self, kind: str = "") -> str:
        """What the reader's file is called; of kind "_tf1" the program's, "_weak" the checker's."""
        return f"exercise_{self.number:02}{kind}.py"

    def text_of(self, file: Path) -> str:
        """A start or a solution as the reader gets it: it says of which exercise it is."""
        text = file.read_text(encoding="utf-8")
        if file.parent == self.folder:
            return text
        kind = "a right port" if file == self.start else "a port that fools the weak checker"
        return f'"""Exercise {self.number}, {kind}."""\n{text.partition(chr(10))[2]}'


def exercises() -> tuple[Exercise, ...]:
    """All of them, in order."""
    folders = sorted(each for each in PROGRAMS.iterdir() if _FOLDER.fullmatch(each.name))
    return tuple(_read(folder) for folder in folders)


def exercise(number: int) -> Exercise:
    """The one of that number. GraphlabError where there is none."""
    found = exercises()
    for each in found:
        if each.number == number:
            return each
    raise GraphlabError(f"there is no exercise {number}; there are 1 to {len(found)}")


def number_of(port: Path) -> int | None:
    """Which exercise a file says that it is a port of, in its first lines; None where it does not.

    GraphlabError where the file cannot be read.
    """
    try:
        head = "".join(port.read_text(encoding="utf-8").splitlines(keepends=True)[:5])
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise GraphlabError(f"cannot read {port}: {why}; give a Python file") from None
    said = _SAID.search(head)
    return int(said[1]) if said else None


def _draws_of(module: Any) -> Draws:
    """What an exercise says of its draws."""
    return Draws(
        getattr(module, "sizes", lambda random: {}),
        module.feeds,
        getattr(module, "weights", None),
        getattr(module, "queries", None),
        getattr(module, "special", None),
        calls=getattr(module, "CALLS", CALLS),
        random=tuple(getattr(module, "RANDOM", ())),
        alone=getattr(module, "ALONE", True),
    )


def _module(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(folder.name, folder / "exercise.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(folder: Path) -> Exercise:
    """An exercise. What a turned one lacks is that of the exercise whose program it has, where the
    right port is the start and the wrong one the solution."""
    module = _module(folder)
    of = getattr(module, "OF", None)
    other = folder if of is None else next(PROGRAMS.glob(f"{of:02}_*"))
    head, _, text = (module.__doc__ or "").partition("\n\n")
    title = head.partition(": ")[2].rstrip(".")
    number = int(folder.name[:2])
    own = folder / "solution.py"
    start, wrong = ("start.py", own) if other == folder else ("solution.py", other / "start.py")
    return Exercise(
        number,
        title,
        text.strip(),
        module.HINTS,
        module.LESSON,
        folder,
        bool(getattr(module, "TURNED", False)),
        other / "original.py",
        other / start,
        own if own.exists() else wrong,
        _draws_of(module if of is None else _module(other)),
    )
