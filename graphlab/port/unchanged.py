"""Ops that give what they take as it is, to the last bit: a product with one, a reshape to the
shape that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorflow.core.framework import attr_value_pb2

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port import alike, constants, counts, older
from graphlab.port.numbers import Numbers
from graphlab.port.older import REDUCES

Shapes = Callable[[str], Shape]
_WHOLE = ("int32", "int64")
_FALSE = attr_value_pb2.AttrValue(b=False).SerializeToString(deterministic=True)


def unchanged(numbers: Numbers, shape: Shapes, op: Op, taken: list[int]) -> int | None:
    """The number of the input that the op gives as it is, to the last bit."""
    values = numbers.values
    if op.type in alike.TWO:
        for number, tensor in zip(taken, op.inputs, strict=True):
            numbers.known.setdefault(number, shape(tensor))
    if op.type in ("Mul", "RealDiv") and values.keys() & set(taken):
        places = (1, 0) if op.type == "Mul" else (1,)
        for place in places:
            if constants.is_scalar(values.get(taken[place]), 1.0):
                return taken[1 - place]
    if op.type in REDUCES and constants.is_empty(values.get(taken[1])):
        return taken[0]
    if op.type in ("Reshape", "BroadcastTo"):
        told = older.told_sizes(numbers, taken[1])
        asked = [taken[1]] if told is None else [taken[1], told]
        if any(_is_shape_of(numbers, each, shape(op.inputs[0]), taken[0]) for each in asked):
            return taken[0]
        if op.type == "BroadcastTo":
            return None
        whole = older.summed_over_none(numbers, taken[0], taken[1], shape(op.outputs[0]))
        if whole is None:
            before = before_reshape(numbers, taken[0])
            for rule in (older.summed_to, older.summed_and_kept, older.brought_to_kept):
                whole = rule(numbers, before, taken[1]) if whole is None else whole
        if whole is None:
            whole = _dropped(numbers, shape(op.inputs[0]), taken)
        known = [older.sizes(shape(tensor)) for tensor in (op.inputs[0], op.outputs[0])]
        if whole is None and _are_one(*known):
            # As many items: the size that is not known is the same. What of a sum is known differs
            # between TensorFlows that keep its axes and such that do not: it stays reshaped.
            whole = taken[0] if numbers.made[taken[0]][0] not in REDUCES else None
        return whole
    if op.type == "Prod":
        return counts.product_of_one(numbers, taken[0])
    if op.type == "Neg":
        return older.negated(numbers, taken[0])
    if op.type == "FloorDiv" and op.dtypes[0] in _WHOLE:
        ones = values.get(taken[1])
        is_one = constants.is_scalar(ones, 1) or (
            ones is not None and ones.shape == shape(op.inputs[0]) and bool((ones == 1).all())
        )
        return taken[0] if is_one else counts.averaged(numbers, *taken)
    if op.type == "GatherV2":
        if _takes_all(numbers, shape(op.inputs[0]), taken):
            return taken[0]
        return counts.part_of_shape(numbers, *taken[:2])
    if op.type == "Transpose" and taken[1] in values:
        return taken[0] if values[taken[1]].tolist() == [*range(values[taken[1]].size)] else None
    if op.type == "Tile" and taken[1] in values and (values[taken[1]] == 1).all():
        return taken[0]
    if op.type == "Cast" and op.attr("SrcT").type == op.attr("DstT").type:
        return taken[0]
    return None


def _are_one(known: list[int] | None, asked: list[int] | None) -> bool:
    """Whether two shapes of as many items are one: of one size at most each is not known."""
    if known is None or asked is None or len(known) != len(asked):
        return False
    others = [pair for pair in zip(known, asked, strict=True) if pair[0] != pair[1]]
    return not others or (len(others) == 1 and -1 in others[0])


def _takes_all(numbers: Numbers, shape: Shape, taken: list[int]) -> bool:
    """Whether it takes the items of one axis, all in their order."""
    indices = numbers.values.get(taken[1])
    return (
        shape is not None
        and len(shape) == 1
        and indices is not None
        and indices.ndim == 1
        and shape[0] is not None
        and indices.tolist() == [*range(shape[0])]
    )


def _dropped(numbers: Numbers, shape: Shape, taken: list[int]) -> int | None:
    """The number of a sum without its axes, where one that kept them is brought to that shape:
    TensorFlow has come to keep them on the way back from a broadcast."""
    made, values = numbers.made[taken[0]], numbers.values
    if made[0] not in REDUCES or shape is None or not values.keys() >= {made[2], taken[1]}:
        return None
    axes = {int(axis) % len(shape) for axis in values[made[2]].ravel()} if shape else set()
    left = [size for n, size in enumerate(shape) if n not in axes]
    return before_reshape(numbers, taken[0]) if values[taken[1]].tolist() == left else None


def _is_shape_of(numbers: Numbers, asked: int, shape: Shape, number: int) -> bool:
    if asked in numbers.values:
        return numbers.values[asked].tolist() == older.sizes(shape)
    like = numbers.shaped[number]
    is_told = any(asked == numbers.keys.get(("Shape", k, like)) for k in ("<i4", "<i8"))
    return is_told or older.is_kept(numbers, asked, like)


def before_reshape(numbers: Numbers, number: int) -> int:
    """Behind another reshape, and of a sum the one that drops its axes: the items are the
    same in the same order."""
    made = numbers.made[number]
    while made[0] == "Reshape":
        number = made[1]
        made = numbers.made[number]
    if made[0] in REDUCES and made[-1]:
        dropped = numbers.of((*made[:-1], _dropping(made[-1])))
        if number in numbers.summed:
            numbers.summed.setdefault(dropped, numbers.summed[number])
        return dropped
    return number


def _dropping(attrs: Any) -> Any:
    return tuple((name, _FALSE if name == "keep_dims" else value) for name, value in attrs)
