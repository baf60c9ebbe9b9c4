"""A checkpoint of version 1: one file, or several of `-00000-of-00002` and so on.

Each is a LevelDB table of SavedTensorSlices. The first entry says what is in the file, the others
are the values, which are not read. TensorFlow still reads this format, and can still write it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.sources import messages, proto
from graphlab.sources.checkpoint import leveldb, saved, slices
from graphlab.sources.checkpoint.saved import Checkpoint, Saved

MOST_META = 16 << 20  # bytes of what says what is in a file


def read_files(prefix: str, files: list[Path]) -> Checkpoint:
    """The checkpoint that these files hold. GraphlabError where one is none."""
    messages_of: dict[str, list[Any]] = {}  # a variable may be in pieces, in several files
    for path in files:
        for message in _listed(path):
            messages_of.setdefault(message.name, []).append(message)
    tensors = tuple(_saved(name, messages_of[name]) for name in sorted(messages_of))
    return Checkpoint(prefix, "V1", tensors, len(files))


def _listed(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            key, value = leveldb.first(file, MOST_META)
        if key:
            raise leveldb.Damaged("it does not begin with what is in it")
        listed = messages.parse(messages.SavedTensorSlices, value).meta.tensor
        slices.check_count([len(listed)])
        slices.check_count(len(each.slice) for each in listed)
        return listed
    except (leveldb.Damaged, messages.DecodeError) as error:
        raise GraphlabError(
            f"{path} is no checkpoint of version 1: {error}; it may be cut short or damaged"
        ) from error


def _saved(name: str, listed: list[Any]) -> Saved:
    shape = saved.shape_of(listed[0].shape, name)
    dtype = proto.dtype_name(listed[0].type)
    extents = [each for message in listed for each in message.slice if each.extent]
    if any(len(each.extent) != len(shape) for each in extents):
        raise GraphlabError(
            f"a piece of {shown(name)} has other than {len(shape)} dimensions; the checkpoint is"
            " damaged"
        )
    pieces = tuple(slices.piece_of(each, shape) for each in extents)
    cut = any(piece.shape != shape for piece in pieces)
    return Saved(name, dtype, shape, _bytes(dtype, shape), pieces=pieces if cut else ())


def _bytes(dtype: str, shape: tuple[int, ...]) -> int | None:
    """What the values take in memory; in the file they are packed. None for strings."""
    size = proto.ITEM_BYTES.get(dtype)
    count = 1
    for each in shape:
        count *= each
    return None if size is None else size * count
