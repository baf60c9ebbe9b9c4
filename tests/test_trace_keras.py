"""`graphlab trace` of a Keras file: what it hands over, and how Keras' refusals are told."""

from __future__ import annotations

import json

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from graphlab.errors import GraphlabError
from graphlab.targets import keras_run
from graphlab.targets.run import watch
from graphlab.targets.target import Ask, parse

L = keras.layers
ENDINGS = ("keras", "h5", "json")


def traced(path, *given: str, **ask):
    """A model that was run on CPU:0."""
    return watch(parse(str(path), ask=Ask(given, **ask)), None, 1)


def refused(path, *given: str, **ask) -> str:
    """The line with which a run is refused."""
    with pytest.raises(GraphlabError) as error:
        traced(path, *given, **ask)
    return str(error.value).replace(str(path), "MODEL")


def saved(model, path):
    """A model's file of the kind that its ending says."""
    if path.suffix == ".json":
        path.write_text(model.to_json())
    else:
        model.save(path)
    return path


def with_lambda(path, function, **config):
    """A file of a model of one Lambda; its code is the function's alone, as in any file."""
    x = keras.Input((4,), name="x")
    return saved(keras.Model(x, L.Lambda(function, name="own", **config)(x)), path)


def ran(run) -> set[str]:
    return {step.op for step in run.main.steps}


def gave(path, **values):
    """The first output for values of float32."""
    model = keras_run.loaded(path, trust=False)
    fed = {name: np.array(value, np.float32) for name, value in values.items()}
    return tf.nest.flatten(keras_run.function(model, fed, "m")())[0].numpy().tolist()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "code, op",
    [
        ("tf.math.atanh(t)", "Atanh"),
        ("np.float32(2) * tensorflow.atan(t)", "Atan"),
        ("keras.ops.sinh(t)", "Sinh"),
        ("ops.tan(layers.Identity()(t))", "Tan"),
        ("K.epsilon() + math.pi * tf.math.acosh(t)", "Acosh"),
    ],
)
def test_the_code_of_a_lambda_finds_what_its_author_imported(tmp_path, ending, code, op):
    names = {"tf": tf, "tensorflow": tf, "np": np, "keras": keras, "ops": keras.ops, "layers": L}
    names |= {"K": keras.backend, "math": __import__("math")}
    path = with_lambda(tmp_path / f"m.{ending}", eval(f"lambda t: {code}", names))
    assert op in ran(traced(path, "x=random", trust=True))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("config", [{}, {"output_shape": (4,)}], ids=["while loaded", "when run"])
def test_a_lambda_says_which_name_its_code_needs(tmp_path, ending, config):
    function = eval("lambda t: my_helper(t)", {"my_helper": lambda t: t})
    path = with_lambda(tmp_path / f"m.{ending}", function, **config)
    assert refused(path, "x=random", trust=True) == (
        "Keras refuses MODEL: Lambda 'own': its code needs the name 'my_helper'"
    )


def test_whatever_else_a_lambda_raises_is_told_as_its_own(tmp_path):
    function = eval("lambda t: t.no_such_thing")
    path = with_lambda(tmp_path / "m.keras", function, output_shape=(4,))
    line = refused(path, "x=random", trust=True)
    assert line.startswith("Keras refuses MODEL: Lambda 'own': ")
    assert ("no_such_thing" in line, "\n" in line) == (True, False)


def test_a_lambda_that_is_made_here_is_as_before_after_one_was_run(tmp_path):
    before = vars(L.Lambda)["from_config"]
    traced(with_lambda(tmp_path / "m.keras", eval("lambda t: -t")), "x=random", trust=True)
    assert vars(L.Lambda)["from_config"] is before


def with_layer(path, kind, name, **config):
    """An .h5 file of a layer of a class, which takes ?x4."""
    takes = {"name": "a", "batch_shape": [None, 4], "dtype": "float32"}
    layers = [
        {"class_name": "InputLayer", "config": takes},
        {"class_name": kind, "config": {"name": name, **config}},
    ]
    model = {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
    return path


@pytest.mark.parametrize(
    ("kind", "config", "why"),
    [
        ("Nonsense", {}, "Unknown layer: 'Nonsense'"),
        ("Conv2D", {"filters": 1, "kernel_size": 3}, "expected min_ndim=4, found ndim=2"),
        ("Dense", {"units": -1}, "expected a positive integer"),
        ("Dense", {"units": 2, "activation": "my_own"}, "activation function identifier: my_own"),
        ("Reshape", {"target_shape": [3]}, "input_shape"),
    ],
)
def test_what_keras_refuses_is_told_with_the_layer_and_the_reason(tmp_path, kind, config, why):
    line = refused(with_layer(tmp_path / "m.h5", kind, "own", **config), "a=random")
    assert line.startswith("Keras refuses MODEL: layer 'own': ")
    assert (why in line, "\n" in line, len(line) < 400) == (True, False, True), line


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_dict_of_inputs_is_handed_over_by_its_names(tmp_path, ending):
    inputs = {"foo": keras.Input((3,), name="foo"), "bar": keras.Input((3,), name="bar")}
    difference = L.Subtract()([inputs["foo"], inputs["bar"]])
    path = saved(keras.Model(inputs, {"out": difference}), tmp_path / f"m.{ending}")
    assert gave(path, bar=[[1, 2, 3]], foo=[[5, 5, 5]]) == [[4, 3, 2]]
    assert "Sub" in ran(traced(path, "bar=random", "foo=random"))


def test_inputs_in_lists_are_handed_over_by_their_names(tmp_path):
    a, b = keras.Input((1,), name="a"), keras.Input((1,), name="b")
    path = saved(keras.Model([b, [a]], L.Subtract()([a, b])), tmp_path / "m.keras")
    assert gave(path, a=[[9]], b=[[2]]) == [[7]]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_model_that_was_never_built_says_that_it_has_no_input_shape(tmp_path, ending):
    path = saved(keras.Sequential([L.Dense(2), L.Dense(3)]), tmp_path / f"m.{ending}")
    assert refused(path).startswith("MODEL has no input shape: Keras knows one only of a model")


def test_a_sparse_input_is_fed_as_a_sparse_tensor(tmp_path):
    x = keras.Input((4,), name="x", sparse=True)
    path = saved(keras.Model(x, L.Dense(3)(x)), tmp_path / "m.keras")
    assert "SparseFillEmptyRows" in ran(traced(path, "x=[[0, 1, 0, 2]]"))
