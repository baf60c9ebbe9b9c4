"""A text that is read on a terminal a screen at a time; piped, it is printed as it comes.

shown = Paged(talk.stdout(), talk.stderr(), pause=True)
shown.begin(first_sections)      # as much as the screen holds, without waiting
shown.show(more_sections)        # waits for Enter where the screen is full; Left: by q
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from rich.control import Control
from rich.segment import ControlType

if TYPE_CHECKING:
    from rich.console import RenderableType

    from graphlab.screen.console import Plain

GO_ON = ("\r", "\n", " ")
LEAVE = ("q", "Q", "\x04", "\x1b", "")  # "": the terminal is gone
TAKEN_BACK = Control(
    ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)
)
KEPT = 2  # lines of the screen for the question, and for what was read last
LEAST = 8  # lines of a screen that is too small for this


class Left(Exception):
    """The reader has left."""


class Paged:
    """Sections, one after another, on a console."""

    def __init__(self, console: Plain, questions: Plain, pause: bool) -> None:
        self.console = console
        self.questions = questions
        self.pause = pause
        self.room = max(console.height - KEPT, LEAST)  # lines of a screen
        self.used = 0  # of them by what came since the reader was last asked
        self.waiting: list[list[str]] = []  # sections that have no room before one asks

    @property
    def width(self) -> int:
        """Columns of what is shown."""
        return self.console.width

    def begin(self, sections: Iterable[RenderableType]) -> None:
        """Show the first screen, and keep the others until `resume`."""
        for section in sections:
            self._print(section, wait=False)
        self.console.file.flush()

    def resume(self) -> None:
        """Show what `begin` has kept. Left: the reader leaves."""
        kept, self.waiting = self.waiting, []
        for lines in kept:
            self._lines(lines, wait=True)

    def show(self, sections: Iterable[RenderableType]) -> None:
        """Show sections, each whole on a screen where it fits on one. Left: the reader leaves."""
        for section in sections:
            self._print(section, wait=True)

    def ask(self, what: str) -> None:
        """Wait for Enter, which goes on. Left: the reader leaves."""
        self.used = 0
        self.console.file.flush()
        self.questions.print(f"\nEnter: {what}.  q: leave.", style="dim", end="")
        key = ""
        try:
            while (key := click.getchar()) not in (*GO_ON, *LEAVE):
                pass
        finally:
            if key in GO_ON and not self.questions.is_dumb_terminal:
                self.questions.control(TAKEN_BACK)  # what was asked is not part of the text
            else:
                self.questions.print()
        if key not in GO_ON:
            raise Left

    def _print(self, section: RenderableType, wait: bool) -> None:
        if not self.pause:
            self.console.print(section)
            return
        with self.console.capture() as taken:
            self.console.print(section)
        self._lines(taken.get().splitlines(keepends=True), wait)

    def _lines(self, lines: list[str], wait: bool) -> None:
        if self.waiting and not wait:
            self.waiting.append(lines)
            return
        fits = len(lines) <= self.room
        if wait and fits and self.used and self.used + len(lines) > self.room:
            self.ask("more")
        while lines:
            room = self.room - self.used
            self.console.file.write("".join(lines[:room]))
            self.used += min(len(lines), room)
            lines = lines[room:]
            if lines and not wait:
                self.waiting.append(lines)
                return
            if lines:
                self.ask("more")
