"""Running or reading a target, once all that can be refused beforehand has been."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from graphlab import devices
from graphlab.commands import talk
from graphlab.migration import symbols
from graphlab.output import files
from graphlab.targets.target import Target, Watched
from graphlab.watch import KEEP

FAILED = 3  # the exit code where the program that was watched failed by itself


def read(asked: Target, function: str) -> Watched:
    """A model's graph from its file."""
    from graphlab.targets import run

    watched = run.read_target(asked, function)
    if watched.note:
        talk.note(watched.note)
    return watched


def watch(
    asked: Target,
    device: str | None,
    seed: int | None,
    values: bool = False,
    cluster: str | None = None,
    until_bad: bool = False,
    keep_bytes: int = KEEP,
    until_steady: bool = False,
) -> Watched:
    """Run a target, after all that can be refused beforehand has been.

    `until_steady`: a lesson's part ends with the steady step that is recorded.
    """
    talk.start_tensorflow()
    from graphlab.targets import run
    from graphlab.watch.observer import STEADY

    if asked.script is None:
        devices.share_gpus()
    if asked.part is not None:  # until the command ends, for what is executed again
        click.get_current_context().with_resource(devices.float32())
    if device is not None or asked.part is not None:
        device = devices.prepare(device or "CPU:0")
    with ExitStack() as stack:
        if cluster is not None:
            from graphlab.targets import cluster as servers

            stack.enter_context(servers.on_cluster(stack.enter_context(servers.cluster(cluster))))
            device = None
        if asked.script is None and device is not None:
            stack.enter_context(devices.memory_told(device))
        steps = STEADY if until_steady else None
        watched = run.watch(asked, device, seed, None, values, until_bad, keep_bytes, steps=steps)
    return run.of_way(watched, asked.way) if asked.part else watched


def say_failure(watched: Watched) -> int:
    """Tell of a script that raised, and that what it did until then is shown; the exit code.

    The request was right and the program went wrong: that is `FAILED`, not 2.
    """
    if watched.interrupted:
        return talk.complain("stopped by Ctrl-C; what was recorded until then is kept", 130)
    if not watched.failure:
        return 0
    if watched.traceback:
        click.echo(watched.traceback, err=True, nl=False)
    found = symbols.NOT_IN_KERAS.search(watched.failure) and not symbols.is_legacy()
    instead = f"; {symbols.LEGACY_HAS_IT}" if found else ""
    kept = "; what was recorded until then is kept" if watched.runs else ""
    return talk.complain(f"{watched.failure}{instead}{kept}", FAILED)


def write_page(
    path: Path, watched: Watched, values_first: bool = False, live: bool = False
) -> None:
    """The page of all that was seen, with the stages of the main run where it has them.

    `values_first`: it opens on the call with values, and not on its times; `live`: it executes
    that call itself. Says where it is.
    """
    from graphlab.output import drawings, pages
    from graphlab.targets.process import own_output

    run = watched.main
    stages = (
        drawings.stages_of(watched) if run is not None and watched.live(run) is not None else ()
    )
    with own_output():  # of its Python functions, which are called again
        page = pages.page_of_watched(watched, stages, values_first, live)
    files.write_whole(path, page.encode())
    talk.note(f"the page is {path}")
