"""What older TensorFlows made where today's makes something else, of the same bits."""

from __future__ import annotations

from tensorflow.core.framework import attr_value_pb2

from graphlab.model import Shape
from graphlab.port import constants
from graphlab.port.numbers import Numbers

REDUCES = frozenset("Sum Mean Prod Max Min All Any".split())
_TRUE = attr_value_pb2.AttrValue(b=True).SerializeToString(deterministic=True)


def sizes(shape: Shape) -> list[int] | None:
    """A shape as a reshape may be asked for it, with -1 for what follows from the rest: so does
    TensorFlow on the way back, where TensorFlow 1 took the shape of what was reshaped. None where
    more is not known."""
    if shape is None or shape.count(None) > 1 or (None in shape and 0 in shape):
        return None
    return [-1 if size is None else size for size in shape]


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
    is_brought = made[reduced][0] == "Reshape" and made[reduced][2] == kept
    fits = is_brought or is_kept(numbers, kept, numbers.shaped[reduced])
    return shape if fits and constants.is_scalar(numbers.values.get(one), 1) else None


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


def summed_over_none(numbers: Numbers, reduced: int, shape: int) -> int | None:
    """What is summed, where it has the shape that it is then brought to, and the axes are those
    along which that has been broadcast with a scalar: they are one item long, if any. So did
    TensorFlow 1 where its successor sums nothing."""
    made = numbers.made
    if made[reduced][0] != "Sum" or made[shape][0] != "Shape":
        return None
    whole, axes = made[reduced][1:3]
    if made[axes][0] != "BroadcastGradientArgs":
        return None
    mine, other = made[axes][1:3] if made[axes][-1] == 0 else made[axes][2:0:-1]
    is_scalar = constants.is_empty(numbers.values.get(other))
    same = numbers.shaped[whole] == numbers.shaped[made[shape][2]]
    return whole if is_scalar and mine == shape and same else None
