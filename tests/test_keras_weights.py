"""Whose weights the arrays of a Keras file are, by which names, and what is packed in them."""

from __future__ import annotations

import json

import h5py
import keras
import numpy as np
import pytest
from keras2_made import chain, layer, takes, written

from graphlab.sources import facts, files
from graphlab.sources.modelfile import WEIGHTS

L = keras.layers
PACKED = "packed: two values of 4 bits a byte"


def told(path) -> list:
    """(name, shape, whether it is trained) of every array of the layers."""
    found = files.read_model(path).variables
    return sorted((each.name, each.shape, each.trainable) for each in found)


def crossed() -> keras.Model:
    """Layers that are called in another order than they were made and named."""
    keras.utils.clear_session()
    last, first = L.Dense(4), L.Dense(8)  # dense, dense_1
    x = keras.Input((16,))
    return keras.Model(x, last(first(x)))


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_weights_are_of_the_layer_whose_name_stands_beside_them(tmp_path, ending):
    path = tmp_path / f"m.{ending}"
    (crossed().save_weights if ending == "weights.h5" else crossed().save)(path)
    kernels = [(name, shape) for name, shape, _ in told(path) if name.endswith("kernel")]
    assert kernels == [("dense/kernel", (8, 4)), ("dense_1/kernel", (16, 8))]


def test_a_file_of_weights_alone_says_so(tmp_path):
    crossed().save_weights(tmp_path / "m.weights.h5")
    found = files.read_model(tmp_path / "m.weights.h5")
    assert (found.kind, len(found.graph), len(found.variables)) == (WEIGHTS, 0, 4)
    assert found.notes == (
        "it holds weights and no layers: the model is in the .keras file, the JSON or the program",
    )


def test_the_weights_that_keras_2_saves_alone_are_read(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = np.array([b"x", b"top"])
        file.attrs["keras_version"] = b"2.15.0"
        file["top/top/kernel:0"] = np.zeros((3, 2), np.float32)
        file["top/top/bias:0"] = np.zeros(2, np.float32)
    found = files.read_model(tmp_path / "w.h5")
    assert (found.kind, found.facts) == (WEIGHTS, {"Keras": "2.15.0"})
    assert [(name, shape) for name, shape, _ in told(tmp_path / "w.h5")] == [
        ("top/bias", (2,)),
        ("top/kernel", (3, 2)),
    ]


def test_the_json_of_a_model_is_drawn_without_weights(tmp_path):
    (tmp_path / "m.json").write_text(crossed().to_json())
    found = files.read_model(tmp_path / "m.json")
    assert [node.name for node in found.graph.nodes][1:] == ["dense_1", "dense"]
    assert (found.notes, found.parameters) == (
        ("it is the JSON of a model: it holds no weights",),
        None,
    )


def test_the_moving_statistics_of_a_frozen_and_a_trained_layer_in_keras_2(tmp_path):
    layers = [takes("x", 3), layer("BatchNormalization", "n"), layer("Dense", "d", units=2)]
    layers[2]["config"]["trainable"] = False
    arrays = {f"n/n/{each}:0": np.zeros(3) for each in ("gamma", "beta", "moving_mean")}
    arrays |= {"n/n/moving_variance:0": np.zeros(3), "d/d/kernel:0": np.zeros((3, 2))}
    found = files.read_model(written(tmp_path / "m.h5", chain("s", layers), **arrays))
    assert (found.parameters.trainable, found.parameters.fixed) == (6, 12)
    rows = {row.name: (row.parameters, row.trainable) for row in found.layers}
    assert rows == {"x": (0, 0), "n": (12, 6), "d": (6, 0)}


# Quantized


def quantized(mode, config=None) -> keras.Model:
    x = keras.Input((16,), name="x")
    made = L.Dense(15, name="d")
    net = keras.Model(x, made(x))
    made.quantize(mode, **({} if config is None else {"config": config}))
    return net


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("mode, packed", [("int8", set()), ("int4", {"d/kernel"})])
def test_what_is_quantized_has_the_arrays_that_keras_names(tmp_path, ending, mode, packed):
    net = quantized(mode)
    net.save(tmp_path / f"m.{ending}")
    found = files.read_model(tmp_path / f"m.{ending}")
    assert {each.name for each in found.variables if each.note == PACKED} == packed
    assert told(tmp_path / f"m.{ending}") == sorted(
        (f"d/{each.name}", tuple(each.shape), each.trainable) for each in net.weights
    )
    assert found.parameters.trainable == 15


@pytest.mark.parametrize(
    "mode, kind, more, packed",
    [
        ("gptq", "GPTQConfig", {"weight_bits": 4}, True),
        ("gptq", "GPTQConfig", {"weight_bits": 8}, False),
        ("awq", "AWQConfig", {}, True),
    ],
)
def test_a_kernel_of_half_the_rows_is_said_to_be_packed(tmp_path, mode, kind, more, packed):
    """Keras 3.15 saves these without their zero points, and without the kernel before."""
    config = getattr(keras.quantizers, kind)(dataset=None, tokenizer=None, group_size=8, **more)
    net = quantized(mode, config)
    net.save(tmp_path / "m.keras")
    said = [(f"d/{each.name}", tuple(each.shape), each.trainable) for each in net.weights]
    without = {("d/kernel", (16, 15), True), ("d/kernel_zero", (15, 2), False)}
    assert told(tmp_path / "m.keras") == sorted(set(said) - without)
    found = files.read_model(tmp_path / "m.keras").variables
    assert {each.name for each in found if each.note == PACKED} == (
        {"d/kernel"} if packed else set()
    )


# For programs


def test_the_layers_and_the_parameters_are_in_the_json_of_the_facts(tmp_path):
    net = crossed()
    net.save(tmp_path / "m.keras")
    about = facts.about(files.read_model(tmp_path / "m.keras"))
    rows = {row["name"]: (row["class"], row["parameters"]) for row in about["layers"]}
    assert rows["dense_1"] == ("Dense", 136)
    assert json.loads(json.dumps(about))["trainable_parameters"] == net.count_params()
