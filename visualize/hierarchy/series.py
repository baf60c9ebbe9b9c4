"""Ops that do the same side by side, `clip`, `clip_1`, ..., fold into one: a series.

A fold hides which member is joined with what, so it must not hide anything that matters: each
member takes and gives the same shapes, and no path leads from one out of the series and back into
another, which would be drawn as a cycle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphlab.model import Graph
from visualize.hierarchy.links import Links
from visualize.hierarchy.tree import Scope
from visualize.hierarchy.wires import Found

FEWEST = 5  # members that fold
SEARCH = 4  # edges that all searches for paths together may look at, for each edge of the graph


def fold(root: Scope, graph: Graph, found: Found, most: int | None = None) -> None:
    """Put every series of sibling ops into a scope of its own, in the place of its first member.

    Not in a series, nor with `most` in a scope that has more members.
    """
    groups = [
        (scope, run)
        for scope in root.scopes("series")
        if most is None or len(scope.members) <= most
        for run in candidates(scope, graph)
    ]
    if not groups:
        return
    links = Links(len(graph.nodes), found.tail, found.head)
    ranks = links.ranks()
    likes = signatures(len(graph.nodes), found)
    budget = [SEARCH * len(links.tail) + 1000]
    for scope, run in groups:
        for same in _alike(run, likes):
            if len(same) >= FEWEST and not comes_back(same, links, ranks, budget):
                _put(scope, same, graph)


def candidates(scope: Scope, graph: Graph) -> list[list[int]]:
    """Leaf members of one op whose names differ in a trailing number, in order of the number."""
    if len(scope.members) < FEWEST:
        return []
    stems: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for member in scope.members:
        if not isinstance(member, Scope):
            node = graph.nodes[member]
            stem, number = numbered(node.name)
            stems.setdefault((stem, node.op), []).append((number, member))
    runs = []
    for each in stems.values():
        each.sort()
        run: list[int] = []
        last = None
        for number, member in each:
            if last is not None and number != last + 1:
                runs.append(run)
                run = []
            run.append(member)
            last = number
        runs.append(run)
    return [run for run in runs if len(run) >= FEWEST]


def numbered(name: str) -> tuple[str, int]:
    """A name without its trailing number, and the number.

    >>> numbered("a/mul_12"), numbered("a/mul"), numbered("x3")
    (('a/mul', 12), ('a/mul', 0), ('x', 3))
    """
    found = re.fullmatch(r"(.*?)_?(\d{1,9})", name, re.DOTALL) if name[-1:].isdigit() else None
    return (found[1], int(found[2])) if found and found[1] else (name, 0)


def signatures(count: int, found: Found) -> list[tuple]:
    """For each node the shapes and dtypes that it takes, slot by slot, and those that it gives."""
    takes: list[list] = [[] for _ in range(count)]
    gives: list[set] = [set() for _ in range(count)]
    for tail, head, spec, flags in zip(
        found.tail, found.head, found.spec, found.flags, strict=True
    ):
        takes[head].append((spec, flags))
        gives[tail].add((spec, flags))
    return [(tuple(a), tuple(sorted(b))) for a, b in zip(takes, gives, strict=True)]


def _alike(run: Sequence[int], likes: Sequence[tuple]) -> list[list[int]]:
    """The run in stretches of nodes that take and give the same."""
    stretches: list[list[int]] = []
    for member in run:
        if stretches and likes[stretches[-1][-1]] == likes[member]:
            stretches[-1].append(member)
        else:
            stretches.append([member])
    return stretches


def comes_back(
    members: Sequence[int], links: Links, ranks: Sequence[int], budget: list[int]
) -> bool:
    """Whether a path leads out of the members and back to one; True too where none may be sought.

    Only nodes before the last member can be on such a path.
    """
    inside = set(members)
    last = max(ranks[member] for member in members)
    seen = {n for m in members for n in links.after(m) if n not in inside and ranks[n] <= last}
    ready = list(seen)
    while ready:
        node = ready.pop()
        after = links.after(node)
        budget[0] -= 1 + len(after)
        if budget[0] < 0:
            return True
        for next in after:
            if next in inside:
                return True
            if next not in seen and ranks[next] <= last:
                seen.add(next)
                ready.append(next)
    return False


def _put(scope: Scope, members: Sequence[int], graph: Graph) -> None:
    ordered = sorted(members)
    names = [graph.nodes[i].name.rpartition("/")[2] for i in members]
    label = f"{names[0]} \N{HORIZONTAL ELLIPSIS} {names[-1]}"
    series = Scope(scope.name, list(ordered), "series", label, verified=True)
    folded = set(ordered)
    place = scope.members.index(ordered[0])
    scope.members[place] = series
    scope.members = [m for m in scope.members if isinstance(m, Scope) or m not in folded]
