"""graphlab compare."""

from __future__ import annotations

import json as json_text
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlab import devices
from graphlab.commands import options, talk
from graphlab.errors import GraphlabError
from graphlab.output import files
from graphlab.targets.target import Target, parse

if TYPE_CHECKING:
    from graphlab.comparison.found import Comparison
    from graphlab.comparison.run import Seen
    from graphlab.comparison.structure import Structure
    from graphlab.model import Graph

DRAWN = ("svg", "png", "pdf", "dot", "json")  # what -o writes, by the ending


@click.command()
@click.argument("a")
@click.argument("b")
@click.argument("more", nargs=-1, metavar="")  # so that they can be refused in words
@click.option("--structure", is_flag=True, help="Of two files: the graphs as they stand, not run.")
@click.option(
    "--calls",
    type=click.IntRange(1),
    default=12,
    show_default=True,
    metavar="N",
    help="So many calls of each kind, or steps.",
)
@click.option(
    "--inputs",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="What models are fed; else drawn once for both.",
)
@click.option("--state", type=click.Choice(["a"]), help="Each call of B begins with A's variables.")
@click.option("--match", multiple=True, metavar="NAME=NAME", help="A's variable and B's.")
@click.option(
    "--rtol", type=click.FloatRange(0), help="Relative to the largest number of a tensor."
)
@click.option("--atol", type=click.FloatRange(0), help="And so much more in any case.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=4096,
    show_default=True,
    metavar="MiB",
    help="So much of the values may be kept; calls that need more are left out.",
)
@options.seed
@options.device
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Both graphs in one picture.")
@options.html
@click.option(
    "--names",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="Write which variable of A is which of B.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    metavar="PREFIX",
    help="Write A's variables, as before the first call, as a TF2 checkpoint for B.",
)
@click.option("--json", is_flag=True, help="One JSON document in place of the text.")
def compare(
    a: str,
    b: str,
    more: tuple[str, ...],
    structure: bool,
    calls: int,
    inputs: Path | None,
    state: str | None,
    match: tuple[str, ...],
    rtol: float | None,
    atol: float | None,
    keep: int,
    seed: int | None,
    device: str | None,
    output: Path | None,
    html: Path | None,
    names: Path | None,
    checkpoint: Path | None,
    json: bool,
) -> int:
    """Say where A and B part: two programs or models, aligned by the values they compute.

    Each is a way of a lesson's part (2.3:graph), a script, a function of one (script.py:function)
    or a model's file, in any mix. Both are run, and each op of their calls is executed again, so
    that every tensor has a value. Told are the first ops that are given equal values and give
    different ones, with both source lines; which variables are which, also where they were
    transposed or their columns stand in another order; and what only one side has. Models are fed
    the same inputs: drawn once, or those of --inputs; scripts and lessons bring their own.

    Scripts are run without arguments, since nothing behind -- would say whose they are: a script
    that needs some is compared by way of one that sets sys.argv and runs it.

    Exit codes: 0 they compute the same, 1 they do not, 2 the request was wrong. Where they differ
    each is run once more, and it is told if it does not repeat itself.

    --html writes one page that opens from disk without a network: both graphs side by side, a click
    on an op finds its partner, the calls are replayed in step, and a slider goes from call to call,
    where the first that differs is marked.

    --checkpoint writes A's values under the names of B's variables, transposed or permuted as
    those are, for tf.train.Checkpoint(**{name: variable, ...}).read(PREFIX); where B is a
    SavedModel, under the paths of its objects, for tf.train.Checkpoint(loaded).read(PREFIX). What
    has no partner is named, and then the exit code is 1.

    --structure compares two files without running them, of any size and without TensorFlow: what
    was added, removed or changed (op, attributes, dtype, shape, constants, weights).

    \b
    Examples:
      graphlab compare 2.3:graph 2.3:eager
      graphlab compare old_tf1.py new_tf2.py --calls 6
      graphlab compare exported/1 exported/2 --inputs batch.npz
      graphlab compare frozen.pb model.keras -o both.svg
      graphlab compare old_tf1.py new_tf2.py --html both.html
      graphlab compare before.pb after.pb --structure
    """
    if more:
        raise GraphlabError(
            f"{' '.join(more)}: compare takes two targets and no arguments for scripts; let a"
            " script of its own set sys.argv and run the one that needs them"
        )
    from graphlab.output import drawings

    format = drawings.format_of(output, DRAWN) if output else ""
    one, other = parse(a), parse(b)
    read = (*one.inputs, *other.inputs, *([inputs] if inputs else []))
    for path, endings in ((output, DRAWN), (html, files.PAGE), (names, ("json",))):
        if path:
            files.check(path, endings, read)
    if checkpoint:
        from graphlab.output import checkpoint as checkpoints

        checkpoints.check(checkpoint, read)
    if structure:
        if checkpoint:
            raise GraphlabError("--checkpoint needs both to be run; leave --structure out")
        return _structure(one, other, output, html, format, json)
    matched = _pairs(match)
    talk.start_tensorflow()  # before what imports it, or it chatters
    from graphlab.comparison.run import Options, compare_targets
    from graphlab.targets import process

    if one.script is None and other.script is None:  # a script keeps its own settings
        devices.share_gpus()
        if one.part or other.part:  # until the command ends, for what is executed again
            click.get_current_context().with_resource(devices.float32())
    place = devices.prepare(device or "CPU:0") if device or one.part or other.part else None
    asked = Options(calls, rtol, atol, seed, place, inputs, matched, keep << 20, state or "")
    with process.own_output():  # also of Python functions, where calls are executed again
        found, seen = compare_targets(one, other, asked)
    without: tuple[str, ...] = ()
    if checkpoint:
        without = _write_checkpoint(checkpoint, found, seen, other)
        found = replace(found, notes=(*found.notes, *without))
    if names:
        table = {pair.a: pair.b for pair in found.variables}
        files.write_whole(names, (json_text.dumps(table, indent=1) + "\n").encode())
    if html:
        from graphlab.output import comparison

        _write_page(html, comparison.page_of_comparison(found, seen))
    _tell(found, (seen[0].graph, seen[1].graph), output, format, json)
    return 0 if found.same and not without else 1


