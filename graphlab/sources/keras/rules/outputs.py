"""The dtypes and shapes that a call of a layer gives, by its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphlab.sources.keras import settings
from graphlab.sources.keras.rules import (
    attention,
    dtypes,
    first_keras,
    merging,
    ops,
    preparing,
    recurrent,
    reshaping,
    tf_ops,
    windows,
)
from graphlab.sources.keras.rules.known import NOTHING, Asked, Known, Sizes, within_limits

Rule = Callable[[Asked], Any]  # a shape, or several in a list


def given(asked: Asked) -> list[Known]:
    """What each output is known to be, as many as the layer is known to have, one at least."""
    if asked.kind in tf_ops.KINDS:
        return _of_function(asked)
    asked = first_keras.modern(asked)
    if asked.kind.startswith("ops."):
        return ops.given(asked)
    if asked.kind == "InputLayer":
        return [Known(_input_dtype(asked), settings.input_shape(asked.config))]
    dtype = dtypes.of(asked)
    rule = RULES.get(asked.kind)
    if rule is None:
        return [Known(dtype)]
    try:
        found = rule(asked)
    except NOTHING:
        return [Known(dtype)]
    shapes = found if isinstance(found, list) else [found]
    return [Known(dtype, within_limits(shape)) for shape in shapes]


def _of_function(asked: Asked) -> list[Known]:
    try:
        return ops.given(tf_ops.modern(asked))
    except NOTHING:
        return [Known()]


def _input_dtype(asked: Asked) -> str:
    dtype = asked.config.get("dtype")
    return dtype if isinstance(dtype, str) else settings.dtype(asked.config)


def _same(asked: Asked) -> Sizes | list[Sizes]:
    """What is taken: images alone, or with their labels and boxes in a dict."""
    if asked.args and isinstance(asked.args[0], dict):
        return asked.shapes
    return asked.x


_SAME = (
    "Activation ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax BatchNormalization"
    " SyncBatchNormalization LayerNormalization GroupNormalization UnitNormalization"
    " RMSNormalization Normalization Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D"
    " GaussianNoise GaussianDropout AlphaDropout ActivityRegularization Rescaling Masking"
    " Identity MixUp CutMix AugMix RandAugment AutoContrast Equalization Solarization"
    " ContrastLimitedAdaptiveHistogramEqualization RandomBrightness RandomColorDegeneration"
    " RandomColorJitter RandomContrast RandomElasticTransform RandomErasing RandomFlip"
    " RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective"
    " RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear"
    " RandomTranslation RandomZoom Highway LayerScale StochasticDepth"
)
_CONVOLUTIONS = (
    "Conv{n}D Convolution{n}D SeparableConv{n}D SeparableConvolution{n}D DepthwiseConv{n}D"
    " LocallyConnected{n}D"
)
_POOLINGS = "MaxPooling{n}D AveragePooling{n}D MaxPool{n}D AvgPool{n}D"
_GLOBALS = "GlobalMaxPooling{n}D GlobalAveragePooling{n}D GlobalMaxPool{n}D GlobalAvgPool{n}D"


def _all(names: str, rule: Rule) -> dict[str, Rule]:
    """A rule for each of the names, `{n}` in them being 1, 2 and 3."""
    spread = [name.format(n=n) for name in names.split() for n in (1, 2, 3)]
    return dict.fromkeys(spread, rule)


RULES: Mapping[str, Rule] = {
    **_all(_SAME, _same),
    **_all(_CONVOLUTIONS, windows.convolution),
    **_all("Conv{n}DTranspose Convolution{n}DTranspose", windows.transposed),
    **_all(_POOLINGS, windows.pooling),
    **_all("AdaptiveMaxPooling{n}D AdaptiveAveragePooling{n}D", windows.adaptive),
    **_all(_GLOBALS, windows.over_all),
    **_all("ConvLSTM{n}D", windows.recurrent),
    "STFTSpectrogram": windows.spectrogram,
    "MelSpectrogram": windows.mel,
    "Lambda": reshaping.promised,
    "Flatten": reshaping.flatten,
    "Reshape": reshaping.reshape,
    "Permute": reshaping.permute,
    "RepeatVector": reshaping.repeat,
    **_all("ZeroPadding{n}D", reshaping.padded),
    **_all("Cropping{n}D", reshaping.cropped),
    **_all("UpSampling{n}D", reshaping.upsampled),
    **_all("Resizing CenterCrop RandomCrop", reshaping.resized),
    "Deconvolution2D": reshaping.told,
    "RandomHeight": reshaping.any_height,
    "RandomWidth": reshaping.any_width,
    **_all("Add Subtract Multiply Average Maximum Minimum", merging.merged),
    "Concatenate": merging.joined,
    "Dot": merging.dot,
    "Dense": merging.dense,
    "MaxoutDense": merging.dense,
    "EinsumDense": merging.einsum,
    "Embedding": merging.embedding,
    "ReversibleEmbedding": merging.embedding,
    **_all("LSTM GRU SimpleRNN CuDNNLSTM CuDNNGRU", recurrent.unrolled),
    "RNN": recurrent.around_cells,
    **_all("LSTMCell GRUCell SimpleRNNCell", recurrent.one_step),
    "Bidirectional": recurrent.both_ways,
    "TimeDistributed": recurrent.each_step,
    **_all("SpectralNormalization Pipeline StackedRNNCells Wrapper", recurrent.passed_on),
    **_all("Attention AdditiveAttention", attention.plain),
    **_all("MultiHeadAttention GroupQueryAttention GroupedQueryAttention", attention.many_headed),
    "CategoryEncoding": preparing.encoded,
    "Hashing": preparing.hashed,
    "HashedCrossing": preparing.crossed,
    "Discretization": preparing.binned,
    **_all("StringLookup IntegerLookup", preparing.looked_up),
    "TextVectorization": preparing.words,
}
