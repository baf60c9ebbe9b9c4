"""The command line. Each command reads its request here; the work is done elsewhere.

Exit codes: 0 done, 1 the answer is no, 2 the request was wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json as json_text
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import click

from graphlab import __version__, course, draw, files, targets
from graphlab.errors import GraphlabError

STAGE_MEANS = {"built": ", as written", "executed": ", as executed"}
CLOSED_PIPE = 141  # what a shell calls a program that a closed pipe ended


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 92})
@click.version_option(__version__, message="graphlab %(version)s")
def graphlab() -> None:
    """See what TensorFlow does.

    graphlab runs the same small program three ways (a TF1 session graph, TF2 eager and
    tf.function), shows that they agree, draws each graph, and says which op ran where and for
    how long.

    \b
    Begin with:
      graphlab lessons        what there is to learn
      graphlab lesson 1       a lesson, part by part
      graphlab doctor         whether everything works on this machine
      graphlab info MODEL     what is in a SavedModel, a graph or a checkpoint
    """


@graphlab.command()
def lessons() -> None:
    """List the lessons and their parts, with what each teaches."""
    from graphlab.screen import prose

    _stdout().print(prose.course_list(course.lessons()))


@graphlab.command()
@click.argument("target", metavar="N[.P]")
@click.option("--way", type=click.Choice(course.WAYS), help="Only this way, so none to agree with.")
@click.option("--device", default="CPU:0", show_default=True, help="CPU:0, CPU:1, ..., GPU:0, ...")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw other random data.")
@click.option("--out", type=click.Path(path_type=Path), help="Write pictures to this folder.")
@click.option("--json", is_flag=True, help="One JSON document in place of the lesson.")
@click.option("--no-pause", is_flag=True, help="Do not wait for Enter between parts.")
def lesson(
    target: str,
    way: str | None,
    device: str,
    seed: int | None,
    out: Path | None,
    json: bool,
    no_pause: bool,
) -> int:
    """Read and run lesson N, or only its part P.

    Every part shows its code three ways side by side, runs it, checks that the ways agree and
    that every claim holds, and shows the loss, the graph and where the time went.

    \b
    Examples:
      graphlab lesson 1
      graphlab lesson 2.4 --device CPU:1 --out pictures
      graphlab lesson 2.4 --json > 2.4.json
    """
    target, way_asked = course.split_target(target)
    parts = course.find(target)
    pause = not no_pause and sys.stdin.isatty() and sys.stdout.isatty()
    _start_tensorflow()
    from graphlab import devices
    from graphlab.teach import Reached, Request, teach

    chosen = way or way_asked
    request = Request(
        lesson=next(each for each in course.lessons() if each.number == parts[0].lesson),
        parts=parts,
        ways=(chosen,) if chosen else course.WAYS,
        device=devices.prepare(device),
        seed=seed,
        out=out,
        json=json,
        pause=pause,
    )
    reached = Reached()
    try:
        return teach(request, _stdout(), _stderr(), reached)
    except KeyboardInterrupt:
        return _complain(str(reached), 130)


@graphlab.command()
@click.argument("target")
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENTS]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else the text view.")
@click.option(
    "--stage",
    default="built",
    show_default=True,
    help="Or pruned, constfold, ..., placed, executed.",
)
@click.option("--diff", metavar="S1:S2", help="Two stages in one picture: what went, what came.")
@click.option("--depth", type=click.IntRange(0), help="Close scopes that are nested deeper.")
@click.option("--function", default="", help="Of a model: only this function's body.")
@click.option("--way", type=click.Choice(course.WAYS), help="Of a lesson; graph, if not given.")
@click.option("--device", help="CPU:0, CPU:1, ..., GPU:0, ...; a script keeps its own.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw other random data.")
def render(
    target: str,
    arguments: tuple[str, ...],
    output: Path | None,
    stage: str,
    diff: str | None,
    depth: int | None,
    function: str,
    way: str | None,
    device: str | None,
    seed: int | None,
) -> int:
    """Draw the graph of TARGET.

    TARGET is a part of a lesson (2.3, 2.3:function), a script (script.py) or a function of one
    that needs no arguments (script.py:function). It is run once to see its graph; what stands
    behind -- are the script's own arguments. Or it is a model: a SavedModel folder, .pb, .pbtxt,
    .meta, .keras or .h5, or a signature of one (folder:serving_default). A model is read, not
    run.

    The file's ending names its format: svg, png, pdf, dot, json or txt. Without a file the graph
    comes as text, a row an op in an order in which it can run, with a lane for each tensor that
    is alive.

    \b
    Examples:
      graphlab render 2.4 -o graph.svg
      graphlab render 1.4:function --stage executed
      graphlab render train.py -o train.pdf --depth 2
      graphlab render train.py -o train.svg -- --steps 20
      graphlab render exported/1:serving_default -o model.svg
    """
    from graphlab.screen import trace as screen

    format = draw.format_of(output, draw.GRAPHS) if output else ""
    asked = targets.parse(target, way, arguments=arguments)
    if asked.model is not None:
        watched = _read(asked, function, output)
    elif function:
        raise GraphlabError(f"--function is for a model; write {target}:{function}")
    else:
        watched = _watch(asked, output, device, seed)
    code = _say_failure(watched)
    if code and watched.main is None and watched.graph is None:
        return code
    graph, run = draw.stage_of(watched, stage)
    if diff:
        graph, run, stage = draw.difference(watched, diff), None, diff
    if output:
        files.write_whole(output, draw.graph_file(graph, run, format, depth))
        return code
    console = _stdout()
    about = f"{len(graph)} ops" + STAGE_MEANS.get(stage, "")
    shown = run if run is not None and stage == "executed" else graph
    for each in screen.graph(shown, f"{target}: the {stage} graph", about, console.width):
        console.print(each)
    return code


@graphlab.command()
@click.argument("target")
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENTS]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A .json or .svg file.")
@click.option("--way", type=click.Choice(course.WAYS), help="Of a lesson; graph, if not given.")
@click.option("--device", help="CPU:0, CPU:1, ..., GPU:0, ...; a script keeps its own.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw other random data.")
@click.option("--feed", multiple=True, metavar="X=VALUE", help="random, @file.npy, or JSON.")
@click.option("--fetch", multiple=True, metavar="NAME", help="Of a graph: a tensor or op to run.")
@click.option("--signature", default="", help="Of a model: which way to call it.")
@click.option("--batch", type=click.IntRange(1), default=1, help="Random values' unknown sizes.")
@click.option("--trust", is_flag=True, help="Run code that a model's file brings along.")
@click.option("--find-bad", is_flag=True, help="Only the first NaN or Inf: its op, and why.")
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
    trust: bool,
    find_bad: bool,
    cluster: str | None,
) -> int:
    """Run TARGET and show what ran, where, and for how long.

    TARGET is a part of a lesson (2.3, 2.3:function), a script (script.py) or a function of one
    that needs no arguments (script.py:function). A script is run as it is, with the arguments
    that stand behind --; what it prints goes to stderr. Every Session.run, every call of a
    tf.function and every eager op is seen; of calls that repeat, the first and a steady one are
    recorded op by op.

    Each call says what became of every op that was built (fused, folded, not needed, ...), and
    what the devices sent one another. --find-bad records every call until a number is not
    finite, replays that call op by op, and exits with 1 where it finds a NaN or an Inf.

    Or TARGET is a model: a SavedModel folder, .pb, .pbtxt, .meta, .keras or .h5. It is loaded
    with its checkpoint and called twice. Each input wants a --feed: x=random draws a valid
    value, x=@file.npy reads one, x=[[1,2]] is one.

    With -o a .json file is a trace for Perfetto or chrome://tracing, an .svg file a picture of
    the largest run.

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
    from graphlab.screen import trace as screen

    format = draw.format_of(output, draw.TRACES) if output else ""
    ask = targets.Ask(feed, fetch, signature, batch, trust)
    asked = targets.parse(target, way, ask, arguments)
    watched = _watch(asked, output, device, seed, find_bad, cluster, find_bad)
    code = _say_failure(watched)
    if find_bad:
        return _find_bad(watched) or code
    if output and watched.runs:
        files.write_whole(output, draw.trace_file(watched, format))
    elif not watched.runs and not code:
        raise GraphlabError(f"{target} built a graph and ran none of it; run a session to trace it")
    if not output:
        console = _stdout()
        for each in screen.trace(watched, console.width):
            console.print(each)
    return code


