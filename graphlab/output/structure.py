"""The page of two graphs that nobody ran: what was added, removed and changed.

page_of_structure(found, graphs, names)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphlab.comparison.structure import Body, Structure
from graphlab.model import Graph
from graphlab.output.beside import OTHER, SAME
from graphlab.output.comparison import legend, page_of_sides
from graphlab.screen import comparison as screen
from visualize.page.columns import graph_columns


def page_of_structure(found: Structure, graphs: tuple[Graph, Graph], names: tuple[str, str]) -> str:
    """The HTML text of the page; the names are those of the files."""
    sides = [
        {"title": name, "graphs": [{"stage": "built"} | graph_columns(graph)], "runs": []}
        for name, graph in zip(names, graphs, strict=True)
    ]
    comparison = {
        "said": screen.said_of_structure(found),
        "same": found.same,
        "notes": list(found.notes),
        "legend": legend(SAME, OTHER),
        "bodies": [_body(body, graphs) for body in found.bodies],
        "removed": list(found.removed),
        "added": list(found.added),
        "variables": [
            [change.a, change.b, _changes(change.what, change.before, change.after)]
            for change in found.variables
        ],
        "variables_only": [list(found.variables_removed), list(found.variables_added)],
    }
    return page_of_sides(sides, comparison)


def _body(body: Body, graphs: tuple[Graph, Graph]) -> dict[str, Any]:
    """Partners by their numbers among the nodes of the graph or function."""
    a, b = (
        graph.functions[name] if name else graph
        for graph, name in zip(graphs, (body.a, body.b), strict=True)
    )
    of_a, of_b = ({node.name: n for n, node in enumerate(each.nodes)} for each in (a, b))
    partner = [-1] * len(a.nodes)
    for one, other in body.matched:
        partner[of_a[one]] = of_b[other]
    return {
        "a": body.a,
        "b": body.b,
        "partner": partner,
        "changed": {
            str(of_a[change.a]): _changes(change.what, change.before, change.after)
            for change in body.changed
        },
    }


def _changes(
    what: Sequence[str], before: Sequence[str], after: Sequence[str]
) -> list[tuple[str, str, str]]:
    return list(zip(what, before, after, strict=True))
