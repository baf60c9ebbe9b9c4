"""What a page shows of a value: a small array whole, a large one as a heat map and a histogram.

>>> glimpse([1.0, 2.0])
{'dtype': 'float64', 'shape': [2], 'values': [1.0, 2.0]}
"""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_VALUES = 64  # an array of so many is shown number by number
HEAT = 32  # rows and columns of a heat map, at most
BINS = 24  # of a histogram


def glimpse(value: Any) -> dict[str, Any]:
    """Plain data: dtype, shape, and `values` or else `heat`, `histogram` and what they span.

    What is no array of numbers, truths or texts is shown as text.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        array = np.asarray(str(value))
    about: dict[str, Any] = {"dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.kind in "OSU":
        about["dtype"] = "string"
        texts = [_text(item) for item in array.ravel()[:MOST_VALUES]]
        return about | {"values": texts, "of": int(array.size)}
    if array.dtype.kind not in "biuf":
        return about | {"values": [str(item) for item in array.ravel()[:MOST_VALUES]]}
    if array.size <= MOST_VALUES:
        return about | {"values": [_number(item) for item in array.ravel().tolist()]}
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    about["nan"] = int(np.isnan(wide).sum())
    about["inf"] = int(np.isinf(wide).sum())
    if finite.size:
        counts, edges = np.histogram(finite, BINS)
        about |= {
            "min": float(finite.min()),
            "max": float(finite.max()),
            "mean": float(finite.mean()),
            "std": float(finite.std()),
            "histogram": {
                "counts": counts.tolist(),
                "from": edges[0].item(),
                "to": edges[-1].item(),
            },
        }
    return about | {"heat": _heat(wide), "first": [_number(x) for x in wide.ravel()[:8].tolist()]}


def _heat(array: np.ndarray) -> dict[str, Any]:
    """Means of the cells of a grid over the last axis (columns) and all others (rows)."""
    flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    if flat.shape[0] == 1:  # a long vector, folded into rows
        columns = min(HEAT, flat.shape[1])
        rows = -(-flat.shape[1] // columns)
        padded = np.full(rows * columns, np.nan)
        padded[: flat.shape[1]] = flat[0]
        flat = padded.reshape(rows, columns)
    for axis in (0, 1):
        size = flat.shape[axis]
        if size > HEAT:
            cuts = (np.arange(HEAT) * size) // HEAT
            counts = np.diff([*cuts, size])
            flat = np.add.reduceat(flat, cuts, axis=axis)
            flat = flat / (counts[:, None] if axis == 0 else counts)
    cells = [_cell(x) for x in flat.ravel().tolist()]
    return {"rows": flat.shape[0], "columns": flat.shape[1], "cells": cells}


def _cell(x: float) -> float | None:
    return float(f"{x:.4g}") if np.isfinite(x) else None


def _number(x: Any) -> Any:
    if isinstance(x, float):
        if x != x or x in (float("inf"), float("-inf")):
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(x)]
        return float(f"{x:.7g}")
    return x


def _text(item: Any) -> str:
    text = item.decode("utf-8", "backslashreplace") if isinstance(item, bytes) else str(item)
    return text if len(text) <= 200 else text[:199] + "\N{HORIZONTAL ELLIPSIS}"
