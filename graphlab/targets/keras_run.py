"""A Keras file as a function that can be called: loaded by Keras, its inputs by name.

model = loaded(Path("net.keras"), trust=False)
call = function(model, {"x": np.zeros((1, 2), np.float32)})
call()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from graphlab.model import TensorSpec


def loaded(path: Path, trust: bool) -> Any:
    """The model of a file, without its training; `trust` runs code that the file brings along."""
    return tf.keras.models.load_model(str(path), compile=False, safe_mode=not trust)


def inputs(model: Any) -> dict[str, TensorSpec]:
    """What a loaded model takes, by name; {} where it does not say."""
    return {
        each.name: TensorSpec(each.name, tf.as_dtype(each.dtype).name, tuple(each.shape))
        for each in getattr(model, "inputs", None) or ()
    }


def function(model: Any, values: Mapping[str, Any]) -> Callable[[], Any]:
    """The model's call for inference as a traced tf.function, with the values bound to it."""
    given = {name: tf.constant(value) for name, value in values.items()}

    def call(*tensors: Any) -> Any:
        return model(tensors[0] if len(tensors) == 1 else list(tensors), training=False)

    concrete = tf.function(call).get_concrete_function(
        *(tf.TensorSpec(each.shape, each.dtype, name) for name, each in given.items())
    )
    return lambda: concrete(*given.values())
