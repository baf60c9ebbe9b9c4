"""A condition that only asserts is `tf.debugging.Assert`, which makes it."""

from __future__ import annotations

from collections.abc import Callable

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.model import node_of
from graphlab.port import constants, effects
from graphlab.port.counters import source
from graphlab.port.expression import Call, Expression, Listing, Literal, Tensor
from graphlab.port.lowered import IFS

_ITEMS = 3  # where nobody says how many


def expression_of(op: Op, library: Library, resolved: Callable[[str], str]) -> Call | None:
    """The call of an If of which nothing is taken, that does nothing where its condition is true
    and else asserts it; None of another. `resolved` gives the tensor behind what hands it on."""
    if op.type not in IFS:
        return None
    then, other = (library.body(name, op) for name in called(op))
    asserts = [each for each in other.ops.values() if effects.changes(each, library)]
    if any(effects.changes(each, library) for each in then.ops.values()) or len(asserts) != 1:
        return None
    (asserted,) = asserts
    condition = _outside(asserted.inputs[0], op, other) if asserted.type == "Assert" else None
    if condition is None or resolved(condition) != resolved(op.inputs[0]):
        return None
    told = [_told(tensor, op, other) for tensor in asserted.inputs[1:]]
    data = tuple(each for each in told if each is not None)
    if len(data) < len(told):
        return None
    items = asserted.attr("summarize").i  # of each tensor as many are told
    keywords = () if items == _ITEMS else (("summarize", Literal(items)),)
    return Call("tf.debugging.Assert", (Tensor(op.inputs[0]), Listing(data)), keywords)


def _outside(tensor: str, op: Op, body: Body) -> str | None:
    """What an argument of a case is outside of it."""
    inside = source(tensor, body)
    places = [n for n, argument in enumerate(body.arguments) if argument == inside]
    return op.inputs[1 + places[0]] if places else None


def _told(tensor: str, op: Op, body: Body) -> Expression | None:
    outside = _outside(tensor, op, body)
    if outside is not None:
        return Tensor(outside)
    maker = body.ops.get(node_of(source(tensor, body)))
    is_known = maker is not None and maker.type == "Const"
    return constants.literal_of(constants.value_of(maker)) if maker and is_known else None
