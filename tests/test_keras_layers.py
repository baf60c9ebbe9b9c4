"""What is told of a layer of any class of Keras is what Keras itself says of it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import keras
import pytest
from keras_samples import IMAGE, WITHOUT, samples

from graphlab.model import check
from graphlab.sources import files
from graphlab.sources.keras.rules import outputs
from graphlab.sources.keras.rules.known import Asked, Known

L = keras.layers
ENDINGS = ("keras", "h5", "json")


@pytest.fixture(scope="module")
def all_layers(tmp_path_factory):
    """One model of a layer of every class, side by side: (samples with outputs, as read)."""
    inputs, told = [], []
    for sample in samples():
        takes = [keras.Input(shape[1:], dtype=sample.dtype) for shape in sample.takes]
        args = takes if sample.several else [takes if len(takes) > 1 else takes[0]]
        told.append((sample, keras.tree.flatten(sample.layer(*args, **sample.call))))
        inputs += takes
    model = keras.Model(inputs, [each for _, given in told for each in given])
    folder = tmp_path_factory.mktemp("layers")
    for ending in ("keras", "h5"):
        model.save(folder / f"m.{ending}")
    (folder / "m.json").write_text(model.to_json())
    return told, {each: files.read_model(folder / f"m.{each}") for each in ENDINGS}


def test_every_class_of_keras_has_a_sample_or_a_reason():
    exported = {
        kind.__name__
        for kind in vars(L).values()
        if isinstance(kind, type) and issubclass(kind, L.Layer)
    }
    exported |= {name for name in WITHOUT if hasattr(L, name)}
    tried = {type(sample.layer).__name__ for sample in samples()}
    assert exported - tried == set(WITHOUT)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_layer_gives_the_tensors_that_keras_says(all_layers, ending):
    told, read = all_layers
    check(read[ending].graph)
    rows = {layer.name: layer for layer in read[ending].layers}
    said = {s.layer.name: [(t.dtype, tuple(t.shape)) for t in given] for s, given in told}
    found = {name: [(o.dtype, o.shape) for o in rows[name].outputs] for name in said}
    assert found == said


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_layer_has_the_parameters_that_keras_counts(all_layers, ending):
    told, read = all_layers
    rows = {layer.name: layer for layer in read[ending].layers}
    layers = [sample.layer for sample, _ in told]
    said = {each.name: (each.count_params(), _count(each.trainable_weights)) for each in layers}
    assert {name: (rows[name].parameters, rows[name].trainable) for name in said} == said


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_weight_has_the_name_and_the_shape_that_it_has_in_keras(all_layers, ending):
    told, read = all_layers
    said = sorted(
        (sample.layer.name, weight.name, tuple(weight.shape), weight.trainable)
        for sample, _ in told
        for weight in sample.layer.weights
    )
    found = sorted(
        (each.name.partition("/")[0], each.name.rpartition("/")[2], each.shape, each.trainable)
        for each in read[ending].variables
        if not each.note
    )
    assert found == said


def _count(weights):
    return sum(math.prod(weight.shape) for weight in weights)


def test_all_parameters_together_are_those_of_the_summary(tmp_path):
    frozen = L.Dense(4, name="frozen")
    model = keras.Sequential([keras.Input((3,)), frozen, L.BatchNormalization(), L.Dense(2)])
    frozen.trainable = False
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    model.save(tmp_path / "m.keras")
    found = files.read_model(tmp_path / "m.keras").parameters
    told = {
        "Trainable": found.trainable,
        "Non-trainable": found.fixed,
        "Optimizer": found.optimizer,
        "Total": found.trainable + found.fixed + found.optimizer,
    }
    said = {kind: f"{kind} params: {count:,} (" in "\n".join(lines) for kind, count in told.items()}
    assert (said, found.unknown) == (dict.fromkeys(told, True), 0)


COLOURS = [
    ("RandomBrightness", 0.5),
    ("RandomColorDegeneration", 0.5),
    ("RandomPosterization", 4),
    ("RandomSaturation", 0.5),
    ("RandomSharpness", 0.5),
    ("Solarization", 0.0),
]


@pytest.mark.parametrize("kind, setting", COLOURS)
def test_what_changes_colours_gives_the_shape_that_it_takes(kind, setting):
    """Keras 3.15 cannot save these: their settings hold a module."""
    said = getattr(L, kind)(setting)(keras.Input(IMAGE[1:]))
    asked = Asked(kind, {"dtype": "float32"}, (Known("float32", IMAGE),))
    assert outputs.given(asked) == [Known(said.dtype, tuple(said.shape))]


def test_what_bends_an_image_gives_the_shape_that_it_takes():
    said = tuple(L.RandomElasticTransform.compute_output_shape(SimpleNamespace(), IMAGE))
    asked = Asked("RandomElasticTransform", {"dtype": "float32"}, (Known("float32", IMAGE),))
    assert outputs.given(asked) == [Known("float32", said)]


@pytest.mark.parametrize("shape", [(None, 16000), (16000,), (None, None)])
def test_a_mel_spectrogram_has_the_steps_that_keras_computes(shape):
    config = {"num_mel_bins": 40, "sequence_stride": 160}
    said = tuple(L.MelSpectrogram.compute_output_shape(SimpleNamespace(**config), shape))
    asked = Asked("MelSpectrogram", {**config, "dtype": "float32"}, (Known("float32", shape),))
    assert outputs.given(asked) == [Known("float32", said)]


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16", "float64"])
def test_a_layer_gives_the_dtype_that_it_computes_in(tmp_path, policy):
    inputs = keras.Input((7, 4))
    x = L.GlobalMaxPool1D(dtype=policy)(L.Conv1D(3, 3, dtype=policy)(inputs))
    model = keras.Model(inputs, x)
    (tmp_path / "m.json").write_text(model.to_json())
    found = files.read_model(tmp_path / "m.json").signatures[0].outputs[0].tensor
    assert (found.dtype, found.shape) == (model.output.dtype, (None, 3))


@pytest.mark.parametrize(
    "kind, config, takes",
    [
        ("Mine", {}, [(2, 3)]),
        ("Dense", {"units": "many"}, [(2, 3)]),
        ("Dense", {"units": -1}, [(2, 3)]),
        ("Dense", {"units": 4}, [None]),
        ("Conv2D", {"filters": 4, "kernel_size": [3, 99]}, [IMAGE]),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": [0, 0]}, [IMAGE]),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "data_format": "sideways"}, [IMAGE]),
        ("Concatenate", {"axis": 9}, [(2, 3), (2, 3)]),
        ("Add", {}, [(2, 3), (2, 4)]),
        ("Reshape", {"target_shape": "x"}, [(2, 3)]),
        ("Permute", {"dims": [1, 1]}, [(2, 3, 4)]),
        ("Cropping1D", {"cropping": [9, 9]}, [(2, 3, 4)]),
        ("RNN", {"cell": {"class_name": "Mine", "config": {"units": 3}}}, [(2, 3, 4)]),
        ("Bidirectional", {"merge_mode": "concat"}, [(2, 3, 4)]),
        ("TextVectorization", {}, []),
    ],
)
def test_nothing_is_told_of_a_layer_that_is_not_understood(kind, config, takes):
    known = tuple(Known("float32", shape) for shape in takes)
    assert [each.shape for each in outputs.given(Asked(kind, config, known))] == [None]


def test_a_size_that_no_tensor_has_is_not_told():
    asked = Asked("Flatten", {}, (Known("float32", (2, 1 << 62, 1 << 62)),))
    assert outputs.given(asked)[0].shape == (2, None)
