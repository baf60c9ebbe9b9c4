"""A layer of every class of Keras, with the shapes of what it is called on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras

L = keras.layers
V, S = (None, 6), (None, 7, 4)  # vectors, sequences
IMAGE, VOLUME = (None, 9, 12, 3), (None, 4, 5, 6, 2)

# Classes of which there is no sample, with the reason.
WITHOUT = {
    "Layer": "the base of all",
    "Wrapper": "the base of wrappers",
    "InputLayer": "in every model",
    "LSTMCell": "inside of RNN",
    "GRUCell": "inside of RNN",
    "SimpleRNNCell": "inside of RNN",
    "StackedRNNCells": "inside of RNN",
    "FlaxLayer": "another framework",
    "JaxLayer": "another framework",
    "TorchModuleWrapper": "another framework",
    "TFSMLayer": "a SavedModel",
    "MaxNumBoundingBoxes": "takes boxes and labels alone",
    "Equalization": "gives its own input, which Keras calls a circle",
    # Keras makes or saves these only where scipy is, or not at all: their rule is tested alone.
    "MelSpectrogram": "",
    "RandomElasticTransform": "",
    "RandomBrightness": "",
    "RandomColorDegeneration": "",
    "RandomPosterization": "",
    "RandomSaturation": "",
    "RandomSharpness": "",
    "Solarization": "",
}


@dataclass
class Sample:
    """A layer, and how it is called."""

    layer: Any
    takes: tuple[tuple[int | None, ...], ...]
    dtype: str = "float32"
    several: bool = False  # its tensors are arguments, and not a list
    call: dict[str, Any] = field(default_factory=dict)


def samples() -> list[Sample]:
    """Every sample, its layer named after its class and place."""
    found = [*_plain(), *_windows(), *_reshaping(), *_dense(), *_recurrent(), *_attention()]
    found += [*_preparing(), *_images()]
    for i, each in enumerate(found):
        each.layer.name = f"{type(each.layer).__name__.lower()}_{i}"
    return found


def _of(layer: Any, *takes: tuple[int | None, ...], **more: Any) -> Sample:
    return Sample(layer, takes, **more)


def _plain() -> Iterator[Sample]:
    for (
        name
    ) in "ActivityRegularization ELU Identity LeakyReLU ReLU Softmax UnitNormalization".split():
        yield _of(getattr(L, name)(), V)
    for name in "AlphaDropout Dropout GaussianDropout GaussianNoise".split():
        yield _of(getattr(L, name)(0.5), V)
    yield _of(L.Activation("relu"), V)
    yield _of(L.Masking(), S)
    yield _of(L.PReLU(), S)
    yield _of(L.Rescaling(2.0), IMAGE)
    yield _of(L.SpatialDropout1D(0.5), S)
    yield _of(L.SpatialDropout2D(0.5), IMAGE)
    yield _of(L.SpatialDropout3D(0.5), VOLUME)
    yield _of(L.BatchNormalization(), IMAGE)
    yield _of(L.BatchNormalization(scale=False), V)
    yield _of(L.LayerNormalization(center=False), S)
    yield _of(L.GroupNormalization(3), IMAGE)
    yield _of(L.RMSNormalization(), S)
    yield _of(L.SpectralNormalization(L.Conv2D(4, 3)), IMAGE)
    yield _of(L.Normalization(), V)
    yield _of(L.Normalization(mean=1.0, variance=2.0), V)


def _windows() -> Iterator[Sample]:
    for n, shape in ((1, S), (2, IMAGE), (3, VOLUME)):
        first = (shape[0], shape[-1], *shape[1:-1])

        def of(name: str, n: int = n) -> Any:
            return getattr(L, name.format(n=n))

        yield _of(of("Conv{n}D")(8, 2), shape)
        yield _of(of("Conv{n}D")(8, 2, strides=2, padding="same", use_bias=False), shape)
        yield _of(of("Conv{n}D")(8, 2, dilation_rate=2), shape)
        yield _of(of("Conv{n}D")(8, 2, data_format="channels_first"), first)
        yield _of(of("Conv{n}DTranspose")(5, 3, strides=2), shape)
        yield _of(of("Conv{n}DTranspose")(5, 3, strides=2, padding="same"), shape)
        more = {"padding": "same", "output_padding": 1}
        yield _of(of("Conv{n}DTranspose")(5, 3, strides=2, **more), shape)
        yield _of(of("MaxPooling{n}D")(), shape)
        yield _of(of("AveragePooling{n}D")(2, strides=3, padding="same"), shape)
        yield _of(of("AveragePooling{n}D")(2, data_format="channels_first"), first)
        yield _of(of("GlobalMaxPooling{n}D")(), shape)
        yield _of(of("GlobalAveragePooling{n}D")(keepdims=True), shape)
        yield _of(of("GlobalAveragePooling{n}D")(data_format="channels_first"), first)
        yield _of(of("AdaptiveMaxPooling{n}D")(2), shape)
        yield _of(of("AdaptiveAveragePooling{n}D")(3), shape)
        steps = (None, 3, *shape[1:])
        yield _of(of("ConvLSTM{n}D")(4, 2), steps)
        states = {"return_sequences": True, "return_state": True}
        yield _of(of("ConvLSTM{n}D")(4, 2, padding="same", **states), steps)
    yield _of(L.Conv1D(5, 4, strides=3, padding="causal"), (None, 20, 6))
    yield _of(L.Conv2D(5, 3), (None, None, None, 3))
    yield _of(L.DepthwiseConv1D(3, depth_multiplier=2), S)
    yield _of(L.DepthwiseConv2D(3, depth_multiplier=2), IMAGE)
    yield _of(L.SeparableConv1D(5, 3), S)
    yield _of(L.SeparableConv2D(5, 3, padding="same", use_bias=False), IMAGE)
    yield _of(L.STFTSpectrogram(frame_length=32, frame_step=8, window=None), (None, 400, 1))
    two = {"expand_dims": True, "mode": "stft"}
    yield _of(L.STFTSpectrogram(frame_length=32, window=None, **two), (None, 400, 2))


def _reshaping() -> Iterator[Sample]:
    for n, shape in ((1, S), (2, IMAGE), (3, VOLUME)):
        yield _of(getattr(L, f"ZeroPadding{n}D")(2), shape)
        yield _of(getattr(L, f"Cropping{n}D")(1), shape)
        yield _of(getattr(L, f"UpSampling{n}D")(2), shape)
    yield _of(L.ZeroPadding1D((1, 3)), S)
    yield _of(L.ZeroPadding2D(((1, 0), (2, 3))), IMAGE)
    yield _of(L.ZeroPadding2D((1, 2), data_format="channels_first"), (None, 3, 8, 8))
    yield _of(L.Cropping2D(((1, 0), (2, 3))), IMAGE)
    yield _of(L.UpSampling2D((2, 3)), IMAGE)
    yield _of(L.Flatten(), IMAGE)
    yield _of(L.Flatten(), (None, None, 3))
    yield _of(L.Flatten(), V, dtype="int32")
    yield _of(L.Reshape((3, -1)), V)
    yield _of(L.Reshape((2, 3)), V, dtype="int32")
    yield _of(L.Reshape((-1, 2)), (None, None, 2))
    yield _of(L.Permute((2, 1)), S)
    yield _of(L.RepeatVector(3), V)
    yield _of(L.Lambda(lambda x: x, output_shape=(6,)), V)


def _dense() -> Iterator[Sample]:
    for name in "Add Average Maximum Minimum Multiply Subtract".split():
        yield _of(getattr(L, name)(), V, V)
    yield _of(L.Add(), (None, 1, 4), S, S)
    yield _of(L.Multiply(), (None, 1, 1, 3), IMAGE)
    yield _of(L.Concatenate(), V, (None, 3))
    yield _of(L.Concatenate(axis=1), S, (None, 2, 4))
    yield _of(L.Dot(1), V, V)
    yield _of(L.Dot((2, 2)), S, (None, 5, 4))
    yield _of(L.Dot(-1, normalize=True), S, S)
    yield _of(L.Dense(3), V)
    yield _of(L.Dense(3, use_bias=False), S)
    yield _of(L.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d"), S)
    yield _of(L.EinsumDense("...x,xy->...y", 8), S)
    yield _of(L.EinsumDense("ab,bcd->acd", (3, 4), bias_axes="cd"), V)
    yield _of(L.Embedding(30, 5), V, dtype="int32")
    yield _of(L.ReversibleEmbedding(30, 5), V, dtype="int32")
    yield _of(L.ReversibleEmbedding(30, 5, tie_weights=False), V, dtype="int32")
    yield _of(L.ReversibleEmbedding(30, 4), S, call={"reverse": True})


def _recurrent() -> Iterator[Sample]:
    all_steps = {"return_sequences": True, "return_state": True}
    for kind in (L.LSTM, L.GRU, L.SimpleRNN):
        yield _of(kind(5), S)
        yield _of(kind(5, use_bias=False, **all_steps), S)
    yield _of(L.GRU(5, reset_after=False, return_state=True), S)
    yield _of(L.RNN(L.LSTMCell(4)), S)
    yield _of(L.RNN([L.LSTMCell(4), L.GRUCell(5)], **all_steps), S)
    yield _of(L.RNN(L.SimpleRNNCell(4), return_state=True), S)
    yield _of(L.Bidirectional(L.LSTM(3)), S)
    yield _of(L.Bidirectional(L.LSTM(3, **all_steps), merge_mode=None), S)
    yield _of(L.Bidirectional(L.GRU(3, return_state=True), merge_mode="sum"), S)
    other = L.SimpleRNN(3, go_backwards=True)
    yield _of(L.Bidirectional(L.GRU(3), backward_layer=other), S)
    yield _of(L.TimeDistributed(L.Dense(3)), S)
    inner = [keras.Input(IMAGE[1:]), L.Conv2D(2, 3), L.BatchNormalization(), L.Flatten()]
    yield _of(L.TimeDistributed(keras.Sequential(inner)), (None, 5, *IMAGE[1:]))


def _attention() -> Iterator[Sample]:
    scores = {"return_attention_scores": True}
    yield _of(L.Attention(), S, S)
    yield _of(L.Attention(use_scale=True), S, (None, 5, 4), (None, 5, 4), call=scores)
    yield _of(L.Attention(score_mode="concat"), S, S)
    yield _of(L.AdditiveAttention(), S, S)
    yield _of(L.MultiHeadAttention(2, 3), S, S, several=True)
    own = L.MultiHeadAttention(2, 3, value_dim=4, output_shape=6, use_bias=False)
    yield _of(own, S, S, several=True, call=scores)
    yield _of(L.GroupQueryAttention(3, 4, 2), S, S, several=True)
    yield _of(L.GroupQueryAttention(3, 4, 2), S, S, several=True, call=scores)


def _preparing() -> Iterator[Sample]:
    one = (None, 1)
    yield _of(L.CategoryEncoding(5), V, dtype="int32")
    yield _of(L.CategoryEncoding(5, output_mode="one_hot"), one, dtype="int32")
    yield _of(L.CategoryEncoding(5, output_mode="one_hot"), V, dtype="int32")
    for mode in ("int", "one_hot", "multi_hot"):
        yield _of(L.Discretization([0.0, 1.0], output_mode=mode), V)
    yield _of(L.Hashing(5), V, dtype="int32")
    yield _of(L.Hashing(5, output_mode="multi_hot"), V, dtype="int32")
    yield _of(L.HashedCrossing(5), one, one, dtype="int32")
    yield _of(L.HashedCrossing(5, output_mode="one_hot"), one, one, dtype="int32")
    yield _of(L.IntegerLookup(vocabulary=[1, 2]), V, dtype="int64")
    yield _of(L.IntegerLookup(vocabulary=[1, 2], output_mode="multi_hot"), V, dtype="int64")
    yield _of(L.IntegerLookup(vocabulary=[1, 2], output_mode="one_hot"), one, dtype="int64")
    yield _of(L.StringLookup(vocabulary=["a"]), V, dtype="string")
    yield _of(L.StringLookup(vocabulary=["a"], output_mode="count"), V, dtype="string")
    yield _of(L.TextVectorization(vocabulary=["a"]), (None,), dtype="string")
    yield _of(L.TextVectorization(vocabulary=["a"], output_sequence_length=4), one, dtype="string")
    yield _of(
        L.TextVectorization(vocabulary=["a"], output_mode="multi_hot"), (None,), dtype="string"
    )


def _images() -> Iterator[Sample]:
    yield _of(L.Resizing(5, 6), IMAGE)
    yield _of(L.Resizing(5, 6, data_format="channels_first"), (None, 3, 9, 12))
    yield _of(L.CenterCrop(5, 6), IMAGE)
    yield _of(L.RandomCrop(5, 6), IMAGE)
    yield _of(L.Pipeline([L.Resizing(4, 4), L.Rescaling(2.0)]), IMAGE)
    without = (
        "AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix MixUp RandAugment"
        " RandomColorJitter RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale"
        " RandomInvert RandomPerspective RandomShear"
    )
    for name in without.split():
        yield _of(getattr(L, name)(), IMAGE)
    for name in "RandomContrast RandomHue RandomRotation RandomZoom".split():
        yield _of(getattr(L, name)(0.5), IMAGE)
    yield _of(L.RandomTranslation(0.5, 0.5), IMAGE)
    yield _of(L.AugMix((0, 255)), IMAGE)
