"""Ops that call functions. Each is a generator: it yields the function to call, its arguments
and a word for the call, is sent the results, and returns its own outputs.
"""

from __future__ import annotations

from collections.abc import Generator

from graphlab.engine.kernels.control_flow import truth
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.values import tensor_of

Calls = Generator[tuple[str, list, str], list, list]


def call(op: Op, inputs: list) -> Calls:
    """PartitionedCall, and TF1's op that is named after its function."""
    return (yield called(op)[0], inputs, "")


def if_(op: Op, inputs: list) -> Calls:
    """One of two branches, with the inputs but the first."""
    then, otherwise = called(op)
    if truth(op, inputs[0]):
        return (yield then, inputs[1:], "then")
    return (yield otherwise, inputs[1:], "else")


def case(op: Op, inputs: list) -> Calls:
    """One of many branches; an index outside takes the last."""
    branches = called(op)
    index = int(tensor_of(inputs[0]).numpy())
    if not 0 <= index < len(branches):
        index = len(branches) - 1
    return (yield branches[index], inputs[1:], f"branch {index}")


def while_(op: Op, inputs: list) -> Calls:
    """The body again and again, for as long as the condition holds."""
    condition, body = called(op)
    turn = 0
    while True:
        results = yield condition, inputs, f"{turn} cond"
        if not truth(op, results[0]):
            return inputs
        inputs = yield body, inputs, f"{turn}"
        turn += 1


KERNELS = {
    "PartitionedCall": call,
    "StatefulPartitionedCall": call,
    "If": if_,
    "StatelessIf": if_,
    "Case": case,
    "StatelessCase": case,
    "While": while_,
    "StatelessWhile": while_,
}


def called(op: Op) -> tuple[str, ...]:
    """The functions that an op of these may call."""
    kind = op.type.removeprefix("Stateless")
    if kind == "If":
        return op.attr("then_branch").func.name, op.attr("else_branch").func.name
    if kind == "While":
        return op.attr("cond").func.name, op.attr("body").func.name
    if kind == "Case":
        return tuple(func.name for func in op.attr("branches").list.func)
    if kind in ("PartitionedCall", "StatefulPartitionedCall"):
        return (op.attr("f").func.name,)
    return (op.type,)
