"""Above the code the ops that it stands for: `# dense/MatMul, dense/add  [train.py:12]`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from graphlab.model import Graph
from graphlab.port.expression import literal
from graphlab.port.layout import WIDTH

LONGEST = 80  # of an op's name


def sources_of(graph: Graph | None) -> dict[str, str]:
    """The line of the program that made each op, as `train.py:12`, where it is known."""
    found: dict[str, str] = {}
    graphs = [graph, *graph.functions.values()] if graph is not None else []
    for node in (node for each in graphs for node in each.nodes):
        if node.source is not None:
            file, line = node.source
            found.setdefault(node.name, f"{PurePath(file).name}:{line}")
    return found


def comment(indent: int, ops: Iterable[str], sources: Mapping[str, str]) -> list[str]:
    """The comment of a statement, in lines that are short enough; none where it stands for no
    op."""
    names = [each.rstrip("/") for each in ops]
    if not names:
        return []
    places = dict.fromkeys(sources[name] for name in names if name in sources)
    said = ", ".join(map(_plain, names))
    if places:
        said += f"  [{', '.join(map(_plain, places))}]"
    space = f"{' ' * indent}# "
    return textwrap.wrap(
        said, WIDTH, initial_indent=space, subsequent_indent=space, break_on_hyphens=False
    )


def _plain(name: str) -> str:
    """A name in one line and without what could end a comment, cut where it is long."""
    plain = literal(name[:LONGEST])[1:-1]
    return f"{plain}..." if len(name) > LONGEST else plain
