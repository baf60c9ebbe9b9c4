"""What is known of a tensor, what a rule is asked, and how settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphlab.model import Shape
from graphlab.sources.keras import settings

Sizes = tuple[int | None, ...]  # a shape that is known
# What a rule raises where a setting is not one that Keras writes: then it tells nothing.
NOTHING = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    StopIteration,
    RuntimeError,
)


class Known(NamedTuple):
    """What is known of a tensor."""

    dtype: str = ""
    shape: Shape = None


@dataclass(frozen=True)
class Inner:
    """A layer that a wrapper holds, and what it gave."""

    kind: str
    config: Mapping[str, Any]
    gives: tuple[Known, ...]


@dataclass(frozen=True)
class Asked:
    """A call of a layer of Keras' own class `kind`."""

    kind: str
    config: Mapping[str, Any]
    takes: tuple[Known, ...]
    args: tuple[Any, ...] = ()  # with a Known in the place of each tensor
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    inner: tuple[Inner, ...] = ()  # of a wrapper
    old: bool = False  # as Keras 1 and 2 write it

    @property
    def x(self) -> Sizes:
        """The shape of the first tensor; ValueError where it is not known."""
        return self.shape(0)

    def shape(self, number: int) -> Sizes:
        """The shape of a tensor that is taken; ValueError where it is not known."""
        found = self.takes[number].shape if number < len(self.takes) else None
        if found is None:
            raise ValueError("a shape that is not known")
        return found

    @property
    def shapes(self) -> list[Sizes]:
        """All that is taken; ValueError where one of them is not known."""
        return [self.shape(number) for number in range(len(self.takes))]

    @property
    def dtype(self) -> str:
        """The dtype in which the layer computes."""
        return settings.dtype(self.config)

    def number(self, key: str, default: int | None = None) -> int:
        """A setting that is a count. ValueError where it is none."""
        value = self.config.get(key, default)
        if type(value) is not int or not 0 <= value <= settings.MOST_SIZE:
            raise ValueError(key)
        return value

    def numbers(self, key: str, count: int, default: list[int] | None = None) -> list[int]:
        """A count for each axis, written so or as one for all. ValueError where it is not that."""
        value = self.config.get(key)
        value = default if value is None else value
        value = [value] * count if type(value) is int else value
        if not isinstance(value, list | tuple) or len(value) != count:
            raise ValueError(key)
        if any(type(each) is not int or not 0 <= each <= settings.MOST_SIZE for each in value):
            raise ValueError(key)
        return list(value)

    def pairs(self, key: str, count: int) -> list[tuple[int, int]]:
        """What is set at both ends of each axis: `3`, `[1, 2]` of one, `[[1, 1], [0, 2]]`."""
        value = self.config.get(key)
        if type(value) is int:
            value = [value] * count
        if count == 1 and isinstance(value, list) and len(value) == 2:
            value = [value]
        if not isinstance(value, list) or len(value) != count:
            raise ValueError(key)
        found = [each if isinstance(each, list) else [each, each] for each in value]
        if any(len(each) != 2 or any(type(n) is not int for n in each) for each in found):
            raise ValueError(key)
        return [(each[0], each[1]) for each in found]

    @property
    def channels_first(self) -> bool:
        """Whether the channels stand before the other axes. ValueError where nobody can tell."""
        value = self.config.get("data_format") or "channels_last"
        if value not in ("channels_first", "channels_last"):
            raise ValueError("data_format")
        return value == "channels_first"


def apart(shape: Sizes, channels_first: bool) -> tuple[Sizes, int | None]:
    """The axes between batch and channels, and the channels."""
    if len(shape) < 2:
        raise ValueError("a shape without channels")
    return (shape[2:], shape[1]) if channels_first else (shape[1:-1], shape[-1])


def together(batch: int | None, inside: Sizes, channels: int | None, channels_first: bool) -> Sizes:
    """The shape of what `apart` took apart."""
    return (batch, channels, *inside) if channels_first else (batch, *inside, channels)


def axis_of(value: Any, rank: int) -> int:
    """An axis, counted from the front. ValueError where there is no such axis."""
    if type(value) is not int or not -rank <= value < rank:
        raise ValueError("axis")
    return value % rank


def sizes_of(value: Any) -> Sizes:
    """A setting that is a shape. ValueError where it is none."""
    if type(value) is int:
        return (value,)
    if not isinstance(value, list | tuple) or any(type(each) is not int for each in value):
        raise ValueError("a shape")
    return tuple(value)


def axes_of(value: Any, rank: int) -> list[int]:
    """Axes, counted from the front; all where none are named."""
    if value is None:
        return list(range(rank))
    value = value if isinstance(value, list | tuple) else [value]
    return [axis_of(each, rank) for each in value]


def of_value(value: Any) -> Sizes:
    """The shape of an argument: of a tensor, of a number, of numbers in lists."""
    if isinstance(value, Known):
        if value.shape is None:
            raise ValueError("a shape that is not known")
        return value.shape
    if isinstance(value, dict):  # an array as Keras 3 writes it
        value = value["config"]["value"]
    found: list[int | None] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0]
    return tuple(found)


def times(a: int | None, b: int | None) -> int | None:
    """A product of sizes."""
    return None if a is None or b is None else a * b


def plus(a: int | None, b: int | None) -> int | None:
    """A sum of sizes."""
    return None if a is None or b is None else a + b


def product(sizes: Sizes) -> int | None:
    """The number of elements; None where a size is not known."""
    count = 1
    for size in sizes:
        if size is None:
            return None
        count *= size
    return count


def broadcast(shapes: list[Sizes]) -> Sizes:
    """The shape that all of them have together, as NumPy broadcasts. ValueError where none."""
    rank = max(len(shape) for shape in shapes)
    found: list[int | None] = [1] * rank
    for shape in shapes:
        for i, size in enumerate(shape, rank - len(shape)):
            if size == 1 or size == found[i]:
                continue
            if found[i] == 1 or (found[i] is None and size is not None):
                found[i] = size
            elif size is not None:
                raise ValueError("shapes that do not fit together")
    return tuple(found)


def within_limits(shape: Sizes) -> Shape:
    """A shape that a tensor can have; a size that is too large for one is not known."""
    if len(shape) > settings.MOST_SIZES:
        return None
    return tuple(
        size if size is not None and 0 <= size <= settings.MOST_SIZE else None for size in shape
    )
