"""What a checkpoint holds: names, dtypes, shapes and sizes, read from its `.index`.

An `.index` is a LevelDB table whose values are the messages of tensor_bundle.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError
from graphlab.model import Shape
from graphlab.sources import messages, proto, read
from graphlab.sources.checkpoint import leveldb

MOST_INDEX = 256 << 20
MOST_OBJECTS = 64 << 20  # bytes of the note which object every value belongs to
OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"


@dataclass(frozen=True)
class Saved:
    """One tensor of a checkpoint."""

    key: str
    dtype: str
    shape: Shape
    bytes: int
    shard: int = 0
    offset: int = 0
    crc32c: int = 0  # of its bytes, as TensorFlow masks it

    @property
    def digest(self) -> str:
        """What tells its bytes from others, without reading them; "" where nobody noted it."""
        return f"crc32c {self.crc32c:08x}" if self.crc32c else ""


def saved(index: Path) -> tuple[Saved, ...]:
    """The tensors that a `.index` file lists, sorted by key. GraphlabError where it is none."""
    data = read.whole(index, "a checkpoint's index", MOST_INDEX)
    try:
        return tuple(_entries(data))
    except (leveldb.Damaged, messages.DecodeError) as error:
        raise GraphlabError(
            f"{index} is no checkpoint index: {error}; it may be cut short or damaged"
        ) from error


def objects(index: Path, tensors: tuple[Saved, ...]) -> Any:
    """The note which object of a TF2 checkpoint each value belongs to (a TrackableObjectGraph).

    None where there is none, or none to be read: in a TF1 checkpoint, whose keys are the names
    of the variables, and where the data are not beside the index.
    """
    note = next((each for each in tensors if each.key == OBJECTS), None)
    if note is None or note.bytes > MOST_OBJECTS:
        return None
    shards = sorted(index.parent.glob(f"{_escaped(index.stem)}.data-{note.shard:05d}-of-*"))
    if not shards:
        return None
    data = read.part(shards[0], note.offset, note.bytes)
    try:
        return messages.parse(messages.TrackableObjectGraph, _string(data))
    except (leveldb.Damaged, messages.DecodeError):
        return None


def names(found: Any) -> Mapping[str, str]:
    """The variable's name behind each key, from what `objects` gave."""
    nodes = found.nodes if found is not None else ()
    pairs = ((a.checkpoint_key, a.full_name) for node in nodes for a in node.attributes)
    return {key: name for key, name in pairs if name}


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _string(data: bytes) -> bytes:
    """A string tensor of one element: its length, a checksum of four bytes, the element."""
    length, at = leveldb.varint(data, 0)
    if at + 4 + length > len(data):
        raise leveldb.Damaged("a string is longer than its place")
    return data[at + 4 : at + 4 + length]


def _entries(data: bytes) -> Iterator[Saved]:
    """Every entry but the header, whose key is empty."""
    for key, value in leveldb.entries(data):
        if not key:
            continue
        entry = messages.parse(messages.BundleEntry, value)
        yield Saved(
            key.decode(errors="replace"),
            proto.dtype_name(entry.dtype),
            proto.shape_of(entry.shape),
            max(entry.size, 0),
            entry.shard_id,
            entry.offset,
            entry.crc32c,
        )