def _find_bad(watched: targets.Watched) -> int:
    """Tell of the first bad number; 1 where there is one."""
    from graphlab.bad import first_bad_call
    from graphlab.screen import stages

    found = first_bad_call(watched.replays)
    console = _stdout()
    if found is not None:
        run = found[0].run
        console.print(
            f"in {run.name}, call {run.call}" + (f", step {run.step}" if run.step else "")
        )
    for each in stages.bad(found[1] if found else None):
        console.print(each)
    return 1 if found else 0


def _read(asked: targets.Target, function: str, output: Path | None) -> targets.Watched:
    """A model's graph from its file."""
    if output:
        files.check_writable(output)
    watched = targets.read_target(asked, function)
    if watched.note:
        click.echo(f"graphlab: {' '.join(watched.note.split())}", err=True)
    return watched


def _watch(
    asked: targets.Target,
    output: Path | None,
    device: str | None,
    seed: int | None,
    values: bool = False,
    cluster: str | None = None,
    until_bad: bool = False,
) -> targets.Watched:
    """Run a target, after all that can be refused beforehand has been."""
    if output:
        files.check_writable(output)
    _start_tensorflow()
    from graphlab import devices

    if device is not None or asked.part is not None:
        device = devices.prepare(device or "CPU:0")
    with ExitStack() as stack:
        if cluster is not None:
            from graphlab import cluster as servers

            stack.enter_context(servers.on_cluster(stack.enter_context(servers.cluster(cluster))))
            device = None
        watched = targets.watch(asked, device, seed, None, values, until_bad)
    return targets.of_way(watched, asked.way) if asked.part else watched


