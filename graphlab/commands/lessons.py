"""graphlab lessons."""

from __future__ import annotations

import click

from graphlab.commands import talk
from graphlab.course import outline
from graphlab.errors import GraphlabError


@click.command()
@click.argument("asked", nargs=-1, metavar="")
@click.option("--words", is_flag=True, help="The words in place of the lessons, and their parts.")
def lessons(asked: tuple[str, ...], words: bool) -> None:
    """List the lessons and their parts, with what each teaches."""
    if asked:
        raise GraphlabError(f"lessons lists them all; to read one: graphlab lesson {asked[0]}")
    from graphlab.screen import prose

    found = outline.lessons()
    talk.stdout().print(prose.glossary(found) if words else prose.course_list(found))
