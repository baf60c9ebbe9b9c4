"""The tree of one graph is grown: step after step, then every group counted and joined."""

from __future__ import annotations

import contextlib
import gc
import itertools
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

import numpy as np

from graphlab.model import Graph, TensorSpec
from visualize.hierarchy.bundles import bundled, ends
from visualize.hierarchy.embed import embed, places
from visualize.hierarchy.groups import Group, Hierarchy
from visualize.hierarchy.hubs import level_hubs
from visualize.hierarchy.inline import is_inlined
from visualize.hierarchy.series import fold
from visualize.hierarchy.templates import leaves, templates
from visualize.hierarchy.tree import Scope, scopes
from visualize.hierarchy.wide import cut
from visualize.hierarchy.wires import Found, wires
from visualize.kinds import is_aside, is_gradient, kind_of, short_device

WIDE = 200  # a scope with more members is cut into pieces


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Python's search for cycles stops for a while.

    It goes through all that lives, ever again while a million tuples are made; there is no cycle
    among them.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@uncollected()
def grow(
    graph: Graph,
    without: Collection[str] = (),
    wide: int = WIDE,
    kind: str = "graph",
    known: Mapping[str, TensorSpec] | None = None,
) -> tuple[Hierarchy, Found]:
    """The tree of one graph without its functions, and its wires as they were found.

    `known` says more of tensors than the graph does, by name: the shapes of a run.
    """
    hosts = {} if "embed" in without else embed(graph)
    found = wires(graph, hosts, known)
    inlined = {node.name for node in graph.nodes if is_inlined(node)}
    root = scopes(places(graph), hosts, inlined)
    root.kind = kind
    count = len(graph.nodes)
    if "series" not in without:
        # In a wide scope equal stretches come first: series of their ops would tear them apart.
        fold(root, graph, found, WIDE)
    if "wide" not in without:
        cut_wide(root, graph, found, wide)
    if "series" not in without:
        fold(root, graph, found)
    held, parents = numbered(root, count)
    tails, heads = ends(found, parents)
    up = np.asarray(parents, np.int64)
    edges, kept = bundled(found, tails, heads, up[tails])
    spans = _spans([parents[tail] for tail in edges.tail], count, len(held))
    children = [tuple(ids) for _, ids in held]
    joined = [list(zip(edges.tail[a:b], edges.head[a:b], strict=True)) for a, b in spans]
    same = [-1] * len(held)
    if "templates" not in without:
        rest = list(zip(edges.tail, edges.head, edges.count, edges.spec, edges.flags, strict=True))
        same = templates(children, [rest[a:b] for a, b in spans], leaves(graph, hosts))
    aside = {i for i, node in enumerate(graph.nodes) if is_aside(node)}
    groups = _groups(root, graph, hosts, held)
    full = []
    for k, fields in enumerate(groups):
        apart = () if "hubs" in without else level_hubs(children[k], joined[k], aside)
        alike = {same[id - count] if id >= count else -1 for id in children[k]}
        checked = same[k] >= 0 or held[k][0].verified or (len(alike) == 1 and -1 not in alike)
        fields |= {"children": children[k], "edges": spans[k], "apart": apart}
        full.append(Group(**fields, template=same[k], verified=checked))
    tree = Hierarchy(
        nodes=count,
        groups=tuple(full),
        kinds=tuple(kind_of(node) for node in graph.nodes),
        hosts=tuple(hosts.get(i, -1) for i in range(count)),
        specs=found.specs,
        edges=edges,
        wires=kept,
    )
    return tree, found


def numbered(root: Scope, count: int) -> tuple[list[tuple[Scope, list[int]]], list[int]]:
    """Every scope with the ids of its members, parents first, and for every id its parent's."""
    held: list[tuple[Scope, list[int]]] = []
    parents = [-1] * count

    def add(scope: Scope, parent: int) -> int:
        id = count + len(held)
        ids: list[int] = []
        held.append((scope, ids))
        parents.append(parent)
        for member in scope.members:
            if isinstance(member, Scope):
                ids.append(add(member, id))
            else:
                ids.append(member)
                parents[member] = id
        return id

    add(root, -1)
    return held, parents


