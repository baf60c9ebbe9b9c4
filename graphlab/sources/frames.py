"""TF1 control flow: which tensors live inside a loop, and which only if their branch is taken.

A session cannot fetch the first, which has a value in each turn of the loop; the second are dead
where the predicate is the other way. Both are read off Enter, Exit, Switch and Merge.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphlab.model import Graph, Node, node_of

ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
SWITCHES = frozenset({"Switch", "RefSwitch", "_SwitchN"})
MERGES = frozenset({"Merge", "RefMerge"})
BACK = frozenset({"NextIteration", "RefNextIteration"})
MOST_NESTED = 16  # branches within branches; what is deeper is taken for one that may be dead


@dataclass(frozen=True)
class Place:
    """Where an op's tensors live: "" in both is where the graph itself runs."""

    frame: str = ""  # of the innermost loop
    branch: str = ""  # the innermost predicate on which it hangs whether they are there


Sides = tuple[tuple[str, str], ...]  # predicates, each with which output of its Switches it is


@dataclass(frozen=True)
class _Context:
    """The loops that an op is in and the branches it hangs on, the outermost first."""

    frames: tuple[str, ...] = ()
    sides: Sides = ()


_TOP = _Context()


def places(graph: Graph) -> Mapping[str, Place]:
    """Where the tensors of each op live that are not there always and once, by node."""
    if not any(node.op in ENTERS or node.op in SWITCHES for node in graph.nodes):
        return {}
    known: dict[str, _Context] = {}
    around: dict[tuple[str, ...], _Context] = {}  # where each loop stands
    found = {}
    for node in _in_order(graph):
        context = _context(node, graph, known, around)
        known[node.name] = context
        frame = context.frames[-1] if context.frames else ""
        branch = context.sides[-1][0] if context.sides else ""
        branch = _predicate(node) if node.op in SWITCHES else branch
        if frame or branch:
            found[node.name] = Place(frame, branch)
    return found


def _context(
    node: Node,
    graph: Graph,
    known: Mapping[str, _Context],
    around: dict[tuple[str, ...], _Context],
) -> _Context:
    before = [
        _with_side(tensor, graph, known[node_of(tensor)])
        for tensor in node.inputs
        if node_of(tensor) in known
    ]
    before += [known[name] for name in node.controls if name in known]
    frames = max((each.frames for each in before), key=len, default=())
    if node.op in EXITS:
        return around.get(frames, _TOP)
    sides = [each.sides for each in before]
    whole = _common(sides) if node.op in MERGES else _all(sides)
    if node.op in ENTERS and len(frames) < MOST_NESTED:
        name = node.attrs.get("frame_name")
        around.setdefault((*frames, str(name)), _Context(frames, whole))
        return _Context((*frames, str(name)), whole)
    return _Context(frames, whole)


def _with_side(tensor: str, graph: Graph, context: _Context) -> _Context:
    """Where a tensor lives: what a Switch gives hangs on its predicate."""
    switch = graph[node_of(tensor)]
    if switch.op not in SWITCHES:
        return context
    side = (_predicate(switch), tensor.rpartition(":")[2])
    return _Context(context.frames, _all([context.sides, (side,)]))


def _predicate(switch: Node) -> str:
    return switch.inputs[-1] if switch.inputs else f"{switch.name}:0"


def _all(sides: list[Sides]) -> Sides:
    """What hangs on all of these at once, as many as are told apart."""
    return tuple(dict.fromkeys(side for each in sides for side in each))[:MOST_NESTED]


def _common(sides: list[Sides]) -> Sides:
    """What hangs on none but those that every input of a Merge hangs on."""
    return tuple(side for side in (sides[0] if sides else ()) if all(side in s for s in sides))


def _in_order(graph: Graph) -> Iterator[Node]:
    """The nodes, each behind what it takes; a loop's way back is not waited for."""
    by_name = graph.by_name
    waits: dict[str, int] = {}
    followers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        before = dict.fromkeys([*map(node_of, node.inputs), *node.controls])
        names = [name for name in before if by_name[name].op not in BACK]
        waits[node.name] = len(names)
        for name in names:
            followers.setdefault(name, []).append(node)
    ready = deque(node for node in graph.nodes if not waits[node.name])
    while ready:
        node = ready.popleft()
        yield node
        for follower in followers.get(node.name, ()):
            waits[follower.name] -= 1
            if not waits[follower.name]:
                ready.append(follower)
