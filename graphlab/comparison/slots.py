"""Which variables an optimizer keeps for which other: its slots, told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

_PARTS = re.compile("[/_:]+")


def slots(variables: Mapping[str, np.ndarray]) -> dict[str, list[str]]:
    """By the name of a variable its slots, in the order in which they were made.

    A slot has the shape of its variable and a name that holds that of it.

    >>> zeros = np.zeros(2)
    >>> slots({"a/b": zeros, "a/b/Adam": zeros, "a/b/Adam_1": zeros, "sgd/a_b_momentum": zeros})
    {'a/b': ['a/b/Adam', 'a/b/Adam_1', 'sgd/a_b_momentum']}
    """
    owners: dict[tuple, str] = {}
    found: dict[str, list[str]] = {}
    places = {name: n for n, name in enumerate(variables)}
    parts = {name: tuple(_PARTS.split(name)) for name in variables}
    for name in sorted(variables, key=lambda name: (len(parts[name]), places[name])):
        shape = variables[name].shape
        inside = (owners.get((shape, each)) for each in _within(parts[name]))
        owner = next((each for each in inside if each is not None), None)
        if owner is None:
            owners.setdefault((shape, parts[name]), name)
        else:
            found.setdefault(owner, []).append(name)
    return {owner: sorted(names, key=places.__getitem__) for owner, names in found.items()}


def _within(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Stretches of a name's parts, the longest first, around which not only numbers stand: those
    only keep names apart."""
    for size in range(len(parts) - 1, 0, -1):
        for start in range(len(parts) - size + 1):
            around = parts[:start] + parts[start + size :]
            if not all(part.isdigit() for part in around):
                yield parts[start : start + size]
