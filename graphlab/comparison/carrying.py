"""A's values put into the variables of B, in the arrangement that B has.

carried = carry(found.variables, a.variables, b.variables)
carried.values["dense/kernel"]      # A's, transposed or permuted as B's is
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphlab.comparison.found import VariablePair
from graphlab.comparison.values import distance

Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Carried:
    """What B's variables are given, and which are given nothing."""

    values: Values  # by B's names
    pairs: Mapping[str, VariablePair]  # by B's names: whose value each has
    without: tuple[str, ...]  # one line for each variable that has no partner, or none that fits


def carry(pairs: Sequence[VariablePair], a: Values, b: Values) -> Carried:
    """A's values by B's names, rearranged as the pairs say."""
    values, by_name, without = {}, {}, []
    for pair in pairs:
        array = arranged(pair, a[pair.a], b[pair.b].shape)
        if array is None:
            without.append(
                f"B's {pair.b} gets no value: how A's {pair.a} stands in it is not known"
            )
        else:
            values[pair.b], by_name[pair.b] = array, pair
    done_a, done_b = {pair.a for pair in pairs}, {pair.b for pair in pairs}
    without += [
        f"A's {name} has no partner: its value is not kept" for name in a if name not in done_a
    ]
    without += [f"B's {name} has no partner: it gets no value" for name in b if name not in done_b]
    return Carried(values, by_name, tuple(without))


def arranged(pair: VariablePair, value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """A's value as it would stand in B; None where that is not known."""
    if pair.axes:
        return value.transpose(pair.axes)
    if pair.order:
        return np.take(value, pair.order, pair.axis)
    if pair.how == "permuted" or value.size != np.prod(shape, dtype=np.int64):
        return None
    # Numbers that differ do not tell whether another shape is a transposed one; ones in it do not
    # matter.
    alike = [size for size in value.shape if size != 1] == [size for size in shape if size != 1]
    return value.reshape(shape) if alike or pair.how == "reshaped" else None


def is_of(pair: VariablePair, value: np.ndarray, a: np.ndarray) -> bool:
    """Whether a value of B, put back as A has it, is A's to the last number."""
    if pair.axes:
        value = value.transpose(np.argsort(pair.axes))
    elif pair.order:
        value = np.take(value, np.argsort(pair.order), pair.axis)
    return value.size == a.size and distance(value.reshape(-1), a.reshape(-1)) == 0
