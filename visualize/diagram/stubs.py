"""Stubs in words: what a box is joined with, where there are too many lines to draw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from visualize.diagram.drawn import Box
from visualize.words import middle

FROM, TO = "\N{BLACK LEFT-POINTING SMALL TRIANGLE}", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"
MOST = 3  # a box with more ends of a kind says how many there are


def stub_lines(box: Box, names: Mapping[int, str]) -> Iterator[str]:
    """A line for each end of a kind, or one that says how many there are."""
    for out, mark in ((False, FROM), (True, TO)):
        ends = [stub for stub in box.stubs if stub.out == out]
        if len(ends) > MOST:
            yield f"{mark} {len(ends)} boxes"
            continue
        for stub in ends:
            name = names.get(stub.end, "")
            times = f" ({stub.count})" if stub.count > 1 else ""
            yield f"{mark} {middle(name, 24)}{times}{' waits' if stub.control and out else ''}"
