"""What became of the ops inside of the functions that a graph calls.

A runtime may put a body into the graph of its caller: an op of it is then found under its call,
`call/op`, `cond/then/op`, `while/body/op`. Where it does not, the call itself is all that can be
seen from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphlab.model import Graph, Node, Run, TensorSpec, node_of
from graphlab.stages import compiled
from graphlab.stages import verdict as v
from graphlab.stages.match import match
from graphlab.stages.paths import MOST, bodies, collect
from graphlab.stages.verdict import Verdict
from graphlab.stages.whole import ends

MUST_COMPILE = "_XlaMustCompile"
_COUNTER = re.compile(r"/_\d+(?=/)")  # what the runtime puts behind a body's name, to be unique
_ONCE = ("PartitionedCall", "StatefulPartitionedCall")  # what they are given is what the body takes


def inside(run: Run) -> dict[str, Verdict]:
    """A verdict for each op of each body that `run.built` calls, by its path: `call/op`.

    Empty where nothing is called, or where nobody knows what was executed.
    """
    if run.built is None or not any(node.calls for node in run.built.nodes):
        return {}
    if run.compiled_by:
        return compiled.inside(run)
    if run.executed is None:
        return {}
    after, real = _plain_names(run.executed)
    flat = _flat(run.built, after)
    feeds, results = ends(run)
    told = match(
        Graph(tuple(flat.nodes)),
        after,
        run.fetches,
        {tensor: _renamed(now, real) for tensor, now in feeds.items()},
        {tensor: _renamed(now, real) for tensor, now in results.items()},
    )
    names = {plain: name for name, plain in real.items()}
    found: dict[str, Verdict] = {}
    for path, call in flat.inside.items():
        if path in told:
            found[path] = _really(told[path], names)
        elif call.opened:
            found[path] = Verdict(v.INLINED, "", f"its call {call.path} hands it over")
        else:
            found[path] = _closed(call, _really(told[call.path], names))
    return found


@dataclass(frozen=True)
class _Call:
    """A call, and whether its body stands in the graph in its place."""

    path: str
    opened: bool
    compiled: str = ""  # where in it a call must be compiled by XLA, the call itself included


@dataclass
class _Flat:
    """A graph with the bodies in it that the runtime has put into it, too."""

    nodes: list[Node] = field(default_factory=list)
    inside: dict[str, _Call] = field(default_factory=dict)  # the call that an op belongs to
    room: list[int] = field(default_factory=lambda: [MOST])


def _flat(built: Graph, after: Graph) -> _Flat:
    flat = _Flat()
    names = [node.name.split("/")[:-1] for node in after.nodes]
    scopes = {"/".join(name[: i + 1]) for name in names for i in range(len(name))}
    for node in built.nodes:
        _lay(flat, node, built.functions, (), scopes, after)
    return flat


def _lay(
    flat: _Flat,
    node: Node,
    functions: Mapping[str, Graph],
    around: tuple[str, ...],
    scopes: set[str],
    after: Graph,
) -> None:
    """Put a node into the flat graph, behind the ops of its bodies where they are to be opened."""
    ends_in: list[str] = []
    for name, prefix in bodies(node, node.name):
        body = functions.get(name, Graph())
        if name in around or len(body) > flat.room[0]:
            continue
        flat.room[0] -= len(body)
        opened = node.name not in after.by_name and prefix in scopes
        call = _Call(node.name, opened)
        if not opened:
            flat.inside |= _shut(node, body, prefix, functions, (*around, name), flat.room)
            continue
        given = _given(node, body)
        taken = {node_of(tensor) for inner in body.nodes for tensor in inner.inputs}
        for inner in body.nodes:
            path = f"{prefix}/{inner.name}"
            flat.inside[path] = call
            if inner.name not in given:
                moved = _moved(inner, prefix, given, node)
                _lay(flat, moved, functions, (*around, name), scopes, after)
                ends_in += [s.name for s in moved.outputs[:1] if inner.name not in taken]
    flat.nodes.append(replace(node, inputs=(*node.inputs, *dict.fromkeys(ends_in))))


def _shut(
    call: Node,
    body: Graph,
    prefix: str,
    functions: Mapping[str, Graph],
    around: tuple[str, ...],
    room: list[int],
) -> dict[str, _Call]:
    """The ops in a call that was executed as a call; with the outermost in it that is compiled."""
    found: dict[str, Node] = {}
    for node in body.nodes:
        found[f"{prefix}/{node.name}"] = node
        collect(node, f"{prefix}/{node.name}", functions, around, found, room)
    if call.attrs.get(MUST_COMPILE):
        return dict.fromkeys(found, _Call(call.name, False, call.name))
    calls, outer = {}, ""
    for path, node in found.items():  # what is inside of a call stands right behind it
        if not (outer and path.startswith(f"{outer}/")):
            outer = ""
        calls[path] = _Call(call.name, False, outer)
        if not outer and node.attrs.get(MUST_COMPILE):
            outer = path
    return calls


def _given(call: Node, body: Graph) -> dict[str, str]:
    """What stands for each argument of a body: a call of once is handed tensors as they are."""
    arguments = [n.name for n in body.nodes if n.op in ("Placeholder", "_Arg") and not n.inputs]
    once = call.op in _ONCE or call.op in call.calls
    if not once or len(arguments) != len(call.inputs):
        return {}
    return dict(zip(arguments, call.inputs, strict=True))


def _moved(node: Node, prefix: str, given: Mapping[str, str], call: Node) -> Node:
    """A node of a body as it stands under its call."""
    inputs = [given.get(node_of(t), f"{prefix}/{t}") for t in node.inputs]
    if not inputs and node.op in ("Placeholder", "_Arg"):
        inputs = list(call.inputs)  # of a branch or a loop: some of them, at some time
    return replace(
        node,
        name=f"{prefix}/{node.name}",
        inputs=tuple(inputs),
        controls=tuple(f"{prefix}/{name}" for name in node.controls if name not in given),
        outputs=tuple(TensorSpec(f"{prefix}/{s.name}", s.dtype, s.shape) for s in node.outputs),
    )


def _closed(call: _Call, told: Verdict) -> Verdict:
    """What the verdict on a call says of what is inside of it."""
    if call.compiled and told.kind in (v.STAYS, v.REWRITTEN, v.MOVED):
        return Verdict(v.COMPILED, call.compiled, "XLA must compile the call: jit_compile=True")
    if told.kind in (v.STAYS, v.REWRITTEN, v.MOVED):
        return Verdict(v.INSIDE, told.other or call.path, "its call was executed as a call")
    return Verdict(told.kind, told.other, f"with its call {call.path}", told.op)


def _plain_names(executed: Graph) -> tuple[Graph, dict[str, str]]:
    """The executed graph without the counters in its names, where a name is then still one
    node's alone; and what each node is called now."""
    plain = {node.name: _COUNTER.sub("", node.name) for node in executed.nodes}
    many: dict[str, int] = {}
    for name in plain.values():
        many[name] = many.get(name, 0) + 1
    real = {name: now if many[now] == 1 else name for name, now in plain.items()}
    nodes = [
        replace(
            node,
            name=real[node.name],
            inputs=tuple(_renamed(tensor, real) for tensor in node.inputs),
            controls=tuple(real[name] for name in node.controls),
            outputs=tuple(replace(s, name=_renamed(s.name, real)) for s in node.outputs),
        )
        for node in executed.nodes
    ]
    return Graph(tuple(nodes)), real


def _renamed(tensor: str, names: Mapping[str, str]) -> str:
    node = node_of(tensor)
    return names.get(node, node) + tensor[len(node) :]


def _really(told: Verdict, names: Mapping[str, str]) -> Verdict:
    """A verdict in which the other node has the name that it had."""
    other = names.get(told.other, told.other)
    how = v.BY_STRIPPED_NAME if told.how == v.BY_NAME and other != told.other else told.how
    return replace(told, other=other, how=how)
