"""A Keras file as a function that can be called: loaded by Keras, its inputs by name.

model = loaded(Path("net.keras"), trust=False)
call = function(model, {"x": np.zeros((1, 2), np.float32)}, "net.keras")
call()

Whatever Keras refuses is one line that names the layer and says why.
"""

from __future__ import annotations

import builtins
import json
import math
import re
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.errors import GraphlabError, shown
from graphlab.model import TensorSpec

keras = tf.keras
MOST_SAID = 240  # characters of what Keras says
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Where in a long message of Keras the reason stands, and what behind it is no part of it.
_REASONS = ("Exception encountered: ", "Example error message for object ")
_CALLING = re.compile(r"Exception encountered when calling .*?\n")
_BEHIND = (" Full object config: ", "\n\nArguments received by", "\n\nList of objects", ": {<")
_LAYER = re.compile(r"<\w+ name=([^,>]+)|'config': \{'name': '([^']+)'")
_MISSING = re.compile(r"name '(\w+)' is not defined")


def loaded(path: Path, trust: bool) -> Any:
    """The model of a file, without its training; `trust` runs code that the file brings along.

    GraphlabError where Keras refuses it.
    """
    with _one_line(str(path)), _lambdas_run() if trust else nullcontext():
        if path.suffix.lower() == ".json":
            config = json.loads(path.read_text(encoding="utf-8"))
            return keras.utils.deserialize_keras_object(config, safe_mode=not trust)
        return keras.models.load_model(str(path), compile=False, safe_mode=not trust)


def inputs(model: Any, text: str) -> dict[str, TensorSpec]:
    """What a loaded model takes, by name. GraphlabError where it does not say.

    `text` is how the user named the file.
    """
    found = getattr(model, "inputs", None)
    if not found:
        raise GraphlabError(
            f"{text} has no input shape: Keras knows one only of a model that was built before it"
            " was saved, with a keras.Input or by a call"
        )
    return {
        each.name: TensorSpec(f"{each.name}:0", tf.as_dtype(each.dtype).name, tuple(each.shape))
        for each in found
    }


def function(model: Any, values: Mapping[str, Any], text: str) -> Callable[[], Any]:
    """The model's call for inference as a traced tf.function, with the values bound to it.

    `values` are by the names of the model's inputs, or in their order. GraphlabError where Keras
    refuses them.
    """
    takes = {each.name: each for each in model.inputs}
    if set(takes) == set(values):
        values = {name: values[name] for name in takes}

    def call(*tensors: Any) -> Any:
        by_name = dict(zip(takes, tensors, strict=True))
        asked = tf.nest.map_structure(lambda each: by_name[each.name], _asked(model))
        return model(asked, training=False)

    with _one_line(text):
        pairs = zip(takes.values(), values.values(), strict=True)
        given = [_tensor(value, each) for each, value in pairs]
        specs = [_spec(each, name) for each, name in zip(given, values, strict=True)]
        concrete = tf.function(call).get_concrete_function(*specs)
    return lambda: concrete(*given)


def _asked(model: Any) -> Any:
    """What a model is called with, nested as its author nested it."""
    try:
        return model.input
    except AttributeError:  # a Sequential that no other model calls
        (only,) = model.inputs
        return only


def _tensor(value: Any, asked: Any) -> Any:
    """A value as the kind of tensor that an input is."""
    tensor = tf.constant(value)
    if getattr(asked, "sparse", False):
        return tf.sparse.from_dense(tensor)
    return tf.RaggedTensor.from_tensor(tensor) if getattr(asked, "ragged", False) else tensor


def _spec(tensor: Any, name: str) -> Any:
    if isinstance(tensor, tf.Tensor):
        return tf.TensorSpec(tensor.shape, tensor.dtype, name)
    return tf.type_spec_from_value(tensor)


# Lambdas


_NAMES = {
    "__builtins__": builtins,
    "tf": tf,
    "tensorflow": tf,
    "np": np,
    "numpy": np,
    "math": math,
    "keras": keras,
    "K": keras.backend,
    "ops": keras.ops,
    "layers": keras.layers,
}


