"""Tiny model files for the tests, written with the messages alone: no TensorFlow."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from graphlab.errors import GraphlabError
from graphlab.sources import files, messages

SHARED = Path(__file__).parents[2] / "shared" / "models"
FLOAT, INT32 = 1, 3


def shared(name: str) -> Path:
    """A real model; the test that asks for it is skipped where they are not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip("the folder of real models, ../shared/models, is not there")
    return path


def said(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(GraphlabError) as refused:
        files.read_model(path)
    line = str(refused.value)
    assert "\n" not in line and str(path) in line
    return line.replace(str(path), "FILE")


def graph_def(*nodes: tuple) -> messages.GraphDef:
    """Nodes as (name, op, inputs, {attribute: dtype number})."""
    graph = messages.GraphDef()
    add(graph.node, *nodes)
    graph.versions.producer = 1000
    return graph


def add(into, *nodes: tuple) -> None:
    for name, op, inputs, types in nodes:
        node = into.add(name=name, op=op, input=inputs)
        for key, value in types.items():
            node.attr[key].type = value


def affine() -> messages.GraphDef:
    """y = relu(x) with x as a placeholder of shape [?, 2]."""
    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}), ("y", "Relu", ["x"], {"T": FLOAT})
    )
    shape = graph.node[0].attr["shape"].shape
    shape.dim.add(size=-1)
    shape.dim.add(size=2)
    return graph


def saved(folder: Path, graph: messages.GraphDef, signature: str = "serving_default") -> Path:
    """A TF1 SavedModel folder with one signature from x to y."""
    message = messages.SavedModel(saved_model_schema_version=1)
    meta = message.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.graph_def.CopyFrom(graph)
    meta.signature_def[signature].inputs["in"].name = "x:0"
    meta.signature_def[signature].inputs["in"].dtype = FLOAT
    meta.signature_def[signature].outputs["out"].name = "y:0"
    folder.mkdir(exist_ok=True)
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    return folder


def keras_archive(path: Path, config: object, weights: bool = True) -> Path:
    """A .keras file around a configuration."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        if weights:
            data = io.BytesIO()
            with h5py.File(data, "w") as file:
                file["layers/dense/vars/0"] = np.zeros((2, 3), np.float32)
            archive.writestr("model.weights.h5", data.getvalue())
    return path


def layer(kind: str, name: str, *before: str, **config: object) -> dict:
    """A layer of a functional model, as Keras 3 writes it."""
    inbound = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": [each, 0, 0]}}
        for each in before
    ]
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name, "dtype": "float32", **config},
        "inbound_nodes": [{"args": inbound, "kwargs": {}}] if before else [],
    }


def functional(*layers: dict, outputs: str) -> dict:
    """A functional model of layers; its inputs are all InputLayers."""
    inputs = [[each["name"], 0, 0] for each in layers if each["class_name"] == "InputLayer"]
    return {
        "class_name": "Functional",
        "config": {
            "name": "net",
            "layers": list(layers),
            "input_layers": inputs,
            "output_layers": [[outputs, 0, 0]],
        },
    }
