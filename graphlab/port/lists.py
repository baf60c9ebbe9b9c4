"""The lists that a `tf.TensorArray` of TensorFlow 2 is in a graph become TensorArrays again.

They do where the file keeps no other lists: those on which a loop puts what its gradient takes back
are no TensorArrays, and in a file the two may meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.model import Shape, node_of
from graphlab.port import attrs
from graphlab.port.arrays import NEW
from graphlab.port.expression import Call, Expression, Literal, Method, Part, Tensor
from graphlab.port.slim import bodies_of

# What makes one, and the methods by which it is used, each with the places of what they take.
_METHODS = {
    "TensorListSetItem": ("write", (1, 2)),
    "TensorListGetItem": ("read", (1,)),
    "TensorListGather": ("gather", (1,)),
    "TensorListStack": ("stack", ()),
    "TensorListLength": ("size", ()),
}
_MAKE = ("TensorListReserve", "TensorListFromTensor")


def are_arrays(ops: Iterable[Op], library: Library) -> bool:
    """Whether all lists of these ops, and of the functions that their loops and conditions call,
    are what TensorFlow makes of a `tf.TensorArray`."""
    whole = {op.name: op for op in ops}
    bodies = [whole, *(body.ops for body in bodies_of(whole.values(), library).values())]
    used = ((op, body) for body in bodies for op in body.values() if "TensorList" in op.type)
    return all(_is_plain(op, body) for op, body in used)


def _is_plain(op: Op, body: Mapping[str, Op]) -> bool:
    """Whether a method of `tf.TensorArray` makes it."""
    kind = op.attr("element_dtype").type if op.type != "TensorListLength" else 0
    if op.type not in (*_METHODS, *_MAKE) or kind == tf.variant.as_datatype_enum:
        return False
    if op.type == "TensorListSetItem":
        return not op.attr("resize_if_index_out_of_bounds").b
    if op.type == "TensorListReserve":
        shape = body.get(node_of(op.inputs[0]))
        return shape is not None and shape.type == "Const"
    return True


def is_list(op: Op) -> bool:
    """Whether an op on a list has a name of `tf.TensorArray`'s."""
    return op.type in _METHODS or op.type in _MAKE


def expression_of(
    op: Op, known: Mapping[str, np.ndarray], shape: Callable[[str], Shape]
) -> Expression:
    """`tf.TensorArray(...)`, or a method of one. `known` are inputs that are constants."""
    taken = [_number(known[t]) if t in known else Tensor(t) for t in op.inputs]
    if op.type in _METHODS:
        method, places = _METHODS[op.type]
        return Method(taken[0], method, tuple(taken[place] for place in places))
    dtype = attrs.dtype_of(op.attr("element_dtype").type)
    if op.type == "TensorListFromTensor":
        items = shape(op.inputs[0])
        size: Expression = Part(Call("tf.shape", (Tensor(op.inputs[0]),)), (0,))
        if items and items[0] is not None:
            size = Literal(items[0])
        return Method(Call(NEW, (dtype,), (("size", size),)), "unstack", (Tensor(op.inputs[0]),))
    keywords = [("size", taken[1])]
    sizes = _sizes(known.get(op.inputs[0]))
    if sizes is not None:
        keywords.append(("element_shape", Literal(sizes)))
    return Call(NEW, (dtype,), tuple(keywords))


def _number(value: np.ndarray) -> Expression:
    return Literal(value.tolist())


def _sizes(told: np.ndarray | None) -> tuple[int | None, ...] | None:
    """The shape of an item as the op is told it: one number, -1, where nothing is known."""
    if told is None or not told.ndim:
        return None
    return tuple(None if size < 0 else int(size) for size in told)
