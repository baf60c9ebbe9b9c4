"""A checkpoint of version 2: a prefix with an `.index` and the files of data that it speaks of.

An `.index` is a LevelDB table whose values are the messages of tensor_bundle.proto. Of the data
only the note is read which object each value belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.sources import messages, proto, read
from graphlab.sources.checkpoint import leveldb, saved, slices
from graphlab.sources.checkpoint.saved import Checkpoint, Saved, Stretch

MOST_INDEX = 64 << 20
MOST_OBJECTS = 64 << 20  # bytes of the note which object every value belongs to
MOST_NAMED = 3  # files in a note
OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"


def read_bundle(folder: Path, name: str) -> Checkpoint:
    """The checkpoint of that prefix. GraphlabError where its index cannot be read as one."""
    index = folder / f"{name}.index"
    try:
        header, entries = _entries(index)
        slices.check_count(len(entry.slices) for entry in entries.values())
        pieces: dict[bytes, dict[bytes, Any]] = {}  # by the tensor's name and their place in it
        for key, entry in entries.items():
            if slices.is_piece(key):
                name_of, place = slices.split(key)
                pieces.setdefault(name_of, {})[place] = entry
        tensors = tuple(
            _saved(key, entry, pieces) for key, entry in entries.items() if not slices.is_piece(key)
        )
    except (leveldb.Damaged, messages.DecodeError) as error:
        raise GraphlabError(
            f"{index} is no checkpoint index: {error}; it may be cut short or damaged"
        ) from error
    data = _Data(folder, name, max(header.num_shards, 1))
    note = entries.get(OBJECTS.encode())
    return Checkpoint(
        f"{folder}/{name}",
        "V2",
        tuple(each for each in tensors if each.key != OBJECTS),
        data.shards,
        None if note is None else data.objects(note),
        (*_lacking(tensors), *data.notes(entries.values())),
    )


def _entries(index: Path) -> tuple[Any, dict[bytes, Any]]:
    """The header, and every other entry by its key."""
    read.check_size(index, "a checkpoint's index", MOST_INDEX)
    with index.open("rb") as file:
        found = leveldb.entries(file)
        key, value = next(found, (b"no header", b""))
        if key:
            raise leveldb.Damaged("it has no header")
        header = messages.parse(messages.BundleHeader, value)
        return header, {key: messages.parse(messages.BundleEntry, value) for key, value in found}


def _saved(key: bytes, entry: Any, pieces: Mapping[bytes, Mapping[bytes, Any]]) -> Saved:
    name = key.decode(errors="replace")
    shape = saved.shape_of(entry.shape, name)
    dtype = proto.dtype_name(entry.dtype)
    if not entry.slices:
        at = (_stretch(entry),)
        return Saved(name, dtype, shape, max(entry.size, 0), (entry.crc32c,), stretches=at)
    if any(len(each.extent) != len(shape) for each in entry.slices):
        raise leveldb.Damaged(f"a piece of {shown(name)} has other than {len(shape)} dimensions")
    own = pieces.get(slices.escaped(key), {})
    stored = [own.get(slices.place_of(each)) for each in entry.slices]
    found = tuple(
        slices.piece_of(message, shape, None if piece is None else max(piece.size, 0))
        for message, piece in zip(entry.slices, stored, strict=True)
    )
    checksums = tuple(piece.crc32c for piece in stored if piece is not None)
    size = sum(each.bytes or 0 for each in found)
    return Saved(name, dtype, shape, size, checksums, found, tuple(map(_stretch, stored)))


def _stretch(entry: Any) -> Stretch | None:
    return None if entry is None else Stretch(entry.shard_id, entry.offset, entry.size)


def _lacking(tensors: Iterable[Saved]) -> list[str]:
    """A note for each tensor of which a piece is listed and not there."""
    lost = [(each, sum(piece.bytes is None for piece in each.pieces)) for each in tensors]
    return [
        f"{count} of the {len(each.pieces)} pieces of {shown(each.key)} are not there"
        for each, count in lost
        if count
    ]


def data_file(prefix: str, shard: int, shards: int) -> Path:
    """One of the files that a checkpoint's values are in."""
    return Path(f"{prefix}.data-{shard:05d}-of-{shards:05d}")


@dataclass(frozen=True)
class _Data:
    """The files of values: prefix.data-00000-of-00002 and so on."""

    folder: Path
    name: str
    shards: int

    def _file(self, shard: int) -> Path:
        return data_file(f"{self.folder}/{self.name}", shard, self.shards)

    def objects(self, note: Any) -> Any:
        """The note which object each value belongs to; None where it is not there to be read."""
        path = self._file(note.shard_id)
        if not 0 < note.size <= MOST_OBJECTS or not path.is_file():
            return None
        try:
            text = _string(read.part(path, note.offset, note.size))
            return messages.parse(messages.TrackableObjectGraph, text)
        except (leveldb.Damaged, messages.DecodeError):
            return None

    def notes(self, entries: Iterable[Any]) -> list[str]:
        """What is not there of the values that are listed."""
        ends: dict[int, int] = {}  # how far each file must reach
        for entry in entries:
            if not entry.slices:
                end = entry.offset + entry.size
                ends[entry.shard_id] = max(ends.get(entry.shard_id, 0), end)
        sizes = {shard: read.size_if_there(self._file(shard)) for shard in sorted(ends)}
        lost = [self._file(shard).name for shard, size in sizes.items() if size is None]
        cut = [
            f"{self._file(shard).name} has {size:,} bytes of {ends[shard]:,}"
            for shard, size in sizes.items()
            if size is not None and size < ends[shard]
        ]
        return [*_told(lost, "not there, so not all values can be read"), *_told(cut, "cut short")]


def _told(names: list[str], what: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return [f"{what}: {', '.join(names[:MOST_NAMED])}{more}"]


def _string(data: bytes) -> bytes:
    """A string tensor of one element: its length, a checksum of four bytes, the element."""
    length, at = leveldb.varint(data, 0)
    if at + 4 + length > len(data):
        raise leveldb.Damaged("a string is longer than its place")
    return data[at + 4 : at + 4 + length]
