"""Models in models and layers around layers: the calls that Keras 2 and 3 count are the edges."""

from __future__ import annotations

import keras
import pytest
from keras2_made import chain, layer, model, takes, written

from graphlab.model import check
from graphlab.sources import files

L = keras.layers
ENDINGS = ("keras", "h5", "json")


def told(path):
    """(edges, outputs with their shapes, what is missing) of a file."""
    found = files.read_model(path)
    check(found.graph)
    edges = {node.name: node.inputs for node in found.graph.nodes}
    outputs = [(port.tensor.name, port.tensor.shape) for port in found.signatures[0].outputs]
    missing = [node.name for node in found.graph.nodes if node.marks.missing]
    return edges, outputs, missing


def shapes(path) -> dict:
    found = files.read_model(path)
    return {node.name: [spec.shape for spec in node.outputs] for node in found.graph.nodes}


def dense(name, units, *inbound):
    return layer("Dense", name, *inbound, units=units)


def base(name, *calls):
    """?x16 -> ?x4, called on each of the tensors."""
    inside = [takes(f"{name}_in", 16), dense(f"{name}_d", 4, [[f"{name}_in", 0, 0]])]
    return model(name, inside, [[f"{name}_d", 0, 0]], *calls)


# Keras 2, whose first call of a model from outside is number 1


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_takes_from_an_inner_model_takes_from_its_last_layer(tmp_path, ending):
    convolved = {"kernel_size": [3, 3], "strides": [1, 1], "padding": "valid"}
    inside = [
        takes("in", 16, 16, 3),
        layer("Conv2D", "conv", [["in", 0, 0]], filters=4, **convolved),
        layer("ReLU", "re_lu", [["conv", 0, 0]]),
    ]
    layers = [
        takes("img", 16, 16, 3),
        model("base", inside, [["re_lu", 0, 0]], [["img", 0, 0]]),
        layer("GlobalAveragePooling2D", "pool", [["base", 1, 0]]),
        dense("top", 2, [["pool", 0, 0]]),
    ]
    path = written(tmp_path / f"m.{ending}", model("net", layers, [["top", 0, 0]]))
    assert told(path) == (
        {
            "img": (),
            "base/conv": ("img:0",),
            "base/re_lu": ("base/conv:0",),
            "pool": ("base/re_lu:0",),
            "top": ("pool:0",),
        },
        [("top:0", (None, 2))],
        [],
    )
    assert shapes(path)["base/re_lu"] == [(None, 14, 14, 4)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_call_of_a_model_is_wired_to_what_it_was_called_on(tmp_path, ending):
    layers = [
        takes("a", 16),
        takes("b", 16),
        base("base", [["a", 0, 0]], [["b", 0, 0]]),
        layer("Subtract", "sub", [["base", 2, 0], ["base", 1, 0]]),
    ]
    path = written(tmp_path / f"m.{ending}", model("siamese", layers, [["sub", 0, 0]]))
    edges, outputs, missing = told(path)
    assert edges == {
        "a": (),
        "b": (),
        "base/base_d": ("a:0",),
        "base_call2/base_d": ("b:0",),
        "sub": ("base_call2/base_d:0", "base/base_d:0"),
    }
    assert (outputs, missing) == ([("sub:0", (None, 4))], [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_model_that_is_the_last_gives_the_output(tmp_path, ending):
    inside = [takes("i", 8), dense("mu", 3, [["i", 0, 0]]), dense("var", 3, [["i", 0, 0]])]
    encoder = model("enc", inside, [["mu", 0, 0], ["var", 0, 0]], [["x", 0, 0]])
    inside = [takes("z", 3), takes("noise", 3), layer("Add", "s", [["z", 0, 0], ["noise", 0, 0]])]
    inside.append(dense("out", 8, [["s", 0, 0]]))
    decoder = model("dec", inside, [["out", 0, 0]], [["enc", 1, 0], ["enc", 1, 1]])
    auto = model("auto", [takes("x", 8), encoder, decoder], [["dec", 1, 0]])
    edges, outputs, missing = told(written(tmp_path / f"m.{ending}", auto))
    assert edges == {
        "x": (),
        "enc/mu": ("x:0",),
        "enc/var": ("x:0",),
        "dec/s": ("enc/mu:0", "enc/var:0"),
        "dec/out": ("dec/s:0",),
    }
    assert (outputs, missing) == ([("dec/out:0", (None, 8))], [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_models_in_a_sequential_model_follow_each_other(tmp_path, ending):
    generator = chain("gen", [takes("g_in", 8), dense("g1", 16), dense("g2", 12)])
    critic = chain("dis", [takes("d_in", 12), dense("d1", 5), base_of_five()])
    edges, outputs, missing = told(
        written(tmp_path / f"m.{ending}", chain("gan", [takes("z", 8), generator, critic]))
    )
    assert edges == {
        "z": (),
        "gen/g1": ("z:0",),
        "gen/g2": ("gen/g1:0",),
        "dis/d1": ("gen/g2:0",),
        "dis/five/last": ("dis/d1:0",),
    }
    assert (outputs, missing) == ([("dis/five/last:0", (None, 1))], [])


def base_of_five():
    inside = [takes("f_in", 5), dense("last", 1, [["f_in", 0, 0]])]
    return model("five", inside, [["last", 0, 0]])


def test_a_model_in_a_model_in_a_model_called_twice(tmp_path):
    inside = [takes("m_in", 16), base("base", [["m_in", 0, 0]])]
    inside.append(layer("ReLU", "r", [["base", 1, 0]]))
    middle = model("mid", inside, [["r", 0, 0]], [["x", 0, 0]], [["back", 0, 0]])
    layers = [takes("x", 16), middle, dense("back", 16, [["mid", 1, 0]])]
    edges, outputs, _ = told(written(tmp_path / "m.h5", model("net", layers, [["mid", 2, 0]])))
    assert edges["back"] == ("mid/r:0",)
    assert edges["mid_call2/base/base_d"] == ("back:0",)
    assert outputs == [("mid_call2/r:0", (None, 4))]


# Keras 1 and 2 without an InputLayer


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_input_of_a_sequential_model_is_in_its_first_layer(tmp_path, ending):
    first = layer("Conv1D", "c", filters=4, kernel_size=3, batch_input_shape=[None, 9, 2])
    path = written(tmp_path / f"m.{ending}", chain("s", [first, layer("Flatten", "f")]))
    found = files.read_model(path).signatures[0]
    assert [(port.key, port.tensor.shape) for port in found.inputs] == [("c_input", (None, 9, 2))]
    assert told(path)[1] == [("f:0", (None, 28))]


def test_a_list_of_layers_is_a_sequential_model_of_keras_1(tmp_path):
    first = {"name": "d", "output_dim": 5, "input_dim": 3, "batch_input_shape": [None, 3]}
    config = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": first}]}
    path = written(tmp_path / "m.h5", config)
    assert (told(path)[0], told(path)[1]) == (
        {"d_input": (), "d": ("d_input:0",)},
        [("d:0", (None, 5))],
    )


# Keras 3


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_inner_model_of_keras_3_is_wired_alike(tmp_path, ending):
    i = keras.Input((16,), name="i")
    inner = keras.Model(i, [L.Dense(4, name="d")(i), i], name="inner")
    a, b = keras.Input((16,), name="a"), keras.Input((16,), name="b")
    (p, _), (q, r) = inner(a), inner(b)
    net = keras.Model([a, b], L.Concatenate(name="c")([q, p, r]), name="net")
    edges, outputs, missing = told(saved(net, tmp_path / f"m.{ending}"))
    assert edges["c"] == ("inner_call2/d:0", "inner/d:0", "b:0")
    assert (outputs, missing) == ([("c:0", (None, 24))], [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_layers_of_a_subclass_of_sequential_are_a_chain(tmp_path, ending):
    class Mine(keras.Sequential):
        """A class of somebody's own."""

    net = Mine([keras.Input((7,), name="x"), L.Dense(5, name="a"), L.Dense(2, name="b")])
    path = saved(net, tmp_path / f"m.{ending}")
    assert told(path) == ({"x": (), "a": ("x:0",), "b": ("a:0",)}, [("b:0", (None, 2))], [])
    assert shapes(path)["a"] == [(None, 5)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_in_a_wrapper_is_drawn_and_counted(tmp_path, ending):
    x = keras.Input((5, 16), name="x")
    i = keras.Input((16,), name="i")
    inner = keras.Model(i, L.Dense(6, name="d")(i), name="inner")
    y = L.TimeDistributed(inner, name="each")(x)
    back = L.SimpleRNN(3, go_backwards=True, name="back")
    net = keras.Model(x, L.Bidirectional(L.GRU(3, name="on"), backward_layer=back, name="both")(y))
    path = saved(net, tmp_path / f"m.{ending}")
    found = files.read_model(path)
    edges, outputs, _ = told(path)
    assert (edges["each"], edges["each/inner/d"]) == (("each/inner/d:0",), ("x:0",))
    assert edges["both"] == ("both/forward_on:0", "both/back:0")
    assert outputs == [("both:0", (None, 6))]
    counted = {layer.name: layer.parameters for layer in found.layers}
    names = ("each", "each/inner/d", "both", "both/forward_on", "both/back")
    wrapped = net.get_layer("both")
    counts = [102, 102, wrapped.count_params(), *_two(wrapped)]
    assert [counted[name] for name in names] == ([None] * 5 if ending == "json" else counts)


def _two(wrapped):
    return wrapped.forward_layer.count_params(), wrapped.backward_layer.count_params()


def test_a_model_that_is_stored_elsewhere_has_the_parameters_of_its_layers(tmp_path):
    i, x = keras.Input((16,)), keras.Input((16,))
    inner = keras.Model(i, L.Dense(4, name="d")(i), name="inner")
    outer = keras.Model(x, L.ReLU()(inner(x)), name="outer")
    a = keras.Input((16,))
    net = keras.Model(a, [outer(a), inner(a)])
    found = files.read_model(saved(net, tmp_path / "m.keras"))
    rows = {layer.name: layer.parameters for layer in found.layers}
    assert (rows["outer"], rows["inner"], rows["inner/d"]) == (68, 68, 68)
    assert found.parameters.trainable == net.count_params()


def saved(net, path):
    """A model's file of the kind that its ending says."""
    if path.suffix == ".json":
        path.write_text(net.to_json())
    else:
        net.save(path)
    return path
