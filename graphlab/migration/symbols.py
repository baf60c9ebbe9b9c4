"""What became of a name of TensorFlow 1, from symbols.json, which make_symbols.py writes.

lookup("contrib.rnn.GRUCell").now          # "nn.rnn_cell.GRUCell"
lookup("layers.dense").gone                # True
"""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("symbols.json")
NOTHING = object()  # what is found under a name that is not there
LEGACY = "TF_USE_LEGACY_KERAS"  # Keras' own switch
LEGACY_HAS_IT = f"legacy Keras has it: pip install tf_keras, and {LEGACY}=1"
NOT_IN_KERAS = re.compile(r"`(\w+)` is not available with Keras 3")  # what TensorFlow says of it
_OF_KERAS = ("layers", "keras", "nn.rnn_cell")
# What was taken out of TensorFlow with its own package that lives on: its name for pip.
_SLIM = ("contrib.slim", "contrib.layers", "contrib.framework")


@dataclass(frozen=True)
class Symbol:
    """A name of TensorFlow 1, without the `tf.`, and what there is of it today."""

    name: str
    was: str = ""  # "class", "function" or "value" of TensorFlow 1.15.5; "" where it had no such
    gone: bool = False  # tensorflow.compat.v1 has it not
    now: str = ""  # where it is: below tensorflow.compat.v1 if it is of contrib, else tensorflow
    package: str = ""  # what has it, for pip
    fails: str = ""  # what calling it raised, where it is there and fails

    def text(self) -> str:
        """What there is of it today, for a reader."""
        if self.package == "tf_keras":
            return LEGACY_HAS_IT
        if self.package:
            return f"{self.package} has it: pip install {self.package}"
        if self.now:
            return f"now tf.{self.now}"
        if self.name.startswith("estimator"):
            return "Estimators have no successor in TensorFlow 2: write the model and its loop"
        if self.name.startswith("examples"):
            return "tensorflow.examples is gone: read the data with tf.keras.datasets or by hand"
        inner = [to for name, to in table()["contrib"].items() if name.startswith(f"{self.name}.")]
        if inner:
            return f"some of it has moved: tf.{', tf.'.join(inner[:3])}"
        if self.gone or self.name.startswith("contrib"):
            return "nothing in TensorFlow has its place"
        return "tensorflow.compat.v1 has it"


@functools.cache
def table() -> dict[str, Any]:
    """The whole of symbols.json."""
    return json.loads(TABLE.read_text(encoding="utf-8"))


def lookup(name: str) -> Symbol:
    """What became of a name, with or without its `tf.`; also of one that never was."""
    name = name.removeprefix("tf.").removeprefix("compat.v1.")
    told = table()
    was = told["tf1"]["names"].get(name, "")
    gone = name in _gone()
    now = told["contrib"].get(name, "") or told["moved"].get(name, "")
    _, error, message = told["calls"].get(f"tf.{name}", ("", "", ""))
    package = ""
    if is_of_keras(now or name) and (gone or error or now or not was):
        package = "tf_keras"
    elif not now and name.startswith(_SLIM):
        package = "tf_slim"
    inner = name.startswith(("contrib.", "examples."))
    return Symbol(name, was, gone or inner, now, package, f"{error}: {message}" if error else "")


@functools.cache
def _gone() -> frozenset[str]:
    return frozenset(table()["gone"])


def is_of_keras(name: str) -> bool:
    """Whether TensorFlow leaves it to the Keras that is installed."""
    return any(name == part or name.startswith(f"{part}.") for part in _OF_KERAS)


def is_legacy() -> bool:
    """Whether Keras was told to be the one of TensorFlow 1."""
    return os.environ.get(LEGACY, "").lower() in ("1", "true")


def found(module: Any, name: str) -> Any:
    """What a module has under a dotted name; NOTHING where it has it not."""
    for part in name.split("."):
        try:
            module = getattr(module, part)
        except Exception:  # a module that is loaded when it is asked for may raise anything
            return NOTHING
    return module
