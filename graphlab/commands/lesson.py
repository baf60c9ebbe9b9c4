"""graphlab lesson."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from graphlab import devices
from graphlab.commands import options, paging, talk
from graphlab.course import outline, source
from graphlab.output import files, lesson_notebook


@click.command()
@click.argument("target", metavar="N[.P]")
@click.option(
    "--way", type=click.Choice(outline.ASKABLE), help="Only this way, so none to agree with."
)
@click.option("--device", default="CPU:0", show_default=True, help="CPU:0, CPU:1, ..., GPU:0, ...")
@options.seed
@options.steps
@options.data
@click.option("--out", type=click.Path(path_type=Path), help="Write pictures to this folder.")
@options.html
@options.live
@click.option(
    "--notebook", type=click.Path(path_type=Path), help="An executed notebook in place of it."
)
@click.option("--json", is_flag=True, help="One JSON document in place of the lesson.")
@click.option("--tf32", is_flag=True, help="Of a GPU: let it round products of float32 to TF32.")
@click.option("--quiz", is_flag=True, help="Ask at the end of each part, and run the answers.")
@click.option("--more", is_flag=True, help="All of the code, work and time, runs, ops.")
@click.option(
    "--code",
    type=click.Choice(outline.WAYS),
    help="Only this way's code, as a program that runs.",
)
@click.option("--no-pause", is_flag=True, help="Do not wait for Enter.")
def lesson(
    target: str,
    way: str | None,
    device: str,
    seed: int | None,
    steps: int | None,
    data: str | None,
    out: Path | None,
    html: Path | None,
    live: bool,
    notebook: Path | None,
    json: bool,
    tf32: bool,
    quiz: bool,
    more: bool,
    code: str | None,
    no_pause: bool,
) -> int:
    """Read and run lesson N, or only its part P.

    Every part shows its code three ways side by side, from lesson 3 on also in Keras where that
    has the same model; runs it, checks that the ways agree and that every claim holds, and shows
    a picture, the claims and the results. --more shows all of the code, the graphs and where the
    time went. Ctrl-C shows what a training has reached. On a GPU the ways agree in float32, so
    TF32 is turned off meanwhile. On a terminal Enter goes on, a screen at a time.

    With --html FILE --live the page executes a training step of the graph way itself: change a rate
    or a weight, and what follows is computed again. Of several parts it is the first one's. Beside
    the pictures of 2.3, 2.4, 3.1, 3.4, 4.1, 4.5 and 7.1 such a page has knobs.

    --code writes one way of a part as a program of its own, of that device, seed and so many
    steps. It prints the results of that way.

    With --quiz each part ends with a question or two. Predict: what comes out is run then. Enter
    alone shows it; piped, all are shown with what came out.

    \b
    Examples:
      graphlab lesson 1
      graphlab lesson 2.4 --device CPU:1 --out pictures
      graphlab lesson 1.1 --quiz
      graphlab lesson 2.4 --code graph > mine.py
      graphlab lesson 2.4 --json > 2.4.json
      graphlab lesson 2 --notebook lesson2.ipynb
    """
    target, way_asked = outline.split_target(target)
    parts = outline.find(target)
    if code is not None:
        given: dict[str, object]
        given = {"--way": way or way_asked, "--data": data, "--out": out, "--html": html}
        given |= {"--notebook": notebook, "--json": json, "--quiz": quiz, "--more": more}
        given["--live"] = live
        return _code(parts, code, device, seed, steps, [name for name in given if given[name]])
    if notebook is not None:
        given = {"--data": data, "--out": out, "--html": html, "--json": json, "--quiz": quiz}
        given |= {"--more": more, "--live": live}
        refused = [name for name, value in given.items() if value]
        if refused:
            return talk.complain(
                f"--notebook writes a notebook and nothing else, of the lesson's own data; "
                f"leave out {', '.join(refused)}"
            )
        asked = lesson_notebook.Asked(way or way_asked, device, seed, steps, tf32)
        return _notebook(notebook, parts, asked)
    if live and not html:
        return talk.complain("--live is for a page; expected --html FILE with it")
    if live and (way or way_asked) not in (None, "graph"):
        return talk.complain(
            f"--live executes the graph way, and --way {way or way_asked} leaves it out; leave out"
            " one"
        )
    if quiz and json:
        return talk.complain(
            "--quiz asks on the terminal, and --json writes one document; leave out one"
        )
    somebody = sys.stdin.isatty() and sys.stdout.isatty()
    whole = next(each for each in outline.lessons() if each.number == parts[0].lesson)
    # What may still be refused is asked first; else one reads while TensorFlow starts.
    begun = device == "CPU:0" and not (json or data or out or html)
    shown = paging.Paged(talk.stdout(), talk.stderr(), somebody and not no_pause)
    if begun:
        from graphlab.screen import opening

        chosen = outline.ways_of(parts[0], way or way_asked)
        shown.begin(opening.opening(whole, parts, shown.width, chosen, more))
    talk.start_tensorflow()
    from graphlab.commands.teaching import Reached, Request, teach
    from graphlab.screen import page

    devices.share_gpus()
    # Until the command ends: a page executes calls again when the parts are done.
    click.get_current_context().with_resource(devices.float32(tf32))
    request = Request(
        lesson=whole,
        parts=parts,
        way=way or way_asked,
        device=devices.prepare(device),
        seed=seed,
        steps=steps,
        data=data,
        out=out,
        html=html,
        live=live,
        json=json,
        pause=somebody and not no_pause,
        quiz=quiz,
        replies=somebody,
        tf32=tf32,
        begun=begun,
        more=more,
    )
    reached = Reached()
    try:
        return teach(request, shown, talk.stderr(), reached)
    except KeyboardInterrupt:
        if reached.losses and not json:
            talk.stdout().print(page.reached(reached.losses, talk.stdout().width))
        return talk.complain(str(reached), 130)


def _code(
    parts: Sequence[outline.Part],
    way: str,
    device: str,
    seed: int | None,
    steps: int | None,
    refused: Sequence[str],
) -> int:
    """Print one way of a part as a program."""
    if refused:
        return talk.complain(f"--code writes a program; leave out {', '.join(refused)}")
    if len(parts) > 1:
        names = ", ".join(part.name for part in parts)
        return talk.complain(f"--code writes the program of one part; name one of {names}")
    click.echo(source.program(parts[0], way, device, seed, steps), nl=False)
    return 0


def _notebook(file: Path, parts: Sequence[outline.Part], asked: lesson_notebook.Asked) -> int:
    """Write the notebook of some parts of a lesson; 1 where one of its cells raises."""
    files.check(file, files.NOTEBOOK)
    devices.share_gpus()
    if asked.device != "CPU:0":  # whether it is there, only TensorFlow knows
        talk.start_tensorflow()
        asked = replace(asked, device=devices.prepare(asked.device))
    lesson = next(each for each in outline.lessons() if each.number == parts[0].lesson)
    notebook = lesson_notebook.written(lesson, parts, asked)
    try:
        with talk.bar("cells") as tick:
            wrong = lesson_notebook.execute(notebook, tick)
    except KeyboardInterrupt:
        return talk.complain(f"stopped by Ctrl-C; {file} was not written", 130)
    files.write_whole(file, lesson_notebook.text(notebook).encode())
    for line in wrong:
        talk.complain(f"in {file}, cell {line}")
    return 1 if wrong else 0
