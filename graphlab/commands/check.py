"""graphlab check."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlab.commands import options, talk
from graphlab.commands.compare import compare
from graphlab.errors import GraphlabError
from graphlab.exercises import SECONDS, progress
from graphlab.output import files

if TYPE_CHECKING:
    from graphlab.exercises.exercise import Draws
    from graphlab.exercises.ladder import Ladder

PLANTED = 100  # checks that --mutate may make, each with a time of its own


@click.command()
@click.argument("port", type=click.Path(path_type=Path), metavar="FILE")
@click.argument("number", type=int, required=False, metavar="[EXERCISE]")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="OLD.py",
    help="Check against this program, in place of an exercise's.",
)
@click.option("--mutate", is_flag=True, help="Plant known mistakes into FILE, for its own tests.")
@click.option("--tests", metavar="CMD", help="With --mutate: the tests, as pytest -q test_port.py.")
@options.seed
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="For all of it.",
)
@click.option("--json", is_flag=True, help="One JSON document in place of the ladder.")
@click.pass_context
def check(
    context: click.Context,
    port: Path,
    number: int | None,
    against: Path | None,
    mutate: bool,
    tests: str | None,
    seed: int | None,
    timeout: float,
    json: bool,
) -> int:
    """Check FILE, a port: by nine probes, each of which sees what the ones before it cannot.

    FILE has a build() that gives an object with train_step(**feeds), predict(**feeds), variables,
    save(path) and restore(path). Which exercise it is of stands in its first lines ("Exercise 3"),
    or is said. Weights, feeds, sizes and the number of calls are drawn anew at each check; --seed
    repeats one. The port runs in a process of its own, which is given neither the original nor its
    numbers.

    --against OLD.py checks it against any other program with a build(). One of the two says what
    to feed: feeds(random, size, call) gives the arrays of one train_step by name. Where either
    file has no build(), both are run and compared, as `graphlab compare` does.

    --mutate asks how good your own tests are: it plants known mistakes into copies of FILE, one at
    a time, keeps those that the probes see, and says which ones --tests CMD would have missed.

    Exit codes: 0 it is a port, 1 it is not (or a mistake was missed), 2 the request was wrong.

    \b
    Examples:
      graphlab check exercise_03.py
      graphlab check exercise_03.py --seed 1
      graphlab check new.py --against old.py
      graphlab check --mutate exercise_03.py --tests "pytest -q test_port.py"
    """
    if bool(tests) != mutate:
        raise GraphlabError("--mutate and --tests CMD go together: give both, or none of them")
    from graphlab.exercises import drawn, ladder, turned
    from graphlab.exercises import exercise as known

    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    if tests and (against is not None or (known.number_of(port) or number) is None):
        with drawn.drawing(against or port, port, timeout * PLANTED) as draws:
            return _mutated(port, draws, tests, seed, timeout, json)
    if against is not None:
        if not all(drawn.defines(each, "build") for each in (port, against)):
            return context.invoke(compare, a=str(against), b=str(port), seed=seed, json=json)
        with drawn.drawing(against, port, timeout) as draws, talk.saying("checking") as tell:
            return _told(ladder.check(against, port, draws, seed, timeout, tell), json)
    number = number or known.number_of(port)
    if number is None:
        raise GraphlabError(
            f"{port} does not say of which exercise it is a port; begin it with a line such as"
            f' "Exercise 3", or give the number: graphlab check {port} 3'
        )
    one = known.exercise(number)
    if tests:
        return _mutated(port, one.draws, tests, seed, timeout, json)
    with talk.saying("checking") as tell:
        if one.turned:
            fooled = turned.fool(one, port, seed, timeout, tell)
            right = fooled.won
        else:
            found = ladder.check(one.original, port, one.draws, seed, timeout, tell)
            right = found.holds
    if right:
        _keep(port.resolve().parent, number)
    if not one.turned:
        return _told(found, json)
    if json:
        talk.document(fooled)
    else:
        from graphlab.screen import exercises as screen

        talk.stdout().print(screen.fooled(fooled))
    return 0 if right else 1


def _mutated(port: Path, draws: Draws, tests: str, seed: int, timeout: float, json: bool) -> int:
    """Plant mistakes, and say which ones the tests missed; exit code 1 where there are any."""
    from graphlab.exercises import mutation

    with talk.saying("planting") as tell:
        tried = tuple(mutation.mutation(port, draws, tests, seed, timeout, tell))
    if json:
        talk.document(tried)
    else:
        from graphlab.screen import exercises as screen

        talk.stdout().print(screen.mutation(tried))
    return 1 if any(each.seen is False for each in tried) else 0


def _told(found: Ladder, json: bool) -> int:
    if json:
        talk.document(found)
    else:
        from graphlab.screen import exercises as screen

        talk.stdout().print(screen.ladder(found))
    return 0 if found.holds else 1


def _keep(folder: Path, number: int) -> None:
    """Remember that an exercise is solved, beside the port."""
    kept = progress.read(folder)
    if not kept.one(number).solved:
        data = kept.solved(number).as_bytes()
        files.write_whole(folder / progress.NAME, data)
