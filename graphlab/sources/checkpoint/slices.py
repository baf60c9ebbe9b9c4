"""Tensors that a checkpoint keeps in pieces: which piece is where, and under which key it is.

A variable that a partitioner or a shard size cut up has an entry with its whole shape and the list
of its pieces; each piece has an entry of its own, under a key of raw bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab.sources.checkpoint import leveldb

MOST_PIECES = 250_000  # of all tensors: two bytes can claim one


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a tensor: where it begins in each dimension, and how far it goes."""

    start: tuple[int, ...]
    shape: tuple[int, ...]
    bytes: int | None = None  # None: it is not in the checkpoint


def check_count(claimed: Iterable[int]) -> None:
    """Damaged where a checkpoint claims more pieces of its tensors than are read."""
    if sum(claimed) > MOST_PIECES:
        raise leveldb.Damaged(
            f"its tensors have more than {MOST_PIECES:,} pieces, the most that are read"
        )


def piece_of(message: Any, shape: Sequence[int], stored: int | None = None) -> Piece:
    """A TensorSliceProto of a tensor of that shape; a dimension without a length is all of it."""
    lengths = zip(message.extent, shape, strict=True)
    return Piece(
        tuple(each.start for each in message.extent),
        tuple(each.length or whole for each, whole in lengths),
        stored,
    )


# The key of a piece is TensorFlow's EncodeTensorNameSlice (saved_tensor_slice_util.h): a zero, the
# name of the tensor, its end, the place of the piece in it. Text and numbers are written in
# ordered_code.h's way, in which bytes sort as they do.

_END = b"\x00\x01"  # of a name; no escaped name holds it


def is_piece(key: bytes) -> bool:
    """Whether the key is that of a piece, not of a tensor."""
    return key.startswith(b"\x00")


def split(key: bytes) -> tuple[bytes, bytes]:
    """The key of a piece: the name of its tensor as `escaped` writes it, and its `place_of`."""
    name, _, place = key[1:].partition(_END)
    return name, place


def escaped(name: bytes) -> bytes:
    """A tensor's name as the keys of its pieces hold it.

    >>> escaped(b"a\\x00b\\xff")
    b'a\\x00\\xffb\\xff\\x00'
    """
    return b"\x00\xff".join(part.replace(b"\xff", b"\xff\x00") for part in name.split(b"\x00"))


def place_of(message: Any) -> bytes:
    """A TensorSliceProto as the key of the piece ends: its rank, then where it begins and goes."""
    rank = len(message.extent)
    size = (rank.bit_length() + 7) // 8
    numbers = [part for each in message.extent for part in (each.start, each.length or -1)]
    return bytes([size]) + rank.to_bytes(size, "big") + b"".join(map(signed, numbers))


def signed(number: int) -> bytes:
    """A number whose length stands in its first bits: 1, 10, 110, ... before 7, 14, 21, ... bits.

    >>> signed(0).hex(), signed(-1).hex(), signed(63).hex(), signed(64).hex(), signed(250).hex()
    ('80', '7f', 'bf', 'c040', 'c0fa')
    """
    size = (number if number >= 0 else ~number).bit_length() // 7 + 1
    bits = 8 * size
    mark = ((1 << size) - 1) << (bits - size)
    return ((number ^ mark) & ((1 << bits) - 1)).to_bytes(size, "big")
