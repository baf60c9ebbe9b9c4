"""How a Keras model is called: the keys of what it takes and gives, and what is to be said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphlab.errors import shown
from graphlab.model import Graph, Node, TensorSpec


def called_on_nothing(graph: Graph) -> list[str]:
    """What is to be said of layers that are called on no tensor that the file names."""
    found = [
        node.name
        for node in graph.nodes
        if node.op != "InputLayer" and not (node.inputs or node.marks.missing)
    ]
    if not found:
        return []
    some = ", ".join(map(shown, found[:3])) + (", ..." if len(found) > 3 else "")
    return [f"the file does not say what {some} {'takes' if len(found) == 1 else 'take'}"]


def kind(node: Node) -> str:
    """What an input is where it is no plain tensor."""
    kinds = ("Sparse", "Ragged")
    return next((f"{each}Tensor" for each in kinds if node.attrs.get(each.lower()) is True), "")


def keyed(gives: Any) -> Iterator[tuple[str, str]]:
    """Every output with a key of its own: that of a dict, else its layer's name."""
    seen: dict[str, int] = {}
    for path, name in _with_paths(gives, ""):
        key = path or name.removesuffix(":0")
        seen[key] = seen.get(key, 0) + 1
        yield key if seen[key] == 1 else f"{key} ({seen[key]})", name


def _with_paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, TensorSpec):
        yield path, value.name
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _with_paths(each, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from _with_paths(each, path)
