"""A Graph becomes a Diagram: nested groups, boxes and bundled edges, ready for any layout.

    >>> from graphlab.model import Node
    >>> x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (None, 2)),))
    >>> y = Node("y", "Relu", inputs=("x:0",), outputs=(TensorSpec("y:0", "float32", (None, 2)),))
    >>> drawn = diagram(Graph((x, y)))
    >>> [(box.label, box.kind) for box in boxes(drawn.members)]
    [('x', 'placeholder'), ('y', 'op')]
    >>> drawn.edges[0].shape
    (None, 2)

The steps, each a pure function, linear in the size of the graph: `embed` small ops on their
consumer, hang the rest on a tree of scopes (`tree.py`), open scopes while there is room
(`opened`), `bundle` the edges between what is then visible, and `nest` it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphlab.model import Graph, Run, TensorSpec, node_of
from visualize.drawn import Box, Diagram, Edge, Group, Icon, boxes
from visualize.facts import Facts
from visualize.kinds import CONSTANTS, VARIABLES, is_gradient, is_read, kind_of, size_of
from visualize.tree import Scope, opened, scopes

MOST_BOXES = 60  # what a reader takes in, and what Graphviz lays out at once
MOST_WITH_GRADIENTS = 30  # a picture that is larger shows what the gradients belong to, not them
MOST_BOXES_ASKED = 150  # with a depth asked for: above this a hub makes Graphviz run for minutes
MOST_EDGES = 4  # for each box; real graphs have two. With more, fewer boxes are opened
FEWEST_BOXES = 15  # any 15 boxes are laid out at once
WHOLE = 16  # a graph of so few ops is drawn op by op: nothing embedded, nothing folded


def diagram(graph: Graph, depth: int | None = None, run: Run | None = None) -> Diagram:
    """What to draw of a graph, and of what a run did with it.

    With `depth`, scopes are open down to that level (0: none). Without, the largest scopes are
    opened while at most 60 boxes are visible, forward before gradients, and a variable's own
    scope (its initial value, its assignment) stays one box. ValueError: a negative depth.
    """
    if depth is not None and depth < 0:
        raise ValueError(f"depth {depth}: expected 0 (all scopes closed) or more")
    whole = depth is None and len(graph) <= WHOLE
    hosts = {} if whole else embed(graph)
    folded = set() if whole or depth is not None else variable_names(graph)
    facts = Facts(graph, run)
    most = MOST_BOXES if depth is None else MOST_BOXES_ASKED
    while True:
        root = scopes(places(graph), hosts, most)
        shown = opened(root, depth, most, folded, is_gradient, MOST_WITH_GRADIENTS)
        keys = visible(root, shown, hosts)
        edges = bundle(graph, keys, hosts, facts.specs)
        if most <= FEWEST_BOXES or len(edges) <= MOST_EDGES * max(len(set(keys.values())), 20):
            break
        most //= 2  # Graphviz runs for minutes on 60 boxes that are all joined with one another
    members = nest(graph, root, shown, keys, hosts, facts)
    return Diagram(members, edges, notes(graph, members, run))


def embed(graph: Graph) -> dict[int, int]:
    """Which nodes are drawn on another one: constants and variable reads on their one consumer.

    Indexes of nodes. A chain ends at a node that is drawn itself.
    """
    index = {node.name: i for i, node in enumerate(graph.nodes)}
    consumers: list[set[int]] = [set() for _ in graph.nodes]
    for i, node in enumerate(graph.nodes):
        for tensor in node.inputs:
            consumers[index[node_of(tensor)]].add(i)
        for control in node.controls:
            consumers[index[control]].add(-1)  # somebody waits for it: it must stay a box
    hosts = {
        i: next(iter(consumers[i]))
        for i, node in enumerate(graph.nodes)
        if len(consumers[i]) == 1
        and -1 not in consumers[i]
        and (node.op in CONSTANTS or is_read(graph, node))
    }
    return {i: _end(hosts, i) for i in hosts}


def _end(hosts: Mapping[int, int], i: int) -> int:
    seen = set()
    while i in hosts and i not in seen:  # a read of a read in a loop would never end
        seen.add(i)
        i = hosts[i]
    return i


def places(graph: Graph) -> list[str]:
    """Under which name each node is grouped: its own, or that of the variable it stands for.

    A function reaches a variable through a placeholder that is named after its first reader,
    `MatMul/ReadVariableOp/resource`, deep in a scope where nobody would look for `W`.
    """
    return [node.attrs.get("variable") or node.name for node in graph.nodes]


def variable_names(graph: Graph) -> set[str]:
    """The names of all variables."""
    return {node.name for node in graph.nodes if node.op in VARIABLES}


def visible(root: Scope, shown: set[str], hosts: Mapping[int, int]) -> dict[int, int]:
    """For every node, the key of its box: the first node of the box in creation order."""
    keys: dict[int, int] = {}

    def walk(scope: Scope) -> None:
        for member in scope.members:
            if not isinstance(member, Scope):
                keys[member] = member
            elif member.key in shown:
                walk(member)
            else:
                inside = list(member.nodes())
                keys.update(dict.fromkeys(inside, inside[0]))

    walk(root)
    keys.update({i: keys[host] for i, host in hosts.items()})
    return keys


def bundle(
    graph: Graph,
    keys: Mapping[int, int],
    hosts: Mapping[int, int],
    specs: Mapping[str, TensorSpec],
) -> tuple[Edge, ...]:
    """One edge for all tensors from one box to another; control inputs and loops' ways back apart.

    `specs` says more about a tensor than the graph does: the shape it had in a run.
    """
    index = {node.name: i for i, node in enumerate(graph.nodes)}
    known = {spec.name: spec for node in graph.nodes for spec in node.outputs} | dict(specs)
    bundles: dict[tuple[int, int, bool, bool], dict[str, TensorSpec]] = {}
    for i, node in enumerate(graph.nodes):
        for tensor in node.inputs:
            source = index[node_of(tensor)]
            back = graph.nodes[source].op in {"NextIteration", "RefNextIteration"}
            # What an embedded read takes is a handle; what flows along the edge is what it gives.
            flows = node.outputs[0].name if i in hosts and node.outputs else tensor
            spec = known.get(flows, TensorSpec(flows, ""))
            bundles.setdefault((keys[source], keys[i], False, back), {})[tensor] = spec
        for control in node.controls:
            pair = (keys[index[control]], keys[i], True, False)
            bundles.setdefault(pair, {})[f"^{control}>{node.name}"] = TensorSpec(control, "")
    return tuple(
        _edge(key, list(tensors.values())) for key, tensors in bundles.items() if key[0] != key[1]
    )


def _edge(key: tuple[int, int, bool, bool], specs: Sequence[TensorSpec]) -> Edge:
    tail, head, control, back = key
    if control:
        return Edge(tail, head, len(specs), control=True)
    first = specs[0]
    same = all((spec.shape, spec.dtype) == (first.shape, first.dtype) for spec in specs)
    sizes = [size_of(spec) for spec in specs]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    shape, dtype = (first.shape, first.dtype) if same else (None, "")
    return Edge(tail, head, len(specs), shape, dtype, same, total, back=back)


def nest(
    graph: Graph,
    root: Scope,
    shown: set[str],
    keys: Mapping[int, int],
    hosts: Mapping[int, int],
    facts: Facts,
) -> tuple[Group | Box, ...]:
    """Groups for the open scopes, boxes for ops and closed scopes, in creation order."""
    guests: dict[int, list[int]] = {}
    for guest, host in hosts.items():
        guests.setdefault(host, []).append(guest)

    def leaf(i: int, within: str) -> Box:
        node = graph.nodes[i]
        small = [graph.nodes[guest] for guest in guests.get(i, ())]
        icons = tuple(Icon(guest.name, guest.op) for guest in small)
        given = facts.of([node, *small])
        if given["devices"]:
            given["devices"] = facts.of([node])["devices"]  # the op's own; its icons have none
        return Box(
            i,
            node.name,
            node.attrs.get("variable") or relative(node.name, within),
            kind_of(node),
            node.op,
            1 + len(small),
            icons,
            gradient=is_gradient(node.name),
            calls=node.calls,
            **given,
        )

    def closed(scope: Scope, within: str) -> Box:
        inside = list(scope.nodes())
        nodes = [graph.nodes[i] for i in inside]
        nodes += [graph.nodes[guest] for i in inside for guest in guests.get(i, ())]
        own = next((node for node in nodes if node.name == scope.name), None)
        variable = own is not None and own.op in VARIABLES
        return Box(
            inside[0],
            scope.name,
            scope.label if scope.is_piece else relative(scope.name, within),
            "piece" if scope.is_piece else "variable" if variable else "scope",
            own.op if own and variable else "",
            len(nodes),
            gradient=is_gradient(scope.name),
            **facts.of(nodes),
        )

    def walk(scope: Scope, within: str) -> Iterator[Group | Box]:
        for member in scope.members:
            if not isinstance(member, Scope):
                yield leaf(member, within)
            elif member.key not in shown:
                yield closed(member, within)
            elif member.is_piece:  # cut by us, not by the program: once open, no frame around it
                yield from walk(member, within)
            else:
                label = relative(member.name, within)
                inner = tuple(walk(member, member.name))
                yield Group(member.name, label, inner, is_gradient(member.name))

    return tuple(walk(root, ""))


def relative(name: str, scope: str) -> str:
    """A name as it reads inside a scope.

    >>> relative("layer/mm/read", "layer"), relative("layer", "layer")
    ('mm/read', 'layer')
    """
    if name == scope:
        return name.rpartition("/")[2]
    return name.removeprefix(scope + "/") if scope else name


def notes(graph: Graph, members: Sequence[Group | Box], run: Run | None) -> tuple[str, ...]:
    """What the picture says of itself: that it is not all there, and whose times it shows."""
    drawn = list(boxes(members))
    said = [] if drawn else ["a graph without ops"]
    if any(box.kind in {"scope", "piece"} for box in drawn):
        said.append(f"{len(graph):,} ops drawn as {len(drawn)} boxes: some scopes are closed")
    if run is not None:
        times = f"times: {run.name}, call {run.call}{' (the first)' if run.call == 1 else ''}"
        said.append(f"{times}, clock: {run.clock}")
    return tuple(said)
