"""A reshape to sizes that are taken from a tensor in the graph says -1 for one of them, as a person
would: `tf.reshape(x, [-1, 144])`, not `tf.reshape(x, tf.stack([tf.shape(x)[0], -1]))`.

What fits the sizes of the graph is the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port.order import in_order, without_unused
from graphlab.port.rewired import constant, rewired
from graphlab.port.seen import Seen

_OF_SIZES = frozenset("Pack StridedSlice Shape Const".split())  # what is only there for them


def with_plain_sizes(
    ops: Sequence[Op], asked: Iterable[str], shape: Callable[[str], Shape]
) -> list[Op]:
    """The ops, without those that only took the sizes. `asked` are the tensors that must stay,
    `shape` gives what is known of one. GraphlabError where the ops are in no order."""
    if not any(op.type == "Pack" for op in ops):
        return list(ops)
    ordered = in_order(ops)
    seen = Seen.of(ordered)
    result: list[Op] = []
    for op in ordered:
        sizes = _plain(seen, op, shape) if op.type == "Reshape" else None
        if sizes is not None:
            said = constant(f"{op.name}/sizes", sizes, _dtype(op), op)
            result.append(said)
            op = rewired(op, {op.inputs[1]: said.outputs[0]}, op.controls)
        result.append(op)
    if len(result) == len(ordered):
        return list(ops)
    waited = {name for op in result for name in op.controls}
    return without_unused(result, asked, lambda op: op.type in _OF_SIZES and op.name not in waited)


def _plain(seen: Seen, op: Op, shape: Callable[[str], Shape]) -> list[int] | None:
    """The sizes of a reshape of which one is taken from a tensor; None where they are others."""
    items = seen.inputs(op.inputs[1], "Pack") or ()
    values = [seen.value(item) for item in items]
    if [value is None for value in values].count(True) != 1:
        return None
    place = values.index(None)
    own = _size(seen, items[place])
    sizes = [-1 if value is None else int(value) for value in values]
    others = [size for n, size in enumerate(sizes) if n != place]
    rest = math.prod(size for size in others if size != -1)
    if own is None or rest <= 0 or min(others, default=1) < -1:
        return None
    if -1 not in others:
        return sizes
    tensor, axis = own
    known = shape(op.inputs[0])
    if others.count(-1) > 1 or known is None or tensor != seen.source(op.inputs[0]):
        return None
    if [n for n, size in enumerate(known) if size is None] != [axis]:
        return None
    total = math.prod(size for size in known if size is not None)
    sizes[next(n for n, size in enumerate(sizes) if size == -1 and n != place)] = total // rest
    return sizes if total and total % rest == 0 else None


def _size(seen: Seen, item: str) -> tuple[str, int] | None:
    """The tensor whose size along which axis it is."""
    part = seen.maker(item, "StridedSlice")
    if part is None or part.attr("shrink_axis_mask").i != 1:
        return None
    of, begin = seen.inputs(part.inputs[0], "Shape"), seen.value(part.inputs[1])
    if of is None or begin is None or begin.shape != (1,) or begin[0] < 0:
        return None
    return of[0], int(begin[0])


def _dtype(op: Op) -> str:
    return "int64" if op.attr("Tshape").type == _INT64 else "int32"


_INT64 = 9
