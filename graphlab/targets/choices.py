"""Among how many things the whole numbers that a model is fed choose: classes, rows of a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from graphlab.model import Graph, Node, TensorSpec, node_of
from visualize.hierarchy.inline import inline
from visualize.kinds import PLACEHOLDERS

_LAST = -1
# Of each op the input that chooses, the one that it chooses from, and along which axis.
_CHOOSERS = {
    "SparseSoftmaxCrossEntropyWithLogits": (1, 0, _LAST),
    "InTopK": (1, 0, _LAST),
    "InTopKV2": (1, 0, _LAST),
    "Gather": (1, 0, 0),
    "GatherV2": (1, 0, 0),
    "ResourceGather": (1, 0, 0),
}
# Of layers of Keras, which take what chooses first: what tells among how many things.
_LAYERS = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}
# Ops and layers whose first output has the numbers of some inputs, and no others: which inputs.
_FIRST, _ALL = slice(0, 1), slice(None)
_PASS = {
    **dict.fromkeys(PLACEHOLDERS, _FIRST),  # of a function, at its call
    **dict.fromkeys(
        "Identity Cast Reshape Squeeze ExpandDims StopGradient Transpose Slice StridedSlice"
        " Unpack ReverseV2 ReverseSequence Unique Tile BroadcastTo Switch Enter Exit"
        " Cropping1D Flatten Permute RepeatVector".split(),
        _FIRST,
    ),
    **dict.fromkeys(("Pack", "Merge", "Concatenate"), _ALL),
    **dict.fromkeys(("Split", "SplitV", "Select", "SelectV2"), slice(1, None)),
    "ConcatV2": slice(0, -1),
}
# Of each op the inputs whose last axis is as long as its own.
_LAST_OF = {
    "BiasAdd": slice(1, 2),
    "MatMul": slice(1, 2),
    **dict.fromkeys(("Add", "AddV2"), slice(0, 2)),
    **dict.fromkeys(("Identity", "ReadVariableOp", "Reshape", "Squeeze"), slice(0, 1)),
}
# What an assertion says is below which other: the inputs, and whether both may be the same.
_BELOW = {
    "Less": (0, 1, False),
    "LessEqual": (0, 1, True),
    "Greater": (1, 0, False),
    "GreaterEqual": (1, 0, True),
}


def choices(graph: Graph) -> Mapping[str, int]:
    """By tensor, the least number of things that its numbers choose among, wherever they go.

    Followed are ops that pass numbers on, also into the bodies of functions, to cross-entropy,
    look-ups, and assertions that all are below a constant, as an Estimator has them of its labels,
    and the layers of a Keras file to embeddings. A tensor is left out where the graph does not tell
    how many there are.
    """
    flat = inline(graph)
    left = [each for node in flat.nodes for each in (*_chosen(flat, node), *_asserted(flat, node))]
    found: dict[str, int] = {}
    while left:
        tensor, most = left.pop()
        if found.get(tensor, most + 1) <= most:
            continue
        found[tensor] = most
        node = flat.by_name.get(node_of(tensor))
        if node is None or (node.op == "Unique" and tensor != node.outputs[0].name):
            continue  # its second output has the numbers of rows of the first
        if node.op in _PASS:
            left += [(each, most) for each in node.inputs[_PASS[node.op]]]
    return found


def _chosen(flat: Graph, node: Node) -> Iterator[tuple[str, int]]:
    """What a node takes to choose by, and among how many things."""
    most = node.attrs.get(_LAYERS.get(node.op, ""))
    if node.inputs and isinstance(most, int):
        yield node.inputs[0], most
    chooser, among, axis = _CHOOSERS.get(node.op, (0, 0, 0))
    if node.op not in _CHOOSERS or len(node.inputs) <= max(chooser, among):
        return
    if node.op == "GatherV2" and not _is_zero(flat, node.inputs[2:3]):
        return
    shape = _shape(flat, node.inputs[among])
    size = shape[axis] if shape else None
    if not size and axis == _LAST:
        size = _last(flat, node.inputs[among])
    if size:
        yield node.inputs[chooser], size


def _asserted(flat: Graph, node: Node) -> Iterator[tuple[str, int]]:
    """What an assertion says to be below a constant, and how many whole numbers from 0 on are."""
    if node.op != "Assert":
        return
    left, seen = [*node.inputs[:1]], set[str]()
    while left:
        true = flat.by_name.get(node_of(left.pop()))
        if true is None or true.name in seen:
            continue
        seen.add(true.name)
        if true.op in ("All", "LogicalAnd"):
            left += true.inputs[: 1 if true.op == "All" else 2]
        elif true.op in _PASS:
            left += true.inputs[_PASS[true.op]]
        elif true.op in _BELOW:
            below, bound, same = _BELOW[true.op]
            most = _constant(flat, true.inputs[bound])
            if most is not None and most >= (0 if same else 1):
                yield true.inputs[below], math.floor(most) + 1 if same else math.ceil(most)


def _constant(flat: Graph, tensor: str) -> float | None:
    """The one number that a tensor is known to be."""
    node = flat.by_name.get(node_of(tensor))
    value = None if node is None or node.op != "Const" else node.attrs.get("value")
    values = list(value.get("values", ())) if isinstance(value, dict) else []
    number = values[0] if len(values) == 1 else None
    return number if isinstance(number, int | float) and math.isfinite(number) else None


def _last(flat: Graph, tensor: str) -> int | None:
    """How long the last axis is of what a file says no shape of: as the bias that is added, or the
    columns of a matrix. What is reshaped is taken to keep it, as a loss flattens the rest."""
    left, seen = [tensor], set[str]()
    while left:
        node = flat.by_name.get(node_of(left.pop()))
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        columns = _LAST_OF.get(node.op)
        for each in node.inputs[columns] if columns is not None else ():
            shape = _shape(flat, each)
            if shape and shape[-1]:
                return shape[-1]
            left.append(each)
    return None


def _is_zero(flat: Graph, tensors: tuple[str, ...]) -> bool:
    """Whether an axis is known to be the first."""
    return bool(tensors) and _constant(flat, tensors[0]) == 0


def _shape(flat: Graph, tensor: str) -> tuple[int | None, ...] | None:
    """The shape of a tensor, or of the variable that it is a handle of."""
    seen = set[str]()
    while (node := flat.by_name.get(node_of(tensor))) is not None and node.name not in seen:
        seen.add(node.name)
        if node.marks.holds is not None:
            return node.marks.holds[1]
        spec: TensorSpec | None = next((s for s in node.outputs if s.name == tensor), None)
        if spec is not None and spec.dtype != "resource":
            return spec.shape
        if node.op not in _PASS or not node.inputs:
            shape = node.attrs.get("shape")  # of a VarHandleOp
            return tuple(shape) if isinstance(shape, list | tuple) else None
        tensor = node.inputs[0]
    return None
