"""A checkpoint is told from its index; a damaged one is refused in a line."""

from __future__ import annotations

import pytest
from models_made import said, shared

from graphlab.sources import files
from graphlab.sources.checkpoint import bundle, leveldb


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
    assert list(leveldb.entries(data)) == [(b"dense/bias", b"1"), (b"dense/kernel", b"2")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (table(block((5, b"x", b""))), "an entry is longer than its block"),
        (table(block((0, b"x", b"")), kind=7), "compressed in a way that is not known"),
        (table(b"\xff\xff\xff\xff"), "more restart points than bytes"),
        (table(varints(1 << 31) + b"abc", kind=1), "claims 2,147,483,648 bytes"),
        (table(varints(9) + bytes([1, 5]), kind=1), "copies from before its beginning"),
        (bytes(100), "do not end as a LevelDB table"),
    ],
)
def test_a_damaged_table_says_what_is_wrong(data, line):
    with pytest.raises(leveldb.Damaged, match=line):
        list(leveldb.entries(data))


def test_a_checkpoint_cut_short_is_refused_in_one_line(tmp_path):
    data = shared("cppflow-mnist/train.ckpt.index").read_bytes()
    path = tmp_path / "a.index"
    path.write_bytes(data[:50] + data[60:])
    assert said(path).startswith("FILE is no checkpoint index: ")
    assert len(bundle.saved(shared("cppflow-mnist/train.ckpt.index"))) == 6
