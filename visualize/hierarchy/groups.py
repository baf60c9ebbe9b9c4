"""What a Hierarchy is made of: groups, and edges between their members. Frozen, plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphlab.model import Shape
from visualize.hierarchy.bundles import NO_EDGES, Edges
from visualize.hierarchy.wires import NO_WIRES, Wires


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
