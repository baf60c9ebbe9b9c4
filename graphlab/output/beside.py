"""Two graphs in one picture, side by side: what they share is quiet, where they part is loud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphlab.comparison.found import Comparison
from graphlab.comparison.structure import Structure
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node
from graphlab.stages.difference import CHANGED, GONE, KEPT, NEW

QUIET = "quiet, grey: both have it; it computes the same, or follows from where they part"
LOUD = "loud, yellow: what both take is equal and what they give is not"
SAME, OTHER = "quiet, grey: as it is in the other file", "loud, yellow: another in the other file"


@dataclass(frozen=True)
class Told:
    """What is to be said of the nodes of each side, by name."""

    a: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # mark, and in words
    b: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def told_by(
    found: Comparison | Structure, graphs: tuple[Graph | None, Graph | None] = (None, None)
) -> Told:
    """The marks of a comparison's nodes, in these graphs of both sides."""
    a: dict[str, tuple[str, str]] = {}
    b: dict[str, tuple[str, str]] = {}
    if isinstance(found, Structure):
        body = found.bodies[0]
        a |= {one: (KEPT, f"{other} of B") for one, other in body.matched}
        b |= {other: (KEPT, f"{one} of A") for one, other in body.matched}
        for change in body.changed:
            what = f"another {', '.join(change.what)}"
            a[change.a], b[change.b] = (CHANGED, what), (CHANGED, what)
        return Told(a, b)
    for pair in found.pairs:
        a.setdefault(pair.a.node, (KEPT, f"gives the same as {pair.b.node} of B"))
        b.setdefault(pair.b.node, (KEPT, f"gives the same as {pair.a.node} of A"))
    one, other = graphs
    if one is not None and other is not None:
        a = _named_alike(one, other, "B", {place.node for place in found.only_a}) | a
        b = _named_alike(other, one, "A", {place.node for place in found.only_b}) | b
    for part in found.frontier:
        what = "here they part"
        if part.a is not None:
            a[part.a.node] = (CHANGED, what)
        if part.b is not None:
            b[part.b.node] = (CHANGED, what)
    return Told(a, b)


def _named_alike(
    graph: Graph, other: Graph, scope: str, differing: set[str]
) -> dict[str, tuple[str, str]]:
    """What is to be said of nodes that have a namesake of their kind in the other graph.

    Of `differing` the values are known, and have no equal there.
    """
    theirs = {(node.name, node.op) for node in other.nodes}
    also = KEPT, f"{scope} has it too; no value of it was compared"
    found = {}
    for node in graph.nodes:
        if (node.name, node.op) in theirs:
            apart = KEPT, f"gives something else than {node.name} of {scope}"
            found[node.name] = apart if node.name in differing else also
    return found


def legend(found: Comparison | Structure) -> tuple[str, ...]:
    """What quiet and loud mean in a picture of what was found, as far as they occur in it."""
    told = told_by(found)
    marks = {mark for side in (told.a, told.b) for mark, _ in side.values()}
    quiet, loud = (SAME, OTHER) if isinstance(found, Structure) else (QUIET, LOUD)
    return tuple(text for mark, text in ((KEPT, quiet), (CHANGED, loud)) if mark in marks)


def side_by_side(a: Graph | None, b: Graph | None, told: Told) -> Graph:
    """Both graphs in one, A's nodes in a scope `A`, B's in a scope `B`, without functions' bodies.

    GraphlabError where neither side has a graph.
    """
    if a is None and b is None:
        raise GraphlabError("neither side has a graph to draw: nothing of them was recorded")
    nodes = [
        *_placed(a or Graph(), "A", told.a, GONE),
        *_placed(b or Graph(), "B", told.b, NEW),
    ]
    return Graph(tuple(nodes))


def _placed(
    graph: Graph, scope: str, told: Mapping[str, tuple[str, str]], else_: str
) -> Iterator[Node]:
    for node in graph.nodes:
        variable = node.marks.variable  # whose value is told of, where its placeholder holds none
        only = else_, f"only {scope} has it"
        verdict, became = told.get(node.name) or told.get(variable, only)
        yield replace(
            node,
            name=f"{scope}/{node.name}",
            inputs=tuple(f"{scope}/{tensor}" for tensor in node.inputs),
            controls=tuple(f"{scope}/{name}" for name in node.controls),
            outputs=tuple(replace(spec, name=f"{scope}/{spec.name}") for spec in node.outputs),
            calls=(),
            marks=replace(
                node.marks,
                variable=variable and f"{scope}/{variable}",
                gradient_of=node.marks.gradient_of and f"{scope}/{node.marks.gradient_of}",
                verdict=verdict,
                became=became,
            ),
        )
