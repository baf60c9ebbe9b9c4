"""graphlab info."""

from __future__ import annotations

import json as json_text

import click

from graphlab.commands import options, talk
from graphlab.errors import GraphlabError
from graphlab.targets import target


@click.command()
@click.argument("model")
@click.option("--json", is_flag=True, help="One JSON document in place of the tables.")
@options.tags
def info(model: str, json: bool, tags: tuple[str, ...] | None) -> int:
    """Say what is in MODEL, without running any of it.

    MODEL is a SavedModel folder, a graph (.pb, .pbtxt, .meta), a checkpoint (its prefix, its
    folder or its .index) or a Keras model (.keras, .h5); or a signature or an object's function
    of one (folder:serving_default). Told are its signatures and functions with their inputs and
    outputs, its variables with shapes and sizes, its ops, functions and devices, the version that
    wrote it, whether this TensorFlow takes it, and what running it would do outside of it: with
    files, networks or Python. TensorFlow itself is not started.

    \b
    Examples:
      graphlab info exported/1
      graphlab info exported/1:serving_default
      graphlab info train.ckpt.meta --json
    """
    from graphlab.screen import info as screen
    from graphlab.sources import choice, facts
    from graphlab.sources import files as models

    if target.named(model) is None:
        raise GraphlabError(f"{model} is no model; expected {models.read.EXPECTED}")
    asked = target.parse(model)
    assert asked.model is not None
    read = models.read_model(asked.model, tags)
    name = asked.ask.signature
    found = facts.about(read, choice.signature_of(read, name) if name else None)
    if json:
        click.echo(json_text.dumps(found, indent=1))
        return 0
    console = talk.stdout()
    for each in screen.info(found, console.width):
        console.print(each)
    return 0
