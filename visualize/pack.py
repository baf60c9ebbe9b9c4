"""A Hierarchy in little space: what the page carries with it.

>>> from graphlab.model import Graph, Node
>>> from visualize.hierarchy import hierarchy
>>> nodes = Node("a/x", "NoOp"), Node("a/y", "NoOp", controls=("a/x",))
>>> packed = pack(hierarchy(Graph(nodes)))
>>> packed["groups"]["size"], packed["groups"]["children"], packed["edges"]["head"]
([1, 2], [3, -3, 1], [1])
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from visualize.hierarchy import Hierarchy


def pack(tree: Hierarchy) -> dict[str, Any]:
    """Plain JSON data with all that the Hierarchy holds, in columns; a quarter of the space.

    In the columns of DIFFERENCES a number is what is to be added to the one before it, the first
    to 0; a reader's way back is `let was = 0; column.map(d => was += d)`.

    `groups`: a column for each field of Group but the id. `children` and `apart` hold those of
    all groups one after the other, `size` and `apart_size` how many each group has. `edges` is
    where a group's edges begin, `edges_size` how many there are. `scope` is null where it is the
    name. `ops` and `devices` are lists of `[place in names, count, place, count, ...]`.

    `kinds` are places in `names` too. `functions` are packed in the same way.
    """
    names: dict[str, int] = {}

    def place(name: str) -> int:
        return names.setdefault(name, len(names))

    def histogram(counts: Mapping[str, int]) -> list[int]:
        return [number for name, count in counts.items() for number in (place(name), count)]

    groups = tree.groups
    return {
        "nodes": tree.nodes,
        "groups": _packed(
            {
                "name": [g.name for g in groups],
                "label": [g.label for g in groups],
                "kind": [g.kind for g in groups],
                "parent": [g.parent for g in groups],
                "size": [len(g.children) for g in groups],
                "children": [child for g in groups for child in g.children],
                "scope": [None if g.scope == g.name else g.scope for g in groups],
                "count": [g.count for g in groups],
                "ops": [histogram(g.ops) for g in groups],
                "devices": [histogram(g.devices) for g in groups],
                "is_gradient": [int(g.is_gradient) for g in groups],
                "template": [g.template for g in groups],
                "verified": [int(g.verified) for g in groups],
                "apart_size": [len(g.apart) for g in groups],
                "apart": [child for g in groups for child in g.apart],
                "edges": [g.edges[0] for g in groups],
                "edges_size": [g.edges[1] - g.edges[0] for g in groups],
            }
        ),
        "kinds": [place(kind) for kind in tree.kinds],
        "hosts": list(tree.hosts),
        "specs": [[dtype, None if s is None else list(s)] for dtype, s in tree.specs],
        "edges": _packed(_columns(tree.edges)),
        "wires": _packed(_columns(tree.wires)),
        "names": list(names),
        "functions": {name: pack(body) for name, body in tree.functions.items()},
        "recursive": list(tree.recursive),
    }


# The columns in which neighbours are near one another.
DIFFERENCES = frozenset({"parent", "children", "apart", "edges", "tail", "head", "wires"})


def _columns(value: Any) -> dict[str, list[int]]:
    return {field.name: list(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _packed(columns: dict[str, list]) -> dict[str, list]:
    return {
        name: differences(column) if name in DIFFERENCES else column
        for name, column in columns.items()
    }


def differences(numbers: Sequence[int]) -> list[int]:
    """Each number without the one before it.

    >>> differences([5, 6, 8])
    [5, 1, 2]
    """
    return [b - a for a, b in itertools.pairwise((0, *numbers))]
