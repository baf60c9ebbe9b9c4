"""Numbers for tensors that are held against each other: those that are made alike have the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphlab.model import Shape
from graphlab.port import alike

LARGEST = 256  # numbers of a constant that is reckoned from others


@dataclass
class Numbers:
    """The numbers of all graphs that are held against each other."""

    keys: dict[Any, int] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)  # the key, by number
    values: dict[int, np.ndarray] = field(default_factory=dict)  # small constants, by number
    shaped: list[int] = field(default_factory=list)  # the first number of that shape, by number
    graphs: int = 0  # that were made anew
    variables: dict[int, tuple[int, ...]] = field(default_factory=dict)  # shapes, by handle
    summed: dict[int, Shape] = field(default_factory=dict)  # shapes of what sums are of, by theirs

    known: dict[int, Shape] = field(default_factory=dict)  # of shapes, of what others are added to
    sized: dict[int, Shape] = field(default_factory=dict)  # what is known of a shape, by its number

    def of(self, key: Any, beside: Sequence[int] = ()) -> int:
        """The number of what is made so, and is known to have the shape of what is `beside` it."""
        if key not in self.keys:
            self.keys[key] = len(self.made)
            first = (
                min(self.shaped[each] for each in beside)
                if beside
                else alike.shaped_as(key, self.made, self.shaped, self.values, self.known)
            )
            self.shaped.append(len(self.made) if first is None else first)
            self.made.append(key)
        return self.keys[key]

    def of_shape(self, dtype: np.dtype[Any], like: int, known: Shape) -> int:
        """The number of a tensor's shape, of which this is known."""
        number = self.of(("Shape", dtype.str, self.shaped[like]))
        if known is not None:
            before = self.sized.get(number) or known
            both = zip(before, known, strict=True)
            self.sized[number] = tuple(a if b is None else b for a, b in both)
        return number

    def of_constant(self, value: np.ndarray) -> int:
        """The number of a constant; many equal items are one that fills a shape."""
        if value.dtype == object:
            return self.of(("constant", value.shape, repr(value.tolist())))
        number = self._of_bits(value)
        item = value.ravel()[:1]
        if value.size > 1 and value.tobytes() == item.tobytes() * value.size:
            item = item.reshape(())
            shape = self._of_bits(np.asarray(value.shape, np.int32))
            number = self.of(("Fill", shape, self._of_bits(item)))
        if value.size <= LARGEST:
            self.values[number] = value
        return number

    def _of_bits(self, value: np.ndarray) -> int:
        number = self.of(("constant", value.shape, value.dtype.str, value.tobytes()))
        if value.size <= LARGEST:
            self.values[number] = value
        return number
