"""The settings of Keras 1 in the words of later versions, of layers whose shapes are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphlab.sources.keras.rules.known import Asked

_CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "MaxoutDense": "Dense",
    "TimeDistributedDense": "Dense",
}
_MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
}
_NAMES = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample": "strides",
    "subsample_length": "strides",
    "border_mode": "padding",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "length": "size",
    "concat_axis": "axis",
    "dot_axes": "axes",
}
_ORDERS = {"tf": "channels_last", "th": "channels_first"}
_KERNELS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))


def modern(asked: Asked) -> Asked:
    """The same call, its settings in the words of Keras 2, where they are in those of Keras 1."""
    if not _is_first(asked.kind, asked.config):
        return asked
    config = {_NAMES.get(key, key): value for key, value in asked.config.items()}
    kind = _CLASSES.get(asked.kind, asked.kind)
    if asked.kind == "Merge":
        kind = _MERGES.get(str(config.get("mode")), "")
    for names in _KERNELS:
        if all(name in config for name in names):
            config["kernel_size"] = [config[name] for name in names]
    if kind in ("Dense", "LSTM", "GRU", "SimpleRNN") and "output_dim" in config:
        config["units"] = config["output_dim"]
    if isinstance(order := config.get("dim_ordering"), str):
        config["data_format"] = _ORDERS.get(order, order)
    return replace(asked, kind=kind, config=config)


def _is_first(kind: str, config: Mapping[str, Any]) -> bool:
    """Whether Keras 1 wrote these settings: with names that no later Keras has."""
    return (
        kind == "Merge"
        or kind in _CLASSES
        or any(
            key in config
            for key in (*_NAMES, "dim_ordering", "output_dim", "nb_row", "kernel_dim1")
        )
    )
