"""The shapes of ops of keras.ops that lay out, cut, pad or pick what they take."""

from __future__ import annotations

import itertools
from typing import Any

from graphlab.sources.keras.rules import reshaping
from graphlab.sources.keras.rules.known import (
    Asked,
    Known,
    Sizes,
    axes_of,
    axis_of,
    of_value,
    plus,
    product,
    sizes_of,
    times,
)


def unstacked(asked: Asked) -> list[Sizes]:
    """Unstack, along an axis whose size is known."""
    axis = axis_of(asked.config.get("axis", 0), len(asked.x))
    count = asked.config.get("num") or asked.x[axis]
    return [(*asked.x[:axis], *asked.x[axis + 1 :])] * _few(count)


def split(asked: Asked) -> list[Sizes]:
    """Split, into equal parts or at places."""
    axis = axis_of(asked.config.get("axis", 0), len(asked.x))
    size, where = asked.x[axis], asked.config.get("indices_or_sections")
    if type(where) is int:
        each = None if size is None else size // where
        return [(*asked.x[:axis], each, *asked.x[axis + 1 :])] * _few(where)
    places = list(sizes_of(where))
    ends = [0, *places, size]
    found = []
    for start, end in itertools.pairwise(ends):
        each = None if start is None or end is None else end - start
        found.append((*asked.x[:axis], each, *asked.x[axis + 1 :]))
    return found


def _few(count: Any) -> int:
    if type(count) is not int or not 0 < count <= 10_000:
        raise ValueError("a count of outputs")
    return count


def expanded(asked: Asked) -> Sizes:
    """ExpandDims."""
    value = asked.config.get("axis")
    value = value if isinstance(value, list | tuple) else [value]
    rank = len(asked.x) + len(value)
    new = {axis_of(each, rank) for each in value}
    left = iter(asked.x)
    return tuple(1 if i in new else next(left) for i in range(rank))


def squeezed(asked: Asked) -> Sizes:
    """Squeeze: the axes that are named, or all of size one."""
    axis = asked.config.get("axis")
    if axis is None:
        if None in asked.x:
            raise ValueError("sizes that may be one")
        return tuple(size for size in asked.x if size != 1)
    gone = set(axes_of(axis, len(asked.x)))
    return tuple(size for i, size in enumerate(asked.x) if i not in gone)


def reshaped(asked: Asked) -> Sizes:
    """Reshape, batch and all."""
    return reshaping.shaped(asked.x, asked.config.get("newshape"))


def raveled(asked: Asked) -> Sizes:
    """Ravel."""
    return (product(asked.x),)


def transposed(asked: Asked) -> Sizes:
    """Transpose, all axes backwards where none are named."""
    axes = asked.config.get("axes")
    if axes is None:
        return asked.x[::-1]
    order = axes_of(axes, len(asked.x))
    if sorted(order) != list(range(len(asked.x))):
        raise ValueError("axes")
    return tuple(asked.x[i] for i in order)


def swapped(asked: Asked) -> Sizes:
    """Swapaxes."""
    a, b = (axis_of(asked.config.get(f"axis{n}"), len(asked.x)) for n in (1, 2))
    sizes = list(asked.x)
    sizes[a], sizes[b] = sizes[b], sizes[a]
    return tuple(sizes)


def moved(asked: Asked) -> Sizes:
    """Moveaxis."""
    rank = len(asked.x)
    source = axes_of(asked.config["source"], rank)
    target = axes_of(asked.config["destination"], rank)
    order = [i for i in range(rank) if i not in source]
    for to, origin in sorted(zip(target, source, strict=True)):
        order.insert(to, origin)
    return tuple(asked.x[i] for i in order)


def tiled(asked: Asked) -> Sizes:
    """Tile."""
    repeats = sizes_of(asked.config.get("repeats"))
    rank = max(len(repeats), len(asked.x))
    sizes = (1,) * (rank - len(asked.x)) + asked.x
    repeats = (1,) * (rank - len(repeats)) + repeats
    return tuple(times(a, b) for a, b in zip(sizes, repeats, strict=True))


def repeated(asked: Asked) -> Sizes:
    """Repeat, of every element the same number."""
    repeats = asked.config.get("repeats")
    if type(repeats) is not int:
        raise ValueError("repeats")
    if asked.config.get("axis") is None:
        return (times(product(asked.x), repeats),)
    axis = axis_of(asked.config["axis"], len(asked.x))
    return (*asked.x[:axis], times(asked.x[axis], repeats), *asked.x[axis + 1 :])


def padded(asked: Asked) -> Sizes:
    """Pad, each axis at both ends."""
    width = asked.config.get("pad_width")
    if type(width) is int:
        width = [[width, width]] * len(asked.x)
    elif isinstance(width, list) and len(width) == 1:
        width = width * len(asked.x)
    if not isinstance(width, list) or len(width) != len(asked.x):
        raise ValueError("pad_width")
    added = [sum(each or 0 for each in sizes_of(ends)) for ends in width]
    return tuple(plus(size, more) for size, more in zip(asked.x, added, strict=True))


def taken(asked: Asked) -> Sizes:
    """Take of indices along an axis."""
    indices = asked.args[1] if len(asked.args) > 1 else asked.kwargs["indices"]
    shape, picked = of_value(asked.args[0]), of_value(indices)
    if asked.config.get("axis") is None:
        return picked
    axis = axis_of(asked.config["axis"], len(shape))
    return (*shape[:axis], *picked, *shape[axis + 1 :])


def item(asked: Asked) -> Sizes:
    """GetItem: `x[:, 2:4, None, ..., 0]`."""
    key = asked.args[1] if len(asked.args) > 1 else asked.kwargs["key"]
    parts = key if isinstance(key, list) else [key]
    if any(isinstance(each, Known | list) for each in parts):
        raise ValueError("indices that are tensors")
    return indexed(asked.x, parts)


def indexed(shape: Sizes, parts: list[Any]) -> Sizes:
    """A shape after indexing by what Keras writes for slices, numbers, `None` and `...`."""
    used = sum(each is not None and not _is(each, "__ellipsis__") for each in parts)
    found: list[int | None] = []
    left = list(shape)
    for each in parts:
        if each is None:
            found.append(1)
        elif _is(each, "__ellipsis__"):
            whole = len(left) - used
            found += left[:whole]
            left = left[whole:]
        elif type(each) is int:
            used -= 1
            left.pop(0)
        elif _is(each, "__slice__"):
            used -= 1
            found.append(_sliced(left.pop(0), each["config"]))
        else:
            raise ValueError("key")
    return (*found, *left)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, dict) and value.get("class_name") == kind


def _sliced(size: int | None, bounds: dict[str, Any]) -> int | None:
    start, stop, step = (bounds.get(key) for key in ("start", "stop", "step"))
    if any(each is not None and type(each) is not int for each in (start, stop, step)):
        raise ValueError("a slice")
    if size is not None:
        return len(range(size)[start:stop:step])
    return None if (start, stop) != (None, None) or step not in (None, 1, -1) else size
