"""The lines of a script typed into a stepper, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from graphlab.errors import GraphlabError
from graphlab.walk import panels as screen
from graphlab.walk.stepper import Stepper


def play(
    stepper: Stepper, lines: Iterable[str], name: str, typed: bool = False
) -> Iterator[RenderableType]:
    """Type the lines of a script into a stepper: each line, and what it brought about.

    Empty lines and those that begin with # are passed by. GraphlabError names the wrong line;
    what somebody has `typed` is only told to be wrong, and an empty line passes a question by.
    """
    yield screen.moment(stepper.view, stepper.guessing)
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if (not line and not (typed and stepper.guesses.waiting)) or line.startswith("#"):
            continue
        if not typed:
            yield Text(f"\n> {line}", "bold")
        try:
            reply = stepper.do(line)
        except GraphlabError as error:
            if typed:
                yield Text(str(error), "red")
                continue
            raise GraphlabError(f"{name}, line {number}: {error}") from error
        yield from reply.said
        if reply.by_line and stepper.view.step is not None:  # at the start no line has run
            yield stepper.lit()
        if reply.moved:
            yield screen.moment(stepper.view, stepper.guessing)
        if reply.done:
            return