@contextmanager
def _lambdas_run() -> Iterator[None]:
    """While it lasts, a Lambda is made with code that finds what its author's module had.

    Keras gives it the names of one of its own modules. It makes a Lambda of its own class whatever
    custom_objects say, so it is this class that has to be told.
    """
    kind: Any = keras.layers.Lambda
    before = vars(kind)["from_config"]

    def from_config(cls: Any, config: Any, *args: Any, **kwargs: Any) -> Any:
        made = before.__get__(None, cls)(config, *args, **kwargs)
        made.function = _told(made.name, _with_names(made.function))
        return made

    kind.from_config = classmethod(from_config)
    try:
        yield
    finally:
        kind.from_config = before


def _told(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A Lambda's function, whose errors say whose they are: Keras forgets it on the way."""

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # the code may raise anything
            missing = _MISSING.search(str(error))
            why = f"its code needs the name {missing[1]!r}" if missing else _reason(error)
            raise GraphlabError(f"Lambda {shown(name)}: {why}") from error

    return call


def _with_names(made: Any) -> Any:
    if not isinstance(made, types.FunctionType) or made.__name__ != "<lambda>":
        return made
    return types.FunctionType(
        made.__code__, dict(_NAMES), made.__name__, made.__defaults__, made.__closure__
    )


# What Keras refuses


@contextmanager
def _one_line(text: str) -> Iterator[None]:
    """Whatever Keras raises as one line: which layer, and why."""
    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()  # it would leave out who raised it
    try:
        yield
    except Exception as error:  # Keras and the layers of a file raise what they like
        own = _graphlabs(error)
        if own is not None:
            raise GraphlabError(f"Keras refuses {text}: {own}") from error
        layer = _layer(error)
        where = f"layer {shown(layer)}: " if layer else ""
        raise GraphlabError(f"Keras refuses {text}: {where}{_reason(error)}") from error
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()


def _graphlabs(error: BaseException) -> GraphlabError | None:
    """The first of ours that an error was made from: autograph makes others of it, of its kind."""
    seen, found = set(), None
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        found = each if isinstance(each, GraphlabError) else found
        each = each.__cause__ or each.__context__
    return found


def _layer(error: BaseException) -> str:
    """The name of the layer that raised, or that the message is about; "" if nobody knows."""
    found = _LAYER.search(_COLOUR.sub("", str(error)))
    if found:
        return found[1] or found[2]
    name, each = "", error.__traceback__
    while each is not None:
        name = _made_or_called(each.tb_frame.f_locals) or name
        each = each.tb_next
    return name


def _made_or_called(names: Mapping[str, Any]) -> str:
    """The name of the layer that a frame of Keras calls, or makes of its configuration."""
    own, config, kind = names.get("self"), names.get("config"), names.get("cls")
    if isinstance(own, keras.layers.Layer) and not isinstance(own, keras.Model):
        return str(getattr(own, "name", ""))
    if isinstance(config, dict) and isinstance(config.get("class_name"), str):
        if hasattr(keras.dtype_policies, config["class_name"]):
            return ""  # these have names too
        config, kind = config.get("config"), keras.layers.Layer
    if not (isinstance(kind, type) and issubclass(kind, keras.layers.Layer)):
        return ""
    name = config.get("name") if isinstance(config, dict) else None
    return name if isinstance(name, str) else ""


def _reason(error: BaseException) -> str:
    """What an error says, in a line, without what it quotes of configurations and arguments."""
    said = _COLOUR.sub("", str(error))
    for mark in _REASONS:
        if mark in said:
            said = said.rpartition(mark)[2]
    said = _CALLING.sub("", said)
    for mark in _BEHIND:
        said = said.partition(mark)[0]
    line = " ".join(said.split()) or type(error).__name__
    return line if len(line) <= MOST_SAID else f"{line[:MOST_SAID]}…"
