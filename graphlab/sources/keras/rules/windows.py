"""Convolutions and poolings: what slides over the axes between the batch and the channels."""

from __future__ import annotations

import re

from graphlab.sources.keras.rules.known import Asked, Sizes, apart, times, together

_AXES = re.compile(r"([123])D")


def axes(kind: str) -> int:
    """How many axes a layer slides over, by its name: `Conv2DTranspose` over 2."""
    found = _AXES.search(kind)
    if found is None:
        raise ValueError(kind)
    return int(found[1])


def _slid(
    inside: Sizes, size: list[int], strides: list[int], rates: list[int], padding: object
) -> Sizes:
    """How often a window fits. ValueError where it never does, or the padding is not known."""
    if padding not in ("valid", "same", "causal") or 0 in strides:
        raise ValueError("padding")
    found: list[int | None] = []
    for length, k, step, rate in zip(inside, size, strides, rates, strict=True):
        covered = rate * (k - 1) if padding == "valid" else 0
        if length is not None and length <= covered:
            raise ValueError("a window that does not fit")
        found.append(None if length is None else -(-(length - covered) // step))
    return tuple(found)


def _filtered(asked: Asked, inside: Sizes, channels: int | None) -> tuple[Sizes, int | None]:
    n = len(inside)
    ones = [1] * n
    size = asked.numbers("kernel_size", n)
    strides = asked.numbers("strides", n, ones)
    rates = asked.numbers("dilation_rate", n, ones)
    inside = _slid(inside, size, strides, rates, asked.config.get("padding", "valid"))
    if asked.kind.startswith("Depthwise"):
        return inside, times(channels, asked.number("depth_multiplier", 1))
    return inside, asked.number("filters")


def convolution(asked: Asked) -> Sizes:
    """Conv1D to 3D, SeparableConv, DepthwiseConv, LocallyConnected; of inputs with a batch."""
    first = asked.channels_first
    inside, channels = apart(_of_rank(asked, axes(asked.kind) + 2), first)
    return together(asked.x[0], *_filtered(asked, inside, channels), first)


def transposed(asked: Asked) -> Sizes:
    """Conv1DTranspose to 3D."""
    first = asked.channels_first
    inside, _ = apart(_of_rank(asked, axes(asked.kind) + 2), first)
    n, padding = len(inside), asked.config.get("padding", "valid")
    if padding not in ("valid", "same"):
        raise ValueError("padding")
    ones = [1] * n
    more = asked.config.get("output_padding")
    added = asked.numbers("output_padding", n) if more is not None else [None] * n
    found: list[int | None] = []
    for length, k, step, rate, add in zip(
        inside,
        asked.numbers("kernel_size", n),
        asked.numbers("strides", n, ones),
        asked.numbers("dilation_rate", n, ones),
        added,
        strict=True,
    ):
        k = (k - 1) * rate + 1
        if length is None:
            found.append(None)
        elif padding == "valid":
            found.append((length - 1) * step + k + (max(k, step) - k if add is None else add))
        else:
            found.append(length * step if add is None else (length - 1) * step + k % 2 + add)
    return together(asked.x[0], tuple(found), asked.number("filters"), first)


def pooling(asked: Asked) -> Sizes:
    """MaxPooling and AveragePooling, 1D to 3D."""
    first = asked.channels_first
    inside, channels = apart(_of_rank(asked, axes(asked.kind) + 2), first)
    n = len(inside)
    size = asked.numbers("pool_size", n, [2] * n)
    strides = asked.numbers("strides", n, size)
    found = _slid(inside, size, strides, [1] * n, asked.config.get("padding", "valid"))
    return together(asked.x[0], found, channels, first)


def adaptive(asked: Asked) -> Sizes:
    """AdaptiveAveragePooling and AdaptiveMaxPooling: to the size that is asked for."""
    first = asked.channels_first
    inside, channels = apart(_of_rank(asked, axes(asked.kind) + 2), first)
    return together(asked.x[0], tuple(asked.numbers("output_size", len(inside))), channels, first)


def over_all(asked: Asked) -> Sizes:
    """GlobalAveragePooling and GlobalMaxPooling."""
    first = asked.channels_first
    inside, channels = apart(_of_rank(asked, axes(asked.kind) + 2), first)
    kept = (1,) * len(inside) if asked.config.get("keepdims") else ()
    return together(asked.x[0], kept, channels, first)


def recurrent(asked: Asked) -> list[Sizes]:
    """ConvLSTM1D to 3D: a convolution of each step, and two states."""
    first = asked.channels_first
    shape = _of_rank(asked, axes(asked.kind) + 3)
    inside, channels = apart((shape[0], *shape[2:]), first)
    state = together(shape[0], *_filtered(asked, inside, channels), first)
    sequence = (state[0], shape[1], *state[1:])
    given = sequence if asked.config.get("return_sequences") else state
    return [given, state, state] if asked.config.get("return_state") else [given]


def spectrogram(asked: Asked) -> Sizes:
    """STFTSpectrogram: windows along one axis of sound, frequencies in each."""
    first = asked.channels_first
    inside, channels = apart(_of_rank(asked, 3), first)
    frame = asked.number("frame_length")
    step = asked.config.get("frame_step") or frame // 2
    bins = (asked.config.get("fft_length") or 1 << (frame - 1).bit_length()) // 2 + 1
    bins *= 2 if asked.config.get("mode") == "stft" else 1
    steps = _slid(inside, [frame], [step], [1], asked.config.get("padding", "valid"))
    if not asked.config.get("expand_dims"):
        return together(asked.x[0], steps, times(bins, channels), first)
    batch = asked.x[0]
    return (batch, channels, *steps, bins) if first else (batch, *steps, bins, channels)


def mel(asked: Asked) -> Sizes:
    """MelSpectrogram, of one sound or a batch of them."""
    step, length = asked.number("sequence_stride"), asked.x[-1]
    steps = None if length is None else (length + step + 1) // step
    return (*asked.x[:-1], asked.number("num_mel_bins"), steps)


def _of_rank(asked: Asked, rank: int) -> Sizes:
    if len(asked.x) != rank:
        raise ValueError("rank")
    return asked.x
