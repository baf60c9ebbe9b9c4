"""Nested values of a TF2 SavedModel (StructuredValue): what a function takes and gives.

leaves(concrete.canonicalized_input_signature)   the tensors in it, in TensorFlow's order
text(value)                                      "float32[?,4]", "True", "{'a': int64[]}"
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphlab.model import Shape
from graphlab.sources import proto

SPARSE, SLICES, RAGGED = 1, 2, 3  # TypeSpecProto.TypeSpecClass
_SPARSE_ROLES = ("indices", "values", "dense_shape")
_KINDS = {SPARSE: "SparseTensor", SLICES: "IndexedSlices", RAGGED: "RaggedTensor"}


@dataclass(frozen=True)
class Leaf:
    """A tensor, or a composite value, somewhere in a nested value."""

    path: tuple[str, ...]  # the keys and numbers that lead to it
    dtype: str
    shape: Shape
    kind: str = ""  # "RaggedTensor", ...; "" for a tensor
    roles: tuple[str, ...] = ("",)  # of the tensors that it is made of


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """The tensors of a value in the order of `tf.nest.flatten`: a dict's by key."""
    kind = value.WhichOneof("kind")
    if kind == "tensor_spec_value" or kind == "bounded_tensor_spec_value":
        spec = getattr(value, kind)
        yield Leaf(path, proto.dtype_name(spec.dtype), proto.shape_of(spec.shape))
    elif kind == "type_spec_value":
        yield composite(value.type_spec_value, path)
    else:
        for name, each in _items(value, kind):
            yield from leaves(each, (*path, name))


def composite(spec: Any, path: tuple[str, ...] = ()) -> Leaf:
    """What a TypeSpecProto says: a ragged or sparse tensor with its parts, or another type."""
    state = list(spec.type_state.tuple_value.values)
    dtypes = [each.tensor_dtype_value for each in state if _is(each, "tensor_dtype_value")]
    shapes = [each.tensor_shape_value for each in state if _is(each, "tensor_shape_value")]
    return Leaf(
        path,
        proto.dtype_name(dtypes[0]) if dtypes else "",
        proto.shape_of(shapes[0]) if shapes else None,
        _KINDS.get(spec.type_spec_class, spec.type_spec_class_name.removesuffix("Spec") or "value"),
        _roles(spec, state),
    )


def _roles(spec: Any, state: list[Any]) -> tuple[str, ...]:
    if spec.type_spec_class == SPARSE:
        return _SPARSE_ROLES
    if spec.type_spec_class == RAGGED:
        ranks = [each.int64_value for each in state if _is(each, "int64_value")]
        splits = max(ranks[0], 0) if ranks else 1
        return ragged_roles(min(splits, proto.MOST_DIMENSIONS))
    return _numbered(min(max(spec.num_flat_components, 1), 1000))


@functools.cache
def _numbered(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


@functools.cache
def ragged_roles(splits: int) -> tuple[str, ...]:
    """The parts of a ragged tensor: its values, and the splits from the outermost on."""
    if splits == 1:
        return ("flat_values", "row_splits")
    return ("flat_values", *(f"row_splits_{index}" for index in range(splits)))


def _is(value: Any, kind: str) -> bool:
    return value.WhichOneof("kind") == kind


def _items(value: Any, kind: str | None) -> list[tuple[str, Any]]:
    """What is directly in a nested value, by key or number."""
    if kind in ("list_value", "tuple_value"):
        return [(str(index), each) for index, each in enumerate(getattr(value, kind).values)]
    if kind == "dict_value":
        fields = value.dict_value.fields
        return [(name, fields[name]) for name in sorted(fields)]
    if kind == "named_tuple_value":
        return [(each.key, each.value) for each in value.named_tuple_value.values]
    return []


def text(value: Any) -> str:
    """A value as it is written in a call, a tensor by its dtype and shape."""
    kind = value.WhichOneof("kind")
    if kind in ("float64_value", "int64_value", "string_value", "bool_value"):
        return repr(getattr(value, kind))
    if kind == "tensor_dtype_value":
        return proto.dtype_name(value.tensor_dtype_value)
    if kind in ("tensor_spec_value", "bounded_tensor_spec_value", "type_spec_value"):
        (leaf,) = leaves(value)
        return " ".join(filter(None, (leaf.kind, f"{leaf.dtype}{_sizes(leaf.shape)}")))
    inside = _items(value, kind)
    if kind == "dict_value":
        return "{" + ", ".join(f"{name!r}: {text(each)}" for name, each in inside) + "}"
    if kind in ("list_value", "tuple_value", "named_tuple_value"):
        listed = ", ".join(text(each) for _, each in inside)
        return f"[{listed}]" if kind == "list_value" else f"({listed})"
    return "None" if kind in (None, "none_value") else (kind or "").removesuffix("_value")


def _sizes(shape: Shape) -> str:
    if shape is None:
        return "[...]"
    return f"[{','.join('?' if size is None else str(size) for size in shape)}]"
