"""A Graph becomes a Hierarchy: every group of ops, and what flows between its members.

    >>> from graphlab.model import Node, TensorSpec
    >>> x = Node("a/x", "Placeholder", outputs=(TensorSpec("a/x:0", "float32", (2,)),))
    >>> y = Node("b/y", "Relu", ("a/x:0",), outputs=(TensorSpec("b/y:0", "float32", (2,)),))
    >>> z = Node("b/z", "Relu", ("b/y:0",))
    >>> tree = hierarchy(Graph((x, y, z)))
    >>> [(group.id, group.label, group.children) for group in tree.groups]
    [(3, '', (0, 4)), (4, 'b', (1, 2))]
    >>> tree.edges_of(3)
    [Bundle(tail=0, head=4, count=1, dtype='float32', shape=(2,), same=True, bytes=8, flags=0)]

It holds the whole graph, however large, and says nothing of what is open: from it the static
Diagram is made, and the page opens and closes groups with it.

Ids: a node's id is its index in `Graph.nodes`; a group's goes on from there, so `groups[k]` has
the id `nodes + k`. The first group is the whole graph.

Edges lie in columns, sorted by the group they are drawn in. An edge joins two children of one
group, the lowest that holds both of its ends. It stands for the wires from its place in
`edges.wires` up to the next edge's (`wires_of`): when one of its ends is opened, each of its
wires is drawn to what is visible there (climb `parents()` from the wire's end). An edge with an
end in its group's `apart` is not drawn as a line but as a stub at its other end, its wires too.

`pack` (visualize/pack.py) writes it as JSON in a quarter of the space.

Functions have a Hierarchy each, with ids of their own, to be drawn under every node that calls
them (`Node.calls`) when a reader opens it. Whoever opens them keeps the chain of names that are
open around: a function in `recursive` would have no end.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graphlab.model import Graph, Shape, TensorSpec
from visualize.bundles import NO_EDGES, Edges, bundled, ends
from visualize.embed import embed, places
from visualize.hubs import level_hubs
from visualize.inline import is_inlined
from visualize.kinds import is_aside, is_gradient, kind_of, short_device
from visualize.series import fold
from visualize.templates import leaves, templates
from visualize.tree import Scope, scopes
from visualize.wide import cut
from visualize.wires import NO_WIRES, Found, Wires, wires

WIDE = 200  # a scope with more members is cut into pieces


@dataclass(frozen=True, slots=True)
class Group:
    """A group: a scope, a series, a piece of a wide scope, or a whole graph or function body."""

    id: int
    name: str  # full; tells it from every other group of its graph
    label: str  # as it reads inside its parent
    kind: str  # "graph", "function", "scope", "series" or "piece"
    parent: int  # a group's id; -1 for the first
    children: tuple[int, ...]  # ids of nodes and groups, in creation order
    scope: str  # what to leave off its members' names, with a slash: inside "a", "a/b" reads "b"
    count: int  # ops in it at any depth, those drawn as icons included
    ops: Mapping[str, int] = field(default_factory=dict)  # how many of each op type
    devices: Mapping[str, int] = field(default_factory=dict)  # by short name, where one is known
    is_gradient: bool = False
    template: int = -1  # groups of one number are the same inside and may share a layout
    verified: bool = False  # that of a series or template was checked op by op
    apart: tuple[int, ...] = ()  # hubs, summaries, no-ops: an edge at one of them is a stub
    edges: tuple[int, int] = (0, 0)  # from where to where its own lie in Hierarchy.edges


@dataclass(frozen=True, slots=True)
class Bundle:
    """One edge between two children of a group, as `Hierarchy.edges_of` reads it from columns."""

    tail: int
    head: int
    count: int  # of tensors, each once; of control inputs
    dtype: str  # of every one of them; "" where they differ
    shape: Shape  # of every one of them; None where they differ or the rank is unknown
    same: bool  # whether they have one dtype and shape
    bytes: int | None  # together; None where that is not known
    flags: int  # 1: control inputs; 2: NextIteration to Merge, a loop's way back

    @property
    def control(self) -> bool:
        return bool(self.flags & 1)

    @property
    def back(self) -> bool:
        return bool(self.flags & 2)


@dataclass(frozen=True)
class Hierarchy:
    """A whole graph as a tree of groups with bundled edges; plain data, JSON by `to_json`."""

    nodes: int  # how many there are in the Graph
    groups: tuple[Group, ...]
    kinds: tuple[str, ...] = ()  # of each node: "op", "variable", "placeholder" or "constant"
    hosts: tuple[int, ...] = ()  # of each node: the one on which it is an icon; -1: it is drawn
    specs: tuple[tuple[str, Shape], ...] = ()  # dtypes and shapes that edges speak of by number
    edges: Edges = NO_EDGES
    wires: Wires = NO_WIRES
    functions: Mapping[str, Hierarchy] = field(default_factory=dict)
    recursive: tuple[str, ...] = ()  # functions that call themselves, at whatever distance

    def group(self, id: int) -> Group:
        """A group by its id."""
        return self.groups[id - self.nodes]

    def parents(self) -> list[int]:
        """For every id, the group that holds it; -1 for the first group and for icons."""
        result = [-1] * (self.nodes + len(self.groups))
        for group in self.groups:
            for child in group.children:
                result[child] = group.id
        return result

    def edges_of(self, id: int) -> list[Bundle]:
        """The edges between the children of a group."""
        start, stop = self.group(id).edges
        e = self.edges
        result = []
        for i in range(start, stop):
            same = e.spec[i] >= 0
            dtype, shape = self.specs[e.spec[i]] if same else ("", None)
            size = None if e.bytes[i] < 0 else e.bytes[i]
            ends = e.tail[i], e.head[i]
            same = same or bool(e.flags[i] & 1)
            result.append(Bundle(*ends, e.count[i], dtype, shape, same, size, e.flags[i]))
        return result

    def wires_of(self, edge: int) -> range:
        """Where in `wires` those of an edge lie; `edge` is its place in `edges`."""
        starts = self.edges.wires
        stop = starts[edge + 1] if edge + 1 < len(starts) else len(self.wires.tail)
        return range(starts[edge], stop)


def hierarchy(graph: Graph, without: Collection[str] = (), wide: int = WIDE) -> Hierarchy:
    """The tree of all groups of a graph and of the functions it calls, with their edges.

    Linear in size x depth. `without` names steps to be left out, as in visualize.steps. A scope of
    more than `wide` members is cut into pieces.
    """
    whole, _ = grow(graph, without, wide)
    bodies = {
        name: grow(body, without, wide, "function")[0] for name, body in graph.functions.items()
    }
    return replace(whole, functions=bodies, recursive=recursive(graph.functions))


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
        more = {"children": children[k], "edges": spans[k], "apart": apart}
        full.append(Group(**fields, **more, template=same[k], verified=checked))
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


def recursive(functions: Mapping[str, Graph]) -> tuple[str, ...]:
    """The functions that call themselves, directly or through others, in the library's order."""
    import networkx as nx

    calls = nx.DiGraph()
    calls.add_nodes_from(functions)
    for name, body in functions.items():
        calls.add_edges_from((name, called) for node in body.nodes for called in node.calls)
    looped: set[str] = set()
    for component in nx.strongly_connected_components(calls):
        if len(component) > 1 or any(calls.has_edge(name, name) for name in component):
            looped |= component
    return tuple(name for name in functions if name in looped)
