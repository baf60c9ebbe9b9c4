"""A LevelDB table: sorted keys and values in blocks, in one file.

    with path.open("rb") as file:
        dict(entries(file))

LevelDB's own readers open a database, a folder of tables with its log; TensorFlow writes one
table by itself. Only the blocks that are asked for are read. Every length is checked before it is
believed. The format is that of table_format.md of google/leveldb, and format_description.txt of
google/snappy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

MAGIC = 0xDB4775248B80FB57
FOOTER = 48  # two places of 20 bytes at most, then the magic number
BLOCK_TAIL = 5  # how a block is compressed, and its checksum
PLAIN, SNAPPY = 0, 1
MOST_BLOCK = 16 << 20  # bytes of one block, unpacked; TensorFlow closes one at 256 KB
MOST_BLOCKS = 64 << 20  # of all blocks together, which packed take a twentieth of the file
MOST_KEYS = 256 << 20  # bytes of all keys, which a few bytes of the file can repeat
MOST_ENTRIES = 250_000


class Damaged(ValueError):
    """What the bytes say cannot be."""


def is_table(tail: bytes) -> bool:
    """Whether a file that ends with these bytes is a table: its last eight are a magic number."""
    return int.from_bytes(tail[-8:], "little") == MAGIC


def entries(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a table, in order, read block by block.

    Damaged where the bytes are no table, or claim more than MOST_ENTRIES entries.
    """
    keys = count = size = 0
    before: bytes | None = None
    for block in _blocks(file, MOST_BLOCK):
        size += len(block)
        if size > MOST_BLOCKS:
            raise Damaged(f"its blocks take more than {MOST_BLOCKS:,} bytes")
        for key, value in _entries(block):
            if before is not None and key <= before:
                raise Damaged("its keys are not in order")
            keys, count, before = keys + len(key), count + 1, key
            if keys > MOST_KEYS:
                raise Damaged(f"its keys take more than {MOST_KEYS:,} bytes")
            if count > MOST_ENTRIES:
                raise Damaged(f"it has more than {MOST_ENTRIES:,} entries, the most that are read")
            yield key, value


def first(file: BinaryIO, most: int) -> tuple[bytes, bytes]:
    """The first key and value of a table, of whose first block only `most` bytes are read.

    Damaged where the bytes are no table or an empty one, or the entry is longer.
    """
    for block in _blocks(file, most, whole=False):
        for entry in _entries(block, len(block)):
            return entry
    raise Damaged("it has no entry")


def _blocks(file: BinaryIO, most: int, whole: bool = True) -> Iterator[bytes]:
    """The blocks of entries, unpacked."""
    size = file.seek(0, os.SEEK_END)
    tail = _read(file, max(size - FOOTER, 0), FOOTER)
    if len(tail) < FOOTER or not is_table(tail):
        raise Damaged(f"its {size:,} bytes do not end as a LevelDB table does")
    footer = size - FOOTER
    _, _, at = _place(tail, 0)  # of the block about the table itself
    offset, length, _ = _place(tail, at)
    left = footer  # what all blocks together may take: they do not overlap
    keys = 0
    for key, place in _entries(_block(file, offset, length, footer, MOST_BLOCK)):
        keys += len(key)
        if keys > MOST_KEYS:
            raise Damaged(f"the keys of its blocks take more than {MOST_KEYS:,} bytes")
        offset, length, _ = _place(place, 0)
        left -= length + BLOCK_TAIL
        if left < 0:
            raise Damaged("its blocks overlap")
        yield _block(file, offset, length, footer, most, whole)


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _block(
    file: BinaryIO, offset: int, size: int, end: int, most: int, whole: bool = True
) -> bytes:
    """A block, unpacked; its first `most` bytes where not all of it need be there."""
    if offset + size + BLOCK_TAIL > end:
        raise Damaged(f"a block of {size:,} bytes at {offset:,} is not within the file")
    kind = _read(file, offset + size, 1)[0]
    if kind not in (PLAIN, SNAPPY):
        raise Damaged(f"a block is compressed in a way that is not known ({kind})")
    if whole and size > most:
        raise Damaged(f"a block has {size:,} bytes, more than {most:,}")
    data = _read(file, offset, min(size, most))
    return data if kind == PLAIN else unpacked(data, None if whole else most)


def _entries(block: bytes, stop: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block. A key is written without what it shares with the one before."""
    if stop is None:
        restarts = int.from_bytes(block[-4:], "little")
        stop = len(block) - 4 - 4 * restarts
        if stop < 0:
            raise Damaged("a block has more restart points than bytes")
    at, key = 0, b""
    while at < stop:
        shared, at = varint(block, at)
        fresh, at = varint(block, at)
        length, at = varint(block, at)
        if shared > len(key) or at + fresh + length > stop:
            raise Damaged("an entry is longer than its block")
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _place(data: bytes, at: int) -> tuple[int, int, int]:
    """Where a block is: its offset, its size, and what comes behind these two numbers."""
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return offset, size, at


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first; and the place behind it.

    >>> varint(bytes([0xAC, 0x02]), 0)
    (300, 2)
    """
    number = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            raise Damaged("a number is cut off")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise Damaged("a number is longer than 64 bits")


def unpacked(data: bytes, most: int | None = None) -> bytes:
    """Snappy's bytes, unpacked: literals, and copies of what came before.

    `most` is for a block of which `data` is only the beginning: so many bytes, or what there is.

    >>> unpacked(bytes([11, 2 << 2]) + b"abc" + bytes([7 << 2 | 2, 3, 0]))
    b'abcabcabcab'
    """
    length, at = varint(data, 0)
    whole = most is None
    if whole and length > MOST_BLOCK:
        raise Damaged(f"a block claims {length:,} bytes, more than {MOST_BLOCK:,}")
    enough = length if most is None else min(length, most)
    result = bytearray()
    while at < len(data) and len(result) < enough:
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            size = (tag >> 2) + 1
            if size > 60:
                wide = size - 60
                size = int.from_bytes(data[at : at + wide], "little") + 1
                at += wide
            if whole and at + size > len(data):
                raise Damaged("a piece of a packed block is cut off")
            result += data[at : at + size]
            at += size
        else:
            size, back, at = _copy(data, tag, at)
            if not 0 < back <= len(result):
                raise Damaged("a packed block copies from before its beginning")
            begin = len(result) - back
            piece = bytes(result[begin : begin + size])
            # It may reach into what it writes: then those bytes repeat.
            result += piece if back >= size else (piece * (size // back + 1))[:size]
    if whole and (len(result) != length or at < len(data)):
        raise Damaged(f"a packed block has other than the {length:,} bytes that it claims")
    return bytes(result[:enough])


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """How many bytes to copy, from how far back, and the place behind."""
    if tag & 3 == 1:
        if at >= len(data):
            raise Damaged("a packed block is cut off")
        return (tag >> 2 & 7) + 4, (tag >> 5 << 8) | data[at], at + 1
    wide = 2 if tag & 3 == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(data[at : at + wide], "little"), at + wide
