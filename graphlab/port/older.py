"""What older TensorFlows made where today's makes something else, of the same bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorflow.core.framework import attr_value_pb2

from graphlab.model import Shape
from graphlab.port import constants
from graphlab.port.alike import fits
from graphlab.port.numbers import Numbers

REDUCES = frozenset("Sum Mean Prod Max Min All Any".split())
_ZERO = attr_value_pb2.AttrValue(i=0).SerializeToString(deterministic=True)
_TRUE = attr_value_pb2.AttrValue(b=True).SerializeToString(deterministic=True)


def sizes(shape: Shape) -> list[int] | None:
    """A shape as a reshape may be asked for it, with -1 for what follows from the rest: so does
    TensorFlow on the way back, where TensorFlow 1 took the shape of what was reshaped. None where
    more is not known."""
    if shape is None or shape.count(None) > 1 or (None in shape and 0 in shape):
        return None
    return [-1 if size is None else size for size in shape]


def cast_shape(numbers: Numbers, number: int, dtype: str) -> tuple[Any, ...] | None:
    """The key of a shape that is asked for in one type of integers and brought to the other."""
    kind, *made = numbers.made[number]
    if kind != "Shape" or dtype not in ("int32", "int64"):
        return None
    return ("Shape", np.dtype(dtype).str, made[1])


def segments_sum(
    numbers: Numbers, taken: Sequence[int], attrs: tuple[Any, ...]
) -> tuple[str, list[int]]:
    """The op, and what it takes, by which TensorFlow 1 brought the gradient of sums of rows back to
    the rows: each row got that of its sum, and rows that were taken twice both."""
    gradient, rows, sums, count = taken
    first = numbers.of_constant(np.asarray(0, np.int32))
    whole = (("batch_dims", _ZERO), *attrs)
    return "UnsortedSegmentSum", [
        numbers.of(("GatherV2", gradient, sums, first, whole)),
        rows,
        count,
    ]


def repeated(numbers: Numbers, reduced: int, times: int) -> int | None:
    """The shape that a gradient is brought to by repeating it `shape // kept` times, where
    `kept` is that shape with ones at the axes of a sum: as TensorFlow did before it broadcast
    it."""
    made = numbers.made
    if made[times][0] != "FloorDiv" or made[made[times][2]][0] != "Maximum":
        return None
    shape, least = made[times][1:3]
    kept, one = made[least][1:3]
    if made[kept][0] != "DynamicStitch":
        kept, one = one, kept
    if made[kept][0] != "DynamicStitch" or shape not in made[kept]:
        return None
    is_brought = made[reduced][0] == "Reshape" and made[reduced][2] in (
        kept,
        told_sizes(numbers, kept),
    )
    fits = is_brought or is_kept(numbers, kept, numbers.shaped[reduced])
    return shape if fits and constants.is_scalar(numbers.values.get(one), 1) else None


def brought_to_kept(numbers: Numbers, whole: int, asked: int) -> int | None:
    """The number of what is brought to a shape with ones at some axes, as TensorFlow 1 reckoned it
    in the graph, by what is known of that shape: its successor asks for that."""
    told = told_sizes(numbers, asked)
    return None if told is None else numbers.of(("Reshape", whole, told))


def told_sizes(numbers: Numbers, asked: int) -> int | None:
    """The number of what is known of such a shape, as a reshape may be asked for it."""
    made, values = numbers.made, numbers.values
    if made[asked][0] != "DynamicStitch" or len(made[asked]) != 6:
        return None
    places, axes, shape, ones = made[asked][1:5]
    known = numbers.sized.get(shape)
    if known is None or not values.keys() >= {places, axes, ones}:
        return None
    is_whole = values[places].tolist() == [*range(len(known))] and (values[ones] == 1).all()
    found = {int(axis) % len(known) for axis in values[axes].ravel()} if known else set()
    told = sizes(tuple(1 if axis in found else size for axis, size in enumerate(known)))
    return numbers.of_constant(np.asarray(told, np.int32)) if is_whole and told else None


def is_kept(numbers: Numbers, asked: int, reduced: int) -> bool:
    """Whether it is the shape of a sum that keeps its axes: that of what is summed, with ones at
    the axes, as TensorFlow 1 reckoned it."""
    made, values = numbers.made, numbers.values
    if made[asked][0] != "DynamicStitch" or len(made[asked]) != 6:
        return False
    places, axes, shape, ones = made[asked][1:5]
    kind, *taken = made[reduced]
    if kind not in REDUCES or not values.keys() >= {places, axes, ones, taken[1]}:
        return False
    rank = values[places].size
    return (
        ("keep_dims", _TRUE) in taken[2]
        and made[shape][0] == "Shape"
        and made[shape][2] == numbers.shaped[taken[0]]
        and values[places].tolist() == [*range(rank)]
        and {*(values[axes].ravel() % rank)} == {*(values[taken[1]].ravel() % rank)}
        and bool((values[ones] == 1).all())
    )


def summed_over_none(numbers: Numbers, reduced: int, shape: int, given: Shape) -> int | None:
    """What is summed, where it has the shape that it is then brought to, and the axes are those
    along which that has been broadcast with what is no larger: they are one item long, if any. So
    did TensorFlow 1 where its successor sums nothing. `given` is what is known of the shape."""
    made = numbers.made
    if made[reduced][0] != "Sum" or made[shape][0] != "Shape":
        return None
    whole, axes = made[reduced][1:3]
    if made[axes][0] != "BroadcastGradientArgs":
        return None
    mine, other = made[axes][1:3] if made[axes][-1] == 0 else made[axes][2:0:-1]
    if mine != shape:
        return None
    beside = numbers.values.get(other)
    known = sizes(given)
    if numbers.shaped[whole] != numbers.shaped[made[shape][2]] and (
        known is None or known != sizes(numbers.summed.get(reduced))
    ):
        return None
    is_none = constants.is_empty(beside)
    return whole if is_none or (beside is not None and fits(beside.tolist(), given)) else None


def axes_of(numbers: Numbers, taken: Sequence[int], shapes: Sequence[Shape]) -> list[int | None]:
    """The numbers of the axes along which each of two shapes is broadcast with the other, of one
    that is known beside one whose rank is; else None. What is one item long in both may be summed
    over or not, of the same bits. `shapes` are those of the two lists."""
    found: list[int | None] = []
    for place in (0, 1):
        mine, other = numbers.values.get(taken[place]), shapes[1 - place]
        rank = other[0] if other else None
        if mine is None or rank is None or mine.size > rank:
            found.append(None)
            continue
        whole = [1] * (rank - mine.size) + mine.ravel().tolist()
        axes = [axis for axis, size in enumerate(whole) if size == 1]
        found.append(numbers.of_constant(np.asarray(axes, mine.dtype)))
    return found


def summed_to(numbers: Numbers, reduced: int, shape: int) -> int | None:
    """The number of a sum over known axes that has a known shape, which another over these axes is
    brought to: the graph may not have known that it has it; and what is one item long may be summed
    over or not, of the same bits."""
    kind, *made = numbers.made[reduced]
    summed, asked = numbers.summed.get(reduced), numbers.values.get(shape)
    if kind != "Sum" or summed is None or asked is None or made[1] not in numbers.values:
        return None
    if ("keep_dims", _TRUE) in made[2]:
        return None
    told = numbers.values[made[1]]
    axes = {int(axis) % len(summed) for axis in told.ravel()} if summed else set()
    if _left(summed, axes) == asked.tolist():
        return reduced
    ends = len(summed) - asked.size  # axes from there on are those of the asked shape
    fewer = {axis for axis in axes if axis < ends or summed[axis] != 1}
    more = {axis for axis in range(ends) if summed[axis] == 1} | axes
    both = [each for each in (fewer, more) if _left(summed, each) == asked.tolist()]
    if not both:
        return None
    if not both[0]:
        return int(made[0])
    over = numbers.of_constant(np.asarray(sorted(both[0]), told.dtype))
    found = numbers.of((kind, made[0], over, made[2]))
    numbers.summed.setdefault(found, summed)
    return found


def summed_and_kept(numbers: Numbers, reduced: int, shape: int) -> int | None:
    """The number of a sum that keeps its axes, where one without them is brought to the shape that
    has them: as TensorFlow 1 did for what was broadcast along them, a bias [1, units]."""
    kind, *made = numbers.made[reduced]
    summed, asked = numbers.summed.get(reduced), numbers.values.get(shape)
    if kind != "Sum" or not summed or asked is None or made[1] not in numbers.values:
        return None
    axes = {int(axis) % len(summed) for axis in numbers.values[made[1]].ravel()}
    if [1 if axis in axes else size for axis, size in enumerate(summed)] != asked.tolist():
        return None
    longer = [axis for axis in sorted(axes) if summed[axis] != 1]  # one item is its sum
    over = made[1]
    if len(longer) < len(axes):
        over = numbers.of_constant(np.asarray(longer, numbers.values[over].dtype))
    attrs = tuple((name, _TRUE if name == "keep_dims" else value) for name, value in made[2])
    found = numbers.of((kind, made[0], over, attrs)) if longer else made[0]
    numbers.summed.setdefault(found, summed)
    return found


def negated(numbers: Numbers, brought: int) -> int | None:
    """The number of a sum of what is negated, for a negated one that is brought to a shape: as
    TensorFlow 1 did for the second of a squared difference. It is summed along what it was
    broadcast, as nobody knows: mostly nowhere; else a zero may have the other sign."""
    kind, *made = numbers.made[brought]
    reduces, *summed = numbers.made[made[0]] if kind == "Reshape" else ("",)
    if reduces != "Sum" or numbers.made[summed[1]][0] != "BroadcastGradientArgs":
        return None
    dtype = tuple(each for each in summed[2] if each[0] == "type")
    negative = numbers.of(("Neg", summed[0], dtype))
    return numbers.of((kind, numbers.of((reduces, negative, *summed[1:])), made[1]))


def _left(shape: Sequence[int | None], axes: set[int]) -> list[int | None]:
    return [size for axis, size in enumerate(shape) if axis not in axes]
