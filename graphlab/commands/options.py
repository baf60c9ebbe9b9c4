"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from graphlab.course import outline

arguments = click.argument("arguments", nargs=-1, metavar="[-- ARGUMENTS]")
way = click.option("--way", type=click.Choice(outline.ASKABLE), help="Of a lesson; else graph.")
device = click.option("--device", help="CPU:0, CPU:1, ..., GPU:0, ...; a script keeps its own.")
seed = click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw other random data.")
steps = click.option(
    "--steps", type=click.IntRange(1), metavar="K", help="Only the first K steps of each part."
)
data = click.option(
    "--data", metavar="PLACE", help="Other data: full, a folder or a file, where a part reads any."
)
fetch = click.option(
    "--fetch", multiple=True, metavar="NAME", help="Of a graph: a tensor, loss:0, or an op."
)
signature = click.option("--signature", default="", help="Of a model: which way to call it.")


def _tags(context: click.Context, option: click.Parameter, text: str | None) -> Any:
    """`"serve,gpu"` as two tags; None where the option is not given."""
    return None if text is None else tuple(tag for tag in text.split(",") if tag)


tags = click.option(
    "--tags", metavar="A,B", callback=_tags, help="Of a SavedModel: the graph with these tags."
)
trust = click.option(
    "--trust", is_flag=True, help="Run code that a model brings, and what reaches outside."
)
live = click.option(
    "--live", is_flag=True, help="With --html: the page executes the call itself; change a number."
)
html = click.option(
    "--html", type=click.Path(path_type=Path), help="A page to work with, in one offline file."
)
depth = click.option("--depth", type=click.IntRange(0), help="Close scopes nested deeper.")
focus = click.option("--focus", metavar="NODE", help="Only what is near this op or scope.")
radius = click.option(
    "--radius", type=click.IntRange(0), default=2, show_default=True, help="How near, in edges."
)
without = click.option(
    "--without",
    multiple=True,
    metavar="STEP",
    help="Draw without a step: series, hubs, ...",
)
