"""Bytes of a file as numbers."""

from __future__ import annotations

import math

import numpy as np

from graphlab.model import Shape


def from_bytes(data: bytes, dtype: str, shape: Shape) -> np.ndarray | None:
    """Bytes as numbers, bfloat16 as wide ones; None where these are not the bytes of so many, or
    NumPy has no such numbers."""
    if dtype in ("string", "object", "resource", "variant") or shape is None:
        return None
    sizes = tuple(size or 0 for size in shape)
    count = math.prod(sizes)
    if dtype == "bfloat16":
        if len(data) != 2 * count:
            return None
        wide = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        return wide.view(np.float32).reshape(sizes)
    try:
        kind = np.dtype(dtype)
    except TypeError:
        return None
    # What others have added to NumPy is there in one process and not in the next.
    if kind.isbuiltin != 1 or kind.kind not in "fciub" or len(data) != kind.itemsize * count:
        return None
    return np.frombuffer(data, kind.newbyteorder("<")).reshape(sizes)
