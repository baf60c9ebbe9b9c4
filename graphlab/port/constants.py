"""Constants of a graph: which are written where they are used, and which are stored beside the
file."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Op
from graphlab.port.expression import Call, Expression, Literal, Name, literal

MOST = 16  # numbers that are written out; of more the file would be a table
_WRITTEN = ("float32", "float64", "int32", "int64", "bool")
LONGEST_TEXT = 60


def value_of(op: Op) -> np.ndarray:
    """The value of a Const."""
    return tf.make_ndarray(op.attr("value").tensor)


def literal_of(value: np.ndarray) -> Literal | None:
    """A constant as a number, a text or a list of them; None where it is too large, or of a type
    that Python has no literal for."""
    if value.size > MOST or value.ndim > 2 or (value.ndim and not value.size and value.ndim > 1):
        return None
    if value.dtype == object:
        texts = [_text(item) for item in value.ravel()]
        if None in texts or sum(len(text or "") for text in texts) > LONGEST_TEXT:
            return None
        return Literal(_nested(np.array([*texts, None], object)[:-1].reshape(value.shape)))
    if value.dtype.name not in _WRITTEN:
        return None
    found = Literal(_nested(_shortest(value)))
    return found if len(literal(found.value)) <= LONGEST_TEXT else None


def typed(value: np.ndarray, written: Literal) -> Expression:
    """`tf.constant([1.0], tf.float64)`: a literal as a tensor of its type."""
    if value.size and value.dtype.name in ("float32", "int32", "bool", "object"):
        return Call("tf.constant", (written,))
    dtype = "tf.string" if value.dtype == object else f"tf.{value.dtype.name}"
    return Call("tf.constant", (written, Name(dtype)))


def bare(value: np.ndarray) -> Literal | None:
    """A single number that is of its type without a word; None where it is none."""
    plain = not value.ndim and value.dtype.name in ("float32", "int32", "bool")
    return literal_of(value) if plain else None


def number(value: float) -> float:
    """A float32 as the shortest decimal that is it.

    >>> number(0.10000000149011612)
    0.1
    """
    return float(str(np.float32(value)))


def is_scalar(value: np.ndarray | None, number: float) -> bool:
    """Whether it is known and this number."""
    return value is not None and not value.ndim and value.dtype != object and value == number


def is_empty(value: np.ndarray | None) -> bool:
    """Whether it is known and a list of nothing."""
    return value is not None and value.ndim == 1 and not value.size


def _shortest(value: np.ndarray) -> np.ndarray:
    if value.dtype != np.float32:
        return value
    return np.array([number(each) for each in value.ravel()], np.float64).reshape(value.shape)


def _nested(value: np.ndarray) -> Any:
    found = value.tolist()
    return _tuples(found) if isinstance(found, list) else found


def _tuples(found: Any) -> Any:
    return tuple(map(_tuples, found)) if isinstance(found, list) else found


def _text(item: bytes | str) -> str | None:
    if isinstance(item, str):
        return item
    try:
        return item.decode()
    except UnicodeDecodeError:
        return None
