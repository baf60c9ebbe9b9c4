"""The shapes that ops of keras.ops give, where they are neither what is taken nor broadcast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphlab.sources.keras.rules import merging, windows
from graphlab.sources.keras.rules.known import (
    Asked,
    Sizes,
    axes_of,
    axis_of,
    broadcast,
    of_value,
    product,
    sizes_of,
    times,
)


def wanted(key: str) -> Callable[[Asked], Sizes]:
    """A rule that takes the shape from a setting."""
    return lambda asked: sizes_of(asked.config.get(key))


def reduced(asked: Asked) -> Sizes:
    """A reduction over axes, which stay as ones where they are kept."""
    over = set(axes_of(asked.config.get("axis"), len(asked.x)))
    if asked.config.get("keepdims"):
        return tuple(1 if i in over else size for i, size in enumerate(asked.x))
    return tuple(size for i, size in enumerate(asked.x) if i not in over)


def sorted_along(asked: Asked) -> Sizes:
    """Along an axis as it is; along none, all elements in a row."""
    if "axis" in asked.config and asked.config["axis"] is None:
        return (product(asked.x),)
    return asked.x


def joined(asked: Asked) -> Sizes:
    """Concatenate."""
    return merging.along(asked.shapes, asked.config.get("axis", 0))


def stacked(asked: Asked) -> Sizes:
    """Stack, along a new axis."""
    first = asked.x
    axis = axis_of(asked.config.get("axis", 0), len(first) + 1)
    return (*first[:axis], len(asked.takes), *first[axis:])


def multiplied(asked: Asked) -> Sizes:
    """Matmul."""
    a, b = map(of_value, asked.args)
    one, other = len(a) == 1, len(b) == 1
    a, b = ((1, *a) if one else a), ((*b, 1) if other else b)
    if None not in (a[-1], b[-2]) and a[-1] != b[-2]:
        raise ValueError("shapes that do not fit together")
    return (
        *broadcast([a[:-2], b[:-2]]),
        *(() if one else a[-2:-1]),
        *(() if other else b[-1:]),
    )


def dot(asked: Asked) -> Sizes:
    """Dot: over the last axis of one and the last but one of the other."""
    a, b = map(of_value, asked.args)
    if not a or not b:
        return a or b
    return a[:-1] if len(b) == 1 else (*a[:-1], *b[:-2], b[-1])


def einsum(asked: Asked) -> Sizes:
    """Einsum with every axis named."""
    takes, gives = asked.config["subscripts"].replace(" ", "").split("->")
    sizes: dict[str, int | None] = {}
    for letters, shape in zip(takes.split(","), asked.shapes, strict=True):
        for letter, size in zip(letters, shape, strict=True):
            known = sizes.get(letter)
            sizes[letter] = size if known in (None, 1) else known
    return tuple(sizes[letter] for letter in gives)


def one_hot(asked: Asked) -> Sizes:
    """OneHot: a new axis, the last or the one that is named."""
    axis = axis_of(asked.config.get("axis", -1), len(asked.x) + 1)
    return (*asked.x[:axis], asked.number("num_classes"), *asked.x[axis:])


def top(asked: Asked) -> list[Sizes]:
    """TopK: values and indices."""
    return [(*asked.x[:-1], asked.number("k"))] * 2


def halved(asked: Asked) -> Sizes:
    """Glu: half of an axis gates the other."""
    axis = axis_of(asked.config.get("axis", -1), len(asked.x))
    size = asked.x[axis]
    return (*asked.x[:axis], None if size is None else size // 2, *asked.x[axis + 1 :])


def resized(asked: Asked) -> Sizes:
    """Resize of an image or a batch of them."""
    height, width = asked.numbers("size", 2)
    if len(asked.x) not in (3, 4):
        raise ValueError("rank")
    batch = asked.x[:-3]
    if asked.channels_first:
        return (*batch, asked.x[-3], height, width)
    return (*batch, height, width, asked.x[-1])


def depth_to_space(asked: Asked) -> Sizes:
    """DepthToSpace."""
    return _blocks(asked, lambda size, n: times(size, n), lambda size, n: _over(size, n * n))


def space_to_depth(asked: Asked) -> Sizes:
    """SpaceToDepth."""
    return _blocks(asked, _over, lambda size, n: times(size, n * n))


def _over(size: int | None, n: int) -> int | None:
    return None if size is None else size // n


def _blocks(asked: Asked, inside: Callable[..., Any], channels: Callable[..., Any]) -> Sizes:
    n, first = asked.number("block_size"), asked.channels_first
    if len(asked.x) != 4 or not n:
        raise ValueError("rank")
    at = 1 if first else 3
    return tuple(
        size if i == 0 else channels(size, n) if i == at else inside(size, n)
        for i, size in enumerate(asked.x)
    )


def pooled(asked: Asked) -> Sizes:
    """MaxPool, AveragePool: over all axes between batch and channels."""
    kinds = {3: "MaxPooling1D", 4: "MaxPooling2D", 5: "MaxPooling3D"}
    asked = Asked(kinds[len(asked.x)], asked.config, asked.takes)
    return windows.pooling(asked)
