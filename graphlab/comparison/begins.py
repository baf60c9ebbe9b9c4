"""Where what differs begins: the frontier of two sides, with what there is to say of its values.

begins(a, b, (wrong_a, wrong_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphlab.comparison.found import ANOTHER, Part, VariablePair
from graphlab.comparison.frontier import frontier
from graphlab.comparison.pairing import Roots
from graphlab.comparison.parting import producers_of
from graphlab.comparison.places import inputs_of, part_of
from graphlab.comparison.side import Side


def begins(
    a: Side,
    b: Side,
    wrong: tuple[Sequence[int], Sequence[int]],
    variables: Sequence[VariablePair],
    by_moment: bool,
) -> tuple[Part, ...]:
    """Where what is wrong, values of A and of B by number, begins; in the order of execution.

    Where no op differs but results come of ops that are not partners, those are told.
    """
    pairs = frontier((a, b), wrong, {pair.a: pair.b for pair in variables}, by_moment)
    given = [producers_of(side) for side in (a, b)]
    if not pairs:
        parts = (part_of(*pair, (), a.index, variables) for pair in _givers((a, b), wrong, given))
        return tuple(replace(part, how=ANOTHER) for part in parts)
    return tuple(
        part_of(one, other, inputs_of(one, other, a, b, given), a.index, variables)
        for one, other in pairs
    )


def _givers(
    sides: tuple[Side, Side], wrong: tuple[Sequence[int], Sequence[int]], given: Sequence[Mapping]
) -> Roots:
    """The ops of which results come that differ, in the order of the results."""
    found: dict[tuple, tuple] = {}
    for numbers in zip(*wrong, strict=False):
        if all(number in of for number, of in zip(numbers, given, strict=True)):
            one, other = (
                side.events[of[number][0]]
                for side, number, of in zip(sides, numbers, given, strict=True)
            )
            found.setdefault((one.node, one.frame, other.node, other.frame), (one, other))
    return list(found.values())
