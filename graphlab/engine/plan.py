"""What is to run, and who waits for whom: the first half of what a session does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from graphlab.engine.kernels import control_flow
from graphlab.engine.kernels.nodes import Body, Op
from graphlab.engine.kernels.table import Kernel
from graphlab.engine.program import check_cycles
from graphlab.model import node_of


@dataclass(eq=False)
class Plan:
    """The ops of one graph or function that are to run, and who waits for whom."""

    ops: dict[str, Op]  # in the order in which they were written
    results: frozenset[str]  # tensors to be kept to the end
    fed: frozenset[str]  # tensors that are given
    kernels: dict[str, Kernel]
    consumers: dict[str, list[Op]] = field(default_factory=dict)  # by tensor
    followers: dict[str, list[Op]] = field(default_factory=dict)  # by op: the control edges
    waits: dict[str, int] = field(default_factory=dict)  # by op: how many things must come
    enters: dict[str, list[Op]] = field(default_factory=dict)  # by loop: the ways into it
    sources: list[Op] = field(default_factory=list)  # ops that wait for nothing
    callers: list[Op] = field(default_factory=list)  # ops that call functions


def prune(body: Body, tensors: Iterable[str], ops: Iterable[str], fed: Iterable[str]) -> list[Op]:
    """The ops that must run to get these tensors and ops, given what is fed; in creation order."""
    fed = set(fed)
    touched = {node_of(tensor) for tensor in fed}
    needed: dict[str, Op] = {}
    todo = [node_of(tensor) for tensor in tensors if tensor not in fed]
    todo += ops
    while todo:
        name = todo.pop()
        if name in needed or (name in touched and _is_replaced(body, name)):
            continue
        op = needed[name] = body.ops[name]
        if touched.isdisjoint(op.before):
            todo += op.before
        else:
            todo += [node_of(tensor) for tensor in op.inputs if tensor not in fed]
        todo += op.controls
    return sorted(needed.values(), key=attrgetter("index"))


def _is_replaced(body: Body, name: str) -> bool:
    """Whether a feed takes the op's place altogether, also for those who only wait for it."""
    return name not in body.ops or body.ops[name].type in ("Placeholder", "PlaceholderV2")


def plan(
    body: Body,
    tensors: Iterable[str],
    targets: Iterable[str],
    fed: Iterable[str],
    kernel: Callable[[Op], Kernel],
) -> Plan:
    """Prune, find the kernels, and note who waits for whom.

    GraphlabError where an op cannot be run, or waits for itself.
    """
    fed = set(fed)
    tensors = list(tensors)
    ops = prune(body, tensors, targets, fed)
    if not body.in_order:
        check_cycles(ops)
    planned = {op.name: op for op in ops}
    kernels = {op.name: kernel(op) for op in ops}
    result = Plan(planned, frozenset(tensors), frozenset(fed), kernels)
    consumers = result.consumers
    for op in ops:
        inputs = op.distinct
        controls = op.controls and [name for name in op.controls if name in planned]
        for tensor in inputs:
            takers = consumers.get(tensor)
            if takers is None:  # `setdefault` would make a list for each tensor that has one
                consumers[tensor] = [op]
            else:
                takers.append(op)
        for name in controls:
            result.followers.setdefault(name, []).append(op)
        # A Merge waits for one of its inputs, everything else for all.
        data = 1 if op.type in control_flow.MERGES else len(inputs)
        result.waits[op.name] = waits = data + len(controls)
        if not waits:
            result.sources.append(op)
        if kernels[op.name].calls:
            result.callers.append(op)
        if op.type in control_flow.ENTERS:
            result.enters.setdefault(op.text("frame_name"), []).append(op)
    return result
