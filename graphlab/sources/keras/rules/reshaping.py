"""Layers that lay out, pad, cut, repeat or resize what they take."""

from __future__ import annotations

from typing import Any

from graphlab.sources.keras.rules.known import (
    Asked,
    Sizes,
    apart,
    plus,
    product,
    times,
    together,
)
from graphlab.sources.keras.rules.windows import axes


def flatten(asked: Asked) -> Sizes:
    """Flatten: all axes but the first in one."""
    return (asked.x[0], product(asked.x[1:]))


def reshape(asked: Asked) -> Sizes:
    """Reshape, behind the batch."""
    return (asked.x[0], *shaped(asked.x[1:], asked.config.get("target_shape")))


def shaped(shape: Sizes, asked: Any) -> Sizes:
    """A shape with the same elements, as it is asked for: with one -1 for what is left."""
    if not isinstance(asked, list | tuple):
        raise ValueError("target_shape")
    wanted = tuple(each if type(each) is int else None for each in asked)
    if -1 not in wanted:
        return wanted
    known = product(tuple(each for each in wanted if each != -1))
    count = product(shape)
    left = count // known if known and count is not None and count % known == 0 else None
    return tuple(left if each == -1 else each for each in wanted)


def permute(asked: Asked) -> Sizes:
    """Permute: the axes behind the batch in another order, counted from 1."""
    order = asked.config.get("dims")
    if not isinstance(order, list) or sorted(order) != list(range(1, len(asked.x))):
        raise ValueError("dims")
    return (asked.x[0], *(asked.x[axis] for axis in order))


def repeat(asked: Asked) -> Sizes:
    """RepeatVector."""
    batch, features = asked.x
    return (batch, asked.number("n"), features)


def padded(asked: Asked) -> Sizes:
    """ZeroPadding1D to 3D."""
    return _at_both_ends(asked, "padding", 1)


def cropped(asked: Asked) -> Sizes:
    """Cropping1D to 3D. ValueError where more is cut off than is there."""
    return _at_both_ends(asked, "cropping", -1)


def _at_both_ends(asked: Asked, key: str, sign: int) -> Sizes:
    first = asked.channels_first
    inside, channels = apart(_image(asked), first)
    ends = asked.pairs(key, len(inside))
    found = tuple(
        plus(size, sign * (before + after))
        for size, (before, after) in zip(inside, ends, strict=True)
    )
    if any(size is not None and size <= 0 for size in found):
        raise ValueError(key)
    return together(asked.x[0], found, channels, first)


def upsampled(asked: Asked) -> Sizes:
    """UpSampling1D to 3D: each step or pixel several times."""
    first = asked.channels_first
    inside, channels = apart(_image(asked), first)
    size = asked.numbers("size", len(inside), [2] * len(inside))
    found = tuple(times(length, k) for length, k in zip(inside, size, strict=True))
    return together(asked.x[0], found, channels, first)


def _image(asked: Asked) -> Sizes:
    if len(asked.x) != axes(asked.kind) + 2:
        raise ValueError("rank")
    return asked.x


def resized(asked: Asked) -> Sizes:
    """Resizing, CenterCrop, RandomCrop: of one image or a batch."""
    shape = asked.x
    if len(shape) not in (3, 4):
        raise ValueError("rank")
    batch = shape[:-3]
    inside = (asked.number("height"), asked.number("width"))
    image = together(
        None, inside, shape[-3] if asked.channels_first else shape[-1], asked.channels_first
    )
    return (*batch, *image[1:])


def promised(asked: Asked) -> Sizes:
    """Lambda: the shape that its author said it gives, without the batch."""
    wanted = asked.config.get("output_shape")
    if not isinstance(wanted, list) or any(type(each) not in (int, type(None)) for each in wanted):
        raise ValueError("output_shape")
    return (asked.x[0], *wanted)


def any_height(asked: Asked) -> Sizes:
    """RandomHeight of Keras 2: as high as chance has it."""
    return (*asked.x[:-3], None, *asked.x[-2:])


def any_width(asked: Asked) -> Sizes:
    """RandomWidth of Keras 2."""
    return (*asked.x[:-2], None, asked.x[-1])


def told(asked: Asked) -> Sizes:
    """Deconvolution2D of Keras 1: the shape that its settings say."""
    wanted = asked.config.get("output_shape")
    if not isinstance(wanted, list) or len(wanted) != len(asked.x):
        raise ValueError("output_shape")
    return (asked.x[0], *(each if type(each) is int else None for each in wanted[1:]))
