"""graphlab lessons."""

from __future__ import annotations

import click

from graphlab.commands import talk
from graphlab.course import outline


@click.command()
@click.option("--words", is_flag=True, help="The words in place of the lessons, and their parts.")
def lessons(words: bool) -> None:
    """List the lessons and their parts, with what each teaches."""
    from graphlab.screen import prose

    found = outline.lessons()
    talk.stdout().print(prose.glossary(found) if words else prose.course_list(found))
