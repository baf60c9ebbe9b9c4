"""Where pipelines of `tf.data` part of which the elements differ.

pipeline((a, b), pairs)         # the first two ops at which they are not built alike
"""

from __future__ import annotations

import itertools

from graphlab.comparison.names import plain_name
from graphlab.comparison.pairing import Pair, Roots
from graphlab.comparison.parting import producers_of
from graphlab.comparison.side import FEED, Event, Side

ELEMENT = "IteratorGetNext"


def pipeline(sides: tuple[Side, Side], pairs: Roots) -> Pair | None:
    """The first ops, in the order in which they were made, at which the pipelines of two sides are
    not built alike, if one of the `pairs` is of elements. A dataset has no value: it is known by
    its op, and by what that takes. None where they are built alike: then the records differ.
    """
    if not any(all(map(_is_element, pair, sides)) for pair in pairs):
        return None
    near = sides[0].index.near
    for one, other in itertools.zip_longest(*map(_datasets, sides)):
        if (
            one is None
            or other is None
            or one.op != other.op
            or list(map(near, one.inputs)) != list(map(near, other.inputs))
        ):
            return one, other
    return None


def _datasets(side: Side) -> list[Event]:
    return [each for each in side.events if each.hidden and "Dataset" in each.op]


def _is_element(event: Event | None, side: Side) -> bool:
    """Whether an event hands on what an iterator gave."""
    if event is None or event.op not in (FEED, ELEMENT):
        return False
    givers = (side.events[at] for at in producers_of(side)[event.outputs[0][1]])
    return any(plain_name(each.node) == ELEMENT for each in givers)
