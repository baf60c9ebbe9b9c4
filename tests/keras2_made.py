"""Models as Keras 2 writes them, by hand: Keras 3 cannot, and most files of the world are such."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import h5py
import numpy as np


def layer(kind: str, name: str, *inbound: list, **config: object) -> dict:
    """A layer; a call is the list of what it takes, `["conv", 0, 0]`."""
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name, "dtype": "float32", **config},
        "inbound_nodes": [[[*each, {}] for each in call] for call in inbound],
    }


def takes(name: str, *shape: int | None) -> dict:
    """An input."""
    return layer("InputLayer", name, batch_input_shape=[None, *shape])


def model(name: str, layers: list[dict], gives: list[list], *inbound: list) -> dict:
    """A functional model, and its calls where it stands in another."""
    ins = [[each["name"], 0, 0] for each in layers if each["class_name"] == "InputLayer"]
    made = layer("Functional", name, *inbound)
    made["config"] = {"name": name, "layers": layers, "input_layers": ins, "output_layers": gives}
    return made


def chain(name: str, layers: list[dict], *inbound: list) -> dict:
    """A Sequential model, whose layers list no calls."""
    bare = [{key: each[key] for key in ("class_name", "config")} for each in layers]
    made = layer("Sequential", name, *inbound)
    made["config"] = {"name": name, "layers": bare}
    return made


def written(path: Path, config: dict, **arrays: np.ndarray) -> Path:
    """The model in a file of the kind that the path's ending says; arrays are for .h5 alone."""
    config = {"class_name": config["class_name"], "config": config["config"]}
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.attrs["keras_version"] = "2.15.0"
            file.attrs["model_config"] = json.dumps(config)
            weights = file.create_group("model_weights")
            for name, value in arrays.items():
                weights[name] = value
    elif path.suffix == ".keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
    else:
        path.write_text(json.dumps({**config, "keras_version": "2.15.0"}))
    return path
