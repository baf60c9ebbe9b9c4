"""Where what differs begins: the frontier of two sides, with what there is to say of its values.

begins(a, b, (wrong_a, wrong_b), variables, by_moment)
"""

from __future__ import annotations

from collections.abc import Sequence

from graphlab.comparison import parting
from graphlab.comparison.found import Part, VariablePair
from graphlab.comparison.frontier import partners
from graphlab.comparison.pairing import pair_roots
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
    known_a, known_b = parting.Known(a, by_moment), parting.Known(b, by_moment)
    roots_a = parting.roots(a, known_b, wrong[0])
    roots_b = parting.roots(b, known_a, wrong[1])
    if not roots_a and not roots_b:  # the results come of no op: Python made them
        roots_a = parting.roots(a, known_b, parting.unknown(a, known_b))
        roots_b = parting.roots(b, known_a, parting.unknown(b, known_a))
    known = {pair.a: pair.b for pair in variables}
    paired = pair_roots(roots_a, roots_b, known, a.index, by_moment)
    pairs = partners(paired, (a, b), (known_a, known_b), known, by_moment)
    given = [parting.producers_of(side) for side in (a, b)]
    return tuple(
        part_of(one, other, inputs_of(one, other, a, b, given), a.index, variables)
        for one, other in pairs
    )
