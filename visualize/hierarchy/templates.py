"""Groups that are the same inside get one number: a reader learns one of them, a layout is shared.

The same: the k-th child of one is the k-th child of the other, with the same op, key attributes,
shapes and icons, or a group of the same number, and the same edges join them. What is compared is
all of that, not a digest of it, so equal numbers are a fact and no guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphlab.model import Graph, Node

# Attributes that say who an op is, not what it does.
NAMES = frozenset("container shared_name debug_name value frame_name".split())


def leaves(graph: Graph, hosts: Mapping[int, int]) -> list[tuple]:
    """What each node is to a template: op, key attributes, number of inputs, outputs, icons."""
    icons: dict[int, list[str]] = {}
    for guest, host in hosts.items():
        icons.setdefault(host, []).append(graph.nodes[guest].op)
    return [(*_leaf(node), tuple(icons.get(i, ()))) for i, node in enumerate(graph.nodes)]


def _leaf(node: Node) -> tuple:
    attrs = tuple(
        (key, repr(value))
        for key, value in node.attrs.items()
        if key[:1] != "_" and key not in NAMES
    )
    specs = tuple((spec.dtype, spec.shape) for spec in node.outputs)
    return node.op, attrs, len(node.inputs), specs


def templates(
    children: Sequence[Sequence[int]],
    edges: Sequence[Sequence[tuple]],
    leaf: Sequence[object],
) -> list[int]:
    """For each group a number; -1 where no other group is the same inside.

    Groups in an order in which parents come before their children. `edges` of a group are tuples
    that begin with two ids of children; all else in them must be equal. Ids below `len(leaf)` are
    leaves.
    """
    count = len(leaf)
    numbers: dict[object, int] = {}
    kind = [numbers.setdefault(each, len(numbers)) for each in leaf]
    kind += [0] * len(children)
    for k in range(len(children) - 1, -1, -1):
        inside = children[k]
        place = {child: at for at, child in enumerate(inside)}
        key = (
            tuple(kind[child] for child in inside),
            tuple(sorted((place[a], place[b], *rest) for a, b, *rest in edges[k])),
        )
        kind[count + k] = numbers.setdefault(key, len(numbers))
    found = kind[count:]
    times: dict[int, int] = {}
    for number in found:
        times[number] = times.get(number, 0) + 1
    # Small numbers in the order of the groups.
    small: dict[int, int] = {}
    return [small.setdefault(n, len(small)) if times[n] > 1 else -1 for n in found]