def cut_wide(root: Scope, graph: Graph, found: Found, most: int) -> None:
    """Cut every scope of more than `most` members into pieces."""
    held, parents = numbered(root, len(graph.nodes))
    broad = {
        len(graph.nodes) + k: (scope, ids)
        for k, (scope, ids) in enumerate(held)
        if len(ids) > most and scope.kind != "series"
    }
    if not broad:
        return
    tails, heads = ends(found, parents)
    pairs: dict[int, dict[tuple[int, int], None]] = {id: {} for id in broad}
    up = np.asarray(parents, np.int64)[tails]
    chosen = np.isin(up, list(broad)) & (tails != heads)
    columns = (up[chosen].tolist(), tails[chosen].tolist(), heads[chosen].tolist())
    for id, tail, head in zip(*columns, strict=True):
        pairs[id][tail, head] = None
    for id, (scope, ids) in broad.items():
        place = {child: at for at, child in enumerate(ids)}
        labels = [_histogram(graph, member) for member in scope.members]
        names = [relative(name_of(member, graph), scope.name) for member in scope.members]
        cut(scope, names, labels, [(place[a], place[b]) for a, b in pairs[id]], most)


def name_of(member: Scope | int, graph: Graph) -> str:
    """What a member is called: by the program, or where it is a series by us."""
    if isinstance(member, Scope):
        return member.label or member.name
    return graph.nodes[member].name


def _histogram(graph: Graph, member: Scope | int) -> Hashable:
    """What a member is to one who looks for repeats: its op, or how many of each are in it."""
    if not isinstance(member, Scope):
        return graph.nodes[member].op
    if member.kind == "series" and isinstance(member.members[0], int):
        return graph.nodes[member.members[0]].op  # so that several of them make one
    return tuple(sorted(Counter(graph.nodes[i].op for i in member.nodes()).items()))


def _spans(owners: Sequence[int], count: int, groups: int) -> list[tuple[int, int]]:
    """Where the edges of each group lie, given the group of each edge in their order."""
    bounds = np.searchsorted(np.asarray(owners, np.int64), np.arange(count, count + groups + 1))
    return list(itertools.pairwise(bounds.tolist()))


def _groups(
    root: Scope, graph: Graph, hosts: Mapping[int, int], held: Sequence[tuple[Scope, list[int]]]
) -> list[dict]:
    """What the groups are called and hold: those fields of Group that a Scope knows."""
    guests: dict[int, list[int]] = {}
    for guest, host in hosts.items():
        guests.setdefault(host, []).append(guest)
    count = len(graph.nodes)
    result: list[dict] = []
    parents: dict[int, int] = {}
    for k, (scope, ids) in enumerate(held):
        parents |= {id: k for id in ids if id >= count}
        outer = result[parents[count + k]] if k else None
        own = scope.kind in {"series", "piece"}
        label = scope.label if own else relative(scope.name, outer["scope"] if outer else "")
        result.append(
            {
                "id": count + k,
                "name": f"{scope.name}/{scope.label}".lstrip("/") if own else scope.name,
                "label": label,
                "kind": scope.kind,
                "parent": outer["id"] if outer else -1,
                "scope": scope.name,
                "is_gradient": bool(outer and outer["is_gradient"]) or is_gradient(label),
            }
        )
    for k in range(len(held) - 1, -1, -1):
        ops: dict[str, int] = {}
        devices: dict[str, int] = {}
        for id in held[k][1]:
            if id >= count:
                inner = result[id - count]
                for mine, theirs in ((ops, inner["ops"]), (devices, inner["devices"])):
                    for key, number in theirs.items():
                        mine[key] = mine.get(key, 0) + number
                continue
            for i in (id, *guests.get(id, ())):
                node = graph.nodes[i]
                ops[node.op] = ops.get(node.op, 0) + 1
                if device := short_device(node.device):
                    devices[device] = devices.get(device, 0) + 1
        result[k] |= {"ops": ops, "devices": devices, "count": sum(ops.values())}
    return result


def relative(name: str, scope: str) -> str:
    """A name as it reads inside a scope.

    >>> relative("layer/mm/read", "layer"), relative("layer", "layer")
    ('mm/read', 'layer')
    """
    if name == scope:
        return name.rpartition("/")[2]
    return name.removeprefix(scope + "/") if scope else name
