"""A ported file, run in a process of its own: `python -m graphlab.port.child FILE.py FOLDER`.

FOLDER has `calls.npz`: of each call the variables before it and the inputs, every tensor as
TensorFlow serialises it. What the calls gave, and the variables after them, is written to
`answers.npz`. Nothing here knows the original or its numbers.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf


def main(file: Path, folder: Path) -> None:
    """Run the calls of the folder and write what they gave."""
    # Computed as written: Grappler may add numbers in another order.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    model = model_of(file)
    answers: dict[str, Any] = {}
    with np.load(folder / "calls.npz") as stored:
        for number, call in enumerate(json.loads(str(stored["plan"]))):
            for name in call["variables"]:
                member(model, name).assign(_tensor(stored, f"{number} variable {name}", call))
            inputs = [_tensor(stored, f"{number} input {name}", call) for name in call["inputs"]]
            found = model(*inputs)
            for name, value in found.items():
                answers[f"{number} answer {name}"] = _bytes(value)
            for name in call["variables"]:
                answers[f"{number} after {name}"] = _bytes(member(model, name).read_value())
    np.savez(folder / "answers.npz", **answers)


def model_of(file: Path) -> Any:
    """The model of a ported file, with the weights beside it."""
    spec = importlib.util.spec_from_file_location("ported", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(module.BESIDE) as stored:
        return module.Model(stored)


def member(model: Any, path: str) -> Any:
    """What stands at `layers.0.kernel`."""
    for word in path.split("."):
        model = model[int(word)] if word.isdigit() else getattr(model, word)
    return model


def _tensor(stored: Any, name: str, call: Any) -> Any:
    dtype = tf.as_dtype(call["dtypes"][name.partition(" ")[2]])
    return tf.io.parse_tensor(stored[name].tobytes(), dtype)


def _bytes(value: Any) -> np.ndarray:
    return np.frombuffer(tf.io.serialize_tensor(value).numpy(), np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
