"""A Graph becomes a Diagram: nested groups, boxes and bundled edges, ready for any layout.

    >>> from graphlab.model import Node, TensorSpec
    >>> x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (None, 2)),))
    >>> y = Node("y", "Relu", inputs=("x:0",), outputs=(TensorSpec("y:0", "float32", (None, 2)),))
    >>> drawn = diagram(Graph((x, y)))
    >>> [(box.label, box.kind) for box in boxes(drawn.members)]
    [('x', 'placeholder'), ('y', 'op')]
    >>> drawn.edges[0].shape
    (None, 2)

The steps are pure functions, linear in the size of the graph (steps.py names them). The tree of
groups is made by `hierarchy.py`; here it is chosen what of it is open, and all that is then
visible is joined and nested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from graphlab.model import Graph, Node, Run
from visualize.diagram.drawn import Box, Diagram, Edge, Group, Icon, Stub, boxes
from visualize.diagram.facts import Facts
from visualize.diagram.focus import near, nearest, opened_near, visible_near
from visualize.diagram.lines import ALL_LINES, View, joined
from visualize.diagram.opening import Policy, holders, idle, late, opened, visible
from visualize.diagram.steps import STEPS, checked
from visualize.hierarchy.embed import variable_names
from visualize.hierarchy.groups import Hierarchy
from visualize.hierarchy.grow import grow, relative
from visualize.hierarchy.inline import closed_calls, inline, is_inlined
from visualize.hierarchy.wires import Found
from visualize.kinds import VARIABLES, is_gradient, is_read, kind_of

MOST_BOXES = 60  # what a reader takes in, and what Graphviz lays out at once
MOST_WITH_LATE = 30  # a picture that is larger shows what the gradients belong to, not them
MOST_BOXES_ASKED = 150  # with a depth asked for: above this a hub makes Graphviz run for minutes
MOST_EDGES = 4  # for each box; real graphs have two. With more, fewer boxes are opened
FEWEST_BOXES = 15  # any 15 boxes are laid out at once
WHOLE = 16  # a graph of so few ops is drawn op by op: nothing embedded, nothing folded
RADIUS = 2  # edges around a focus


def diagram(
    graph: Graph,
    depth: int | None = None,
    run: Run | None = None,
    *,
    focus: str | None = None,
    radius: int = RADIUS,
    without: Collection[str] = (),
    most: int = 0,
    all_lines: int = ALL_LINES,
) -> Diagram:
    """What to draw of a graph, and of what a run did with it.

    With `depth`, scopes are open down to that level (0: none). Without, the largest scopes are
    opened while at most 60 boxes are visible, or `most`, gradients and savers last, and a
    variable's own scope (its initial value, its assignment) stays one box. A scope in which the run
    executed nothing stays one box either way. With `focus`, an op or a scope, what is within
    `radius` edges of it both ways is drawn, and the rest is folded. `without` leaves out steps of
    STEPS by name. Where more than `all_lines` boxes are seen, those that are joined with too many
    have no lines.

    ValueError: a negative depth or radius, a focus that is not there, an unknown step.
    """
    if depth is not None and depth < 0:
        raise ValueError(f"depth {depth}: expected 0 (all scopes closed) or more")
    skipped = checked(without)
    flat = graph if "functions" in skipped else inline(graph)
    whole = depth is None and focus is None and len(flat) <= WHOLE
    if whole:
        skipped = frozenset(STEPS)
    facts = Facts(flat, run)
    most = most or (MOST_BOXES if depth is None else MOST_BOXES_ASKED)
    # Room for more than one open scope; what is cut into pieces is hard to read, so few are made.
    wide = most if most <= FEWEST_BOXES else max(most, MOST_BOXES)
    grown = grow(flat, skipped, wide // 2, known=facts.specs)
    while True:
        if focus is None:
            view = _open(*grown, depth, most, skipped, whole, flat, facts)
        else:
            view = _around(*grown, flat, focus, radius, most)
        edges, stubs = joined(view, flat, skipped, all_lines)
        drawn = len(set(view.seen[: view.tree.nodes]))
        if most <= FEWEST_BOXES or len(edges) <= MOST_EDGES * max(drawn, 20):
            break
        most //= 2  # Graphviz runs for minutes on 60 boxes that are all joined with one another
        if len(grown[0].groups[0].children) > most:
            grown = grow(flat, skipped, most // 2, known=facts.specs)
    members = nest(flat, view, facts, stubs)
    lines = keyed(edges, holders(view.seen, view.tree.nodes), view.tree)
    around = "" if focus is None else about(focus, radius, view.near, len(flat))
    closed = 0 if flat is graph else closed_calls(flat)
    return Diagram(members, lines, notes(flat, members, run, around, closed))


def _open(
    tree: Hierarchy,
    found: Found,
    depth: int | None,
    most: int,
    skipped: Collection[str],
    whole: bool,
    graph: Graph,
    facts: Facts,
) -> View:
    closed = set() if whole or depth is not None else variable_names(graph)
    still = set() if whole or facts.run is None else idle(tree, facts.took_part(graph))
    last = set() if "late" in skipped else late(tree, [node.op for node in graph.nodes])
    most_late = MOST_WITH_LATE if depth is None else None
    shown = opened(tree, Policy(most, depth, most_late, last, closed, still))
    return View(tree, found, frozenset(shown), tuple(visible(tree, shown)), {})


def _around(
    tree: Hierarchy, found: Found, graph: Graph, focus: str, radius: int, most: int
) -> View:
    far = near(tree, graph, found, focus, radius)
    every = len(far)
    while True:
        shown = opened_near(tree, far, most)
        seen = visible(tree, shown)
        rests = visible_near(tree, seen, far, shown)
        if len(set(seen[: tree.nodes])) <= most or len(far) <= FEWEST_BOXES:
            break
        far = nearest(far, max(min(most, len(far) // 2), FEWEST_BOXES))
    cut = len(far) if len(far) < every else None
    return View(tree, found, frozenset(shown), tuple(seen), rests, cut)


def keyed(edges: Sequence[Edge], inside: dict[int, list[int]], tree: Hierarchy) -> tuple[Edge, ...]:
    """The edges between boxes, by key."""
    keys = {id: key_of(nodes, tree) for id, nodes in inside.items()}
    return tuple(replace(edge, tail=keys[edge.tail], head=keys[edge.head]) for edge in edges)


def key_of(nodes: Sequence[int], tree: Hierarchy) -> int:
    """What a box is called: its first node in creation order that is no icon."""
    return next(node for node in nodes if tree.hosts[node] < 0)


def nest(
    graph: Graph, view: View, facts: Facts, stubs: dict[int, list[Stub]]
) -> tuple[Group | Box, ...]:
    """Groups for the open scopes, boxes for ops and closed scopes, in creation order."""
    tree = view.tree
    inside = holders(view.seen, tree.nodes)
    rest_of = {group: rest for rest, group in view.rests.items()}

    def box(id: int, within: str) -> Box:
        held = inside[id]
        nodes = [graph.nodes[i] for i in held]
        given = facts.of(nodes)
        ends = tuple(
            replace(stub, end=key_of(inside[stub.end], tree)) for stub in stubs.get(id, ())
        )
        if id < tree.nodes:
            node = graph.nodes[id]
            small = [graph.nodes[i] for i in held if i != id]
            if given["devices"]:
                given["devices"] = facts.of([node])["devices"]  # the op's own; icons have none
            given["marks"] = facts.of([node])["marks"]
            given["icons_only"] = bool(given.get("steps")) and node.name not in facts.counts
            return Box(
                id,
                node.name,
                relative(node.marks.variable or node.name, within),
                kind_of(node),
                node.op,
                len(held),
                tuple(Icon(guest.name, guest.op, is_read(graph, guest)) for guest in small),
                gradient=is_gradient(node.name),
                calls=() if is_inlined(node) else node.calls,
                stubs=ends,
                became=node.marks.became,
                **given,
            )
        if id in view.rests:
            group = tree.group(view.rests[id])
            label, kind, gradient = f"{len(held):,} others", "piece", group.is_gradient
            name = f"{group.name}/{label}".lstrip("/")
        else:
            group = tree.group(id)
            name, label, kind = group.name, relative(group.name, within), group.kind
            if kind in {"series", "piece"}:
                label = group.label
            gradient = group.is_gradient
        own = next((node for node in nodes if node.name == name), None)
        variable = own is not None and own.op in VARIABLES and kind == "scope"
        return Box(
            key_of(held, tree),
            name,
            label,
            "variable" if variable else kind,
            own.op if own and variable else op_of(nodes) if kind == "series" else "",
            len(held),
            gradient=gradient,
            stubs=ends,
            **given,
        )

    def walk(id: int, within: str) -> Iterator[Group | Box]:
        for child in tree.group(id).children:
            if child not in view.shown:
                if view.seen[child] == child:
                    yield box(child, within)
                continue
            group = tree.group(child)
            if group.kind == "piece":  # cut by us, not by the program: once open, no frame around
                yield from walk(child, within)
                continue
            series = group.kind == "series"
            label = group.label if series else relative(group.name, within)
            inner = tuple(walk(child, group.scope))
            calls = graph[group.name].calls if group.kind == "function" else ()
            yield Group(group.name, label, inner, group.is_gradient, group.kind, calls)
        if id in rest_of:
            yield box(rest_of[id], within)

    return tuple(walk(tree.groups[0].id, ""))


def op_of(nodes: Sequence[Node]) -> str:
    """The op type that all nodes have; "" where they have several."""
    return nodes[0].op if all(node.op == nodes[0].op for node in nodes) else ""


def about(focus: str, radius: int, near: int | None, of: int) -> str:
    """What a picture with a focus shows."""
    if near is None:
        return f"what is within {radius} edges of {focus}, of {of:,} ops"
    return f"the {near} ops nearest to {focus}, of {of:,} ops"


def notes(
    graph: Graph,
    members: Sequence[Group | Box],
    run: Run | None,
    around: str = "",
    closed_calls: int = 0,
) -> tuple[str, ...]:
    """What the picture says of itself: that it is not all there, and whose times it shows.

    `around` is what it shows of a focus, `closed_calls` how many bodies there was no room for.
    """
    drawn = list(boxes(members))
    said = [] if drawn else ["a graph without ops"]
    if around:
        said.append(around)
    elif any(box.kind in CLOSED for box in drawn):
        said.append(f"{len(graph):,} ops drawn as {len(drawn)} boxes: some scopes are closed")
    if closed_calls:
        few = "a call is" if closed_calls == 1 else f"{closed_calls:,} calls are"
        said.append(f"{few} not opened: too large, too deep, or a call of itself")
    if run is not None:
        times = f"times: {run.name}, call {run.call}{' (the first)' if run.call == 1 else ''}"
        said.append(f"{times}, clock: {run.clock}")
    return tuple(said)


CLOSED = frozenset({"scope", "piece", "series", "function"})
