"""graphlab migrate."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlab.commands import options, talk
from graphlab.errors import GraphlabError
from graphlab.migration import symbols
from graphlab.output import files
from graphlab.targets.target import parse

if TYPE_CHECKING:
    from graphlab.migration.found import Migration, Rung

FUNCTION = "2_function.py"


@click.command()
@click.argument("script")
@options.arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the rungs there, run them and compare.",
)
@click.option(
    "--tf1", default="", metavar="PYTHON", help="One that has TensorFlow 1.15.5, to compare with."
)
@click.option("--json", is_flag=True, help="One JSON document in place of the text.")
@options.html
def migrate(
    script: str,
    arguments: tuple[str, ...],
    output: Path | None,
    tf1: str,
    json: bool,
    html: Path | None,
) -> int:
    """Say what SCRIPT, a TensorFlow 1 program, needs to run on TensorFlow 2.

    It is run as it is, and where that does not do, on tensorflow.compat.v1 with the fewest edits;
    with legacy Keras (tf_keras) and tf_slim where they are installed and it wants them. Where it
    cannot run, it is told which line wants what, and what there is of it today.

    Told is what was executed: sessions, placeholders, feeds of inner tensors, collections,
    variables, control dependencies (each is turned round, to see whether values change), queues,
    iterators, savers, summaries, loops, optimizers (each is run beside Keras' own), random
    numbers, layers and cells, py_func, devices and servers. Each with its lines, what becomes of
    it, the part of the course that teaches it, and whether its TensorFlow 2 form gives other
    numbers.

    With -o DIR the edited script is written to DIR/1_compat_v1.py, run by itself, and compared
    with what ran before. DIR/2_function.py is its call of the most ops as a tf.Module, as
    graphlab port writes it, held against the recorded calls; the Python around it is yours to
    port. With --tf1 PYTHON the script is run by that Python too, as it is, and the numbers are
    compared. What the script prints goes to stderr.

    Exit codes: 0 it runs, 1 it does not, or a rung gives other numbers, 2 the request was wrong or
    something else than TensorFlow is missing: a file, arguments (behind --), the network.

    \b
    Examples:
      graphlab migrate train.py
      graphlab migrate train.py -- --steps 20
      graphlab migrate train.py -o ported
      graphlab migrate train.py --html train.html
      graphlab migrate train.py --tf1 venv37/bin/python
    """
    asked = parse(script)
    if asked.script is None or asked.function:
        raise GraphlabError(f"{script} is no script; name a TensorFlow 1 program, such as train.py")
    if html:
        files.check(html, files.PAGE, asked.inputs)
    if output:
        files.check_folder(output)
        if output.resolve() == asked.script.resolve().parent:
            raise GraphlabError(f"cannot write {output}: the script is in it; name another folder")
    talk.start_tensorflow()
    from graphlab.migration import run
    from graphlab.output import migration as written
    from graphlab.screen import migration as screen

    found, texts = run.migrate(asked.script, arguments, tf1)
    if run.needs_legacy(found) and not found.interrupted:
        talk.note(f"it wants layers or cells of Keras 2: once more, with {symbols.LEGACY}=1")
        # Keras is chosen once in a process, when it is first asked for.
        environment = {**os.environ, symbols.LEGACY: "1"}
        again = [
            sys.executable,
            "-m",
            "graphlab",
            *_again(script, arguments, output, tf1, json, html),
        ]
        return subprocess.run(again, env=environment).returncode
    if output and found.ran:
        file = written.write_rungs(output, asked.script, texts)
        proved = run.proved(found, asked.script, file, arguments)
        rung = _function(output, file, arguments)
        found = replace(found, rungs=(*(each for each in proved if each.name != rung.name), rung))
    if html:
        files.write_whole(html, written.page(found))
    if json:
        talk.document(found)
    elif not html:
        console = talk.stdout()
        for each in screen.migration(found):
            console.print(each)
    return _code(found)


def _function(folder: Path, file: Path, arguments: tuple[str, ...]) -> Rung:
    """The rung tf.function, written beside the one below it and proved."""
    from graphlab.migration.found import Rung
    from graphlab.migration.function import function, held

    place, arrays = folder / FUNCTION, (folder / FUNCTION).with_suffix(".npz")
    for path, ending in ((place, "py"), (arrays, "npz")):
        files.check(path, (ending,), (file,))
    ported = function(file, arguments, arrays.name)
    if isinstance(ported, Rung):
        return ported
    files.write_whole(arrays, ported.packed)
    files.write_whole(place, ported.text.encode())
    return held(ported, place)


def _again(
    script: str,
    arguments: tuple[str, ...],
    output: Path | None,
    tf1: str,
    json: bool,
    html: Path | None,
) -> list[str]:
    """The same request once more."""
    asked = ["migrate", *(["--json"] if json else [])]
    asked += ["--tf1", tf1] if tf1 else []
    asked += ["-o", str(output)] if output else []
    asked += ["--html", str(html)] if html else []
    return [*asked, "--", script, *arguments]


def _code(found: Migration) -> int:
    """The exit code, with a line on stderr where the script did not come to its end."""
    if found.interrupted:
        return talk.complain("stopped by Ctrl-C; what was seen until then is told", 130)
    if found.ran:
        return int(any(rung.proof == "differs" for rung in found.rungs))
    stopped = found.wants[0]
    code = 1 if stopped.name else 2
    wants = f" (it wants {stopped.now})" if stopped.now and not stopped.name else ""
    return talk.complain(f"{found.failure}{wants}; what was seen until then is told", code)
