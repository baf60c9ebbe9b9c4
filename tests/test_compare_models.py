"""Real models compared with themselves after a round trip through another kind of file."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from models_made import shared

from graphlab.comparison.run import compare

tf1 = tf.compat.v1


def saved_again(path: Path, folder: Path) -> str:
    """A SavedModel, loaded and saved."""
    loaded = tf.saved_model.load(str(path))
    tf.saved_model.save(loaded, str(folder / "again"), signatures=dict(loaded.signatures))
    return str(folder / "again")


def frozen(path: Path, folder: Path) -> str:
    """A SavedModel as a graph with its weights as constants."""
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    loaded = tf.saved_model.load(str(path))
    made = convert_variables_to_constants_v2(loaded.signatures["serving_default"])
    file = folder / "frozen.pb"
    file.write_bytes(made.graph.as_graph_def().SerializeToString())
    return str(file)


def keras(path: Path, folder: Path) -> str:
    """A whole .h5 in Keras' format of today."""
    tf.keras.models.load_model(path, compile=False).save(folder / "model.keras")
    return str(folder / "model.keras")


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("serving-saved_model_half_plus_two_tf2_cpu", saved_again),
        ("cppflow-load_model", saved_again),
        ("cppflow-load_model", frozen),
        ("mlperf-tiny-resnet8-cifar10/pretrainedResnet.h5", keras),
    ],
)
def test_a_real_model_is_itself_after_a_round_trip(tmp_path, name, again):
    path = shared(name)
    found = compare(str(path), again(path, tmp_path))
    assert (found.same, found.frontier) == (True, ())
    assert found.results and not found.results_only_a and not found.results_only_b
