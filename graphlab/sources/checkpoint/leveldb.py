"""A LevelDB table: sorted keys and values in blocks, in one file.

    dict(entries(data))

LevelDB's own readers open a database, a folder of tables with its log; TensorFlow writes one
table by itself. Every length is checked before it is believed. The format is that of
table_format.md of google/leveldb, and format_description.txt of google/snappy.
"""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = 0xDB4775248B80FB57
FOOTER = 48  # two places of 20 bytes at most, then the magic number
BLOCK_TAIL = 5  # how a block is compressed, and its checksum
PLAIN, SNAPPY = 0, 1
MOST_BLOCK = 64 << 20  # bytes of one block, unpacked; TensorFlow closes one at 256 KB
MOST_KEYS = 256 << 20  # bytes of all keys, which a few bytes of the file can repeat


class Damaged(ValueError):
    """What the bytes say cannot be."""


def entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a table, in order. Damaged where the bytes are none."""
    if len(data) < FOOTER or int.from_bytes(data[-8:], "little") != MAGIC:
        raise Damaged(f"its {len(data):,} bytes do not end as a LevelDB table does")
    footer = len(data) - FOOTER
    _, _, at = _place(data, footer)  # of the block about the table itself
    offset, size, _ = _place(data, at)
    left = footer  # what all blocks together may take: they do not overlap
    keys = 0
    for _, place in _entries(_block(data, offset, size, footer)):
        offset, size, _ = _place(place, 0)
        left -= size
        if left < 0:
            raise Damaged("its blocks overlap")
        for key, value in _entries(_block(data, offset, size, footer)):
            keys += len(key)
            if keys > MOST_KEYS:
                raise Damaged(f"its keys take more than {MOST_KEYS:,} bytes")
            yield key, value


def _block(data: bytes, offset: int, size: int, end: int) -> bytes:
    """A block, unpacked."""
    if offset + size + BLOCK_TAIL > end:
        raise Damaged(f"a block of {size:,} bytes at {offset:,} is not within the file")
    packed, kind = data[offset : offset + size], data[offset + size]
    if kind not in (PLAIN, SNAPPY):
        raise Damaged(f"a block is compressed in a way that is not known ({kind})")
    return packed if kind == PLAIN else unpacked(packed)


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block. A key is written without what it shares with the one before."""
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


def unpacked(data: bytes) -> bytes:
    """Snappy's bytes, unpacked: literals, and copies of what came before.

    >>> unpacked(bytes([11, 2 << 2]) + b"abc" + bytes([7 << 2 | 2, 3, 0]))
    b'abcabcabcab'
    """
    length, at = varint(data, 0)
    if length > MOST_BLOCK:
        raise Damaged(f"a block claims {length:,} bytes, more than {MOST_BLOCK:,}")
    result = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            size = (tag >> 2) + 1
            if size > 60:
                wide = size - 60
                size = int.from_bytes(data[at : at + wide], "little") + 1
                at += wide
            if at + size > len(data):
                raise Damaged("a piece of a packed block is cut off")
            result += data[at : at + size]
            at += size
        else:
            size, back, at = _copy(data, tag, at)
            if not 0 < back <= len(result):
                raise Damaged("a packed block copies from before its beginning")
            # It may reach into what it writes: then those bytes repeat.
            result += (bytes(result[-back:]) * (size // back + 1))[:size]
        if len(result) > length:
            break
    if len(result) != length:
        raise Damaged(f"a packed block has {len(result):,} bytes in place of {length:,}")
    return bytes(result)


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """How many bytes to copy, from how far back, and the place behind."""
    if tag & 3 == 1:
        if at >= len(data):
            raise Damaged("a packed block is cut off")
        return (tag >> 2 & 7) + 4, (tag >> 5 << 8) | data[at], at + 1
    wide = 2 if tag & 3 == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(data[at : at + wide], "little"), at + wide