def _say_failure(watched: targets.Watched) -> int:
    """Tell of a script that raised, and that what it did until then is shown; the exit code."""
    if watched.interrupted:
        return _complain("stopped by Ctrl-C; what was recorded until then is kept", 130)
    if not watched.failure:
        return 0
    if watched.traceback:
        click.echo(watched.traceback, err=True, nl=False)
    kept = "; what was recorded until then is kept" if watched.runs else ""
    return _complain(f"{watched.failure}{kept}")


@graphlab.command()
@click.argument("target")
@click.option("--call", type=click.IntRange(1), help="Which recorded call; `calls` lists them.")
@click.option("--script", type=click.File(), help="Commands, one a line, in place of keys.")
@click.option("--predict", is_flag=True, help="Ask for the next op and its value before showing.")
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=256,
    show_default=True,
    metavar="MB",
    help="Past values kept for going back; beyond, they are computed again.",
)
@click.option("--way", type=click.Choice(course.WAYS), help="Of a lesson; graph, if not given.")
@click.option("--device", help="CPU:0, CPU:1, ..., GPU:0, ...; a script keeps its own.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw other random data.")
@click.option("--feed", multiple=True, metavar="X=VALUE", help="Of a model, as for trace.")
@click.option("--fetch", multiple=True, metavar="NAME", help="Of a graph: a tensor or op to run.")
@click.option("--signature", default="", help="Of a model: which way to call it.")
def step(
    target: str,
    call: int | None,
    script: TextIO | None,
    predict: bool,
    keep: int,
    way: str | None,
    device: str | None,
    seed: int | None,
    feed: tuple[str, ...],
    fetch: tuple[str, ...],
    signature: str,
) -> int:
    """Step through an execution of TARGET, forward and back, with values.

    TARGET is run once under observation. One of its calls (a Session.run, a call of a
    tf.function, or the eager ops of a step; by default the steady training step) is then
    executed again from the state before it, one op at a time and as written. You see each op
    with its line, inputs and outputs, why it could run, what is ready next and what memory is
    live; you can change a tensor and go on, stop at breakpoints, and go into calls and loops.

    On a terminal keys do it; press h for all of them. With --script, or with commands on stdin,
    the same commands are done one by one. A wrong one ends the script with exit code 2.

    \b
    Examples:
      graphlab step 2.4:function
      graphlab step 2.4 --predict
      graphlab step train.py --call 2 --script look.txt
      printf "break nan\\nnext\\nsource\\n" | graphlab step train.py
    """
    asked = targets.parse(target, way, targets.Ask(feed, fetch, signature))
    watched = _watch(asked, None, device, seed, values=True)
    code = _say_failure(watched)
    if code and not watched.replays:
        return code
    from graphlab.stepper import play
    from graphlab.stepping import stepper_of

    stepper, notes = stepper_of(watched, call, predict, keep * 1_000_000)
    if script is None and all(f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr)):
        from graphlab.step_app import StepApp

        StepApp(stepper, target, notes).run()
        return code
    console = _stdout()
    for note in notes:
        console.print(note, style="dim")
    lines, name = (script, script.name) if script else (sys.stdin, "stdin")
    for each in play(stepper, lines, name):
        console.print(each)
    return code


