"""The names of a layer's weights in the order in which Keras stores them without names.

>>> [each.name for each in names("Dense", {"use_bias": True}, 2) or ()]
['kernel', 'bias']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphlab.sources.keras import settings

# In front of a name: `-` is never trained, `=` is stored once more, `4` holds two values a byte.
# Behind it: `?setting`, only where that is on.
_KERNEL = "kernel bias?use_bias"
_CELL = "kernel recurrent_kernel bias?use_bias"
_NORM = "gamma?scale beta?center"
_BATCH = f"{_NORM} -moving_mean -moving_variance"
_SEPARABLE = "depthwise_kernel pointwise_kernel bias?use_bias"
_SPECTRUM = "real_kernel imag_kernel"


def _all(kinds: str, weights: str) -> dict[str, str]:
    return {kind.format(n=n): weights for kind in kinds.split() for n in (1, 2, 3)}


KNOWN: Mapping[str, str] = {
    "Dense": _KERNEL,
    "EinsumDense": "kernel bias?bias_axes",
    "Embedding": "embeddings",
    "ReversibleEmbedding": "embeddings reverse_embeddings?untied",
    **_all("Conv{n}D Conv{n}DTranspose DepthwiseConv{n}D LocallyConnected{n}D", _KERNEL),
    **_all("SeparableConv{n}D", _SEPARABLE),
    **_all("LSTMCell GRUCell SimpleRNNCell ConvLSTMCell CuDNNLSTM CuDNNGRU", _CELL),
    **_all("BatchNormalization SyncBatchNormalization", _BATCH),
    **_all("LayerNormalization GroupNormalization", _NORM),
    "RMSNormalization": "scale",
    "SpectralNormalization": "=kernel -vector_u",
    "Normalization": "-mean?adapted -variance?adapted -count?adapted",
    "PReLU": "alpha",
    "LayerScale": "gamma",
    **_all("Attention AdditiveAttention", "scale?use_scale concat_score_weight?concat"),
    **_all("STFTSpectrogram MelSpectrogram", _SPECTRUM),
}
# What only Keras 2 calls so.
_OLD: Mapping[str, str] = _all("DepthwiseConv{n}D", "depthwise_kernel bias?use_bias")
_SCALED = "-kernel_scale -kernel_zero?blocks -g_idx?blocks"
_FLOAT8 = (
    "inputs_scale inputs_amax_history kernel_scale kernel_amax_history outputs_grad_scale"
    " outputs_grad_amax_history"
)
# By how a layer is quantized, in the place of its kernel and bias.
_QUANTIZED: Mapping[str, str] = {
    "int8": "-kernel {bias} -kernel_scale",
    "int4": "-4kernel {bias} " + _SCALED,
    "float8": "kernel {bias} " + _FLOAT8,
    # Keras 3.15 leaves the zero points of these out when it saves.
    "gptq": "{bias} -{bits}kernel -kernel_scale -kernel_zero?saved -g_idx",
    "awq": "{bias} -4kernel -kernel_scale -kernel_zero?saved -awq_scales -g_idx",
}
_EMBEDDED: Mapping[str, str] = {
    "int8": "-embeddings -embeddings_scale",
    "int4": "-4embeddings -embeddings_scale -embeddings_zero?blocks -g_idx?blocks",
}
_REVERSED: Mapping[str, str] = {
    "int8": " -reverse_embeddings?untied -reverse_embeddings_scale?untied",
    "int4": (
        " -4reverse_embeddings?untied -reverse_embeddings_scale?untied"
        " -reverse_embeddings_zero?untied_blocks"
    ),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight of a layer."""

    name: str
    trained: bool = True  # where its layer is
    again: bool = False  # the array of another weight once more
    packed: bool = False  # two values of 4 bits in a byte


def names(
    known: str, config: Mapping[str, Any] | None, count: int, old: bool = False
) -> list[Weight] | None:
    """The weights of a layer of Keras' own class, of which `count` are stored; None if unknown.

    Without a configuration they are told where the count leaves no doubt. `old`: of Keras 2.
    """
    spec = _OLD.get(known, "") if old else ""
    spec = spec or _spec(known, config or {}) or ""
    if not spec:
        return None
    fitting: list[list[str]] = []
    for wanted in _choices(spec.split(), config):
        if len(wanted) == count and wanted not in fitting:
            fitting.append(wanted)
    return [_weight(each) for each in fitting[0]] if len(fitting) == 1 else None


def named(known: str, config: Mapping[str, Any] | None) -> dict[str, Weight]:
    """All the weights that a layer of Keras' own class may have, by their names."""
    found = [_weight(token) for token in (_spec(known, config or {}) or "").split()]
    return {each.name: each for each in found}


def needs(known: str, config: Mapping[str, Any]) -> bool:
    """Whether a layer of Keras' own class has weights, so that a file without them lacks them."""
    return known in KNOWN and names(known, config, 0) is None


def _spec(known: str, config: Mapping[str, Any]) -> str | None:
    mode = settings.quantization(config)
    kind, _, bits = mode.partition("/")
    if not kind or kind not in _QUANTIZED:
        return KNOWN.get(known)
    if known in ("Embedding", "ReversibleEmbedding") and kind in _EMBEDDED:
        return _EMBEDDED[kind] + (_REVERSED[kind] if known.startswith("R") else "")
    if known not in ("Dense", "EinsumDense"):
        return KNOWN.get(known)
    bias = KNOWN[known].split()[1]
    return _QUANTIZED[kind].format(bias=bias, bits="4" if bits.startswith("4") else "")


def _choices(tokens: list[str], config: Mapping[str, Any] | None) -> list[list[str]]:
    """What may be stored: what the settings switch on; without them, all or all but some."""
    if config is not None:
        on = {**_DEFAULTS, **config, **_derived(config)}
        return [
            [each for each in tokens if "?" not in each or switches.get(each.partition("?")[2])]
            for switches in (on, {**on, "saved": True})
        ]
    optional = [each for each in tokens if "?" in each]
    less = [[each for each in tokens if each != one] for one in optional]
    return [tokens, [each for each in tokens if each not in optional], *less]


_DEFAULTS = {"use_bias": True, "scale": True, "center": True}


def _derived(config: Mapping[str, Any]) -> dict[str, bool]:
    """Switches that no setting is called."""
    blocks = not settings.quantization(config).endswith("/-1")
    untied = config.get("tie_weights") is False
    return {
        "blocks": blocks,
        "untied": untied,
        "untied_blocks": untied and blocks,
        "concat": config.get("score_mode") == "concat",
        "adapted": config.get("mean") is None,
    }


def _weight(token: str) -> Weight:
    name = token.partition("?")[0]
    bare = name.lstrip("-=4")
    marks = name[: len(name) - len(bare)]
    return Weight(bare, "-" not in marks, "=" in marks, "4" in marks)