def _write_page(html: Path, text: str) -> None:
    files.write_whole(html, text.encode())
    talk.note(f"the page is {html}")


def _tell(
    found: Comparison | Structure,
    graphs: tuple[Graph | None, Graph | None],
    output: Path | None,
    format: str,
    json: bool,
) -> None:
    """Draw what was found, where that is asked for, and say it."""
    if output:
        from graphlab.output import beside, drawings

        drawn = beside.side_by_side(*graphs, beside.told_by(found, graphs))
        legend = beside.legend(found)
        files.write_whole(output, drawings.graph_file(drawn, None, format, notes=legend))
    if json:
        talk.document(found)
        return
    from graphlab.comparison.structure import Structure
    from graphlab.screen import comparison as screen

    shown = screen.structure(found) if isinstance(found, Structure) else screen.comparison(found)
    console = talk.stdout()
    for each in shown:
        console.print(each)


def _write_checkpoint(
    prefix: Path, found: Comparison, seen: tuple[Seen, Seen], b: Target
) -> tuple[str, ...]:
    """A's values for B; one line for each variable that has none."""
    from graphlab.comparison.carrying import carry
    from graphlab.output import checkpoint as checkpoints
    from graphlab.sources.files import read_model

    mine, theirs = seen
    carried = carry(found.variables, mine.variables, theirs.variables)
    saved = read_model(b.model).checkpoint if b.model is not None else None
    paths = checkpoints.paths_of(saved.own_names) if saved is not None else {}
    checkpoints.write(prefix, carried, mine.variables, theirs.dtypes, paths)
    return carried.without


def _structure(
    a: Target, b: Target, output: Path | None, html: Path | None, format: str, json: bool
) -> int:
    """Two files as they stand."""
    for target in (a, b):
        if target.model is None:
            raise GraphlabError(
                f"--structure is for two files of models, and {target.text} is none; without it"
                " both are run"
            )
    from graphlab.comparison.structure import compare_models
    from graphlab.sources.files import read_model

    assert a.model is not None and b.model is not None
    mine, theirs = read_model(a.model), read_model(b.model)
    found = compare_models(mine, theirs)
    if html:
        from graphlab.output import structure as page

        _write_page(
            html,
            page.page_of_structure(found, (mine.graph, theirs.graph), (a.text, b.text)),
        )
    _tell(found, (mine.graph, theirs.graph), output, format, json)
    return 0 if found.same else 1


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """`--match` as names of A and of B."""
    found = {}
    for text in texts:
        name, equals, other = text.partition("=")
        if not equals or not name or not other:
            raise GraphlabError(f"--match {text} names no pair; write A_NAME=B_NAME")
        found[name] = other
    return found
