"""What a colleague would call a tensor whose op has TensorFlow's own name, as `Reshape_3`.

A name that somebody gave stays. Of the others, what an optimizer is given is a gradient, and what
leaves a scope is what the scope is for; the rest is called by what its op does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

from graphlab.engine.kernels.nodes import Op
from graphlab.port import sequential
from graphlab.port.composed import stands_for
from graphlab.port.names import identifier
from graphlab.port.patterns import CLIP, WORDS

SHORT = 18  # with longer names several do not stand in one line
LONGEST = 80  # of a name of TensorFlow's own
_DEQUEUE = re.compile(r"_Dequeue(Many|UpTo)?(_[0-9]+)?$")  # behind the queue's name, by itself
# What TensorFlow's Python calls some ops, and what those are called whose own names are none.
_DEFAULTS = {"RealDiv": "truediv", "Pack": "stack", "Unpack": "unstack"}
_SHORT = {
    "SoftmaxCrossEntropyWithLogits": "cross_entropy",
    "SparseSoftmaxCrossEntropyWithLogits": "cross_entropy",
    "BroadcastGradientArgs": "axes",
    "DepthwiseConv2dNative": "depthwise",
    "ExpandDims": "expanded",
    "GetSessionTensor": "kept",
    "IteratorGetNext": "element",
    "IteratorGetNextSync": "element",
    "FusedBatchNorm": "normalized",
    "Placeholder": "x",
    "RealDiv": "ratio",
    "ResourceGather": "rows",
    "StridedSlice": "part",
    "TensorListReserve": "tensors",
    "TensorListStack": "stacked",
    "While": "after",
}


def hints(ops: Sequence[Op], within: str, variable: Callable[[str], str]) -> dict[str, str]:
    """Names as of a graph, "dense_1/Relu", by tensor. `variable` is the name of a variable by the
    tensor of its handle, "" where it is none."""
    takers: dict[str, list[str]] = {}
    for op in ops:
        for tensor in op.distinct:
            takers.setdefault(tensor, []).append(op.name)
    found: dict[str, str] = {}
    scopes: set[str] = set()  # that have given their name away
    for op in ops:
        if op.name.endswith("/"):  # the call of a scope
            found.update(dict.fromkeys(op.outputs[:1], op.name))
            continue
        if sequential.is_sequential(op):
            found.update({tensor: sequential.hint(op) or op.name for tensor in op.outputs})
            continue
        if op.type in WORDS:
            if not WORDS[op.type] or any(n.startswith(f"{op.name}/") for n in stands_for(op)):
                continue  # the name of its scope, which somebody may have given
            outer = op.name.removeprefix(within).split("/")[:-2]  # the last scope is TensorFlow's
            for told, tensor in zip(WORDS[op.type], op.outputs, strict=op.type != CLIP):
                found[tensor] = "/".join([*outer, told])
            continue
        word = default(op)
        if word:
            scope = op.name.removeprefix(within).rpartition("/")[0]
            inside = f"{within}{scope}/"
            takes = takers.get(op.outputs[0], ()) if op.outputs else ()
            leaves = scope and not any(f"{name}/".startswith(inside) for name in takes)
            is_last = op.outputs and leaves and scope not in scopes and not _is_own(scope, op)
            names = _outputs(op)
            for name, tensor in zip(names, op.outputs, strict=True):
                several = len(set(names)) > 1 and len(word) > SHORT
                told = name if several or name != names[0] else word
                found[tensor] = f"{scope}/{told}" if scope else told
            if is_last:
                scopes.add(scope)
                found[op.outputs[0]] = scope
        changed = variable(op.inputs[0]) if "Apply" in op.type else ""
        arguments = [arg.name for arg in op.definition.input_arg]
        for place, argument in enumerate(arguments):
            if changed and argument in ("grad", "delta") and len(arguments) == len(op.inputs):
                found[op.inputs[place]] = f"grad_{changed}"
    return found


def _outputs(op: Op) -> list[str]:
    """What the op calls its outputs; the same for all of a list."""
    names = [arg.name for arg in op.definition.output_arg]
    return names if len(names) == len(op.outputs) else ["output"] * len(op.outputs)


def default(op: Op) -> str:
    """What an op with TensorFlow's own name is called; "" of one that somebody has named.

    `matmul` of a MatMul that is called `dense/MatMul_1`.
    """
    if not _is_own(op.name, op):
        return ""
    plain = _plain(op.type)
    return _SHORT.get(plain, identifier(_DEFAULTS.get(plain, plain)))


def of_input(op: Op, place: int) -> str:
    """What an output that is given from outside is called; "" where the op's own name says it."""
    if op.type.startswith("QueueDequeue") and _DEQUEUE.search(op.name):
        return "element"
    word = default(op)
    names = _outputs(op)
    return names[place] if word and len(set(names)) > 1 else word


def _is_own(name: str, op: Op) -> bool:
    """Whether a name is what TensorFlow calls such an op, or a scope of it."""
    last = identifier(re.sub(r"(_[0-9]+)+$", "", name.rpartition("/")[2][-LONGEST:]))
    return last in _own_names(op.type)


@functools.cache
def _own_names(type_: str) -> frozenset[str]:
    """What TensorFlow calls ops of a type."""
    plain = _plain(type_)
    return frozenset(map(identifier, (plain, type_, _DEFAULTS.get(plain, plain))))


@functools.cache
def _plain(type_: str) -> str:
    """The type without its version."""
    return re.sub(r"V[0-9]+$", "", type_)
