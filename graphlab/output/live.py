"""What a live page executes: a recorded call with all its numbers, as plain data.

document["live"] = live_columns(0, replay.start, replay.as_written())
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.model import Run
from graphlab.output.gathered import value_of
from visualize.page.columns import Table

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.watch.replay import Start

# How numbers are written; a float64 holds each int64 up to 2 ** 53, and larger ones are left out.
WRITTEN = {"float32": "<f4", "float64": "<f8", "int32": "<i4", "int64": "<f8", "bool": "u1"}
EXACT = 2**53
MOST_NUMBERS = 300_000  # of what a call begins with: with more, the page cannot execute it
MOST_HELD = 30_000  # of what an op gave: a larger one is computed and held against nothing


def live_columns(number: int, start: Start, run: Run) -> dict[str, Any]:
    """The document of a live page's call: `run`, its number there; `feeds`, `state` and `values`.

    Each has by name the number of an array in `arrays`, where each is once: `dtype`, `shape` and
    `data`, little-endian bytes in base64. What the page has no numbers for is left out: a text, a
    handle, a tensor of more than MOST_NUMBERS, or MOST_HELD where an op computed it.
    """
    arrays = Table()

    def numbers(values: Mapping[str, Any], most: int = MOST_NUMBERS) -> dict[str, int]:
        known = {name: value_of(value) for name, value in values.items()}
        fits = {
            name: np.asarray(x) for name, x in known.items() if x is not None and _fits(x, most)
        }
        return {name: arrays.of(*_key(array)) for name, array in fits.items()}

    made: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for step in run.steps:
        if step.frame:  # in a body its tensors have names of their own
            continue
        (given if step.op == "Const" else made).update(step.values or {})
    told = {
        "run": number,
        "feeds": numbers(start.feeds),
        "state": numbers(start.state),
        "values": numbers(given) | numbers(made, MOST_HELD),
    }
    return told | {"arrays": arrays.items}


def _fits(value: Any, most: int) -> bool:
    array = np.asarray(value)
    known = array.dtype.name in WRITTEN and array.size <= most
    return known and (array.dtype.name != "int64" or bool((np.abs(array) <= EXACT).all()))


def _key(array: np.ndarray) -> tuple[Any, Callable[[Any], dict[str, Any]]]:
    """By what an array is known in a Table, and how it is written there."""
    written = np.ascontiguousarray(array.astype(WRITTEN[array.dtype.name])).tobytes()
    return (array.dtype.name, array.shape, written), lambda key: {
        "dtype": key[0],
        "shape": list(key[1]),
        "data": base64.b64encode(key[2]).decode(),
    }
