"""The calls of a model's layers in an order in which they can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphlab.errors import shown
from graphlab.sources.keras.configuration import Layer


def in_order(layers: Sequence[Layer]) -> Iterator[tuple[Layer, int]]:
    """Each layer with the number of a call, behind those it takes from, else as written.

    ValueError where a layer waits for itself.
    """
    calls = {
        (layer.name, number + layer.first): (layer, number)
        for layer in layers
        for number in range(len(layer.calls))
    }
    waiting: dict[tuple[str, int], list[tuple[str, int]]] = {}
    missing: dict[tuple[str, int], int] = {}
    ready: list[tuple[str, int]] = []
    for key, (layer, number) in calls.items():
        takes = layer.calls[number].takes
        before = dict.fromkeys((each.layer, each.call) for each in takes)
        there = [each for each in before if each in calls]
        missing[key] = len(there)
        for each in there:
            waiting.setdefault(each, []).append(key)
        if not there:
            ready.append(key)
    ready.reverse()
    done = 0
    while ready:
        key = ready.pop()
        done += 1
        yield calls[key]
        for other in reversed(waiting.get(key, ())):
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    if done < len(calls):
        stuck = next(name for (name, _), count in missing.items() if count)
        raise ValueError(f"layer {shown(stuck)} waits for itself")
