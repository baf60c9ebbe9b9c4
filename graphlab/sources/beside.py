"""What TensorFlow's ops and functions give beside a result, which nobody would ask for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from graphlab.model import Node

# What TensorFlow's functions leave behind, by its names: of an assertion which side was taken, and
# sizes that they have looked at.
_GUARD = re.compile(r"(^|/)AssertGuard(_[0-9]+)?(/|$)")
_SIZES = ("Shape", "ShapeN", "Size", "Rank")
_SIZE = re.compile(rf"(^|/)({'|'.join(_SIZES)})(_[0-9]+)?$")
# Outputs that an op has for its gradient or for moving averages, which some take: their numbers.
_BESIDE: Mapping[str, Collection[int]] = {
    **dict.fromkeys("FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3".split(), range(1, 6)),
    **dict.fromkeys("CTCLoss CTCLossV2 SoftmaxCrossEntropyWithLogits".split(), (1,)),
    "SparseSoftmaxCrossEntropyWithLogits": (1,),
    **dict.fromkeys(("FractionalAvgPool", "FractionalMaxPool"), (1, 2)),
    **dict.fromkeys("BlockLSTM BlockLSTMV2 LSTMBlockCell".split(), (0, 2, 3, 4, 5)),
    "GRUBlockCell": (0, 1, 2),
    **dict.fromkeys("CudnnRNN CudnnRNNV2 CudnnRNNV3".split(), (3, 4)),
    **dict.fromkeys(("RaggedFillEmptyRows", "SparseFillEmptyRows"), (3,)),
}


def is_beside(node: Node, tensor: str) -> bool:
    """Whether an op gives a tensor for its gradient or for averages, and something else as its
    result; or a function of TensorFlow the tensor of an op that it has named."""
    if _GUARD.search(node.name) or (node.op in _SIZES and _SIZE.search(node.name)):
        return True
    numbers = _BESIDE.get(node.op, ())
    return any(node.outputs[n].name == tensor for n in numbers if n < len(node.outputs))
