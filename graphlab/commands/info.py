"""graphlab info."""

from __future__ import annotations

import json as json_text

import click

from graphlab.commands import talk
from graphlab.errors import GraphlabError
from graphlab.sources import facts as facts
from graphlab.targets import target


@click.command()
@click.argument("model")
@click.option("--json", is_flag=True, help="One JSON document in place of the tables.")
def info(model: str, json: bool) -> int:
    """Say what is in MODEL, without running any of it.

    MODEL is a SavedModel folder, a graph (.pb, .pbtxt, .meta), a checkpoint (.index) or a Keras
    model (.keras, .h5). Told are its signatures with their inputs and outputs, its variables
    with shapes and sizes, its ops, functions and devices, the version that wrote it, and whether
    this TensorFlow knows every op. TensorFlow itself is not started.

    \b
    Examples:
      graphlab info exported/1
      graphlab info train.ckpt.meta --json
    """
    from graphlab.screen import info as screen
    from graphlab.sources import files as models

    asked = target.parse(model)
    if asked.model is None:
        raise GraphlabError(f"{model} is no model; expected {models.read.EXPECTED}")
    found = facts.about(models.read_model(asked.model))
    if json:
        click.echo(json_text.dumps(found, indent=1))
        return 0
    console = talk.stdout()
    for each in screen.info(found, console.width):
        console.print(each)
    return 0
