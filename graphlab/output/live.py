"""What a live page executes: a recorded call with all its numbers, as plain data.

document["live"] = live_columns(0, replay.start, run, signatures(run, replay))
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.model import Run
from graphlab.output.gathered import value_of
from visualize.page.columns import Table

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.watch.replay import Replay, Start

# How numbers are written; a float64 holds each int64 up to 2 ** 53, and larger ones are left out.
WRITTEN = {"float32": "<f4", "float64": "<f8", "int32": "<i4", "int64": "<f8", "bool": "u1"}
EXACT = 2**53
MOST_NUMBERS = 300_000  # of what a call begins with: with more, the page cannot execute it
MOST_HELD = 30_000  # of what an op gave: a larger one is computed and held against nothing
MOST_KINDS = 256  # of numbers in an array that a byte each can tell apart
MOST_INSIDE = 200_000  # of all that ops gave in loops and functions, the smaller tensors first


def live_columns(
    number: int,
    start: Start,
    run: Run,
    functions: Mapping[str, tuple[Sequence[str], Sequence[str]]],
) -> dict[str, Any]:
    """The document of a live page's call: `run`, its number there; `feeds`, `state` and `values`.

    Each has by name the number of an array in `arrays`, where each is once: `dtype`, `shape` and
    `data`, little-endian bytes in base64; of few different numbers `data` has each once, and
    `which`, a byte for each place, says which of them is there. `inside` has such numbers by
    frame, a turn of a loop or a call of a function, and `signatures` what each function takes and
    gives, see `signatures`. What the page has no numbers for is left out: a text, a handle, a
    tensor of more than MOST_NUMBERS, or MOST_HELD where an op computed it, and in frames what goes
    beyond MOST_INSIDE.
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
    inside: dict[str, dict[str, Any]] = {}
    for step in run.steps:
        if step.frame:  # in a body its tensors have names of their own
            inside.setdefault(step.frame, {}).update(step.values or {})
        else:
            (given if step.op == "Const" else made).update(step.values or {})
    told = {
        "run": number,
        "feeds": numbers(start.feeds),
        "state": numbers(start.state),
        "values": numbers(given) | numbers(made, MOST_HELD),
        "inside": {frame: numbers(values) for frame, values in _held(inside).items()},
        "signatures": dict(functions),
    }
    return told | {"arrays": arrays.items}


def signatures(run: Run, replay: Replay) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What the functions take and give that the graph of `run` calls: tensors of their bodies.

    The functions of its replay, which may have been built anew, are the same but for their names.
    """
    if run.built is None or replay.run.built is None:
        return {}
    from graphlab.sources import live  # it imports TensorFlow

    known = live.signatures(replay.source(), replay.run.built.functions)
    names = zip(run.built.functions, replay.run.built.functions, strict=True)
    return {name: known[same] for name, same in names if same in known}


def _held(inside: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of the values in each frame those that fit, the smaller ones first, within MOST_INSIDE."""
    every = [
        (np.asarray(value).size, frame, name, value)
        for frame, values in inside.items()
        for name, told in values.items()
        if (value := value_of(told)) is not None
    ]
    held: dict[str, dict[str, Any]] = {frame: {} for frame in inside}
    left = MOST_INSIDE
    for size, frame, name, value in sorted(every, key=lambda each: each[0]):
        left -= size
        if left < 0:
            break
        held[frame][name] = value
    return held


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
        **_written(key[2], np.dtype(WRITTEN[key[0]]).itemsize),
    }


def _written(data: bytes, size: int) -> dict[str, str]:
    """Numbers of so many bytes each; those of few kinds, as pixels are, once, and then `which`."""
    kinds, which = np.unique(np.frombuffer(data, f"u{size}"), return_inverse=True)
    if len(kinds) > MOST_KINDS or 2 * len(kinds) > len(which) or size == 1:
        return {"data": _base64(data)}
    return {"data": _base64(kinds.tobytes()), "which": _base64(which.astype(np.uint8).tobytes())}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