@graphlab.command()
@click.argument("model")
@click.option("--json", is_flag=True, help="One JSON document in place of the tables.")
def info(model: str, json: bool) -> int:
    """Say what is in MODEL, without running any of it.

    MODEL is a SavedModel folder, a graph (.pb, .pbtxt, .meta), a checkpoint (.index) or a Keras
    model (.keras, .h5). Told are its signatures with their inputs and outputs, its variables
    with shapes and sizes, its ops, functions and devices, the version that wrote it, and whether
    this TensorFlow knows every op. TensorFlow itself is not started.

    \b
    Examples:
      graphlab info exported/1
      graphlab info train.ckpt.meta --json
    """
    from graphlab import info as facts
    from graphlab.screen import info as screen
    from graphlab.sources import files as models

    asked = targets.parse(model)
    if asked.model is None:
        raise GraphlabError(f"{model} is no model; expected {models.read.EXPECTED}")
    found = facts.about(models.read_model(asked.model))
    if json:
        click.echo(json_text.dumps(found, indent=1))
        return 0
    console = _stdout()
    for each in screen.info(found, console.width):
        console.print(each)
    return 0


@graphlab.command()
@click.option("--json", is_flag=True, help="One JSON document in place of the list.")
def doctor(json: bool) -> int:
    """Say what is on this machine, and try what graphlab needs."""
    _start_tensorflow()
    from graphlab.doctor import examine
    from graphlab.screen import page

    found = examine()
    if json:
        click.echo(json_text.dumps(found, indent=2))
    else:
        _stdout().print(page.doctor(found))
    return 0 if found["ok"] else 1


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    """Run one command; its exit code, with one line on stderr for what went wrong."""
    try:
        # Not click's own main: it answers a usage error with three lines, a closed pipe with 1.
        with graphlab.make_context("graphlab", arguments or ["--help"]) as context:
            code = graphlab.invoke(context) or 0
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "graphlab"
        return _complain(f"{error.format_message().rstrip('.')}; see: {path} --help")
    except (click.ClickException, GraphlabError) as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Python flushes stdout once more when it leaves, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except (KeyboardInterrupt, click.Abort) as stopped:
        return _complain(f"stopped by Ctrl-C {stopped or 'before anything ran'}", 130)


def _complain(line: str, code: int = 2) -> int:
    click.echo(f"graphlab: {' '.join(line.split())}", err=True)
    return code


def _start_tensorflow() -> None:
    from graphlab import quiet

    if sys.stderr.isatty():
        with _stderr().status("starting TensorFlow"):
            quiet.start_tensorflow()
    else:
        quiet.start_tensorflow()


def _stdout():
    return _console(sys.stdout)


def _stderr():
    return _console(sys.stderr)


def _console(file):
    """A console that leaves brackets, colons and numbers in a lesson's text as they are."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if hasattr(file, "reconfigure"):
        file.reconfigure(errors="replace")  # a terminal that has no ✓ shows a question mark
    return Plain(file=file, markup=False, emoji=False, highlight=False)
