"""What the command line says, and where: answers on stdout, complaints and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

from graphlab import errors, startup

if TYPE_CHECKING:
    from graphlab.screen.console import Plain


def complain(line: str, code: int = 2) -> int:
    """One line on stderr; gives the exit code."""
    click.echo(f"graphlab: {errors.line(line)}", err=True)
    return code


def note(line: str) -> None:
    """One line on stderr that is no complaint."""
    complain(line)


def start_tensorflow() -> None:
    """Import TensorFlow, silently, with a word on a terminal that it takes a while."""
    if sys.stderr.isatty():
        with stderr().status("starting TensorFlow"):
            startup.start_tensorflow()
    else:
        startup.start_tensorflow()


def document(found: Any) -> None:
    """Plain data as one JSON document on stdout."""
    from graphlab.model import to_json

    click.echo(to_json(found, indent=1))


def stdout() -> Plain:
    """For the answer."""
    return _console(sys.stdout)


def stderr() -> Plain:
    """For progress and complaints."""
    return _console(sys.stderr)


def _console(file: TextIO) -> Plain:
    from graphlab.screen.console import Plain

    return Plain(file)


@contextmanager
def bar(of: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, moved by calls with what is done and how much there is to do."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = stderr()
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task(of, total=None)
        yield lambda done, total: p.update(task, completed=done, total=total)


@contextmanager
def counting(of: str) -> Iterator[Callable[[int], bool]]:
    """A line on a terminal that counts what is told to it; elsewhere nothing is shown.

    What it gives can stand where somebody asks after each step whether to stop: it never says so.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn

    console = stderr()
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task(of, total=None)

        def count(number: int) -> bool:
            p.update(task, completed=number)
            return False

        yield count


@contextmanager
def saying(of: str) -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is being done now; elsewhere nothing is shown."""
    console = stderr()
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status(of) as status:
        yield lambda what: status.update(f"{of}: {what}")
