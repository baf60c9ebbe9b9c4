"""graphlab lessons."""

from __future__ import annotations

import click

from graphlab.commands import talk
from graphlab.course import outline


@click.command()
def lessons() -> None:
    """List the lessons and their parts, with what each teaches."""
    from graphlab.screen import prose

    talk.stdout().print(prose.course_list(outline.lessons()))
