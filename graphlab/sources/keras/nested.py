"""What a nested model is called with, whichever way its arguments are laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphlab.model import TensorSpec
from graphlab.sources.keras import arguments
from graphlab.sources.keras.arguments import Call
from graphlab.sources.keras.configuration import Model


def specs(value: Any) -> Iterator[TensorSpec]:
    """The tensors of a structure, those of a dict in the order of its keys, as Keras has them."""
    if isinstance(value, TensorSpec):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from specs(value[key])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from specs(each)


def fed(model: Model, call: Call, takes: Sequence[TensorSpec | None]) -> dict[str, TensorSpec]:
    """What a nested model is called with, by the name of its input."""
    args, kwargs = filled(call, takes)
    given = args[0] if args else kwargs.get("inputs")
    inputs = [each.layer for each in _sorted_leaves(model.takes)]
    if isinstance(given, dict):
        by_key = model.takes if isinstance(model.takes, dict) else {}
        names = {
            key: by_key[key].layer if isinstance(by_key.get(key), arguments.Reference) else key
            for key in given
        }
        if set(names.values()) <= set(inputs):
            return {names[key]: spec for key, spec in given.items() if isinstance(spec, TensorSpec)}
    return dict(zip(inputs, specs(given), strict=False))


def _sorted_leaves(value: Any) -> Iterator[arguments.Reference]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _sorted_leaves(value[key])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _sorted_leaves(each)
    elif isinstance(value, arguments.Reference):
        yield value


def filled(call: Call, takes: Sequence[Any]) -> tuple[Any, Any]:
    """The arguments of a call, in the place of each tensor what stands in `takes` for it."""
    left = iter(takes)
    args = arguments.mapped(call.args, lambda _: next(left, None))
    return args, arguments.mapped(call.kwargs, lambda _: next(left, None))
