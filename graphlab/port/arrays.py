"""TensorArrays of TensorFlow 1 become `tf.TensorArray`.

In a graph a TensorArray is a handle, and a flow that puts what is done with it in order. Where each
flow is written to once at most, what is known of the array by its flow is the array, as it is in
TensorFlow 2. Others, and the stacks on which a loop puts what its gradient takes back, stay as they
are: their ops work in TensorFlow 2, too. An array through which a gradient goes has another one
beside it, so it is known by its flow only where a tape takes the gradient's place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.control_flow import ENTERS, EXITS, MERGES, NEXTS
from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port import attrs, constants
from graphlab.port.constants import value_of
from graphlab.port.expression import Call, Expression, Literal, Method, Tensor
from graphlab.port.functions import Functions
from graphlab.port.rewired import made

_WRITES = {"WriteV3": "write", "ScatterV3": "scatter", "SplitV3": "split"}
_READS = {"ReadV3": "read", "GatherV3": "gather", "ConcatV3": "concat", "SizeV3": "size"}
_METHODS = {f"TensorArray{kind}": method for kind, method in (_WRITES | _READS).items()}
_READ_TYPES = frozenset(f"TensorArray{kind}" for kind in _READS)
_PASSES = ENTERS | EXITS | NEXTS | MERGES | {"Switch", "Identity"}
DEEPEST = 4  # ops between a shape and a size
_UNSHAPED = ("StackPopV2", "TensorArrayReadV3", "TensorArrayGatherV3", "TensorArrayConcatV3")
_BY_PLACE = ("TensorArray", "write", "read", "gather", "scatter")  # a size or places come first
GRADIENT = "TensorArrayGradV3"  # gives the array of an array's gradients
NEW = "tf.TensorArray"  # the type of what makes one; of what is done with it `tf.TensorArray.read`


def with_arrays(
    ops: Sequence[Op], functions: Functions, despite_gradients: bool = False
) -> list[Op]:
    """The ops, with those on TensorArrays by their flows alone where that is the same, or would be
    without the arrays of their gradients. What is taken from other arrays and from stacks gets the
    shape that the graph knows."""
    ignored = _of_gradients(ops) if despite_gradients else ()
    takers: dict[str, list[Op]] = {}
    for op in ops:
        for tensor in op.distinct:
            takers.setdefault(tensor, []).append(op)
    plain: dict[str, Op] = {}  # the array, by what is done with it
    for op in ops:
        if op.type == "TensorArrayV3":
            plain |= dict.fromkeys(_plain_uses(op, takers, ignored), op)
    found = []
    for op in ops:
        if op.name in plain:
            found.append(_of_all(_by_flow(op), plain[op.name], functions.ops))
            functions.called |= dict.fromkeys(found[-1].outputs, _name(found[-1], plain[op.name]))
            functions.arrays |= {tensor for tensor in found[-1].outputs if _is_flow(found[-1])}
        elif op.type in _UNSHAPED and (shape := functions.shape(op.outputs[0])) is not None:
            found += _with_shape(op, 0, shape, functions)
        elif functions.unshaped and op.type == "TensorListPopBack" and op.dtypes[1] != "variant":
            shape = functions.shape(op.outputs[1])
            found += [op] if shape is None else _with_shape(op, 1, shape, functions)
        else:
            found.append(op)
    return found


def with_arrays_of_all(
    ops: Sequence[Op], others: Sequence[Op], functions: Functions
) -> tuple[list[Op], list[Op]]:
    """The ops that run, and the others of the graph, with those on TensorArrays by their flows
    alone where that would be the same without the arrays of their gradients: a loss that nobody
    fetches is read from an array, too."""
    arrays = {op.outputs[0] for op in ops if op.type == "TensorArrayV3"}
    reads = [op for op in others if op.type in _READ_TYPES and op.inputs[0] in arrays]
    found = {op.name: op for op in with_arrays([*ops, *reads], functions, True)}
    idle = {op.name for op in reads}
    idle |= {
        name for each in reads for name in found[each.name].before if name not in functions.ops
    }
    return (
        [op for op in found.values() if op.name not in idle],
        [found[op.name] if op.name in idle and is_array(found[op.name]) else op for op in others],
    )


def _of_gradients(ops: Sequence[Op]) -> set[str]:
    """The ops that make the arrays of arrays' gradients, those that hand these the flow, and those
    that keep it for them on a stack."""
    makers = {op.name for op in ops if op.type == GRADIENT}
    flows = {op.name for op in ops if op.type == "Identity" and not makers.isdisjoint(op.controls)}
    return makers | flows | {op.name for op in ops if op.type == "StackPushV2"}


def _name(op: Op, array: Op) -> str:
    """What to call what an op gives: the array, or an item of it."""
    word = array.name.rpartition("/")[2]
    if _is_flow(op):
        return "array" if word.startswith("TensorArray") else word
    return "item" if op.type == f"{NEW}.read" else op.name


def _is_flow(op: Op) -> bool:
    return op.type == NEW or op.type.rpartition(".")[2] in (*_WRITES.values(), "unstack")


def _plain_uses(
    array: Op, takers: Mapping[str, Sequence[Op]], ignored: Collection[str]
) -> set[str]:
    """The ops on an array, with its own, if it may be known by its flow; else none. Some ops
    are `ignored`."""
    handles, users = [array.outputs[0]], {array.name: array}
    for handle in handles:
        for op in takers.get(handle, ()):
            if op.type in _METHODS and op.inputs[0] == handle and handle not in op.inputs[1:]:
                users[op.name] = op
            elif op.type in _PASSES - MERGES - NEXTS:
                handles += op.outputs
            elif op.name not in ignored:
                return set()
    flows, seen = [(array.outputs[1], True)], set()
    met = {array.name}
    for flow, may_write in flows:
        if flow in seen:
            continue
        seen.add(flow)
        writers = 0
        for op in takers.get(flow, ()):
            if op.name in ignored:
                continue
            if op.type in _METHODS and op.inputs[-1] == flow and flow not in op.inputs[:-1]:
                met.add(op.name)
                if op.type.removeprefix("TensorArray") in _WRITES:
                    writers += 1
                    flows.append((op.outputs[0], may_write))
                elif op.type == "TensorArrayConcatV3" and takers.get(op.outputs[1]):
                    return set()
            elif op.type in _PASSES and (op.type != "Switch" or op.inputs[0] == flow):
                fixed = op.type in ENTERS and op.attr("is_constant").b
                writers += not fixed
                flows += [(tensor, may_write and not fixed) for tensor in op.outputs]
            else:
                return set()
        if writers > may_write:
            return set()
    return set(users) if met == set(users) else set()


def _by_flow(op: Op) -> Op:
    """An op on an array without the handle."""
    is_new = op.type == "TensorArrayV3"
    return replace(
        op,
        type=NEW if is_new else f"{NEW}.{_METHODS[op.type]}",
        inputs=op.inputs if is_new else op.inputs[1:],
        distinct=op.distinct if is_new else tuple(dict.fromkeys(op.inputs[1:])),
        before=tuple(dict.fromkeys(t.rpartition(":")[0] for t in op.inputs[not is_new :])),
        outputs=op.outputs[1:] if is_new else op.outputs[:1],
        dtypes=op.dtypes[1:] if is_new else op.dtypes[:1],
        definition=_private.op_def("IdentityN"),  # which changes nothing
    )


def _of_all(op: Op, array: Op, ops: Mapping[str, Op]) -> Op:
    """`stack` and `unstack` in place of what is done with the items of all places."""
    whole = {f"{NEW}.gather": f"{NEW}.stack", f"{NEW}.scatter": f"{NEW}.unstack"}
    if op.type not in whole or not _are_all(op.inputs[0], op.inputs[-1], array, ops):
        return op
    inputs = op.inputs[1:]
    before = tuple(dict.fromkeys(map(node_of, inputs)))
    distinct = tuple(dict.fromkeys(inputs))
    return replace(op, type=whole[op.type], inputs=inputs, before=before, distinct=distinct)


def _are_all(places: str, flow: str, array: Op, ops: Mapping[str, Op]) -> bool:
    """Whether the places are 0, 1, ... to the size of the array."""
    op, size = ops.get(node_of(places)), ops.get(node_of(array.inputs[0]))
    if op is None or size is None or array.attr("dynamic_size").b:
        return False
    if op.type == "Const" and size.type == "Const":
        return value_of(op).tolist() == list(range(int(value_of(size))))
    if op.type != "Range":
        return False
    first, last, step = (ops.get(node_of(tensor)) for tensor in op.inputs)
    if not _is_number(first, 0) or not _is_number(step, 1):
        return False
    if last is not None and last.type == "TensorArraySizeV3":
        return last.inputs[1] == flow
    return _alike(op.inputs[1], array.inputs[0], ops)


def _is_number(op: Op | None, number: int) -> bool:
    return op is not None and op.type == "Const" and value_of(op).tolist() == number


def _alike(one: str, other: str, ops: Mapping[str, Op], depth: int = 0) -> bool:
    """Whether two tensors are computed from the same by the same ops on shapes."""
    if one == other:
        return True
    a, b = ops.get(node_of(one)), ops.get(node_of(other))
    if a is None or b is None or depth > DEEPEST:
        return False
    if a.type != b.type or a.type not in ("Const", "Shape", "StridedSlice"):
        return False
    if any(a.attr(attr.name) != b.attr(attr.name) for attr in a.definition.attr):
        return False
    return all(_alike(*pair, ops, depth + 1) for pair in zip(a.inputs, b.inputs, strict=True))


def _with_shape(op: Op, place: int, shape: Sequence[int | None], functions: Functions) -> list[Op]:
    """What an op gives, and the shape of one of its outputs, which the op does not tell."""
    name = functions.new_name(f"{op.name}/taken")
    inner = f"{name}:{place}"
    outputs = tuple(inner if n == place else tensor for n, tensor in enumerate(op.outputs))
    functions.likes[inner] = op.outputs[place]
    dtype = op.dtypes[place]
    kind = {"type": tf.as_dtype(dtype).as_datatype_enum}
    known = {"shape": tf.TensorShape(shape).as_proto()}
    told = made("EnsureShape", op.name, [inner], [dtype], op, {"T": kind, "shape": known})
    told = replace(told, outputs=(op.outputs[place],))
    return [replace(op, name=name, outputs=outputs), told]


def is_array(op: Op) -> bool:
    """Whether it is one of `tf.TensorArray`'s own."""
    return op.type.startswith(NEW)


def expression_of(op: Op, known: Mapping[str, np.ndarray]) -> Expression:
    """`tf.TensorArray(...)`, or a method of one. `known` are inputs that are constants."""
    taken: list[Expression] = list(map(Tensor, op.inputs))
    if op.inputs[0] in known and op.type.rpartition(".")[2] in _BY_PLACE:
        taken[0] = constants.literal_of(known[op.inputs[0]]) or taken[0]
    if op.type != NEW:
        return Method(taken[-1], op.type.rpartition(".")[2], tuple(taken[:-1]))
    keywords: list[tuple[str, Expression]] = [("size", taken[0])]
    if op.attr("dynamic_size").b:
        keywords.append(("dynamic_size", Literal(True)))
    if not op.attr("clear_after_read").b:
        keywords.append(("clear_after_read", Literal(False)))
    if not op.attr("identical_element_shapes").b:
        keywords.append(("infer_shape", Literal(False)))
    if not op.attr("element_shape").shape.unknown_rank:
        sizes = [None if dim.size < 0 else dim.size for dim in op.attr("element_shape").shape.dim]
        keywords.append(("element_shape", Literal(tuple(sizes))))
    return Call(NEW, (attrs.dtype_of(op.attr("dtype").type),), tuple(keywords))
