"""The shapes that are told of Keras layers from their settings are those that Keras computes."""

from __future__ import annotations

import pytest
import tensorflow as tf
from models_made import shared

from graphlab.sources import files
from graphlab.sources.keras import shapes

L = tf.keras.layers
IMAGE = (None, 9, 12, 3)
LAYERS = [
    (L.Conv2D(8, 3), IMAGE),
    (L.Conv2D(8, (3, 2), strides=2, padding="same"), IMAGE),
    (L.Conv2D(8, 3, dilation_rate=2), IMAGE),
    (L.Conv1D(5, 4, strides=3, padding="causal"), (None, 20, 6)),
    (L.Conv3D(2, 2), (1, 4, 5, 6, 1)),
    (L.DepthwiseConv2D(3, depth_multiplier=2), IMAGE),
    (L.SeparableConv2D(7, 3, padding="same"), IMAGE),
    (L.MaxPooling2D(), IMAGE),
    (L.AveragePooling2D(2, strides=3, padding="same"), IMAGE),
    (L.GlobalAveragePooling2D(), IMAGE),
    (L.Flatten(), IMAGE),
    (L.Dense(4), (None, 6)),
    (L.Embedding(100, 16), (None, 7)),
    (L.LSTM(5), (None, 7, 3)),
    (L.GRU(5, return_sequences=True), (2, 7, 3)),
    (L.BatchNormalization(), IMAGE),
]


@pytest.mark.parametrize("layer, takes", LAYERS, ids=lambda each: type(each).__name__)
def test_a_layer_gives_the_shape_that_keras_computes(layer, takes):
    computed = tuple(layer.compute_output_shape(takes))
    told = shapes.after(type(layer).__name__, layer.get_config(), [takes])
    assert computed == told


def test_what_is_joined_adds_up_along_its_axis():
    takes = [(None, 3, 4), (None, 5, 4)]
    computed = tuple(L.Concatenate(axis=1).compute_output_shape(takes))
    assert computed == shapes.after("Concatenate", {"axis": 1}, takes)


@pytest.mark.parametrize(
    "layer, config, takes",
    [
        ("Mine", {}, [(2, 3)]),
        ("Dense", {"units": "many"}, [(2, 3)]),
        ("Dense", {"units": 4}, [None]),
        ("Conv2D", {"filters": 4, "kernel_size": [3, 0]}, [IMAGE]),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "data_format": "channels_first"}, [IMAGE]),
        ("Concatenate", {"axis": 9}, [(2, 3), (2, 3)]),
        ("Add", {}, [(2, 3), (3,)]),
    ],
)
def test_nothing_is_told_of_a_layer_that_is_not_understood(layer, config, takes):
    assert shapes.after(layer, config, takes) is None


def test_every_layer_of_a_file_that_notes_none_has_the_shape_that_keras_gives_it():
    path = shared("mlperf-tiny-resnet8-cifar10/pretrainedResnet.h5")
    keras = tf.keras.models.load_model(path, compile=False)
    computed = {layer.name: tuple(layer.output.shape) for layer in keras.layers}
    read = {node.name: node.outputs[0].shape for node in files.read_model(path).graph.nodes}
    assert computed == read
