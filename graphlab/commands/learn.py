"""graphlab lessons, lesson, doctor."""

from __future__ import annotations

import json as json_text
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from graphlab import course
from graphlab.commands import options, talk


@click.command()
def lessons() -> None:
    """List the lessons and their parts, with what each teaches."""
    from graphlab.screen import prose

    talk.stdout().print(prose.course_list(course.lessons()))


@click.command()
@click.argument("target", metavar="N[.P]")
@click.option("--way", type=click.Choice(course.WAYS), help="Only this way, so none to agree with.")
@click.option("--device", default="CPU:0", show_default=True, help="CPU:0, CPU:1, ..., GPU:0, ...")
@options.seed
@options.steps
@options.data
@click.option("--out", type=click.Path(path_type=Path), help="Write pictures to this folder.")
@options.html
@click.option(
    "--notebook", type=click.Path(path_type=Path), help="An executed notebook in place of it."
)
@click.option("--json", is_flag=True, help="One JSON document in place of the lesson.")
@click.option("--no-pause", is_flag=True, help="Do not wait for Enter between parts.")
def lesson(
    target: str,
    way: str | None,
    device: str,
    seed: int | None,
    steps: int | None,
    data: str | None,
    out: Path | None,
    html: Path | None,
    notebook: Path | None,
    json: bool,
    no_pause: bool,
) -> int:
    """Read and run lesson N, or only its part P.

    Every part shows its code three ways side by side, from lesson 3 on also in Keras where that
    has the same model; runs it, checks that the ways agree and that every claim holds, and shows
    the loss, the graph and where the time went. Ctrl-C shows what a training has reached.

    \b
    Examples:
      graphlab lesson 1
      graphlab lesson 2.4 --device CPU:1 --out pictures
      graphlab lesson 2.4 --json > 2.4.json
      graphlab lesson 2 --notebook lesson2.ipynb
    """
    target, way_asked = course.split_target(target)
    parts = course.find(target)
    if notebook is not None:
        given = {"--data": data, "--out": out, "--html": html, "--json": json}
        refused = [name for name, value in given.items() if value]
        if refused:
            return talk.complain(
                f"--notebook writes a notebook and nothing else, of the lesson's own data; "
                f"leave out {', '.join(refused)}"
            )
        return _notebook(notebook, parts, way or way_asked, device, seed, steps)
    pause = not no_pause and sys.stdin.isatty() and sys.stdout.isatty()
    talk.start_tensorflow()
    from graphlab import devices
    from graphlab.screen import page
    from graphlab.teach import Reached, Request, teach

    request = Request(
        lesson=next(each for each in course.lessons() if each.number == parts[0].lesson),
        parts=parts,
        way=way or way_asked,
        device=devices.prepare(device),
        seed=seed,
        steps=steps,
        data=data,
        out=out,
        html=html,
        json=json,
        pause=pause,
    )
    reached = Reached()
    try:
        return teach(request, talk.stdout(), talk.stderr(), reached)
    except KeyboardInterrupt:
        if reached.losses and not json:
            talk.stdout().print(page.reached(reached.losses, talk.stdout().width))
        return talk.complain(str(reached), 130)


def _notebook(
    file: Path,
    parts: Sequence[course.Part],
    way: str | None,
    device: str,
    seed: int | None,
    steps: int | None,
) -> int:
    """Write the notebook of some parts of a lesson; 1 where one of its cells raises."""
    from graphlab import as_notebook, devices, files

    files.check_writable(file)
    if device != "CPU:0":  # whether it is there, only TensorFlow knows
        talk.start_tensorflow()
        device = devices.prepare(device)
    lesson = next(each for each in course.lessons() if each.number == parts[0].lesson)
    asked = as_notebook.Asked(way, device, seed, steps)
    notebook = as_notebook.written(lesson, parts, asked)
    try:
        with talk.bar("cells") as tick:
            wrong = as_notebook.execute(notebook, tick)
    except KeyboardInterrupt:
        return talk.complain(f"stopped by Ctrl-C; {file} was not written", 130)
    files.write_whole(file, as_notebook.text(notebook).encode())
    for line in wrong:
        talk.complain(f"in {file}, cell {line}")
    return 1 if wrong else 0


@click.command()
@click.option("--json", is_flag=True, help="One JSON document in place of the list.")
def doctor(json: bool) -> int:
    """Say what is on this machine, and try what graphlab needs."""
    talk.start_tensorflow()
    from graphlab.doctor import examine
    from graphlab.screen import page

    found = examine()
    if json:
        click.echo(json_text.dumps(found, indent=2))
    else:
        talk.stdout().print(page.doctor(found))
    return 0 if found["ok"] else 1
