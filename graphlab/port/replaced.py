"""A backward graph goes from the ops of a body, and one op, a tape, stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tensorflow.core.framework import node_def_pb2, op_def_pb2

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import node_of
from graphlab.port import effects
from graphlab.port.order import in_order
from graphlab.port.scene import TYPE


def with_tape(
    ops: Sequence[Op],
    name: str,
    inputs: Sequence[str],
    gives: Mapping[str, str],
    gone: set[str],
    live: set[str],
    index: int,
    is_backward: Callable[[str], bool],
) -> list[Op] | None:
    """The ops, in order, without those that are `gone`, and with a tape that takes the `inputs` and
    gives tensors, `gives` by their dtypes. It waits for what those that are `live` waited for, and
    stands as early as the op of this index, if it can. None where what is kept takes what is gone,
    or waits for what comes after it."""
    by_name = {op.name: op for op in ops}
    order = {op.name: n for n, op in enumerate(ops)}
    tape = Op(
        index,
        name,
        TYPE,
        tuple(inputs),
        tuple(sorted(_waits_of(gone, live, by_name, is_backward), key=order.__getitem__)),
        tuple(gives),
        tuple(gives.values()),
        "",
        op_def_pb2.OpDef(name=TYPE),
        node_def_pb2.NodeDef(name=name, op=TYPE),
        by_name[min(gone, key=order.__getitem__)].where,
        tuple(dict.fromkeys(map(node_of, inputs))),
        tuple(dict.fromkeys(inputs)),
    )
    kept = [_without(each, gone, name) for each in ops if each.name not in gone]
    if any(node_of(t) in gone and t not in gives for each in kept for t in each.inputs):
        return None
    try:
        return in_order([*kept, tape])
    except GraphlabError:  # an op beneath the tape waits for what comes after it
        return None


def _waits_of(
    gone: set[str], live: set[str], ops: Mapping[str, Op], is_backward: Callable[[str], bool]
) -> set[str]:
    """What ops that are gone waited for; not for each other, by what holds gradients together
    until all are there, and not what nothing needed, of whatever backward graph."""
    found: set[str] = set()
    seen = set(gone)
    todo = [name for each in gone & live for name in ops[each].controls]
    while todo:
        name = todo.pop()
        if name in seen or name not in ops:
            continue
        seen.add(name)
        holds = ops[name].type == "NoOp" or ops[name].type in effects.ALIASES
        if holds and is_backward(name):
            todo += [*ops[name].controls, *ops[name].before]
        else:
            found.add(name)
    return found


def _without(op: Op, gone: set[str], name: str) -> Op:
    """The op, waiting for the tape where it waited for what is gone."""
    if gone.isdisjoint(op.before) and gone.isdisjoint(op.controls):
        return op

    def instead(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name if each in gone else each for each in names))

    return replace(op, before=instead(op.before), controls=instead(op.controls))
