"""TensorFlow's functions that Keras 2 wrapped in layers, in the words of keras.ops.

A TFOpLambda names the function (`math.multiply`), a SlicingOpLambda is `x[...]`, a
TensorFlowOpLayer of TensorFlow 2.0 to 2.3 holds a NodeDef.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphlab.sources.keras.rules.known import Asked, Known

KINDS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")
_OPS = {
    "Absolute": "math.abs Abs",
    "Add": "__operators__.add __operators__.radd math.add Add AddV2 nn.bias_add BiasAdd",
    "Argmax": "math.argmax argmax",
    "All": "math.reduce_all",
    "Any": "math.reduce_any",
    "Cast": "cast",
    "Clip": "clip_by_value",
    "Concatenate": "concat",
    "Copy": "identity Identity stop_gradient nn.dropout reverse sort nn.l2_normalize"
    " math.l2_normalize zeros_like ones_like",
    "Cumsum": "math.cumsum",
    "DepthToSpace": "nn.depth_to_space",
    "Divide": "math.truediv math.divide __operators__.truediv RealDiv",
    "Equal": "math.equal __operators__.eq",
    "Exp": "math.exp Exp",
    "ExpandDims": "expand_dims",
    "FloorDivide": "compat.v1.floor_div math.floordiv __operators__.floordiv",
    "Gelu": "nn.gelu",
    "Greater": "math.greater __operators__.gt",
    "GreaterEqual": "math.greater_equal __operators__.ge",
    "LeakyRelu": "nn.leaky_relu",
    "Less": "math.less __operators__.lt",
    "LessEqual": "math.less_equal __operators__.le",
    "Log": "math.log Log",
    "LogicalAnd": "math.logical_and",
    "LogicalNot": "math.logical_not",
    "LogicalOr": "math.logical_or",
    "Matmul": "linalg.matmul matmul",
    "Max": "math.reduce_max",
    "Maximum": "math.maximum Maximum",
    "Mean": "math.reduce_mean",
    "Min": "math.reduce_min",
    "Minimum": "math.minimum Minimum",
    "Mod": "math.floormod",
    "Multiply": "math.multiply __operators__.mul Mul",
    "Negative": "math.negative Neg",
    "Norm": "compat.v1.norm norm linalg.norm",
    "NotEqual": "math.not_equal __operators__.ne",
    "OneHot": "one_hot",
    "Pad": "compat.v1.pad pad",
    "Power": "math.pow __operators__.pow Pow",
    "Prod": "math.reduce_prod",
    "Relu": "nn.relu Relu",
    "Relu6": "nn.relu6 Relu6",
    "Repeat": "repeat",
    "Reshape": "reshape",
    "Resize": "image.resize",
    "Rsqrt": "math.rsqrt Rsqrt",
    "Sigmoid": "math.sigmoid nn.sigmoid Sigmoid",
    "Silu": "nn.silu nn.swish",
    "Softmax": "nn.softmax Softmax",
    "Softplus": "math.softplus nn.softplus",
    "Split": "split",
    "Sqrt": "math.sqrt Sqrt",
    "Square": "math.square Square",
    "Squeeze": "compat.v1.squeeze squeeze",
    "Stack": "stack",
    "Std": "math.reduce_std",
    "Subtract": "math.subtract __operators__.sub Sub",
    "Sum": "math.reduce_sum",
    "Take": "compat.v1.gather gather",
    "Tanh": "math.tanh nn.tanh Tanh",
    "Tile": "tile",
    "TopK": "math.top_k",
    "Transpose": "compat.v1.transpose transpose",
    "Unstack": "unstack",
    "Var": "math.reduce_variance",
    "Where": "where",
}
_BY_FUNCTION = {name: op for op, names in _OPS.items() for name in names.split()}
_ARGUMENTS = {
    "perm": "axes",
    "shape": "newshape",
    "multiples": "repeats",
    "paddings": "pad_width",
    "depth": "num_classes",
    "num_or_size_splits": "indices_or_sections",
}


def modern(asked: Asked) -> Asked:
    """The same call as one of keras.ops, of no known kind where the function is not known."""
    if asked.kind == "SlicingOpLambda":
        key = _slices(asked.kwargs.get("slice_spec"))
        return replace(asked, kind="ops.GetItem", args=(*asked.args[:1], key))
    if asked.kind == "TensorFlowOpLayer":
        return _of_node(asked)
    op = _BY_FUNCTION.get(str(asked.config.get("function")), "")
    config = {_ARGUMENTS.get(key, key): value for key, value in asked.kwargs.items()}
    args = _in_order(op, asked)
    if op == "Split" and isinstance(sizes := config.get("indices_or_sections"), list):
        config["indices_or_sections"] = _places(sizes)
    if op == "Argmax":  # whose numbers are of 64 bits in TensorFlow
        return replace(asked, kind="ops.Argmax", config={**config, "wide": True}, args=args)
    if op == "Take" and config.get("axis") is None:
        config["axis"] = 0
    if op in ("Matmul", "Take") and (config.get("transpose_a") or config.get("batch_dims")):
        op = ""
    if op == "Matmul" and config.get("transpose_b"):
        args, takes = _turned(args, asked.takes)
        return replace(asked, kind="ops.Matmul", config=config, args=args, takes=takes)
    return replace(asked, kind=f"ops.{op}", config=config, args=args)


def _in_order(op: str, asked: Asked) -> tuple[Any, ...]:
    """The arguments as keras.ops takes them: the tensors in front."""
    first = asked.args[:1]
    if op == "Where":
        return (*first, asked.kwargs.get("x"), asked.kwargs.get("y"))
    if op == "Take":
        return (*first, asked.kwargs.get("indices"))
    second = [asked.kwargs[key] for key in ("y", "b", "bias") if key in asked.kwargs]
    return (*first, *second[:1])


def _turned(args: tuple[Any, ...], takes: tuple[Known, ...]) -> tuple[Any, tuple[Known, ...]]:
    """The second of two matrices the other way round."""
    second = args[1]
    if not isinstance(second, Known) or second.shape is None:
        raise ValueError("b")
    turned = Known(second.dtype, (*second.shape[:-2], second.shape[-1], second.shape[-2]))
    return (args[0], turned), (takes[0], turned)


def _places(sizes: list[Any]) -> list[int]:
    """Where parts of these sizes end, but for the last."""
    places: list[int] = []
    for size in sizes[:-1]:
        if type(size) is not int or size < 0:
            raise ValueError("num_or_size_splits")
        places.append(size + (places[-1] if places else 0))
    return places


def _slices(spec: Any) -> Any:
    if isinstance(spec, list):
        return [_slices(each) for each in spec]
    if isinstance(spec, dict) and "class_name" not in spec and "start" in spec:
        return {"class_name": "__slice__", "config": spec}
    return spec


def _of_node(asked: Asked) -> Asked:
    """A NodeDef as JSON in a text; its constants stand beside, by the number of the input."""
    written = asked.config.get("node_def")
    node = json.loads(written) if isinstance(written, str) else written
    op = node.get("op") if isinstance(node, Mapping) else None
    constants = asked.config.get("constants")
    args = list(asked.takes)
    for key, value in sorted(constants.items()) if isinstance(constants, Mapping) else ():
        args.insert(int(key), value)
    return replace(
        asked, kind=f"ops.{_BY_FUNCTION.get(str(op), '')}", config={}, args=tuple(args), kwargs={}
    )
