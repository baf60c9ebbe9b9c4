"""`graphlab trace MODEL`: what is fed, what is refused, and what ran."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from models_made import FLOAT, affine, functional, graph_def, keras_archive, layer, saved, shared

from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec
from graphlab.sources import files, messages
from graphlab.targets import feeds
from graphlab.targets.run import watch
from graphlab.targets.target import Ask, parse

tf1 = tf.compat.v1
X = TensorSpec("x:0", "float32", (None, 2))


def fed(text: str, spec: TensorSpec = X, batch: int = 1):
    """The value of one --feed."""
    generator = np.random.default_rng(0)
    return feeds.value(feeds.parse([text])["x"], spec, generator, batch)


def traced(path, *given: str, seed: int = 1, **ask):
    """A model that was run on CPU:0."""
    return watch(parse(str(path), ask=Ask(given, **ask)), None, seed)


def refused(path, *given: str, **ask) -> str:
    """The line with which a run is refused."""
    with pytest.raises(GraphlabError) as error:
        traced(path, *given, **ask)
    return str(error.value).replace(str(path), "MODEL")


# Feeds


@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("x=[[1, 2]]", "float32", [[1.0, 2.0]]),
        ("x=[[1, 2]]", "int64", [[1, 2]]),
        ("x=[[1.5, 2]]", "bfloat16", [[1.5, 2.0]]),
        ("x=[[true, false]]", "bool", [[True, False]]),
        ('x=[["a", "b"]]', "string", [[b"a", b"b"]]),
    ],
)
def test_a_literal_becomes_a_value_of_the_dtype(text, dtype, expected):
    value = fed(text, TensorSpec("x:0", dtype, (None, 2)))
    assert (value.dtype, value.tolist()) == (feeds.numpy_dtype(dtype), expected)


def test_a_bare_word_is_a_string():
    assert fed("x=hello", TensorSpec("x:0", "string", ())).item() == b"hello"


@pytest.mark.parametrize(
    ("text", "dtype", "line"),
    [
        ("x=[1, 2, 3]", "float32", "feed x has shape [3]; expected float32 ?x2"),
        ("x=[[1.5, 2]]", "int32", "feed x is float64 1x2; expected int32 ?x2"),
        ("x=[[300, 2]]", "uint8", "feed x is int64 1x2; expected uint8 ?x2"),
        ('x=[["a", "b"]]', "float32", "feed x is string 1x2; expected float32 ?x2"),
        ("x=[[1, 2], [3]]", "float32", "feed x: its rows differ in length"),
        ("x=one", "float32", "feed x='one' is neither random, nor @file.npy, nor JSON"),
        ("x=@none.npy", "float32", "feed x: none.npy cannot be read: No such file or directory"),
        ("x=1", "resource", "feed x is of resource, which has no value to be fed"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_both_sides(text, dtype, line):
    with pytest.raises(GraphlabError) as error:
        fed(text, TensorSpec("x:0", dtype, (None, 2)))
    assert str(error.value).startswith(line)


@pytest.mark.parametrize("text", ["x", "=1", "x="])
def test_what_is_no_feed_is_refused(text):
    with pytest.raises(GraphlabError, match="is no feed; write NAME=random"):
        feeds.parse([text])


def test_a_pickle_is_never_loaded(tmp_path):
    path = tmp_path / "evil.npy"
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(GraphlabError, match="cannot be read: Object arrays cannot be loaded"):
        fed(f"x=@{path}")


def test_a_file_is_read(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 2)))
    value = fed(f"x=@{tmp_path / 'x.npy'}")
    assert (value.dtype, value.shape) == (np.float32, (3, 2))


@pytest.mark.parametrize("dtype", "float16 bfloat16 float64 int8 uint16 bool string".split())
def test_a_random_value_is_one_that_tensorflow_takes(dtype):
    value = fed("x=random", TensorSpec("x:0", dtype, (None, 2)), batch=5)
    tensor = tf.constant(value)
    assert (tensor.dtype.name, tensor.shape) == (dtype, (5, 2))


def test_a_random_value_as_large_as_the_machine_is_refused():
    with pytest.raises(GraphlabError, match="has 1,099,511,627,776 elements; random draws"):
        fed("x=random", TensorSpec("x:0", "float32", (1 << 40,)))


# Runs


def test_a_graph_runs_from_its_feeds_to_its_ends(tmp_path):
    path = tmp_path / "a.pb"
    path.write_bytes(affine().SerializeToString())
    watched = traced(path, "x=[[1, -2]]")
    run = watched.main
    assert ([spec.name for spec in run.feeds], run.fetches) == (["x:0"], ("y:0",))
    assert {"Relu"} <= {step.op for step in run.steps}
    assert watched.calls[0].count == 2


def test_what_is_not_fed_is_named_with_its_dtype_and_shape(tmp_path):
    folder = saved(tmp_path / "m", affine())
    line = "nothing is fed for in (float32 ?x2); try --feed in=random"
    assert refused(folder) == line
    assert refused(folder, "wrong=1").startswith("feed 'wrong' is not there; did you mean ")
    assert refused(folder, "in=[1]") == "feed in has shape [1]; expected float32 ?x2"


def test_an_input_that_is_computed_is_asked_for_and_not_what_it_comes_from(tmp_path):
    """As in a model that parses texts, and has a signature for those who have the numbers."""
    with tf.Graph().as_default(), tf1.Session() as session:
        text = tf1.placeholder(tf.string, [None], name="text")
        number = tf.strings.to_number(text, name="number")
        rate = tf1.placeholder(tf.float32, [], name="rate")
        tf1.saved_model.simple_save(
            session, str(tmp_path / "m"), {"x": number}, {"y": tf.multiply(number, rate, name="y")}
        )
    assert refused(tmp_path / "m") == (
        "nothing is fed for x (float32 [?]), rate (float32 scalar); try --feed x=random"
    )
    for given in ("x=[3]", 'text=["3"]'):
        run = traced(tmp_path / "m", given, "rate=2").main
        assert ({"StringToNumber"} <= {step.op for step in run.steps}) == ("text" in given)


@pytest.mark.parametrize("resource", [False, True])
def test_a_graph_without_the_values_of_its_variables_is_refused_where_it_reads_them(
    tmp_path, resource
):
    path = tmp_path / "a.pb"
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        w = tf1.get_variable("w", [2], use_resource=resource)
        given = tf1.get_variable("v", [2], use_resource=resource)
        with tf.control_dependencies([tf1.assign(given, x)]):
            tf.identity(given.read_value(), name="other")
        tf.identity(x * w, name="y")
        tf.identity(tf1.is_variable_initialized(w), name="there")
    path.write_bytes(graph.as_graph_def().SerializeToString())
    assert files.read_model(path).notes == ("a graph alone: its variables have no values",)
    assert refused(path, "x=[1, 2]", fetches=("y",)) == (
        "MODEL is a graph without the values of its variables, of which 'w' would be read; trace"
        " the SavedModel or the .meta that has them, or fetch what needs none"
    )
    assert traced(path, "x=[1, 2]", fetches=("other",)).main.steps
    assert traced(path, fetches=("there",)).main.steps


def test_an_input_may_be_fed_by_its_key_its_op_or_its_tensor(tmp_path):
    folder = saved(tmp_path / "m", affine())
    for name in ("in", "x", "x:0"):
        assert [s.name for s in traced(folder, f"{name}=random").main.feeds] == ["x:0"]


def test_what_is_fetched_can_be_chosen(tmp_path):
    path = tmp_path / "a.pb"
    path.write_bytes(affine().SerializeToString())
    assert traced(path, "x=random", fetches=("x:0",)).main.fetches == ("x:0",)
    assert refused(path, fetches=("z",)).startswith("fetch 'z' is not there; did you mean ")


def test_an_op_that_tensorflow_does_not_know_stops_the_run_beforehand(tmp_path):
    path = tmp_path / "a.pb"
    path.write_bytes(graph_def(("a", "Mystery", [], {})).SerializeToString())
    assert refused(path) == "MODEL cannot be run: op 'Mystery' is not defined anywhere"


def test_an_op_that_todays_tensorflow_only_knows_the_name_of_is_told(tmp_path):
    """TensorFlow 2.21 has the boosted trees of TensorFlow 1 without their kernels."""
    path = tmp_path / "a.pb"
    trees = "BoostedTreesEnsembleResourceHandleOp"
    is_there = ("b", "IsBoostedTreesEnsembleInitialized", ["a"], {})
    path.write_bytes(graph_def(("a", trees, [], {}), is_there).SerializeToString())
    assert refused(path, fetches=("b",)) == (
        f"MODEL cannot be run: TensorFlow {tf.__version__} has no kernel for {trees} on this"
        " device; graphlab render MODEL draws it"
    )


def test_a_cycle_is_refused_by_tensorflow_in_one_line(tmp_path):
    path = tmp_path / "a.pb"
    graph = graph_def(("a", "Relu", ["b"], {"T": FLOAT}), ("b", "Relu", ["a"], {"T": FLOAT}))
    path.write_bytes(graph.SerializeToString())
    line = refused(path, fetches=("a",))
    assert line.startswith("TensorFlow refuses MODEL: ")
    assert "\n" not in line


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    """A TF1 graph with a variable, its checkpoint beside it."""
    folder = tmp_path_factory.mktemp("counter")
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        w = tf1.get_variable("w", initializer=[[3.0], [4.0]], use_resource=True)
        tf.matmul(x, w, name="y")
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(folder / "model"))
    return folder


def test_a_meta_graph_runs_with_the_values_of_its_checkpoint(counter):
    watched = traced(counter / "model.meta", "x=random", fetches=("y",))
    assert "MatMul" in {node.op for node in watched.main.built.nodes}
    assert "initial values" not in watched.note


def test_shapes_that_another_tensorflow_inferred_are_inferred_anew(counter, tmp_path):
    """A training graph of TensorFlow 1.15.5 says of a FusedBatchNormGradV3 that does not train that
    its fourth output is as long as the mean; in 2.21 it is empty, and such a file was refused."""
    message = tf1.MetaGraphDef.FromString((counter / "model.meta").read_bytes())
    (product,) = [node for node in message.graph_def.node if node.name == "y"]
    product.attr["_output_shapes"].list.shape.add().CopyFrom(tf.TensorShape([None, 7]).as_proto())
    file, bare = tmp_path / "old.meta", tmp_path / "old.pb"
    file.write_bytes(message.SerializeToString())
    assert traced(file, "x=random", fetches=("y",)).main is not None
    graph = tf1.GraphDef()
    x, y = graph.node.add(name="x", op="Placeholder"), graph.node.add(name="y", op="Neg")
    x.attr["dtype"].type = y.attr["T"].type = tf.float32.as_datatype_enum
    x.attr["shape"].shape.CopyFrom(tf.TensorShape([2]).as_proto())
    y.input.append("x")
    y.attr["_output_shapes"].list.shape.add().CopyFrom(tf.TensorShape([3]).as_proto())
    bare.write_bytes(graph.SerializeToString())
    assert traced(bare, "x=random", fetches=("y",)).main is not None


def test_a_meta_graph_without_a_checkpoint_runs_with_initial_values(counter, tmp_path):
    alone = tmp_path / "alone.meta"
    alone.write_bytes((counter / "model.meta").read_bytes())
    watched = traced(alone, "x=random", fetches=("y",))
    assert "the variables have their initial values" in watched.note
    assert watched.main is not None


def test_a_tf2_signature_runs_its_function(tmp_path):
    module = tf.Module()
    module.w = tf.Variable([[1.0], [2.0]])
    spec = tf.TensorSpec([None, 2], tf.float32, name="x")
    module.call = tf.function(lambda x: {"y": x @ module.w}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures={"predict": module.call})
    watched = traced(f"{tmp_path / 'm'}:predict", "x=random", batch=3)
    run = watched.main
    assert (run.way, run.feeds[0].shape) == ("function", (3, 2))
    assert run.steps
    assert "y" in refused(tmp_path / "m", "x=random", fetches=("z",))


def test_a_real_model_that_parses_examples_is_fed_with_examples():
    model = shared("serving-saved_model_half_plus_two_tf2_cpu")
    watched = traced(f"{model}:regress_x_to_y", "inputs=random")
    assert any(step.op.startswith("ParseExample") for step in watched.main.steps)


# Keras


def test_a_keras_model_runs_as_a_function(tmp_path):
    inputs = tf.keras.Input((2,), name="x")
    tf.keras.Model(inputs, tf.keras.layers.Dense(3)(inputs)).save(tmp_path / "m.keras")
    run = traced(tmp_path / "m.keras", "x=random", batch=4).main
    assert (run.way, run.feeds[0].name, run.feeds[0].shape) == ("function", "x:0", (4, 2))


def test_the_code_of_a_keras_model_is_not_run_without_trust(tmp_path):
    marker = tmp_path / "it ran"
    evil = eval(f"lambda x: (__import__('pathlib').Path({str(marker)!r}).touch(), x)[1]")
    x = tf.keras.Input((2,), name="x")
    tf.keras.Model(x, tf.keras.layers.Lambda(evil, (2,), name="evil")(x)).save(tmp_path / "m.keras")
    marker.unlink(missing_ok=True)
    line = refused(tmp_path / "m.keras", "x=random")
    assert line.startswith("MODEL brings code of its own (Lambda 'evil'); --trust runs it")
    assert not marker.exists()
    traced(tmp_path / "m.keras", "x=random", trust=True)
    assert marker.exists()


def test_a_lambda_in_an_h5_file_is_not_run_either(tmp_path):
    marker = tmp_path / "it ran"
    evil = eval(f"lambda x: (__import__('pathlib').Path({str(marker)!r}).touch(), x)[1]")
    x = tf.keras.Input((2,), name="x")
    tf.keras.Model(x, tf.keras.layers.Lambda(evil, (2,), name="evil")(x)).save(tmp_path / "m.h5")
    marker.unlink(missing_ok=True)
    assert "brings code of its own" in refused(tmp_path / "m.h5", "x=random")
    assert not marker.exists()


def test_a_class_of_a_module_of_no_known_kind_is_not_imported_without_trust(tmp_path):
    evil = layer("system", "evil", "a") | {"module": "os"}
    config = functional(layer("InputLayer", "a"), evil, outputs="evil")
    line = refused(keras_archive(tmp_path / "m.keras", config), "a=random")
    assert line.startswith("MODEL brings code of its own (system of module os); --trust")


def test_an_asset_outside_of_the_folder_is_not_read_without_trust(tmp_path):
    folder = saved(tmp_path / "m", affine())
    message = messages.parse(messages.SavedModel, (folder / "saved_model.pb").read_bytes())
    message.meta_graphs[0].asset_file_def.add(filename="../../secret")
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    line = refused(folder, "in=random")
    assert line.startswith("MODEL reads '../../secret', which is outside of its folder; --trust")
