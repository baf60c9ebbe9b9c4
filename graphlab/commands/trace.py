"""graphlab trace."""

from __future__ import annotations

from pathlib import Path

import click

from graphlab import devices
from graphlab.commands import options, talk, watching
from graphlab.errors import GraphlabError
from graphlab.output import files
from graphlab.targets.target import Ask, Watched, parse
from graphlab.watch import KEEP

TF32 = (
    "TF32 is on: the GPU rounds what it multiplies to 10 bits of mantissa, here as without graphlab"
)


@click.command()
@click.argument("target")
@options.arguments
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A .json or .svg file.")
@options.way
@options.device
@options.seed
@click.option("--feed", multiple=True, metavar="X=VALUE", help="random, @file.npy, or JSON.")
@options.fetch
@options.signature
@click.option("--batch", type=click.IntRange(1), default=1, help="Random values' unknown sizes.")
@options.tags
@options.trust
@options.html
@options.live
@click.option(
    "--tensorboard",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Event files for TensorBoard: graphs and run metadata.",
)
@click.option("--find-bad", is_flag=True, help="Only the first NaN or Inf: its op, and why.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=KEEP >> 20,
    show_default=True,
    metavar="MiB",
    help="Of a script: what may be kept of its recorded calls.",
)
@click.option("--cluster", metavar="ps=1,worker=1", help="On TensorFlow servers of this process.")
def trace(
    target: str,
    arguments: tuple[str, ...],
    output: Path | None,
    way: str | None,
    device: str | None,
    seed: int | None,
    feed: tuple[str, ...],
    fetch: tuple[str, ...],
    signature: str,
    batch: int,
    tags: tuple[str, ...] | None,
    trust: bool,
    html: Path | None,
    live: bool,
    tensorboard: Path | None,
    find_bad: bool,
    keep: int,
    cluster: str | None,
) -> int:
    """Run TARGET and show what ran, where, and for how long.

    TARGET is a part of a lesson (2.3, 2.3:function), a script (script.py) or a function of one
    that needs no arguments (script.py:function). A script is run as it is, with the arguments
    that stand behind --; what it prints goes to stderr. Every Session.run, every call of a
    tf.function and every eager op is seen; of calls that repeat, the first and a steady one are
    recorded op by op. A script that raises leaves with exit code 3, as do step and render: what
    it ran until then is shown.

    A script that asks for more than --keep holds is told of; so is a graph that grows with each
    call, and why a tf.function was traced again.

    Each call says what became of every op that was built (fused, folded, not needed, ...), and
    what the devices sent one another. --find-bad records every call until a number is not
    finite, replays that call op by op, and exits with 1 where it finds a NaN or an Inf.

    Or TARGET is a model: a SavedModel folder, .pb, .pbtxt, .meta, .keras or .h5, or a signature
    or an object's function of one (folder:__call__). It is loaded with its checkpoint and called
    twice. Each input wants a --feed: x=random draws a valid value, x=@file.npy reads one,
    x=[[1,2]] is one; a sparse input is fed whole or in its parts, x/indices=[[0]]. What a model
    would do outside of it, with files, networks or Python, it does only with --trust.

    With -o a .json file is a trace for Perfetto or chrome://tracing, an .svg file a picture of
    the largest run; --html is one page that replays it with values; --tensorboard writes event
    files with the graphs and the run metadata of each recorded call: tensorboard --logdir DIR.

    \b
    Examples:
      graphlab trace 2.4
      graphlab trace train.py -o train.json
      graphlab trace train.py -- --steps 20
      graphlab trace train.py:step -o step.svg
      graphlab trace 2.4 --cluster ps=1,worker=1
      graphlab trace train.py --find-bad
      graphlab trace exported/1 --feed x=random --batch 32
    """
    from graphlab.output import drawings
    from graphlab.screen import trace as screen

    format = drawings.format_of(output, drawings.TRACES) if output else ""
    ask = Ask(feed, fetch, signature, batch, trust, tags)
    asked = parse(target, way, ask, arguments)
    if output:
        files.check(output, drawings.TRACES, asked.inputs)
    if live and not html:
        raise GraphlabError("--live is for a page; expected --html FILE with it")
    if html:
        files.check(html, files.PAGE, asked.inputs)
    if tensorboard:
        files.check_folder(tensorboard, [asked.model] if asked.model else [])
    values = find_bad or html is not None
    watched = watching.watch(asked, device, seed, values, cluster, find_bad, keep << 20)
    code = watching.say_failure(watched)
    if asked.part is None and devices.tf32() and screen.on_gpu(watched.runs):
        talk.note(TF32)
    if find_bad:
        return _find_bad(watched) or code
    if html and watched.runs:
        watching.write_page(html, watched, live=live)
    if tensorboard and watched.runs:
        from graphlab.output import events

        events.write(tensorboard, watched)
    if output and watched.runs:
        files.write_whole(output, drawings.trace_file(watched, format))
    elif not watched.runs and not code:
        raise GraphlabError(f"{target} built a graph and ran none of it; run a session to trace it")
    if not output and not html and not tensorboard:
        console = talk.stdout()
        for each in screen.trace(watched, console.width):
            console.print(each)
    return code


def _find_bad(watched: Watched) -> int:
    """Tell of the first bad number; 1 where there is one."""
    from graphlab.screen import stages
    from graphlab.screen import trace as screen
    from graphlab.watch.nonfinite import first_bad_call

    found = first_bad_call(watched.replays)
    console = talk.stdout()
    if found is not None:
        console.print(screen.which(found[0].run))
    for each in stages.bad(found[1] if found else None):
        console.print(each)
    return 1 if found else 0
