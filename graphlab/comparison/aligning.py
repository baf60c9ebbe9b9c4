"""Which tensors of a call of one side have the same value as which of the other's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphlab.comparison.index import Index
from graphlab.comparison.names import plain_name
from graphlab.comparison.side import Event
from graphlab.comparison.values import rearrangeable


@dataclass(frozen=True, slots=True)
class Aligned:
    """Events of the first call with their partners."""

    pairs: tuple[tuple[Event, Event], ...]
    only_a: tuple[Event, ...]
    only_b: tuple[Event, ...]


def align(a: Sequence[Event], b: Sequence[Event], index: Index) -> Aligned:
    """Events that gave near values: of one op first, then of one name, then in their order; at last
    those that gave the same numbers in another order."""
    keys: tuple[Callable[[Event], tuple], ...] = (
        lambda e: (gives(e, index), e.op, plain_name(e.node)),
        lambda e: (gives(e, index), e.op),
        lambda e: gives(e, index),
        lambda e: _rearranged(e, index),
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for key in keys:
        groups: dict[tuple, list[int]] = {}
        for m, event in enumerate(b):
            if m not in taken and event.outputs and key(event):
                groups.setdefault(key(event), []).append(m)
        for group in groups.values():
            group.reverse()
        for n, event in enumerate(a):
            partners = groups.get(key(event)) if n not in partner and event.outputs else None
            if partners:
                partner[n] = partners.pop()
                taken.add(partner[n])
    return Aligned(
        tuple((event, b[partner[n]]) for n, event in enumerate(a) if n in partner),
        tuple(event for n, event in enumerate(a) if n not in partner),
        tuple(event for m, event in enumerate(b) if m not in taken),
    )


def gives(event: Event, index: Index) -> tuple[int, ...]:
    """The classes of near values of what an op gave."""
    return tuple(index.near(number) for _, number in event.outputs)


def _rearranged(event: Event, index: Index) -> tuple[int, ...]:
    """The same of what says something, whatever the order of the numbers; () where it does not."""
    numbers = [number for _, number in event.outputs]
    if not all(rearrangeable(index.values[number]) for number in numbers):
        return ()
    return tuple(index.rearranged(number) for number in numbers)
