"""What a call gives that is no tensor and no list of them: how its tensors are taken out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from graphlab.port.expression import PARTS, literal


def is_nested(result: Any) -> bool:
    """Whether its tensors are not it, or the items of it as a list."""
    if isinstance(result, tf.SparseTensor | dict):
        return True
    return isinstance(result, list | tuple) and any(
        isinstance(each, list | tuple | dict | tf.SparseTensor) for each in result
    )


def inside(result: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All tensors in it, by how they are taken out of it."""
    if isinstance(result, tf.SparseTensor):
        named = zip(PARTS, parts(result), strict=True)
        yield from ((f"{path}.{name}", part) for name, part in named)
    elif isinstance(result, tf.Tensor):
        yield path, result
    else:
        for step, each in _steps(result):
            yield from inside(each, f"{path}{step}")


def wholes(result: Any, path: str = "") -> Iterator[tuple[str, tf.SparseTensor]]:
    """All sparse tensors in it."""
    if isinstance(result, tf.SparseTensor):
        yield path, result
    elif not isinstance(result, tf.Tensor):
        for step, each in _steps(result):
            yield from wholes(each, f"{path}{step}")


def parts(whole: tf.SparseTensor) -> list[Any]:
    """Its three tensors, as they were before they were handed on."""
    found = [getattr(whole, part) for part in PARTS]
    return [each.op.inputs[0] if each.op.type == "Identity" else each for each in found]


def _steps(result: Any) -> Iterator[tuple[str, Any]]:
    """What is in a dict, a named tuple or a list."""
    if isinstance(result, dict):
        yield from ((f"[{literal(key)}]", each) for key, each in result.items())
    elif hasattr(result, "_fields"):
        yield from ((f".{name}", getattr(result, name)) for name in result._fields)
    else:
        yield from ((f"[{n}]", each) for n, each in enumerate(result))
