"""A Graph as a class is taught it: what computes, and a variable as one box.

    >>> from graphlab.model import Node, TensorSpec
    >>> W = Node("W", "VarHandleOp", outputs=(TensorSpec("W:0", "resource", ()),))
    >>> read = Node("Read", "ReadVariableOp", ("W:0",), outputs=(TensorSpec("Read:0", "float32"),))
    >>> y = Node("y", "Relu", ("Read:0",), outputs=(TensorSpec("y:0", "float32"),))
    >>> [(node.name, node.op, node.inputs) for node in taught(Graph((W, read, y))).nodes]
    [('W', 'Variable', ()), ('y', 'Relu', ('W:0',))]

What gives a variable its first value and what saves and restores it is left out, with all that
serves nothing else. What a training step assigns stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from graphlab.model import Graph, Node, Run, TensorSpec, node_of
from visualize.diagram.drawn import Box, Diagram, Group
from visualize.diagram.opening import SAVING
from visualize.hierarchy.inline import inline
from visualize.kinds import PLACEHOLDERS, is_read, kind_of
from visualize.words import counted

ASSIGNS = frozenset({"Assign", "AssignVariableOp"})
ASKS = frozenset({"VarIsInitializedOp", "IsVariableInitialized"})
SAVES = SAVING | {"MergeV2Checkpoints", "ShardedFilename", "DisableCopyOnRead"}
VARIABLE = "Variable"  # the op type of its one box, whatever its handle's is


def taught(graph: Graph) -> Graph:
    """The graph with its bodies in it, without initialisers, savers, handles, reads and devices.

    A variable gives its value to whoever read it, with the shape and the dtype of the value.
    """
    flat = inline(graph)
    given = _values(flat)
    gone = _left_out(flat, given)
    nodes = tuple(_drawn(flat, given, gone | given.keys()))
    return Graph(nodes, flat.functions)


def left_out(graph: Graph, plain: Graph) -> str:
    """What a picture of `plain`, which `taught` made, says of the ops that are not in it."""
    missing = len(inline(graph)) - len(plain)
    many = counted(missing, "op")
    return f"plain: without {many} that initialise, save, hold or read variables" if missing else ""


def unmeasured(diagram: Diagram, said: str) -> Diagram:
    """A diagram without what a run did: no times, no devices; the shapes it saw stay.

    `said` is what it says of what was left out.
    """
    notes = tuple(note for note in diagram.notes if not note.startswith("times: "))
    members = tuple(map(_unmeasured, diagram.members))
    return replace(diagram, members=members, notes=(*notes, *filter(None, [said])))


def _unmeasured(member: Group | Box) -> Group | Box:
    if isinstance(member, Group):
        return replace(member, members=tuple(map(_unmeasured, member.members)))
    return replace(member, devices=(), steps=None, fed=False, time_us=None, launched=False)


def without_handles(run: Run, plain: Graph) -> Run:
    """A run as far as it tells of `plain`: what it saw of a variable was its handle."""
    steps = (
        step
        for step in run.steps
        if step.node not in plain.by_name or plain[step.node].op != VARIABLE
    )
    return replace(run, steps=tuple(steps))


def _values(graph: Graph) -> dict[str, str]:
    """For each read of a variable, and whatever else only hands it on, the variable's name."""
    given: dict[str, str] = {}
    for node in graph.nodes:
        if not node.inputs:
            continue
        source = node_of(node.inputs[0])
        source = given.get(source, source)
        if source not in graph.by_name or kind_of(graph[source]) != "variable":
            continue
        hands_on = node.op == "Identity" or node.op in PLACEHOLDERS
        resource = bool(node.outputs) and node.outputs[0].dtype == "resource"
        if is_read(graph, node) or (hands_on and resource):
            given[node.name] = source
    return given


def _left_out(graph: Graph, given: Mapping[str, str]) -> set[str]:
    """The names of what initialises and saves, and of what serves nothing else."""
    gone: dict[str, None] = {}
    for node in graph.nodes:
        waits = node.op == "NoOp" and given.keys() >= set(node.controls)  # for nothing that stays
        if waits or node.op in SAVES or node.op in ASKS or _initialises(graph, node, given):
            gone[node.name] = None
    takers: dict[str, set[str]] = {}
    for node in graph.nodes:
        for name in _needs(node):
            takers.setdefault(name, set()).add(node.name)
    due = list(gone)
    while due:
        name = due.pop()
        around = [*sorted(takers.get(name, ())), *sorted(_needs(graph[name]))]
        for node in (graph[near] for near in around if near in graph.by_name):
            serves, needs = takers.get(node.name, set()), _needs(node)
            idle = bool(serves) and serves <= gone.keys() and kind_of(node) != "variable"
            last = bool(needs) and needs <= {*gone, *(given if node.op == "NoOp" else ())}
            if node.name not in gone and (idle or last or _reports(node, gone)):
                gone[node.name] = None
                due.append(node.name)
    return set(gone)


def _reports(node: Node, gone: Collection[str]) -> bool:
    """Whether it only says that all was saved or restored: the file's name, once that is done."""
    named = node.op == "Identity" and bool(node.outputs) and node.outputs[0].dtype == "string"
    return named and bool(node.controls) and set(node.controls) <= set(gone)


def _needs(node: Node) -> set[str]:
    """The names of the ops that must have run before one."""
    return {*map(node_of, node.inputs), *node.controls}


def _initialises(graph: Graph, node: Node, given: Mapping[str, str]) -> bool:
    """Whether an op gives a variable its first value, or one that was saved.

    TensorFlow calls the first `W/Assign`; what a program assigns itself is never called so.
    """
    if node.op not in ASSIGNS or len(node.inputs) < 2:
        return False
    handle, value = map(node_of, node.inputs[:2])
    if node.name == f"{given.get(handle, handle)}/Assign":
        return True
    if value in graph.by_name and graph[value].op == "Identity" and graph[value].inputs:
        value = node_of(graph[value].inputs[0])  # a saver hands it on
    return value in graph.by_name and graph[value].op in SAVES


def _drawn(graph: Graph, given: Mapping[str, str], gone: Collection[str]) -> Iterator[Node]:
    """The nodes that stay. A tensor that a read gave is the variable's own."""
    values: dict[str, TensorSpec] = {}
    for name, variable in given.items():
        spec = graph[name].outputs[0]
        if spec.dtype != "resource":
            values.setdefault(variable, spec)
    for node in graph.nodes:
        if node.name in gone:
            continue
        inputs = tuple(
            f"{given[node_of(name)]}:0" if node_of(name) in given else name for name in node.inputs
        )
        kept = tuple(name for name in inputs if node_of(name) not in gone)
        controls = tuple(name for name in node.controls if name not in gone)
        made = replace(node, inputs=kept, controls=controls, device="")
        value = values.get(node.name)
        if value is not None:
            of = TensorSpec(f"{node.name}:0", value.dtype.removesuffix("_ref"), value.shape)
            made = replace(made, op=VARIABLE, outputs=(of,))
        yield made
