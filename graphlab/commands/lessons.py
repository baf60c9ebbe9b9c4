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
    found, console = outline.lessons(), talk.stdout()
    if words:
        from graphlab.screen.glossary import glossary

        console.print(glossary(found))
    else:
        from graphlab.screen.prose import course_list

        console.print(course_list(found, console.width))
