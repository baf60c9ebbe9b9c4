"""The layers of a Keras model with what they give and how many parameters they have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphlab.model import TensorSpec
from graphlab.sources.keras import configuration, settings, weight_names
from graphlab.sources.keras.layers import Drawn
from graphlab.sources.keras.weights import OPTIMIZER, Stored
from graphlab.sources.modelfile import Layer, Parameters


@dataclass
class _Sum:
    """The parameters of a layer: all, and those that are trained."""

    total: int = 0
    trained: int = 0
    unknown: int = 0


def parameters(stored: Sequence[Stored]) -> Parameters:
    """All parameters together, those of an optimizer by themselves."""
    trained = fixed = unknown = optimizer = 0
    for each in stored:
        count = math.prod(size or 0 for size in each.variable.shape or ())
        if each.variable.note == OPTIMIZER:
            optimizer += count
        elif each.counts and each.variable.trainable is None:
            unknown += count
        elif each.counts and each.variable.trainable:
            trained += count
        elif each.counts:
            fixed += count
    return Parameters(trained, fixed, unknown, optimizer)


def needs_weights(model: configuration.Model) -> bool:
    """Whether a layer of a model, or of one inside, must have weights."""
    return any(
        weight_names.needs(layer.known, layer.config)
        or (layer.model is not None and needs_weights(layer.model))
        for layer in model.layers
    )


def layers(
    model: configuration.Model, drawn: Drawn, stored: Sequence[Stored] | None
) -> tuple[Layer, ...]:
    """Every layer of a model, the layers of an inner one behind it.

    `stored` is None where the file holds no weights.
    """
    sums: dict[str, _Sum] | None = None if stored is None else _sums(stored)
    return tuple(_rows(model.layers, "", drawn, sums, {}))


def _sums(stored: Sequence[Stored]) -> dict[str, _Sum]:
    found: dict[str, _Sum] = {}
    for each in stored:
        count = math.prod(size or 0 for size in each.variable.shape or ()) if each.counts else 0
        for name in each.layers:
            own = found.setdefault(name, _Sum())
            own.total += count
            own.trained += count if each.variable.trainable else 0
            own.unknown += count if each.variable.trainable is None else 0
    return found


def _as_input(layer: configuration.Layer, name: str) -> tuple[TensorSpec, ...]:
    """An input of an inner model as it was made; what it is called with takes its place."""
    if layer.kind != "InputLayer":
        return ()
    dtype = settings.dtype(layer.config)
    return (TensorSpec(f"{name}:0", dtype, settings.input_shape(layer.config)),)


def _rows(
    layers: Sequence[configuration.Layer],
    prefix: str,
    drawn: Drawn,
    sums: Mapping[str, _Sum] | None,
    twins: dict[tuple[str, str], _Sum],
) -> Iterator[Layer]:
    for layer in layers:
        name = f"{prefix}{layer.name}"
        node = drawn.graph.by_name.get(name)
        outputs = node.outputs if node else drawn.models.get(name, ()) or _as_input(layer, name)
        row = Layer(name, layer.kind, outputs, calls=max(len(layer.calls), 1))
        inner = layer.model.layers if layer.model else layer.inner
        within = list(_rows(inner, f"{name}/", drawn, sums, twins))
        if sums is not None:
            own = sums.get(name)
            if own is None and layer.shared:
                own = twins.get((layer.name, layer.kind))  # stored with the first that has it
            if own is None and inner:
                own = _together(within, f"{name}/")
            elif own is None and not weight_names.needs(layer.known, layer.config):
                own = _Sum()
            if own is not None:
                twins.setdefault((layer.name, layer.kind), own)
                trained = None if own.unknown else own.trained
                row = replace(row, parameters=own.total, trainable=trained)
        yield row
        yield from within


def _together(rows: Sequence[Layer], prefix: str) -> _Sum | None:
    """The parameters of what stands in a model of which nothing is stored; None if one is unknown.

    That is a model whose layers stand elsewhere in the file too.
    """
    own = _Sum()
    for row in rows:
        if "/" in row.name.removeprefix(prefix):
            continue
        if row.parameters is None:
            return None
        own.total += row.parameters
        own.trained += row.trainable or 0
        own.unknown += row.trainable is None
    return own
