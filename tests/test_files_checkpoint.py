"""A checkpoint is told from its index; a damaged one is refused in a line."""

from __future__ import annotations

import io

import pytest
from models_made import said, shared

from graphlab.sources import files
from graphlab.sources.checkpoint import leveldb, place


def test_a_real_checkpoint_says_names_shapes_and_sizes():
    model = files.read_model(shared("cppflow-mnist/train.ckpt.index"))
    told = [(v.name, v.dtype, v.shape, v.bytes) for v in model.variables][:2]
    assert told == [
        ("dense/bias", "float64", (128,), 1024),
        ("dense/kernel", "float64", (784, 128), 802816),
    ]


def test_the_objects_of_a_tf2_checkpoint_are_the_variables_of_the_model():
    model = files.read_model(shared("mlperf-tiny-kws"))
    assert len(model.variables) == 141
    assert [v for v in model.variables if not v.used or v.bytes is None] == []


def varints(*numbers: int) -> bytes:
    out = bytearray()
    for number in numbers:
        while number >= 128:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return bytes(out)


def block(*entries: tuple[int, bytes, bytes]) -> bytes:
    """A block of entries: what the key shares with the one before, the rest of it, the value."""
    body = b"".join(varints(s, len(k), len(v)) + k + v for s, k, v in entries)
    return body + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")


def table(data: bytes, kind: int = 0) -> bytes:
    """A table with one block."""
    index = block((0, b"z", varints(0, len(data))))
    start = len(data) + 5
    footer = varints(0, 0) + varints(start, len(index))
    tail = footer.ljust(40, b"\0") + leveldb.MAGIC.to_bytes(8, "little")
    return data + bytes([kind]) + bytes(4) + index + bytes(5) + tail


def test_keys_of_a_table_are_put_together_again():
    data = table(block((0, b"dense/bias", b"1"), (6, b"kernel", b"2")))
    found = list(leveldb.entries(io.BytesIO(data)))
    assert found == [(b"dense/bias", b"1"), (b"dense/kernel", b"2")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (table(block((5, b"x", b""))), "an entry is longer than its block"),
        (table(block((0, b"x", b"")), kind=7), "compressed in a way that is not known"),
        (table(b"\xff\xff\xff\xff"), "more restart points than bytes"),
        (table(varints(1 << 31) + b"abc", kind=1), "claims 2,147,483,648 bytes"),
        (table(varints(9) + bytes([1, 5]), kind=1), "copies from before its beginning"),
        (bytes(100), "do not end as a LevelDB table"),
        (table(block((0, b"b", b""), (0, b"a", b""))), "its keys are not in order"),
        (table(block((0, b"a", b""), (1, b"", b""))), "its keys are not in order"),
    ],
)
def test_a_damaged_table_says_what_is_wrong(data, line):
    with pytest.raises(leveldb.Damaged, match=line):
        list(leveldb.entries(io.BytesIO(data)))


def test_a_checkpoint_cut_short_is_refused_in_one_line(tmp_path):
    data = shared("cppflow-mnist/train.ckpt.index").read_bytes()
    path = tmp_path / "a.index"
    path.write_bytes(data[:50] + data[60:])
    assert said(path).startswith("FILE is no checkpoint index: ")
    read = place.read_checkpoint(shared("cppflow-mnist"), "train.ckpt")
    assert (len(read.tensors), read.files, read.notes) == (6, 1, ())


def packed(first: bytes, copies: int) -> bytes:
    """Snappy's bytes: a literal, then copies of 64 bytes from its beginning."""
    size = len(first) + 64 * copies
    return (
        varints(size)
        + bytes([(len(first) - 1) << 2])
        + first
        + bytes([63 << 2 | 2, 32, 0]) * copies
    )


def test_a_small_index_that_claims_very_many_entries_is_refused(tmp_path, monkeypatch):
    """A block of 64 MB unpacks from 3 MB; each of its entries takes three bytes or a few more."""
    monkeypatch.setattr(leveldb, "MOST_ENTRIES", 100)
    entries = [(0, b"", b""), *((0, b"%04d" % number, b"") for number in range(200))]
    path = tmp_path / "a.index"
    path.write_bytes(table(block(*entries)))
    assert said(path) == (
        "FILE is no checkpoint index: it has more than 100 entries, the most that are read; it may"
        " be cut short or damaged"
    )


def test_copies_from_far_back_are_unpacked():
    """Each copy takes its own bytes alone, however much is there."""
    data = packed(bytes(range(32)), 1000)
    assert leveldb.unpacked(data) == bytes(range(32)) * (1 + 2 * 1000)
    assert leveldb.unpacked(data[:-600], most=100) == bytes(range(32)) * 3 + bytes(range(4))


def test_the_first_entry_is_read_without_the_rest_of_its_block():
    data = table(block((0, b"", b"all there is"), (0, b"a", bytes(1000))))
    assert leveldb.first(io.BytesIO(data), most=40) == (b"", b"all there is")
    with pytest.raises(leveldb.Damaged, match="an entry is longer than its block"):
        leveldb.first(io.BytesIO(data), most=10)
