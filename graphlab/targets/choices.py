"""Among how many things the whole numbers that a model is fed choose: classes, rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphlab.model import Graph, Node, TensorSpec, node_of
from visualize.hierarchy.inline import inline
from visualize.kinds import PLACEHOLDERS

# Of each op the input that chooses, the one that it chooses from, and along which axis.
_CHOOSERS = {
    "SparseSoftmaxCrossEntropyWithLogits": (1, 0, -1),
    "InTopK": (1, 0, -1),
    "InTopKV2": (1, 0, -1),
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


def choices(graph: Graph) -> Mapping[str, int]:
    """By tensor, the least number of things that its numbers choose among, wherever they go.

    Followed are ops that pass numbers on, also into the bodies of functions, to cross-entropy and
    look-ups, and the layers of a Keras file to embeddings. A tensor is left out where the graph
    does not tell how many there are.
    """
    flat = inline(graph)
    left = [each for node in flat.nodes for each in _chosen(flat, node)]
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
    if shape and (size := shape[axis]):
        yield node.inputs[chooser], size


def _is_zero(flat: Graph, tensors: tuple[str, ...]) -> bool:
    """Whether an axis is known to be the first."""
    axis = flat.by_name.get(node_of(tensors[0])) if tensors else None
    value = None if axis is None else axis.attrs.get("value")
    return isinstance(value, dict) and list(value.get("values", ())) == [0]


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
