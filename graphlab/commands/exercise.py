"""graphlab exercise."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlab.commands import talk
from graphlab.commands.check import check
from graphlab.errors import GraphlabError
from graphlab.exercises import progress
from graphlab.output import files

if TYPE_CHECKING:
    from graphlab.exercises.exercise import Exercise

LOOKS = 0.3  # seconds between two looks at a file that is watched


@click.command()
@click.argument("number", type=int, required=False, metavar="[N]")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    metavar="FOLDER",
    help="Where the ports are, and the progress is kept.",
)
@click.option("--hint", is_flag=True, help="The next of three hints.")
@click.option("--watch", is_flag=True, help="Check the port each time it is saved, until it holds.")
@click.option("--reset", is_flag=True, help="Begin anew; what is there is kept as FILE.old.")
@click.option("--solution", is_flag=True, help="Once it is solved, or when asked for twice.")
@click.pass_context
def exercise(
    context: click.Context,
    number: int | None,
    into: Path,
    hint: bool,
    watch: bool,
    reset: bool,
    solution: bool,
) -> int:
    """List the exercises, or begin exercise N: a TensorFlow 1 program that is to be ported.

    N writes two files into the folder: exercise_NN_tf1.py, the program, to be read, and
    exercise_NN.py, which is yours: a port that runs and is quietly wrong, or an empty one. Then
    `graphlab check exercise_NN.py` says whether it is a port. In three of them the roles are turned
    round: there is a weak checker, and you write what fools it.

    \b
    Examples:
      graphlab exercise
      graphlab exercise 1
      graphlab exercise 1 --hint
      graphlab exercise 1 --watch
    """
    from graphlab.exercises import exercise as known
    from graphlab.screen import exercises as screen

    console = talk.stdout()
    kept = progress.read(into)
    if number is None:
        if hint or watch or reset or solution:
            raise GraphlabError("say of which exercise: graphlab exercise N --hint")
        found = known.exercises()
        console.print(screen.listing(found, kept))
        left = [each.number for each in found if not kept.one(each.number).solved]
        if left:
            console.print(f"The next one: graphlab exercise {left[0]}")
        return 0
    one = known.exercise(number)
    if hint:
        if kept.one(number).hints < len(one.hints):
            kept = kept.hinted(number)
            _keep(into, kept)
        for n in range(1, kept.one(number).hints + 1):
            console.print(screen.hint(one, n))
        return 0
    if solution:
        return _solution(one, kept, into)
    port = _begin(one, into, reset)
    if watch:
        return _watched(context, port)
    console.print(screen.task(one))
    console.print(f"{into / one.file('_tf1')}  the program, to be read")
    if one.turned:
        console.print(f"{into / one.file('_weak')}  the weak checker, to be fooled")
    console.print(f"{port}  yours; then: graphlab check {port}")
    console.print(f"Where you are stuck: graphlab exercise {number} --hint")
    return 0


def _begin(one: Exercise, folder: Path, reset: bool) -> Path:
    """The reader's file, written where it is not there, and the program beside it."""
    files.check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    port = folder / one.file()
    if reset and port.exists():
        files.write_whole(port.with_name(port.name + ".old"), port.read_bytes())
    if reset or not port.exists():
        files.write_whole(port, one.text_of(one.start).encode())
    files.write_whole(folder / one.file("_tf1"), one.original.read_bytes())
    if one.weak is not None:
        files.write_whole(folder / one.file("_weak"), one.weak.read_bytes())
    return port


def _keep(folder: Path, kept: progress.Progress) -> None:
    files.check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files.write_whole(folder / progress.NAME, kept.as_bytes())


def _solution(one: Exercise, kept: progress.Progress, folder: Path) -> int:
    """Show it, to whoever has solved it or asks a second time; exit code 1 the first time."""
    done = kept.one(one.number)
    if not done.solved and not done.asked:
        _keep(folder, kept.asked(one.number))
        left = len(one.hints) - done.hints
        hints = f" There are {left} hints left: --hint." if left else ""
        talk.note(f"exercise {one.number} is not solved yet.{hints} Ask again to see the solution")
        return 1
    click.echo(one.text_of(one.solution), nl=False)
    return 0


def _watched(context: click.Context, port: Path) -> int:
    """Check at each save until it holds. Ctrl-C ends it."""
    seen = now = 0
    while True:
        with contextlib.suppress(FileNotFoundError):  # an editor is putting another in its place
            now = port.stat().st_mtime_ns
        if now != seen:
            seen = now
            talk.note(f"checking {port}")
            try:
                if context.invoke(check, port=port) == 0:
                    return 0
            except GraphlabError as problem:
                talk.complain(str(problem))
            talk.note(f"waiting until {port} is saved; Ctrl-C ends it")
        time.sleep(LOOKS)
