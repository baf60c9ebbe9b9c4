"""graphlab doctor."""

from __future__ import annotations

import json as json_text

import click

from graphlab import devices
from graphlab.commands import talk


@click.command()
@click.option("--json", is_flag=True, help="One JSON document in place of the list.")
def doctor(json: bool) -> int:
    """Say what is on this machine, and try what graphlab needs."""
    talk.start_tensorflow()
    from graphlab.course.doctor import examine
    from graphlab.screen import page

    devices.share_gpus()
    found = examine()
    if json:
        click.echo(json_text.dumps(found, indent=2))
    else:
        talk.stdout().print(page.doctor(found))
    return 0 if found["ok"] else 1
