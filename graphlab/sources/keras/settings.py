"""What single settings of a Keras configuration mean, whichever Keras wrote them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphlab.model import Shape

MOST_SIZES = 254  # a tensor of TensorFlow has no more dimensions
MOST_SIZE = (1 << 63) - 1
_LONG = 200  # characters of an attribute that is text; longer ones are code or data
_KERAS = ("keras", "tf_keras", "keras_core")


# The ops whose settings have a dtype, as those of all layers do.
_WITH_DTYPE = frozenset(
    "Cast SaturateCast ConvertToTensor OnesLike ZerosLike FullLike OneHot MultiHot Cumsum"
    " Cumprod".split()
)


def known_class(written: Mapping[str, Any]) -> str:
    """The class of a layer where it is Keras' own, `ops.Split` of an op of keras.ops; else "".

    A class of somebody else's may have the same name: its module or registered name says so.
    """
    kind = written.get("class_name")
    registered = written.get("registered_name")
    module = written.get("module")
    if (
        not isinstance(kind, str)
        or ">" in kind
        or (isinstance(registered, str) and ">" in registered)
    ):
        return ""
    if not isinstance(module, str):
        # No .h5 has modules; Keras 3 writes none for a class that is not importable.
        if "module" in written:
            return ""
        return f"ops.{kind}" if _is_op(written) else kind
    if module.partition(".")[0] not in _KERAS:
        return ""
    return f"ops.{kind}" if ".ops." in f"{module}." else kind


def _is_op(written: Mapping[str, Any]) -> bool:
    """Whether this is a call of keras.ops in an .h5 of Keras 3: all layers have a dtype."""
    config, calls = written.get("config"), written.get("inbound_nodes")
    called = isinstance(calls, list) and bool(calls) and isinstance(calls[0], dict)
    if not called or not isinstance(config, dict) or {"trainable", "layers"} & set(config):
        return False
    return "dtype" not in config or written["class_name"] in _WITH_DTYPE


def shape_of(written: Any) -> Shape:
    """A shape; None where it is none. ValueError for one of more sizes than any tensor has."""
    if not isinstance(written, list):
        return None
    if len(written) > MOST_SIZES:
        raise ValueError(f"a shape of {len(written):,} sizes; a tensor has {MOST_SIZES} at most")
    if any(each is not None and type(each) is not int for each in written):
        return None
    return tuple(each if each is not None and 0 <= each <= MOST_SIZE else None for each in written)


def noted_input(first: Mapping[str, Any], model: Mapping[str, Any]) -> list[int | None] | None:
    """The shape that a Sequential model's first layer, or the model, notes for what is fed."""
    for written in (first.get("batch_input_shape"), model.get("build_input_shape")):
        if shape_of(written) is not None:
            return written
    return None


def input_shape(config: Mapping[str, Any]) -> Shape:
    """The shape of an InputLayer."""
    return shape_of(config.get("batch_shape", config.get("batch_input_shape")))


def dtype(config: Mapping[str, Any]) -> str:
    """The dtype in which a layer computes; "" where it does not say.

    A policy is `mixed_bfloat16` or, of a quantized layer, `int8_from_mixed_bfloat16`.
    """
    return _policy(config.get("dtype")).rpartition("_from_")[2].removeprefix("mixed_")


def quantization(config: Mapping[str, Any]) -> str:
    """How a layer's weights are quantized: "int8", "int4/128", "gptq/4/128"; "" where not."""
    return _policy(config.get("dtype")).rpartition("_from_")[0]


def _policy(written: Any) -> str:
    if isinstance(written, str):
        return written
    if not isinstance(written, dict):
        return ""
    inner = written.get("config")
    if not isinstance(inner, dict):
        return ""
    if "default_policy" in inner:
        return _policy(inner["default_policy"])
    if isinstance(inner.get("mode"), str) and isinstance(inner.get("source_name"), str):
        return f"{inner['mode']}_from_{inner['source_name']}"
    return inner["name"] if isinstance(inner.get("name"), str) else ""


def attributes(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are short enough to be read: numbers, words, lists of them."""
    found: dict[str, Any] = {}
    for key, value in sorted(config.items()):
        if isinstance(value, dict):
            value = value.get("class_name")
        plain = isinstance(value, str | int | float | bool) or (
            isinstance(value, list) and all(type(each) in (int, float, str) for each in value)
        )
        if key in ("name", "dtype") or not plain or len(str(value)) > _LONG:
            continue
        found[key] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
