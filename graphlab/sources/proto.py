"""GraphDef messages -> Graph. Works on any copy of the messages: no TensorFlow needed."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from graphlab.devices import short
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Marks, Node, Shape, TensorSpec, node_of

MOST_DIMENSIONS = 254  # TensorFlow's own limit
MOST_VALUES = 16  # a constant with more elements is described, not copied into the Graph

# TensorFlow's DataType numbers (types.proto); with _REF added, of a reference to that type.
_DTYPES = (
    "invalid float32 float64 int32 uint8 int16 int8 string complex64 int64 bool qint8 quint8"
    " qint32 bfloat16 qint16 quint16 uint16 complex128 float16 resource variant uint32 uint64"
    " float8_e5m2 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2fnuz int4 uint4"
    " int2 uint2 float4_e2m1fn"
).split()
_REF = 100
# How the bytes of a constant hold them, as the module struct calls it.
_LETTERS = dict(
    zip("bool int8 uint8 int16 uint16 int32 uint32 int64 uint64".split(), "?bBhHiIqQ", strict=True),
    float16="e",
    float32="f",
    float64="d",
)
ITEM_BYTES = {
    name: size
    for size, names in (
        (1, "bool int8 uint8 qint8 quint8 int4 uint4 int2 uint2 float8_e5m2 float8_e4m3fn"),
        (2, "int16 uint16 qint16 quint16 float16 bfloat16"),
        (4, "int32 uint32 qint32 float32"),
        (8, "int64 uint64 float64 complex64"),
        (16, "complex128"),
    )
    for name in names.split()
}  # of one element in memory; a string has no fixed size
# The same of types that struct has none for: as the fields of a TensorProto have their numbers.
_FIELD_LETTERS = {"half_val": "H", "scomplex_val": "f", "dcomplex_val": "d", "int_val": "i"}
_OPAQUE = ("resource_handle_val", "variant_val")  # fields of a TensorProto without numbers


def dtype_name(number: int) -> str:
    """TensorFlow's name of a DataType number; `"float32_ref"` for a reference variable's.

    >>> dtype_name(1), dtype_name(101), dtype_name(-1), dtype_name(99)
    ('float32', 'float32_ref', 'dtype -1', 'dtype 99')
    """
    if 0 <= number < len(_DTYPES):
        return _DTYPES[number]
    if 0 <= number - _REF < len(_DTYPES):
        return f"{_DTYPES[number - _REF]}_ref"
    return f"dtype {number}"  # which TensorFlow 2.21 does not know


def shape_of(message: Any) -> Shape:
    """A TensorShapeProto as a tuple; None where the rank is unknown.

    GraphlabError where it has more dimensions than TensorFlow allows.
    """
    if message.unknown_rank:
        return None
    if len(message.dim) > MOST_DIMENSIONS:
        raise GraphlabError(
            f"a shape has {len(message.dim):,} dimensions, and a tensor {MOST_DIMENSIONS} at most;"
            " the file is damaged"
        )
    return tuple(dim.size if dim.size >= 0 else None for dim in message.dim)


def noted_shape(value: Any) -> Shape:
    """An attribute that says a shape as a tuple; None where it says none, or is something else."""
    told = isinstance(value, list) and all(each is None or type(each) is int for each in value)
    return tuple(value) if told else None


def attr(message: Any) -> Any:
    """An AttrValue as a plain JSON value. Dtypes by name, functions as `{"function": name}`."""
    kind = message.WhichOneof("value")
    if kind == "list":
        return [
            _scalar(field, item) for field, items in message.list.ListFields() for item in items
        ]
    return None if kind is None else _scalar(kind.removeprefix("list_"), getattr(message, kind))


def _scalar(kind: str, value: Any) -> Any:
    kind = kind if isinstance(kind, str) else kind.name
    if kind == "s":
        return _text(value)
    if kind == "f":
        return value if math.isfinite(value) else str(value)
    if kind == "type":
        return dtype_name(value)
    if kind == "shape":
        shape = shape_of(value)
        return None if shape is None else list(shape)
    if kind == "func":
        return {"function": value.name}
    if kind == "tensor":
        return _tensor(value)
    return value


def _text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _tensor(message: Any) -> dict[str, Any]:
    """What a constant is; with its `values` too where they are few and written out one by one.

    Of more there is a `digest`, by which two of the same dtype and shape can be told apart.
    """
    shape = shape_of(message.tensor_shape)
    result: dict[str, Any] = {
        "dtype": dtype_name(message.dtype),
        "shape": None if shape is None else list(shape),
    }
    for field, items in message.ListFields():
        written = field.name.endswith("_val") and field.name not in _OPAQUE
        if written and len(items) <= MOST_VALUES:
            kind = {"string_val": "s", "float_val": "f", "double_val": "f"}.get(field.name, "i")
            result["values"] = [_scalar(kind, item) for item in items]
    if message.tensor_content and shape is not None:
        packed = _unpacked(message.tensor_content, result["dtype"], shape)
        result |= {} if packed is None else {"values": packed}
    if "values" not in result:
        result |= _digest(message, result["dtype"])
    return result


def _digest(message: Any, dtype: str) -> dict[str, str]:
    """Of a constant's numbers the same digest, whichever way they were written; {}: of none."""
    content = message.tensor_content
    for field, items in () if content else message.ListFields():
        if field.name in _OPAQUE or not field.name.endswith("_val"):
            continue
        if field.name == "string_val":
            # With its length before each, or ["ab", "c"] would be ["a", "bc"].
            content = b"".join(struct.pack("<q", len(item)) + item for item in items)
        else:
            written = dtype in _LETTERS and field.name != "half_val"
            letter = _LETTERS[dtype] if written else _FIELD_LETTERS.get(field.name, "")
            content = struct.pack(f"<{len(items)}{letter}", *items) if letter else b""
    return {"digest": hashlib.blake2b(content, digest_size=8).hexdigest()} if content else {}


