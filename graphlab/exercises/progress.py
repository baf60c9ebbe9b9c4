"""How far a reader is: a small file beside their ports.

progress = read(folder)
progress = progress.hinted(3)         # frozen: each step gives another
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from graphlab.errors import GraphlabError

NAME = ".graphlab-exercises.json"


@dataclass(frozen=True, slots=True)
class Exercised:
    """What became of one exercise."""

    solved: bool = False
    hints: int = 0  # that were asked for
    asked: bool = False  # for the solution, before it was solved


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of all of them, by number."""

    of: Mapping[int, Exercised] = field(default_factory=dict)

    def one(self, number: int) -> Exercised:
        """What became of this one."""
        return self.of.get(number, Exercised())

    def solved(self, number: int) -> Progress:
        """This one is solved."""
        return self._with(number, replace(self.one(number), solved=True))

    def hinted(self, number: int) -> Progress:
        """One more hint of this one was asked for."""
        done = self.one(number)
        return self._with(number, replace(done, hints=done.hints + 1))

    def asked(self, number: int) -> Progress:
        """The solution of this one was asked for."""
        return self._with(number, replace(self.one(number), asked=True))

    def _with(self, number: int, done: Exercised) -> Progress:
        return Progress({**self.of, number: done})

    def as_bytes(self) -> bytes:
        """What is written: the same bytes for the same progress."""
        told = {str(number): asdict(self.of[number]) for number in sorted(self.of)}
        return (json.dumps(told, indent=1) + "\n").encode()


def read(folder: Path) -> Progress:
    """The progress that is kept in a folder; none where nothing is kept.

    GraphlabError where the file is none of ours.
    """
    path = folder / NAME
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Progress({int(number): Exercised(**each) for number, each in told.items()})
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, TypeError, AttributeError):
        raise GraphlabError(
            f"cannot read {path}, where the progress is kept; remove it to begin anew"
        ) from None
