"""What an op of keras.ops gives, by its class: the shape by one rule, the dtype by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphlab.model import Shape
from graphlab.sources.keras.rules import dtypes, op_layout, op_shapes
from graphlab.sources.keras.rules.known import (
    NOTHING,
    Asked,
    Known,
    broadcast,
    of_value,
    within_limits,
)

_ShapeRule = Callable[[Asked], Any]  # a shape, or several in a list
_DtypeRule = Callable[[Asked], str]


def given(asked: Asked) -> list[Known]:
    """What each output of an op is known to be; one of which nothing is known where no rule is."""
    name = asked.kind.removeprefix("ops.")
    if name not in RULES:
        return [Known()]
    shape_rule, dtype_rules = RULES[name]
    shapes: Sequence[Shape] = [None]
    try:
        found = shape_rule(asked)
        shapes = found if isinstance(found, list) else [found]
    except NOTHING:
        pass
    told = [_told(rule, asked) for rule in dtype_rules]
    told += told[-1:] * (len(shapes) - len(told))
    return [
        Known(dtype, None if shape is None else within_limits(shape))
        for dtype, shape in zip(told, shapes, strict=False)
    ]


def _told(rule: _DtypeRule, asked: Asked) -> str:
    try:
        return rule(asked)
    except NOTHING:
        return ""


# Dtypes


def _same(asked: Asked) -> str:
    first = _flat(asked.args)[0]
    return first.dtype if isinstance(first, Known) else ""


def _float(asked: Asked) -> str:
    return dtypes.floating(_same(asked))


def _together(asked: Asked) -> str:
    return dtypes.promoted(_flat(asked.args))


def _tensors_together(asked: Asked) -> str:
    """As together; a number of Python does not give way, and what it counts as is not written."""
    numbers = any(not isinstance(each, Known | dict) for each in _flat(asked.args))
    return "" if numbers else _together(asked)


def _float_together(asked: Asked) -> str:
    return dtypes.floating(_together(asked))


def _chosen(asked: Asked) -> str:
    """Where: of the two that are chosen from."""
    return dtypes.promoted(list(asked.args[1:3]))


def _index(asked: Asked) -> str:
    return "int64" if asked.config.get("wide") else "int32"


def _summed(asked: Asked) -> str:
    return dtypes.summed(_same(asked))


def _set(asked: Asked) -> str:
    found = asked.config.get("dtype")
    return found if isinstance(found, str) else _same(asked)


def _set_or_float(asked: Asked) -> str:
    found = asked.config.get("dtype")
    return found if isinstance(found, str) else "float32"


def _no_bool(asked: Asked) -> str:
    dtype = _set(asked)
    return "int32" if dtype == "bool" else dtype


def _bool(asked: Asked) -> str:
    return "bool"


def _int32(asked: Asked) -> str:
    return "int32"


def _flat(values: Sequence[Any]) -> list[Any]:
    """Arguments, those that are lists of tensors laid out."""
    found: list[Any] = []
    for each in values:
        if isinstance(each, Known) or not isinstance(each, list | tuple):
            found.append(each)
        else:
            found += each
    return found


# Shapes


def _as_taken(asked: Asked) -> Any:
    return asked.x


def _spread(asked: Asked) -> Any:
    return broadcast([of_value(each) for each in asked.args])


_FUNCTIONS = (
    "Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Ceil Cos Cosh Exp Exp2 Expm1 Floor Log"
    " Log10 Log1p Log2 Sin Sinc Sinh Sqrt Tan Tanh Fabs Erfc"
)
_UNCHANGED = (
    "Absolute Abs BitwiseInvert BitwiseNot Conjugate Conj Copy Flip Fliplr Flipud Negative Sign"
    " Sort Tril Triu Trunc NanToNum Roll StopGradient Relu Relu6 Sigmoid SparseSigmoid Softplus"
    " Softsign SoftShrink SparsePlus Silu Squareplus LogSigmoid LeakyRelu HardSigmoid HardSilu"
    " Elu Selu Gelu Celu TanhShrink HardTanh HardShrink Threshold Softmax LogSoftmax Sparsemax"
    " BatchNorm RMSNorm LayerNorm GaussianBlur ElasticTransform RGBToHSV HSVToRGB Erf Erfinv Rsqrt"
)
_TESTS = "Isfinite Isinf Isnan Isneginf Isposinf Isreal LogicalNot Signbit"
_PAIRS = (
    "Add Subtract Multiply Maximum Minimum Fmax Fmin Mod Fmod Power FloorDivide"
    " BitwiseAnd BitwiseOr BitwiseXor"
)
_FLOAT_PAIRS = "Divide TrueDivide DivideNoNan Arctan2 Hypot Logaddexp Logaddexp2 Nextafter"
_COMPARED = (
    "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor Isclose"
)
_MOVED: Mapping[str, _ShapeRule] = {
    "BroadcastTo": op_shapes.wanted("shape"),
    "DepthToSpace": op_shapes.depth_to_space,
    "ExpandDims": op_layout.expanded,
    "GetItem": op_layout.item,
    "Glu": op_shapes.halved,
    "Moveaxis": op_layout.moved,
    "Pad": op_layout.padded,
    "Ravel": op_layout.raveled,
    "Repeat": op_layout.repeated,
    "Reshape": op_layout.reshaped,
    "Resize": op_shapes.resized,
    "SpaceToDepth": op_shapes.space_to_depth,
    "Split": op_layout.split,
    "Squeeze": op_layout.squeezed,
    "Swapaxes": op_layout.swapped,
    "Take": op_layout.taken,
    "Tile": op_layout.tiled,
    "Transpose": op_layout.transposed,
    "Unstack": op_layout.unstacked,
    "MaxPool": op_shapes.pooled,
    "AveragePool": op_shapes.pooled,
}


def _all(names: str, shape: _ShapeRule, *dtype: _DtypeRule) -> dict[str, Any]:
    return dict.fromkeys(names.split(), (shape, dtype))


RULES: Mapping[str, tuple[_ShapeRule, tuple[_DtypeRule, ...]]] = {
    **_all(_FUNCTIONS, _as_taken, _float),
    **_all(_UNCHANGED, _as_taken, _same),
    **_all(_TESTS, _as_taken, _bool),
    **_all("Argsort", op_shapes.sorted_along, _int32),
    **_all("Clip Square", _as_taken, _no_bool),
    **_all("Cumsum Cumprod", op_shapes.sorted_along, _no_bool),
    **_all("Cast SaturateCast ConvertToTensor OnesLike ZerosLike FullLike", _as_taken, _set),
    **_all(_PAIRS, _spread, _together),
    **_all("Gcd Lcm", _spread, _tensors_together),
    **_all(_FLOAT_PAIRS, _spread, _float_together),
    **_all(_COMPARED, _spread, _bool),
    **_all("Where", _spread, _chosen),
    **_all("Max Min Amax Amin", op_shapes.reduced, _same),
    **_all("Sum Prod", op_shapes.reduced, _summed),
    **_all("Mean Median Std Var Norm", op_shapes.reduced, _float),
    **_all("All Any", op_shapes.reduced, _bool),
    **_all("Argmax Argmin", op_shapes.reduced, _index),
    **_all("CountNonzero", op_shapes.reduced, _int32),
    **_all("Concatenate", op_shapes.joined, _together),
    **_all("Stack", op_shapes.stacked, _together),
    **_all("Matmul", op_shapes.multiplied, _together),
    **_all("Dot", op_shapes.dot, _together),
    **_all("Einsum", op_shapes.einsum, _together),
    **_all("OneHot", op_shapes.one_hot, _set_or_float),
    **_all("TopK", op_shapes.top, _same, _int32),
    **{name: (rule, (_same,)) for name, rule in _MOVED.items()},
}
