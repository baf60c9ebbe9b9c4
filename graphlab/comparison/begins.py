"""Where what differs begins: the frontier of two sides, with what there is to say of its values.

begins(a, b, (wrong_a, wrong_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Sequence

from graphlab.comparison.found import Part, VariablePair
from graphlab.comparison.frontier import frontier
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
    """Where what is wrong, values of A and of B by number, begins; in the order of execution."""
    pairs = frontier((a, b), wrong, {pair.a: pair.b for pair in variables}, by_moment)
    given = [producers_of(side) for side in (a, b)]
    return tuple(
        part_of(one, other, inputs_of(one, other, a, b, given), a.index, variables)
        for one, other in pairs
    )
