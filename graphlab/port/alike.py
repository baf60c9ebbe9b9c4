"""Which tensors have one shape, whatever it is: told by what makes them, where no size is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphlab.model import Shape

# Ops of one item at a time, and those of two, which broadcast.
ONE = frozenset(
    "Abs Acos Asin Atan BiasAdd Cast Ceil Cos Cosh Elu Erf Erfc Exp Expm1 Floor Inv IsFinite "
    "IsInf IsNan LeakyRelu Lgamma Log Log1p LogSoftmax LogicalNot Neg OnesLike Reciprocal Relu "
    "Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Square Tan "
    "Tanh ZerosLike".split()
)
TWO = frozenset(
    "Add AddV2 Div Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd "
    "LogicalOr Maximum Minimum Mul NotEqual Pow RealDiv SquaredDifference Sub".split()
)
# Those of two of the same shape.
BOTH = frozenset(
    "EluGrad InvGrad LeakyReluGrad ReciprocalGrad Relu6Grad ReluGrad RsqrtGrad SeluGrad SigmoidGrad"
    " SoftplusGrad SoftsignGrad SqrtGrad TanhGrad".split()
)
TOLD = {"Reshape": 2, "BroadcastTo": 2, "Fill": 1}  # where in their keys is the shape


def shaped_as(
    key: Any,
    made: Sequence[Any],
    shaped: Sequence[int],
    values: Mapping[int, np.ndarray],
    known: Mapping[int, Shape],
) -> int | None:
    """The number of the first tensor that has the shape of what is made so, where it is not the
    first itself. `shaped` are those of the numbers that there are, `made` their keys, `values` the
    constants, `known` what is known of shapes."""
    kind = key[0]
    if kind in TOLD:
        told = made[key[TOLD[kind]]]
        return shaped[told[2]] if told[0] == "Shape" else None
    if kind in ONE:
        return shaped[key[1]]
    if kind in BOTH:
        return min(shaped[each] for each in key[1:3])
    if kind not in TWO and kind != "SelectV2":
        return None
    taken = key[1:4] if kind == "SelectV2" else key[1:3]
    found = {shaped[each] for each in taken if each not in values or values[each].ndim}
    if len(found) == len(taken) == 2:  # of which one may be no larger, as a bias is
        shapes = [known.get(each) for each in taken]
        found = {
            shaped[each]
            for each, mine, other in zip(taken, shapes, shapes[::-1], strict=True)
            if fits(other, mine)
        }
    return found.pop() if len(found) == 1 else None


def fits(other: Sequence[int | None] | None, whole: Shape) -> bool:
    """Whether a shape is no larger, axis by axis from the last, than one of which this is known."""
    if other is None or whole is None or len(other) > len(whole):
        return False
    pairs = zip(other[::-1], whole[::-1], strict=False)
    return all(size is not None and size in (1, mine) for size, mine in pairs)
