"""graphlab render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from graphlab.commands import options, talk, watching
from graphlab.errors import GraphlabError
from graphlab.output import files
from graphlab.targets.target import Ask, parse

STAGE_MEANS = {"built": ", as written", "executed": ", as executed"}


@click.command()
@click.argument("target")
@options.arguments
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else the text view.")
@click.option(
    "--stage",
    default="built",
    show_default=True,
    help="Or pruned, constfold, ..., placed, executed.",
)
@click.option("--diff", metavar="S1:S2", help="Two stages in one picture: what went, what came.")
@options.depth
@options.focus
@options.radius
@options.without
@click.option("--plain", is_flag=True, help="What a class is taught: no initialisers, no times.")
@click.option("--fit", metavar="PAPER", help="A slide, as 16:9, or a page: a4, letter.")
@options.html
@click.option("--function", default="", help="Of a model: only this function's body.")
@options.tags
@options.way
@options.device
@options.seed
def render(
    target: str,
    arguments: tuple[str, ...],
    output: Path | None,
    stage: str,
    diff: str | None,
    depth: int | None,
    focus: str | None,
    radius: int,
    without: tuple[str, ...],
    plain: bool,
    fit: str | None,
    html: Path | None,
    function: str,
    tags: tuple[str, ...] | None,
    way: str | None,
    device: str | None,
    seed: int | None,
) -> int:
    """Draw the graph of TARGET.

    TARGET is a part of a lesson (2.3, 2.3:function), a script (script.py) or a function of one
    that needs no arguments (script.py:function). It is run once to see its graph; what stands
    behind -- are the script's own arguments. Or it is a model: a SavedModel folder, .pb, .pbtxt,
    .meta, .keras or .h5, or a signature or an object's function of one (folder:serving_default,
    folder:__call__). A model is read, not run.

    --html writes one page that opens from disk without a network: groups open and close, and
    the run is replayed. A file's ending names its format: svg, png, pdf, dot, json or txt.
    --fit 16:9 draws for a slide, --fit a4 or letter for a printed page: from left to right or in
    bands where that gives larger text, and with fewer scopes open where it could not be read.
    --plain draws what a class is taught: a variable as one box, no initialisers, no savers, no
    times and devices. Without a file the graph comes as text, a row an op in an order in which it
    can run, with a lane for each tensor that is alive; a large graph in groups.

    \b
    Examples:
      graphlab render 2.4 -o graph.svg
      graphlab render 1.4:function --stage executed
      graphlab render train.py -o train.pdf --depth 2
      graphlab render 4.7 --plain --fit 16:9 -o slide.png
      graphlab render train.py -o train.svg -- --steps 20
      graphlab render exported/1:serving_default -o model.svg
    """
    from graphlab.output import drawings

    format = drawings.format_of(output, drawings.GRAPHS) if output else ""
    paper = drawings.paper_of(fit, output)
    if plain and html and not output:
        raise GraphlabError("--plain is for a picture or the text view; a page shows all")
    asked = parse(target, way, Ask(tags=tags), arguments)
    if output:
        files.check(output, drawings.GRAPHS, asked.inputs)
    if html:
        files.check(html, files.PAGE, asked.inputs)
    if asked.model is not None:
        watched = watching.read(asked, function)
    elif function:
        raise GraphlabError(f"--function is for a model; write {target}:{function}")
    else:
        # A graph is drawn as the steady step's recording has it: a training need not be finished.
        watched = watching.watch(asked, device, seed, until_steady=True)
    code = watching.say_failure(watched)
    if code and watched.main is None and watched.graph is None:
        return code
    if html:
        watching.write_page(html, watched)
    graph, run = drawings.stage_of(watched, stage)
    view = drawings.View(depth, focus, radius, without, plain)
    from graphlab.screen import trace as screen

    notes: tuple[str, ...] = ()
    if diff:
        graph, run, stage = drawings.difference(watched, diff), None, diff
        if watched.main is not None:
            notes = (screen.which(watched.main).plain,)
    if output and paper:
        drawn, small = drawings.fitted_file(graph, run, format, paper, view, notes)
        files.write_whole(output, drawn)
        if small:
            talk.note(f"{output}: {small}")
        return code
    if output:
        files.write_whole(output, drawings.graph_file(graph, run, format, view, notes))
        return code
    if html:
        return code
    console = talk.stdout()
    about = f"{len(graph)} ops" + STAGE_MEANS.get(stage, "")
    said = drawings.marked(graph, view, run)
    shown: Any = drawings.for_text(said, view)
    program = drawings.program_of(run, stage)
    if program is not None:
        shown = drawings.for_text(program, view)
        about = f"{len(program)} instructions in one kernel"
    elif run is not None and stage == "executed" and shown is said:
        shown = run
    if watched.main is not None and watched.main.compiled_by:
        about += f", compiled by {watched.main.compiled_by}"
    for note in notes:
        console.print(note, markup=False, highlight=False)
    for each in screen.graph(shown, f"{target}: the {stage} graph", about, console.width):
        console.print(each)
    return code
