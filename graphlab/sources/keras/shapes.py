"""The shape that a well-known Keras layer gives, from its configuration and what it takes.

    >>> after("Conv2D", {"filters": 8, "kernel_size": [3, 3], "strides": [2, 2]}, [(None, 9, 9, 3)])
    (None, 4, 4, 8)

A Keras file of before version 3 notes only the shape of its inputs. None: nobody can tell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphlab.model import Shape

Config = Mapping[str, Any]
Known = tuple[int | None, ...]

_SAME = frozenset(
    "Activation ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax BatchNormalization Dropout"
    " LayerNormalization GroupNormalization UnitNormalization SpatialDropout1D SpatialDropout2D"
    " GaussianNoise GaussianDropout AlphaDropout ActivityRegularization Rescaling Masking".split()
)
_MERGES = frozenset("Add Subtract Multiply Average Maximum Minimum".split())
_WINDOW = re.compile(r"(Separable|Depthwise)?Conv([123])D|(?:Max|Average)Pooling([123])D")


def after(layer: str, config: Any, takes: Sequence[Shape]) -> Shape:
    """What a layer of this class gives for inputs of these shapes; None where it is not known."""
    known = [shape for shape in takes if shape is not None]
    if not isinstance(config, dict) or not known or len(known) < len(takes):
        return None
    try:
        if layer in _SAME:
            return known[0]
        if layer in _MERGES:
            return known[0] if len(set(known)) == 1 else None
        if window := _WINDOW.fullmatch(layer):
            return _windows(window, config, known[0])
        rule = _RULES.get(layer)
        return rule(config, known) if rule else None
    except ValueError:  # the configuration is not one that Keras writes: then it tells nothing
        return None


def _windows(layer: re.Match[str], config: Config, shape: Known) -> Shape:
    """A convolution or a pooling: what slides over the axes between the first and the last."""
    axes = int(layer[2] or layer[3])
    if config.get("data_format", "channels_last") != "channels_last" or len(shape) != axes + 2:
        return None
    size = _numbers(config, "kernel_size" if layer[2] else "pool_size", axes)
    strides = _numbers(config, "strides", axes, size if layer[3] else [1] * axes)
    dilation = _numbers(config, "dilation_rate", axes, [1] * axes)
    whole = config.get("padding", "valid") != "valid"
    inside: list[int | None] = []
    for length, k, step, rate in zip(shape[1:-1], size, strides, dilation, strict=True):
        covered = 0 if whole else rate * (k - 1)
        inside.append(None if length is None else max(-(-(length - covered) // step), 0))
    channels = shape[-1]
    if layer[1] == "Depthwise":
        times = _number(config, "depth_multiplier", 1)
        channels = None if channels is None else channels * times
    elif layer[2]:
        channels = _number(config, "filters")
    return (shape[0], *inside, channels)


def _dense(config: Config, takes: list[Known]) -> Shape:
    return (*takes[0][:-1], _number(config, "units"))


def _embedding(config: Config, takes: list[Known]) -> Shape:
    return (*takes[0], _number(config, "output_dim"))


def _flatten(config: Config, takes: list[Known]) -> Shape:
    rest = [size for size in takes[0][1:] if size is not None]
    return (takes[0][0], math.prod(rest) if len(rest) == len(takes[0]) - 1 else None)


def _over_all(config: Config, takes: list[Known]) -> Shape:
    last = config.get("data_format", "channels_last") == "channels_last"
    return (takes[0][0], takes[0][-1]) if last and not config.get("keepdims") else None


def _joined(config: Config, takes: list[Known]) -> Shape:
    axis = config.get("axis", -1)
    if type(axis) is not int or not -len(takes[0]) <= axis < len(takes[0]):
        raise ValueError("axis")
    axis %= len(takes[0])
    if len({shape[:axis] + shape[axis + 1 :] for shape in takes}) > 1:
        return None
    sizes = [shape[axis] for shape in takes]
    known = [size for size in sizes if size is not None]
    along = sum(known) if len(known) == len(sizes) else None
    return (*takes[0][:axis], along, *takes[0][axis + 1 :])


def _recurrent(config: Config, takes: list[Known]) -> Shape:
    if len(takes[0]) != 3 or config.get("return_state"):
        return None
    sequence = takes[0][1:2] if config.get("return_sequences") else ()
    return (takes[0][0], *sequence, _number(config, "units"))


_RULES: Mapping[str, Callable[[Config, list[Known]], Shape]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Concatenate": _joined,
    **dict.fromkeys(
        (f"Global{kind}Pooling{n}D" for kind in ("Max", "Average") for n in "123"), _over_all
    ),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _recurrent),
}


def _number(config: Config, key: str, default: int | None = None) -> int:
    value = config.get(key, default)
    if type(value) is not int or value < 0:
        raise ValueError(key)
    return value


def _numbers(config: Config, key: str, count: int, default: list[int] | None = None) -> list[int]:
    """One number for each axis, written so or as one for all. ValueError: it is not that."""
    value = config.get(key)
    value = default if value is None else value
    value = [value] * count if type(value) is int else value
    if not isinstance(value, list | tuple) or len(value) != count:
        raise ValueError(key)
    if any(type(each) is not int or each < 1 for each in value):
        raise ValueError(key)
    return list(value)
