"""Recurrent layers and the wrappers around others: what they give, with their states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphlab.sources.keras.rules.known import Asked, Sizes, plus

_STATES = {"LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}


def unrolled(asked: Asked) -> list[Sizes]:
    """LSTM, GRU, SimpleRNN: the last output or all, and the states where they are asked for."""
    units = asked.number("units")
    return _given(asked, units, [units] * (2 if asked.kind.endswith("LSTM") else 1))


def around_cells(asked: Asked) -> list[Sizes]:
    """RNN: the output is the last cell's, the states are those of all."""
    cell: Any = asked.config.get("cell")
    states = _held(cell)
    last = cell["config"]["cells"][-1] if cell["class_name"] == "StackedRNNCells" else cell
    return _given(asked, _units(last), states)


def one_step(asked: Asked) -> Sizes:
    """A cell: what one step gives."""
    return (asked.x[0], asked.number("units"))


def _given(asked: Asked, units: int, states: list[int]) -> list[Sizes]:
    batch, steps = asked.x[:2]
    all_steps = (steps,) if asked.config.get("return_sequences") else ()
    held = [(batch, each) for each in states] if asked.config.get("return_state") else []
    return [(batch, *all_steps, units), *held]


def _held(cell: Mapping[str, Any]) -> list[int]:
    """The sizes of a cell's states. KeyError or TypeError where it is not a cell of Keras'."""
    if cell["class_name"] == "StackedRNNCells":
        return [units for each in cell["config"]["cells"] for units in _held(each)]
    return [_units(cell)] * _STATES[cell["class_name"]]


def _units(cell: Mapping[str, Any]) -> int:
    units = cell["config"]["units"]
    if type(units) is not int or cell["class_name"] not in _STATES:
        raise ValueError("units")
    return units


def both_ways(asked: Asked) -> list[Sizes]:
    """Bidirectional: the outputs of both merged or one behind the other, then their states."""
    forward, backward = ([each.shape for each in inner.gives] for inner in asked.inner)
    a, b = forward[0], backward[0]
    if a is None or b is None:
        raise ValueError("a shape that is not known")
    mode = asked.config.get("merge_mode")
    if mode not in ("concat", "sum", "mul", "ave", None):
        raise ValueError("merge_mode")
    merged = (*a[:-1], plus(a[-1], b[-1])) if mode == "concat" else a
    given = [a, b] if mode is None else [merged]
    states = forward[1:] + backward[1:]
    return given + [each for each in states if each is not None]


def each_step(asked: Asked) -> list[Sizes]:
    """TimeDistributed: what the layer inside gives, once a step."""
    batch, steps = asked.x[:2]
    found = [each.shape for each in asked.inner[-1].gives]
    if None in found:
        raise ValueError("a shape that is not known")
    return [(batch, steps, *shape[1:]) for shape in found if shape is not None]


def passed_on(asked: Asked) -> list[Sizes]:
    """SpectralNormalization, Pipeline, StackedRNNCells: what the last layer inside gives."""
    found = [each.shape for each in asked.inner[-1].gives]
    if None in found:
        raise ValueError("a shape that is not known")
    return [shape for shape in found if shape is not None]
