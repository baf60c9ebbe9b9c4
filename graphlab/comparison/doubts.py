"""What makes a comparison prove less than it seems to: other inputs, NaN on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from graphlab.comparison.found import EQUAL, Result
from graphlab.comparison.side import Outcome, Side
from graphlab.comparison.values import rearrangeable


def doubts(a: Side, b: Side, results: Sequence[tuple[Result, Outcome, Outcome]]) -> Iterator[str]:
    """A line for inputs that are not those of the other side, one for results that are equal only
    as both are NaN there, and one for each side that alone is NaN somewhere."""
    other = _fed_alone(a, b), _fed_alone(b, a)
    if any(other):
        said = " and ".join(
            f"{side.name} is fed {', '.join(names)}"
            for side, names in zip((a, b), other, strict=True)
            if names
        )
        yield f"their inputs differ: {said}, which the other is not"
    nan = [
        result.a
        for result, outcome, _ in results
        if result.how in EQUAL and _holds_nan(a.index.values[outcome.value])
    ]
    if nan:
        names = ", ".join(dict.fromkeys(nan))
        yield f"{names}: NaN on both sides, which is taken for equal and hides what leads to it"
    for n, side in enumerate((a, b)):
        alone = [
            (result.a, result.b)[n]
            for result, *outcomes in results
            if _holds_nan(a.index.values[outcomes[n].value])
            and not _holds_nan(a.index.values[outcomes[1 - n].value])
        ]
        if alone:
            yield f"{', '.join(dict.fromkeys(alone))}: NaN in {side.name}, and not in the other"


def _fed_alone(side: Side, other: Side) -> list[str]:
    """What is fed to calls of a side and is no value of the other, perhaps in another order."""
    index = side.index

    def left(names: Iterable[str], held: set[int], of: Callable[[int], int]) -> list[str]:
        return [name for name in names if not held.issuperset(map(of, telling[name]))]

    telling = {
        name: [number for number in fed if rearrangeable(index.values[number])]
        for name, fed in side.fed.items()
    }
    fed = {index.near(number) for numbers in other.fed.values() for number in numbers}
    names = left(telling, fed, index.near)
    if names:
        values = {number for event in other.events for _, number in event.outputs}
        names = left(names, {index.near(number) for number in values}, index.near)
    if names:
        sizes = {index.values[number].size for name in names for number in telling[name]}
        alike = {number for number in values if index.values[number].size in sizes}
        names = left(names, {index.rearranged(number) for number in alike}, index.rearranged)
    return names


def _holds_nan(array: np.ndarray) -> bool:
    return array.dtype.kind in "fc" and bool(np.isnan(array).any())
