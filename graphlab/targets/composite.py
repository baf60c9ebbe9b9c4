"""Values of sparse and ragged inputs: drawn or read as a whole, checked where given in parts.

A tensor of such parts that do not fit together can end the process inside of TensorFlow, so they
are checked here before TensorFlow sees them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.errors import GraphlabError, shown
from graphlab.model import TensorSpec
from graphlab.sources.modelfile import Port
from graphlab.targets import feeds

MOST_STORED = 1000  # values of a random sparse tensor
MOST_PLACES = 1 << 62
MOST_IN_ROW = 4  # of a random ragged one, a row has fewer
SPARSE, RAGGED = "SparseTensor", "RaggedTensor"


def whole(asked: feeds.Asked, port: Port, generator: np.random.Generator, batch: int) -> dict:
    """The parts of a value that is asked for as one, by role.

    `random` draws them so that they fit together; a ragged tensor may be written out in JSON.
    GraphlabError for any other value, and for a type whose parts nobody here knows.
    """
    by_role = {part.role: part.tensor for part in port.parts}
    if port.kind not in (SPARSE, RAGGED):
        raise GraphlabError(f"feed {port.key} is a {port.kind}; feed its parts: {_parts(port)}")
    if asked.text != feeds.RANDOM:
        if port.kind == SPARSE or asked.text.startswith("@"):
            raise GraphlabError(
                f"feed {port.key} is a {port.kind}; {port.key}=random draws one, or feed its parts:"
                f" {_parts(port)}"
            )
        return _written(asked, port, by_role)
    if port.kind == SPARSE:
        return _random_sparse(port, by_role, generator, batch)
    return _random_ragged(port, by_role, generator, batch)


def _parts(port: Port) -> str:
    return ", ".join(f"{port.key}/{part.role}=..." for part in port.parts)


def _random_sparse(
    port: Port, by_role: Mapping[str, TensorSpec], generator: np.random.Generator, batch: int
) -> dict[str, Any]:
    """About half of the places of a small tensor have a value, in the order of rows."""
    shape = port.tensor.shape
    if shape is None:
        known = (by_role["dense_shape"].shape or (None,))[0]
        shape = (None,) * (known or 1)
    sizes = [batch if size is None else size for size in shape]
    elements = 1
    for size in sizes:
        elements *= size
    count = min(MOST_STORED, (elements + 1) // 2)
    stored = (by_role["values"].shape or (None,))[0]
    count = count if stored is None else stored
    if elements > MOST_PLACES:
        raise GraphlabError(f"feed {port.key} has more than {MOST_PLACES:,} places; feed its parts")
    if count > elements:
        raise GraphlabError(
            f"feed {port.key} wants {count:,} values, and {elements:,} have a place"
        )
    places: set[int] = set()
    while len(places) < count:  # half of all at most, or all of a few
        places.update(generator.integers(0, elements, count - len(places)).tolist())
    indices = np.array([_index(place, sizes) for place in sorted(places)], np.int64)
    return {
        "indices": indices.reshape(count, len(sizes)),
        "values": feeds.random(TensorSpec(port.key, port.tensor.dtype, (count,)), generator),
        "dense_shape": np.array(sizes, np.int64),
    }


def _index(place: int, sizes: list[int]) -> list[int]:
    found = []
    for size in reversed(sizes):
        place, index = divmod(place, size)
        found.append(index)
    return found[::-1]


def _random_ragged(
    port: Port, by_role: Mapping[str, TensorSpec], generator: np.random.Generator, batch: int
) -> dict[str, Any]:
    """Rows of one to three, or as many as the shape says."""
    shape = port.tensor.shape or ()
    found: dict[str, Any] = {}
    splits = [role for role in by_role if role != "flat_values"]
    rows = shape[0] if shape and shape[0] is not None else batch
    for depth, role in enumerate(splits, 1):
        size = shape[depth] if depth < len(shape) else None
        lengths = generator.integers(1, MOST_IN_ROW, rows) if size is None else np.full(rows, size)
        dtype = feeds.numpy_dtype(by_role[role].dtype)
        found[role] = np.concatenate([[0], np.cumsum(lengths)]).astype(dtype)
        rows = int(found[role][-1])
        if rows > feeds.MOST_ELEMENTS:
            raise GraphlabError(f"feed {port.key} has {rows:,} rows; random draws fewer")
    flat = by_role["flat_values"]
    inner = (rows, *(flat.shape or (None,))[1:])
    found["flat_values"] = feeds.random(TensorSpec(port.key, flat.dtype, inner), generator, batch)
    return found


def _written(asked: feeds.Asked, port: Port, by_role: Mapping[str, TensorSpec]) -> dict[str, Any]:
    """A ragged tensor that is written out: `[[1, 2], [3]]`."""
    dtype = by_role["flat_values"].dtype
    splits = [role for role in by_role if role != "flat_values"]
    try:
        value = tf.ragged.constant(
            json.loads(asked.text),
            dtype,
            ragged_rank=len(splits),
            row_splits_dtype=by_role[splits[0]].dtype if splits else "int64",
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise GraphlabError(
            f"feed {port.key}={shown(asked.text)} is no {port.kind} of {dtype} with"
            f" {len(splits)} ragged dimensions, such as [[1, 2], [3]]"
        ) from error
    if not splits:
        return {"flat_values": value.numpy()}
    rows = [each.numpy() for each in value.nested_row_splits]
    return {"flat_values": value.flat_values.numpy(), **dict(zip(splits, rows, strict=True))}


def check(port: Port, parts: Mapping[str, Any]) -> None:
    """GraphlabError where the parts of a sparse or ragged value do not fit together."""
    if port.kind == SPARSE:
        _check_sparse(port.key, parts["indices"], parts["values"], parts["dense_shape"])
    if port.kind == RAGGED:
        inside = None
        for role in [role for role in parts if role != "flat_values"]:
            _check_splits(f"{port.key}/{role}", parts[role], inside)
            inside = int(parts[role][-1])
        if inside is not None and len(parts["flat_values"]) != inside:
            raise GraphlabError(
                f"feed {port.key}/flat_values has {len(parts['flat_values']):,} rows; its"
                f" row_splits end at {inside:,}"
            )


def _check_sparse(key: str, indices: Any, values: Any, dense_shape: Any) -> None:
    if indices.ndim != 2 or values.ndim != 1 or dense_shape.ndim != 1:
        raise GraphlabError(
            f"feed {key} has indices of rank {indices.ndim}, values of rank {values.ndim} and a"
            f" dense_shape of rank {dense_shape.ndim}; expected 2, 1 and 1"
        )
    if indices.shape != (len(values), len(dense_shape)):
        raise GraphlabError(
            f"feed {key} has indices of shape {'x'.join(map(str, indices.shape))} for"
            f" {len(values)} values in {len(dense_shape)} dimensions; expected"
            f" {len(values)}x{len(dense_shape)}"
        )
    if (dense_shape < 0).any() or (indices < 0).any() or (indices >= dense_shape).any():
        raise GraphlabError(
            f"feed {key} has indices outside of its dense_shape {dense_shape.tolist()};"
            f" {key}=random draws parts that fit"
        )
    if (np.lexsort(indices.T[::-1]) != np.arange(len(indices))).any():
        raise GraphlabError(f"feed {key} has indices that are not in the order of rows")


def _check_splits(name: str, splits: Any, rows: int | None) -> None:
    begins = splits.ndim == 1 and len(splits) > 0 and splits[0] == 0
    if not begins or (np.diff(splits) < 0).any():
        raise GraphlabError(f"feed {name} does not begin with 0 and go up: {shown(str(splits))}")
    if rows is not None and len(splits) != rows + 1:
        raise GraphlabError(
            f"feed {name} is for {len(splits) - 1:,} rows; the splits before end at {rows:,}"
        )