def _unpacked(content: bytes, dtype: str, shape: tuple[int | None, ...]) -> list[Any] | None:
    """The numbers of a small constant that was written as bytes; None: too many, or not that."""
    letter = _LETTERS.get(dtype, "")
    count = 1
    for size in shape:
        count *= size or 0
    if not letter or count > MOST_VALUES or len(content) != count * struct.calcsize(f"<{letter}"):
        return None
    kind = "f" if dtype.startswith("float") else "i"
    return [_scalar(kind, item) for item in struct.unpack(f"<{count}{letter}", content)]


def functions_called(node_def: Any) -> tuple[str, ...]:
    """The names of the functions that a NodeDef's attributes mention, in order, once each."""
    names: dict[str, None] = {}
    for _, value in sorted(node_def.attr.items()):
        kind = value.WhichOneof("value")
        if kind == "func":
            names[value.func.name] = None
        elif kind == "list":
            names |= dict.fromkeys(function.name for function in value.list.func)
    return tuple(names)


def attrs_of(node_def: Any) -> dict[str, Any]:
    """All attributes but the noted output shapes, sorted by name."""
    return {
        key: attr(value) for key, value in sorted(node_def.attr.items()) if key != "_output_shapes"
    }


def from_node_defs(
    node_defs: Iterable[Any], specs: Mapping[str, TensorSpec] | None = None
) -> Graph:
    """NodeDefs as a Graph. `specs` says what is known of tensors, by name.

    A GraphDef does not say how many outputs an op has: those that `specs`, the noted output
    shapes or a consumer speak of are there, with dtype `""` where nobody names it. An input
    that no node gives is left out of the node and kept in its `marks.missing`.
    """
    node_defs = list(node_defs)
    specs = specs or {}
    names = {node_def.name for node_def in node_defs}
    counts: dict[str, int] = {}
    taken = [_tensor_name(i) for n in node_defs for i in n.input if i[:1] != "^"]
    for name in [*specs, *taken]:
        index = int(name.rpartition(":")[2])
        counts[node_of(name)] = max(counts.get(node_of(name), 0), index + 1)
    nodes = []
    for node_def in node_defs:
        tensors = [_tensor_name(i) for i in node_def.input if i[:1] != "^"]
        controls = [i[1:] for i in node_def.input if i[:1] == "^"]
        missing = [t for t in tensors if node_of(t) not in names]
        missing += [c for c in controls if c not in names]
        shapes = (
            [shape_of(s) for s in node_def.attr["_output_shapes"].list.shape]
            if "_output_shapes" in node_def.attr
            else []
        )
        count = max(counts.get(node_def.name, 0), len(shapes))
        outputs = tuple(
            specs.get(
                f"{node_def.name}:{index}",
                TensorSpec(
                    f"{node_def.name}:{index}",
                    _dtype(node_def),
                    shapes[index] if index < len(shapes) else None,
                ),
            )
            for index in range(count)
        )
        nodes.append(
            Node(
                node_def.name,
                node_def.op,
                tuple(t for t in tensors if node_of(t) in names),
                tuple(c for c in controls if c in names),
                outputs,
                attrs_of(node_def),
                short(node_def.device),
                marks=Marks(missing=tuple(missing)),
            )
        )
    return Graph(tuple(nodes))


def _tensor_name(text: str) -> str:
    """`"x"` and `"x:0"` are the same input of a GraphDef."""
    return text if text.rpartition(":")[2].isdigit() and ":" in text else f"{text}:0"


def _dtype(node_def: Any) -> str:
    for key in ("dtype", "DstT", "out_type", "output_type", "T", "tensor_type"):
        if key in node_def.attr and node_def.attr[key].WhichOneof("value") == "type":
            return dtype_name(node_def.attr[key].type)
    return ""
