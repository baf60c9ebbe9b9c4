"""The values of a checkpoint's tensors, read one by one."""

from __future__ import annotations

import numpy as np

from graphlab.sources import read
from graphlab.sources.checkpoint.bundle import data_file
from graphlab.sources.checkpoint.saved import Checkpoint, Saved, Stretch
from graphlab.sources.numbers import from_bytes


def array(checkpoint: Checkpoint, key: str) -> np.ndarray | None:
    """The numbers of a tensor, in its shape; None where it has none or they are not there."""
    saved = checkpoint.by_key.get(key)
    if saved is None or saved.shape is None:
        return None
    if not saved.pieces:
        return _stretch(checkpoint, saved, saved.stretches[:1], saved.shape)
    whole = None
    for piece, stretch in zip(saved.pieces, saved.stretches, strict=True):
        part = _stretch(checkpoint, saved, (stretch,), piece.shape)
        if part is None:
            return None
        if whole is None:
            whole = np.zeros([size or 0 for size in saved.shape], part.dtype)
        ends = zip(piece.start, piece.shape, strict=True)
        whole[tuple(slice(start, start + size) for start, size in ends)] = part
    return whole


def _stretch(
    checkpoint: Checkpoint, saved: Saved, at: tuple[Stretch | None, ...], shape: tuple
) -> np.ndarray | None:
    """The numbers that are stored in one place."""
    stretch = at[0] if at else None
    if stretch is None:
        return None
    path = data_file(checkpoint.prefix, stretch.shard, checkpoint.files)
    if not read.is_file(path):
        return None
    return from_bytes(read.part(path, stretch.offset, max(stretch.size, 0)), saved.dtype, shape)
