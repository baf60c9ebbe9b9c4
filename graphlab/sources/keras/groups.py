"""Which layer each group of numbered variables in an HDF5 file is of.

Keras 3 and tf_keras name the groups by class, `layers/dense_1/vars`, counting in the order of the
model's layers. Keras 3 notes the layer's own name beside; else the order tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphlab.sources.keras import weight_names
from graphlab.sources.keras.configuration import Layer, Model

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies", "cells")
_CELLS = {"LSTM": "LSTMCell", "GRU": "GRUCell", "SimpleRNN": "SimpleRNNCell"}
_CELLS |= {f"ConvLSTM{n}D": "ConvLSTMCell" for n in (1, 2, 3)}
_INNER = {"layer": 0, "cell": 0, "forward_layer": 0, "backward_layer": 1}
_PROJECTIONS = {
    "query_dense": "query",
    "key_dense": "key",
    "value_dense": "value",
    "output_dense": "attention_output",
}


@dataclass(frozen=True)
class Owner:
    """What a group of variables is of."""

    name: str  # as its node is called
    layers: tuple[str, ...]  # the names of the nodes that it is a part of, outermost first
    known: str = ""  # the class, where it is Keras' own
    config: Mapping[str, Any] | None = None
    model: Model | None = None
    inner: tuple[Layer, ...] = ()
    trainable: bool | None = None  # None: the file does not say


class Groups:
    """The owners of a file's groups. `names` are those that stand beside them."""

    def __init__(self, names: Mapping[str, str], model: Model | None) -> None:
        self._names = names
        root = Owner("", (), model=model, trainable=model.trainable if model else None)
        self._owners = {"": root}
        self._members: dict[str, tuple[dict[str, Layer], dict[str, Layer]]] = {}

    def owner(self, path: str) -> Owner:
        """What a group is of, found from the outermost group on."""
        owner, start, parts = self._owners[""], 0, path.split("/") if path else []
        at = ""
        while start < len(parts):
            several = parts[start] in _CONTAINERS and start + 1 < len(parts)
            end = start + 2 if several else start + 1
            at = "/".join([*([at] if at else []), *parts[start:end]])
            if at not in self._owners:
                self._owners[at] = self._inside(owner, at, parts[start:end])
            owner, start = self._owners[at], end
        return owner

    def _inside(self, owner: Owner, path: str, parts: Sequence[str]) -> Owner:
        last = parts[-1]
        if len(parts) == 2:
            layer = self._member(owner, path)
            guessed = _CLASSES.get(re.sub(r"_\d+$", "", last), "") if owner.model is None else ""
            return self._unnamed(owner, path, guessed) if layer is None else of_layer(layer, owner)
        if last in _INNER and _INNER[last] < len(owner.inner):
            return of_layer(owner.inner[_INNER[last]], owner)
        if last == "cell" and owner.known in _CELLS:
            cell = self._unnamed(owner, path, _CELLS[owner.known])
            return replace(cell, config=owner.config, trainable=owner.trainable)
        projection = _PROJECTIONS.get(last.removeprefix("_"))
        if projection and owner.known.endswith("Attention") and owner.config is not None:
            bias = {"bias_axes": owner.config.get("use_bias", True)}
            name = f"{owner.name}/{projection}"
            return Owner(name, owner.layers, "EinsumDense", bias, trainable=owner.trainable)
        return self._unnamed(owner, path, "")

    def _unnamed(self, owner: Owner, path: str, known: str) -> Owner:
        """What no configuration tells of: an attribute of a class of somebody's own."""
        name = self._names.get(path) or path.rpartition("/")[2]
        trainable = False if owner.trainable is False else None
        full = f"{owner.name}/{name}" if owner.name else name
        return Owner(full, owner.layers, known, trainable=trainable)

    def _member(self, owner: Owner, path: str) -> Layer | None:
        """The layer of a container, by the name beside the group, else by its place."""
        container, _, member = path.rpartition("/")
        if container not in self._members:
            layers = _saved(owner)
            by_name = {layer.name: layer for layer in layers}
            self._members[container] = by_name, _counted(layers)
        by_name, by_place = self._members[container]
        return by_name.get(self._names.get(path, "")) or by_place.get(member)


def of_layer(layer: Layer, owner: Owner) -> Owner:
    """A layer as an owner, inside another."""
    name = f"{owner.name}/{layer.name}" if owner.name else layer.name
    inner = layer.model
    frozen = owner.trainable is False or not layer.trainable
    return Owner(
        name,
        (*owner.layers, name),
        layer.known,
        layer.config,
        inner,
        layer.inner,
        not (frozen or (inner is not None and not inner.trainable)),
    )


def _saved(owner: Owner) -> list[Layer]:
    """The layers of a model or a wrapper that have groups, in their order."""
    if owner.model is None:
        return list(owner.inner)
    return [
        layer
        for layer in owner.model.layers
        if not layer.known.startswith("ops.")
        and not (owner.model.chained and layer.kind == "InputLayer")
    ]


def _counted(layers: Sequence[Layer]) -> dict[str, Layer]:
    """The layers under the names of their groups: `dense`, `dense_1`."""
    found: dict[str, Layer] = {}
    seen: dict[str, int] = {}
    for layer in layers:
        name = snake(layer.kind.rpartition(">")[2])
        number = seen[name] = seen.get(name, -1) + 1
        found[f"{name}_{number}" if number else name] = layer
    return found


def snake(kind: str) -> str:
    """A class as Keras names a group after it.

    >>> snake("Conv2DTranspose"), snake("ReLU"), snake("GlobalAveragePooling2D")
    ('conv2d_transpose', 're_lu', 'global_average_pooling2d')
    """
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


_CLASSES = {snake(kind): kind for kind in weight_names.KNOWN}
