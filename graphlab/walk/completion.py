"""How a line that is being typed can only go on."""

from __future__ import annotations

import os

from graphlab.model import Graph
from graphlab.walk.commands import COMMANDS


def completed(line: str, graph: Graph, answers: bool = False) -> str:
    """The line with its last word as long as all agree that begin with it.

    They are the commands, where it is the first word and the line `answers` no question; else the
    ops of the graph and of its functions.

    >>> from graphlab.model import Node
    >>> completed("show lo", Graph((Node("loss", "Sum"), Node("loss/axis", "Const"))))
    'show loss'
    >>> completed("pr", Graph()), completed("why x", Graph())
    ('pre', 'why x')
    """
    word = line.rpartition(" ")[2]
    if word == line and not answers:
        names = [command.name for command in COMMANDS]
    else:
        names = [node.name for body in (graph, *graph.functions.values()) for node in body.nodes]
    going_on = [name for name in names if name.startswith(word)]
    agreed = os.path.commonprefix(going_on)  # noqa: RUF071 - by characters is what is wanted
    return line[: len(line) - len(word)] + (agreed or word)
