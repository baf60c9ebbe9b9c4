"""What looking up rows by a sparse tensor looks like, as a column of words of an Estimator does."""

from __future__ import annotations

from collections.abc import Iterator

from graphlab.engine.kernels.nodes import Op
from graphlab.port.seen import Copy, Guess, Seen, Sparse, Taken

LOOKUP = "tf.nn.safe_embedding_lookup_sparse"
# How the rows of one example are put together.
COMBINED = {
    "SparseSegmentSum": "sum",
    "SparseSegmentMean": "mean",
    "SparseSegmentSqrtN": "sqrtn",
}
_GATHERS = ("ResourceGather", "GatherV2")


def lookup(seen: Seen, op: Op) -> Iterator[Guess]:
    """`op` fills rows without an entry: the mean of what they have is zero."""
    pairs = [seen.inputs(tensor, "GatherV2") for tensor in op.inputs[:2]]
    sparse = None if pairs[0] is None else seen.inputs(pairs[0][0], "SparseReshape")
    unique = seen.taker(op.outputs[1], "Unique")
    places = op.outputs[1] if unique is None else unique.outputs[1]
    combined = seen.taker(places, *COMBINED)
    rows: tuple[str, ...] | None = None
    if combined is not None:
        whole = combined.inputs[0]
        rows = (seen.source(whole),) if unique is None else seen.inputs(whole, *_GATHERS)
    zeroed = None if combined is None else seen.taker(combined.outputs[0], "Select", "SelectV2")
    end = None if zeroed is None else seen.taker(zeroed.outputs[0], "Reshape")
    if None in (*pairs, sparse, rows, end):
        return
    assert combined is not None and pairs[1] and sparse and rows and end  # for mypy
    for ids in _sparse(seen, sparse[0], pairs[1][0], sparse[1]):
        # Of a tensor beside the numbers TensorFlow does not look which are the same.
        table = Taken(rows[0]) if unique is not None else Copy(Taken(rows[0]))
        arguments = ("", table), ("", ids), ("combiner", COMBINED[combined.type])
        yield Guess(LOOKUP, arguments, end.outputs)


def _sparse(seen: Seen, indices: str, values: str, dense_shape: str) -> Iterator[Sparse]:
    """A sparse tensor as another one that is reshaped, and by its parts."""
    reshaped = seen.maker(indices, "SparseReshape")
    if reshaped is not None and reshaped.outputs == (indices, dense_shape):
        before, shape, new_shape = map(seen.source, reshaped.inputs)
        yield Sparse(Taken(before), Taken(values), Taken(shape), Taken(new_shape))
    yield Sparse(Taken(indices), Taken(values), Taken(dense_shape))
