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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphlab.model import Graph, Shape
from visualize.bundles import NO_EDGES, Edges, bundled
from visualize.embed import embed, places
from visualize.kinds import is_gradient, kind_of, short_device
from visualize.tree import Scope, scopes
from visualize.wires import NO_WIRES, Wires, wires

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


def hierarchy(graph: Graph, without: Sequence[str] = (), wide: int = WIDE) -> Hierarchy:
    """The tree of all groups of a graph and of the functions it calls, with their edges.

    Linear in size x depth. `without` names steps to be left out: "embed", "series",
    "templates", "hubs", "wide". A scope of more than `wide` members is cut into pieces.
    """
    whole = _of(graph, without, wide, "graph")
    bodies = {name: _of(body, without, wide, "function") for name, body in graph.functions.items()}
    return replace(whole, functions=bodies, recursive=recursive(graph.functions))


def _of(graph: Graph, without: Sequence[str], wide: int, kind: str) -> Hierarchy:
    hosts = {} if "embed" in without else embed(graph)
    found = wires(graph, hosts)
    root = scopes(places(graph), hosts, wide)
    members = flatten(root, graph, hosts, kind)
    parents = [-1] * (len(graph.nodes) + len(members))
    for member in members:
        for child in member["children"]:
            parents[child] = member["id"]
    edges, kept, spans = bundled(found, parents, len(graph.nodes))
    return Hierarchy(
        nodes=len(graph.nodes),
        groups=tuple(Group(**m, edges=spans.get(m["id"], (0, 0))) for m in members),
        kinds=tuple(kind_of(node) for node in graph.nodes),
        hosts=tuple(hosts.get(i, -1) for i in range(len(graph.nodes))),
        specs=found.specs,
        edges=edges,
        wires=kept,
    )


def flatten(root: Scope, graph: Graph, hosts: Mapping[int, int], kind: str) -> list[dict]:
    """The groups of a tree, parents before children, in creation order: fields of Group."""
    guests: dict[int, list[int]] = {}
    for guest, host in hosts.items():
        guests.setdefault(host, []).append(guest)
    result: list[dict] = []

    def add(scope: Scope, parent: int, within: str, gradient: bool) -> tuple[int, dict]:
        label = scope.label if scope.is_piece else relative(scope.name, within)
        fields = {
            "id": len(graph.nodes) + len(result),
            "name": f"{scope.name}/{scope.label}" if scope.is_piece else scope.name,
            "label": label,
            "kind": kind if parent < 0 else "piece" if scope.is_piece else "scope",
            "parent": parent,
            "scope": scope.name,
            "is_gradient": gradient or is_gradient(label),
        }
        result.append(fields)
        children: list[int] = []
        ops: dict[str, int] = {}
        devices: dict[str, int] = {}
        for member in scope.members:
            if isinstance(member, Scope):
                inner, held = add(member, fields["id"], scope.name, fields["is_gradient"])
                children.append(inner)
                for mine, theirs in ((ops, held["ops"]), (devices, held["devices"])):
                    for key, count in theirs.items():
                        mine[key] = mine.get(key, 0) + count
                continue
            children.append(member)
            for i in (member, *guests.get(member, ())):
                node = graph.nodes[i]
                ops[node.op] = ops.get(node.op, 0) + 1
                if device := short_device(node.device):
                    devices[device] = devices.get(device, 0) + 1
        fields |= {"children": tuple(children), "ops": ops, "devices": devices}
        fields["count"] = sum(ops.values())
        return fields["id"], fields

    add(root, -1, "", False)
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
