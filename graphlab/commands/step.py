"""graphlab step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TextIO

import click

from graphlab.commands import options, talk, watching
from graphlab.errors import GraphlabError
from graphlab.output import files
from graphlab.targets.target import Ask, parse


@click.command()
@click.argument("target")
@options.arguments
@click.option("--call", type=click.IntRange(1), help="Which recorded call; `calls` lists them.")
@click.option("--script", type=click.File(), help="Commands, one a line, in place of keys.")
@click.option("--predict", is_flag=True, help="Ask for the next op and its value before showing.")
@click.option("--all", "every", is_flag=True, help="Stop at constants and shapes, too.")
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=256,
    show_default=True,
    metavar="MiB",
    help="Past values kept for going back; beyond, they are computed again.",
)
@options.html
@options.live
@options.way
@options.device
@options.seed
@click.option("--feed", multiple=True, metavar="X=VALUE", help="Of a model, as for trace.")
@options.fetch
@options.signature
@options.tags
@options.trust
def step(
    target: str,
    arguments: tuple[str, ...],
    call: int | None,
    script: TextIO | None,
    predict: bool,
    every: bool,
    keep: int,
    html: Path | None,
    live: bool,
    way: str | None,
    device: str | None,
    seed: int | None,
    feed: tuple[str, ...],
    fetch: tuple[str, ...],
    signature: str,
    tags: tuple[str, ...] | None,
    trust: bool,
) -> int:
    """Step through an execution of TARGET, forward and back, with values.

    TARGET is run once under observation. One of its calls (a Session.run, a call of a
    tf.function, or the eager ops of a step; by default the steady training step) is then
    executed again from the state before it, one op at a time and as written. You see each op
    with its line, inputs and outputs, why it could run, what is ready next and what memory is
    live; you can change a tensor and go on, stop at breakpoints, and go into calls and loops.

    On a terminal keys do it, as in pdb where they mean the same: s an op, n the next line of the
    program, c to a breakpoint; B and N go back, by an op and by a line; h lists all. `why z[2,3]`
    shows the sum behind one element. Constants and the arithmetic of shapes are passed by, but with
    --all.

    With --script, or with commands on stdin, the same commands are done one by one. A wrong one
    ends the script with exit code 2. --html writes a page in which to step in place of the
    terminal.

    \b
    Examples:
      graphlab step 2.4:function
      graphlab step 2.4 --predict
      graphlab step train.py --call 2 --script look.txt
      printf "break nan\\ncontinue\\nsource\\n" | graphlab step train.py
    """
    asked = parse(target, way, Ask(feed, fetch, signature, trust=trust, tags=tags), arguments)
    if live and not html:
        raise GraphlabError("--live is for a page; expected --html FILE with it")
    if html:
        files.check(html, files.PAGE, (*asked.inputs, *([Path(script.name)] if script else [])))
    watched = watching.watch(asked, device, seed, values=True)
    code = watching.say_failure(watched)
    if code and not watched.replays:
        return code
    if html:
        watching.write_page(html, watched, values_first=True, live=live)
        return code
    from graphlab.targets.process import own_output
    from graphlab.targets.stepping import stepper_of
    from graphlab.walk.script import play

    with own_output():  # of its Python functions, which are called again
        stepper, notes = stepper_of(watched, call, predict, keep * 1_000_000, every)
    console = talk.stdout()
    somebody = script is None and all(f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr))
    if somebody and not console.is_dumb_terminal:
        from graphlab.walk.app import StepApp

        StepApp(stepper, target, notes).run()
        return code
    for note in notes:
        console.print(note, style="dim")
    if somebody:  # on a terminal that can only print line after line
        console.print("a command a line; help lists them, quit leaves", style="dim")
        shown = play(stepper, _typed(), "the line", typed=True)
    else:
        lines, name = (script, script.name) if script else (sys.stdin, "stdin")
        shown = play(stepper, lines, name)
    while True:
        apart = nullcontext() if somebody else own_output()
        # What is said stands below no half a line.
        with talk.counting("step") as stepper.heed, apart:
            each = next(shown, None)
        if each is None:
            return code
        console.print(each)


def _typed() -> Iterator[str]:
    """The lines that somebody types, until the end of the input."""
    with suppress(EOFError):
        while True:
            yield input("> ")
