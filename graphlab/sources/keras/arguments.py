"""How a call of a layer is written in a configuration, in the ways of Keras 1, 2 and 3.

>>> call([["a", 0, 0, {"training": False}]], {"a": None}).takes
(Reference(layer='a', call=0, output=0, dtype='', shape=None),)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphlab.model import Shape
from graphlab.sources.keras import settings

MOST_COUNT = 200_000  # of a call or an output


@dataclass(frozen=True, slots=True)
class Reference:
    """A tensor by where it comes from, with its dtype and shape where Keras 3 notes them."""

    layer: str
    call: int
    output: int
    dtype: str = ""
    shape: Shape = None


@dataclass(frozen=True)
class Call:
    """One call of a layer: the arguments, a Reference in the place of each tensor."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    takes: tuple[Reference, ...] = ()  # every tensor among them, in order
    old: bool = False  # written as Keras 1 and 2 do
    size: int = 0  # how many values the arguments are


def on(*takes: Reference) -> Call:
    """A call with nothing but tensors."""
    return Call(takes, {}, takes, size=len(takes))


def call(written: Any, names: Mapping[str, None]) -> Call:
    """A call from an entry of `inbound_nodes`; `names` are the model's layers."""
    if isinstance(written, dict) and "args" in written:
        args = tuple(structure(written["args"] or [], names))
        kwargs = structure(written.get("kwargs") or {}, names)
        as_lists = False
    else:
        given: dict[str, Any] = {}
        first = old(written, given)
        args = (first,) if first != [] else ()
        kwargs, as_lists = structure(given, names), True
    if not isinstance(kwargs, dict):
        raise TypeError("the named arguments of a call are no dict")
    takes = tuple(leaves([args, kwargs]))
    return Call(args, kwargs, takes, as_lists, _size([args, kwargs]))


def structure(written: Any, names: Mapping[str, None]) -> Any:
    """The same lists and dicts, a Reference in the place of each tensor of one of the layers."""
    if isinstance(written, dict):
        if written.get("class_name") == "__keras_tensor__":
            return _noted(written["config"])
        return {key: structure(value, names) for key, value in written.items()}
    if not isinstance(written, list):
        return written
    if _is_reference(written) and written[0] in names:
        return Reference(written[0], written[1], written[2])
    return [structure(each, names) for each in written]


def old(written: Any, kwargs: dict[str, Any] | None = None) -> Any:
    """The same lists and dicts, a Reference in the place of each `["dense", 0, 0, {...}]`.

    The named arguments that stand behind are collected in `kwargs`.
    """
    kwargs = {} if kwargs is None else kwargs
    if isinstance(written, dict):
        return {key: old(value, kwargs) for key, value in written.items()}
    if not isinstance(written, list):
        return written
    if _is_reference(written):
        kwargs.update(_named(written))
        return Reference(written[0], written[1], written[2])
    if len(written) == 4 and written[0] == "_CONSTANT_VALUE":
        kwargs.update(_named(written))
        return written[2]
    return [old(each, kwargs) for each in written]


def mapped(value: Any, change: Callable[[Reference], Any]) -> Any:
    """The same structure with every Reference changed."""
    if isinstance(value, Reference):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(mapped(each, change) for each in value)
    return value


def leaves(value: Any) -> Iterator[Reference]:
    """Every Reference of a structure, in order."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, Reference):
            yield each
        elif isinstance(each, dict):
            left += reversed(each.values())
        elif isinstance(each, list | tuple):
            left += reversed(each)


def _size(value: Any) -> int:
    found, left = 0, [value]
    while left:
        each = left.pop()
        found += 1
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list | tuple):
            left += each
    return found


def _named(written: list[Any]) -> dict[str, Any]:
    """The named arguments that stand behind a tensor."""
    return written[3] if len(written) > 3 and isinstance(written[3], dict) else {}


def _is_reference(value: list[Any]) -> bool:
    return len(value) >= 3 and isinstance(value[0], str) and _counts(value[1]) and _counts(value[2])


def _counts(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_COUNT


def _noted(tensor: Any) -> Any:
    """A tensor as Keras 3 writes it; None where it does not say where it comes from."""
    history = tensor.get("keras_history")
    if not isinstance(history, list) or not _is_reference(history):
        return None
    dtype = tensor.get("dtype")
    return Reference(
        history[0],
        history[1],
        history[2],
        dtype if isinstance(dtype, str) else "",
        settings.shape_of(tensor.get("shape")),
    )
