"""In which order the lines stand: every op behind what it takes and waits for."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TypeVar

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError

T = TypeVar("T")


def in_order(ops: Sequence[Op], back: frozenset[str] = frozenset()) -> list[Op]:
    """Of the ops that can run, the one that was written first: as the engine does it. For ops of
    the types in `back` none waits.

    GraphlabError where some can never run one after another: they make a loop of TF1.
    """
    present = {op.name: op for op in ops}
    if _are(ops, present, back):
        return list(ops)
    waits: dict[str, int] = {}
    followers: dict[str, list[Op]] = {}
    for op in ops:
        before = [name for name in dict.fromkeys([*op.before, *op.controls]) if name in present]
        before = [name for name in before if present[name].type not in back]
        waits[op.name] = len(before)
        for name in before:
            followers.setdefault(name, []).append(op)
    ready = [(op.index, op.name) for op in ops if not waits[op.name]]
    heapq.heapify(ready)
    result = []
    while ready:
        op = present[heapq.heappop(ready)[1]]
        result.append(op)
        for follower in followers.get(op.name, ()):
            waits[follower.name] -= 1
            if not waits[follower.name]:
                heapq.heappush(ready, (follower.index, follower.name))
    if len(result) < len(ops):
        loop = next(op for op in ops if waits[op.name])
        raise GraphlabError(
            f"{loop.title} waits for itself, and no NextIteration makes that a loop"
        )
    return result


def with_most(
    ops: Sequence[Op], found: Iterable[T], build: Callable[[Sequence[T]], Sequence[Op]]
) -> list[Op]:
    """What `build` makes of the ops with as many of `found`, from the first on, as leave them in an
    order; else the ops as they are. Something may wait for a part of one, and another part for it.
    """
    left = list(found)
    while left:
        try:
            return in_order(build(left))
        except GraphlabError:
            left.pop()
    return list(ops)


def without_unused(
    ops: Sequence[Op], asked: Iterable[str], may_go: Callable[[Op], bool]
) -> list[Op]:
    """The ops, which are in order, without those that may go and give nothing that is taken or
    asked for; so does what only they took."""
    uses = Counter([*asked, *(tensor for op in ops for tensor in op.inputs)])
    result = []
    for op in reversed(ops):
        if may_go(op) and not any(uses[tensor] for tensor in op.outputs):
            uses.subtract(op.inputs)
        else:
            result.append(op)
    return result[::-1]


def _are(ops: Sequence[Op], present: Mapping[str, Op], back: frozenset[str]) -> bool:
    """Whether they stand as they were written, each behind what it takes and waits for."""
    seen: set[str] = set()
    last = -1
    for op in ops:
        for name in (*op.before, *op.controls):
            if name not in seen and name in present and present[name].type not in back:
                return False
        if op.index <= last:
            return False
        last = op.index
        seen.add(op.name)
    return True


def before(names: Iterable[str], ops: Mapping[str, Op], known: Container[str]) -> set[str]:
    """The ops of these names and all that they need, but for those that are known."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in ops and name not in found and name not in known:
            found.add(name)
            todo += ops[name].before
    return found


def behind(name: str, ops: Mapping[str, Op]) -> set[str]:
    """The op and all that need it; `ops` are in order."""
    found = {name}
    for op in ops.values():
        if not found.isdisjoint(op.before):
            found.add(op.name)
    return found
