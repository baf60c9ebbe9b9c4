"""The paths of the ops in the functions that a graph calls: `call/op`, `cond/then/op`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphlab.model import Graph, Node

MOST = 100_000  # ops inside of calls; a call whose body would make more of them is not gone into
WORDS = {"f": "", "then_branch": "then", "else_branch": "else", "branches": "branch"}


def ops_inside(graph: Graph) -> dict[str, Node]:
    """Every op of every body that a graph calls, by its path; one that calls itself is not gone
    into again, nor are bodies of more than MOST ops together."""
    found: dict[str, Node] = {}
    room = [MOST]
    for node in graph.nodes:
        collect(node, node.name, graph.functions, (), found, room)
    return found


def collect(
    call: Node,
    path: str,
    functions: Mapping[str, Graph],
    around: tuple[str, ...],
    found: dict[str, Node],
    room: list[int],
) -> None:
    """Add to `found` every op of the bodies that a node calls, while there is room for them."""
    for name, prefix in bodies(call, path):
        body = functions.get(name, Graph())
        if name in around or len(body) > room[0]:
            continue
        room[0] -= len(body)
        for node in body.nodes:
            found[f"{prefix}/{node.name}"] = node
            collect(node, f"{prefix}/{node.name}", functions, (*around, name), found, room)


def bodies(call: Node, path: str) -> Iterator[tuple[str, str]]:
    """The functions that a node calls, each with the path under which its ops stand."""
    told: dict[str, str] = {}
    for key, value in call.attrs.items():
        for i, each in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(each, Mapping) and each.get("function") in call.calls:
                word = WORDS.get(key, key) + (str(i) if isinstance(value, list) else "")
                told.setdefault(str(each["function"]), f"{path}/{word}" if word else path)
    for name in call.calls:  # TF1 names the op itself after its function
        yield name, told.get(name, path)
