"""What a layer of Keras looks like in a graph: guesses, as `graphlab.port.patterns` has them for
functions of TensorFlow.

Each begins at the op that the layer is for, and takes the bias and the activation behind it along;
`graphlab.port.sequential` asks Keras what such a layer makes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from graphlab.engine.kernels.nodes import Op
from graphlab.port import composed, constants, exact
from graphlab.port.expression import Call, Literal
from graphlab.port.scenery import DTYPES, INTEGERS, Layer, Scenery

ADDS = frozenset(("BiasAdd", "AddV2", "Add"))
ACTIVATIONS = {
    "Elu": "elu",
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Tanh": "tanh",
}


def layers_at(scenery: Scenery, op: Op) -> Iterator[Layer]:
    """The layers that an op may be the first of, the longest first."""
    guess = GUESSES.get(op.type)
    layer = None if guess is None else guess(scenery, op)
    if layer is None:
        return
    longer = [layer]
    for extend in _EXTENDS.get(layer.kind, ()):
        longer += [each for each in [extend(scenery, longer[-1])] if each is not None]
    yield from reversed(longer)


def _dense(scenery: Scenery, op: Op) -> Layer | None:
    kernel = scenery.weight(op.inputs[1], 2)
    if kernel is None or op.attr("transpose_a").b or op.attr("transpose_b").b:
        return None
    rows, units = scenery.kind(kernel)[1]
    no_bias = (("use_bias", False),)
    return _of(scenery, op, "Dense", (units,), no_bias, (("kernel", kernel),), (rows,))


def _conv(scenery: Scenery, op: Op) -> Layer | None:
    kernel, shape = (
        scenery.weight(op.inputs[1], 4),
        scenery.shape(scenery.seen.source(op.inputs[0])),
    )
    window = _window(op, "strides"), _window(op, "dilations")
    padding = op.text("padding").lower()
    if kernel is None or None in window or padding not in ("same", "valid"):
        return None
    *size, channels, last = scenery.kind(kernel)[1]
    shape = shape or (None, None, channels)
    depthwise = op.type == "DepthwiseConv2dNative"
    if len(shape) != 3 or shape[2] not in (None, channels) or 0 in (*size, channels, last):
        return None
    told = [
        ("strides", window[0], 1),
        ("padding", padding, "valid"),
        ("dilation_rate", window[1], 1),
    ]
    keywords = [(key, value) for key, value, usual in told if value != usual]
    if depthwise and last != 1:
        keywords.append(("depth_multiplier", last))
    kind = "DepthwiseConv2D" if depthwise else "Conv2D"
    arguments = (_square(size),) if depthwise else (last, _square(size))
    keywords.append(("use_bias", False))
    weights = (("kernel", kernel),)
    return _of(scenery, op, kind, arguments, tuple(keywords), weights, (*shape[:2], channels))


def _normalization(scenery: Scenery, op: Op) -> Layer | None:
    """Of the moving moments; in training it is no layer by itself."""
    if op.attr("is_training").b or op.text("data_format") != "NHWC":
        return None
    if any(scenery.seen.takers.get(tensor) for tensor in op.outputs[1:]):
        return None
    scale, offset, mean, variance = (scenery.weight(tensor, 1) for tensor in op.inputs[1:5])
    found = ("gamma", scale), ("beta", offset), ("moving_mean", mean), ("moving_variance", variance)
    epsilon = constants.number(op.attr("epsilon").f)
    return _normalized(scenery, op, found, epsilon)


def _composed_normalization(scenery: Scenery, op: Op) -> Layer | None:
    """Of the function `tf.nn.batch_normalization`."""
    if len(op.inputs) != 5:
        return None
    mean, variance, offset, scale = (scenery.weight(tensor, 1) for tensor in op.inputs[1:])
    found = ("gamma", scale), ("beta", offset), ("moving_mean", mean), ("moving_variance", variance)
    call = cast(Call, composed.expression_of(op))
    epsilon = cast(Literal, dict(call.keywords)["variance_epsilon"])
    return _normalized(scenery, op, found, epsilon.value)


def _normalized(
    scenery: Scenery, op: Op, found: Sequence[tuple[str, str | None]], epsilon: float
) -> Layer | None:
    weights = tuple((name, tensor) for name, tensor in found if tensor is not None)
    if len(weights) < len(found):
        return None
    (channels,) = scenery.kind(weights[0][1])[1]
    image = (None, None, channels) if op.type.startswith("Fused") else None
    shape = scenery.shape(scenery.seen.source(op.inputs[0])) or image
    if shape is None:
        return None
    if shape[-1] not in (None, channels):
        return None
    said = (("epsilon", epsilon),) if epsilon != 1e-3 else ()
    return _of(scenery, op, "BatchNormalization", (), said, weights, (*shape[:-1], channels))


def _pooling(scenery: Scenery, op: Op) -> Layer | None:
    size, strides, padding = (
        _window(op, "ksize"),
        _window(op, "strides"),
        op.text("padding").lower(),
    )
    if size is None or strides is None or padding not in ("same", "valid"):
        return None
    told = [("strides", strides, size), ("padding", padding, "valid")]
    keywords = tuple((key, value) for key, value, usual in told if value != usual)
    kind = "MaxPooling2D" if op.type == "MaxPool" else "AveragePooling2D"
    shape = scenery.shape(scenery.seen.source(op.inputs[0])) or (None, None, None)
    return _of(scenery, op, kind, (size,), keywords, (), shape)


def _mean(scenery: Scenery, op: Op) -> Layer | None:
    shape = scenery.shape(scenery.seen.source(op.inputs[0]))
    if shape is None or len(shape) != 3 or scenery.seen.axes(op.inputs[1]) != (1, 2):
        return None
    keywords = (("keepdims", True),) if op.attr("keep_dims").b else ()
    return _of(scenery, op, "GlobalAveragePooling2D", (), keywords)


def _reshape(scenery: Scenery, op: Op) -> Layer | None:
    """Which leaves the batch as it is."""
    takes = scenery.seen.source(op.inputs[0])
    before, asked = scenery.shape(takes), scenery.seen.axes(op.inputs[1])
    batch = (scenery.known_shape(takes) or (None,))[0]
    if not before or None in before or asked is None or asked[0] not in (-1, batch):
        return None
    after = asked[1:]
    if not after or math.prod(filter(None, before)) != math.prod(after):
        return None
    flat = len(after) == 1 and len(before) > 1
    return _of(scenery, op, *(("Flatten", ()) if flat else ("Reshape", (after,))))


def _embedding(scenery: Scenery, op: Op) -> Layer | None:
    table = scenery.weight(op.inputs[0], 2)
    ids = scenery.seen.source(op.inputs[1])
    shape = scenery.shape(ids)
    if table is None or shape is None or op.attr("batch_dims").i:
        return None
    if op.type == "GatherV2" and scenery.seen.axes(op.inputs[2]) != (0,):
        return None
    kind = exact.input_dtype(op, op.inputs[1]).name
    if kind not in INTEGERS or op.dtypes != DTYPES[:1]:
        return None
    rows, columns = scenery.kind(table)[1]
    return Layer(
        "Embedding",
        (rows, columns),
        (),
        (("embeddings", table),),
        ids,
        op.outputs[0],
        (op.name,),
        shape,
        kind,
    )


def _activation(scenery: Scenery, op: Op) -> Layer | None:
    return _of(scenery, op, "Activation", (ACTIVATIONS[op.type],), ())


def _of(
    scenery: Scenery,
    op: Op,
    kind: str,
    arguments: tuple[Any, ...],
    keywords: tuple[tuple[str, Any], ...] = (),
    weights: tuple[tuple[str, str], ...] = (),
    shape: tuple[int | None, ...] | None = None,
) -> Layer | None:
    """The layer of one op, whose first input it takes."""
    takes = scenery.seen.source(op.inputs[0])
    shape = scenery.shape(takes) if shape is None else shape
    dtype = op.dtypes[0]
    if dtype not in DTYPES or len({tensor for _, tensor in weights}) < len(weights):
        return None
    return Layer(kind, arguments, keywords, weights, takes, op.outputs[0], (op.name,), shape, dtype)


def _with_bias(scenery: Scenery, layer: Layer) -> Layer | None:
    """With what is added to it."""
    op = _only_taker(scenery, layer.gives)
    if op is None or op.type not in ADDS or op.dtypes[0] != layer.dtype:
        return None
    if op.type == "BiasAdd" and op.text("data_format") != "NHWC":
        return None
    other = [tensor for tensor in op.inputs if scenery.seen.source(tensor) != layer.gives]
    bias = scenery.weight(other[0], 1) if len(other) == 1 else None
    units = _units(scenery, layer)
    if bias is None or scenery.kind(bias)[1] != (units,):
        return None
    return replace(
        layer,
        keywords=tuple(each for each in layer.keywords if each[0] != "use_bias"),
        weights=(*layer.weights, ("bias", bias)),
        gives=op.outputs[0],
        members=(*layer.members, op.name),
    )


def _with_activation(scenery: Scenery, layer: Layer) -> Layer | None:
    """With the function that is taken of it."""
    op = _only_taker(scenery, layer.gives)
    if op is None or op.type not in ACTIVATIONS:
        return None
    told = ("activation", ACTIVATIONS[op.type])
    return replace(
        layer,
        keywords=(*layer.keywords, told),
        gives=op.outputs[0],
        members=(*layer.members, op.name),
    )


def _units(scenery: Scenery, layer: Layer) -> int:
    *_, last, units = scenery.kind(layer.weights[0][1])[1]
    return last * units if layer.kind == "DepthwiseConv2D" else units


def _only_taker(scenery: Scenery, tensor: str) -> Op | None:
    takers = scenery.seen.takers.get(tensor, ())
    return takers[0] if len(takers) == 1 else None


def _window(op: Op, name: str) -> int | tuple[int, int] | None:
    """The height and the width of a window, one number where they are equal; None where it is over
    the batch or the channels, too."""
    if name == "dilations" and name not in op.node.attr:
        return 1
    sizes = list(op.attr(name).list.i)
    if op.text("data_format") != "NHWC" or len(sizes) != 4 or (sizes[0], sizes[3]) != (1, 1):
        return None
    return _square(sizes[1:3])


def _square(sizes: Sequence[int]) -> Any:
    height, width = sizes
    return height if height == width else (height, width)


# By the type of the op.
GUESSES: Mapping[str, Callable[[Scenery, Op], Layer | None]] = {
    "MatMul": _dense,
    "Conv2D": _conv,
    "DepthwiseConv2dNative": _conv,
    "FusedBatchNorm": _normalization,
    "FusedBatchNormV2": _normalization,
    "FusedBatchNormV3": _normalization,
    "tf.nn.batch_normalization": _composed_normalization,
    "MaxPool": _pooling,
    "AvgPool": _pooling,
    "Mean": _mean,
    "Reshape": _reshape,
    "GatherV2": _embedding,
    "ResourceGather": _embedding,
    **dict.fromkeys(ACTIVATIONS, _activation),
}
_EXTENDS = {
    "Dense": (_with_bias, _with_activation),
    "Conv2D": (_with_bias, _with_activation),
    "DepthwiseConv2D": (_with_bias, _with_activation),
}
