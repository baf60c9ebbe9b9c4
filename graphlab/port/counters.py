"""Which values of a While only count its turns, from zero to a limit."""

from __future__ import annotations

from collections.abc import Container

from graphlab.engine.kernels.nodes import Body, Op
from graphlab.model import node_of
from graphlab.port import constants, effects
from graphlab.port.expression import Literal
from graphlab.port.values import Values


def counters(
    op: Op, test: Body, body: Body, kept: Container[int], values: Values
) -> dict[int, str | Literal]:
    """How many turns there are at most by each value that counts them, by the value's number: a
    number, or a tensor outside of the loop. None where the condition asks for more. `kept` are the
    values that change, `values` those outside."""
    sides = [behind(test.results[0], test)]
    if sides[0] is not None and sides[0].type == "LogicalAnd":
        sides = [behind(tensor, test) for tensor in sides[0].inputs]
        sides = [each for each in sides if each is None or not _is_constant(each, True)]
    found: dict[int, str | Literal] = {}
    for side in sides:
        if side is None or side.type != "Less":
            return {}
        count, limit = (source(tensor, test) for tensor in side.inputs)
        if count not in test.arguments:
            return {}
        n, turns = test.arguments.index(count), _limit(limit, op, test, kept)
        if turns is None or not _is_count(n, op, body, values):
            return {}
        found[n] = turns
    return found


def _limit(tensor: str, op: Op, test: Body, kept: Container[int]) -> str | Literal | None:
    """A limit that is the same in each turn; else None."""
    if tensor in test.arguments:
        n = test.arguments.index(tensor)
        return None if n in kept else op.inputs[n]
    maker = test.ops.get(node_of(tensor))
    is_known = maker is not None and maker.type == "Const"
    return constants.bare(constants.value_of(maker)) if maker is not None and is_known else None


def _is_count(n: int, op: Op, body: Body, values: Values) -> bool:
    """Whether a value begins with zero, is one more in each turn, and is not taken then."""
    begin, step = values.resolved(op.inputs[n]), behind(body.results[n], body)
    if step is None or step.type not in ("Add", "AddV2") or step.dtypes[0] != "int32":
        return False
    taken = [source(tensor, body) for tensor in step.inputs]
    others = [tensor for tensor in taken if tensor != body.arguments[n]]
    by = behind(others[0], body) if len(others) == 1 else None
    if by is None or not _is_constant(by, 1) or values.uses[op.outputs[n]]:
        return False
    return begin not in values.given and constants.is_scalar(values.known.get(begin), 0)


def source(tensor: str, part: Body) -> str:
    """The tensor of a function behind what hands it on."""
    op = part.ops.get(node_of(tensor))
    while op is not None and op.type in effects.ALIASES:
        tensor = op.inputs[0]
        op = part.ops.get(node_of(tensor))
    return tensor


def behind(tensor: str, part: Body) -> Op | None:
    """The op that makes a tensor of a function, behind what hands it on; None for an argument."""
    return part.ops.get(node_of(source(tensor, part)))


def _is_constant(op: Op, value: float) -> bool:
    return op.type == "Const" and constants.is_scalar(constants.value_of(op), value)
