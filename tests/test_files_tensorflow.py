"""What is read without TensorFlow is what TensorFlow itself makes of the same files."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from models_made import shared

from graphlab import _private
from graphlab.model import check
from graphlab.sources import files, graphdef, live, make_ops, messages, ops

tf1 = tf.compat.v1


def test_the_table_of_ops_is_that_of_the_running_tensorflow():
    """`make ops` writes it anew."""
    assert make_ops.text().splitlines() == ops.TABLE.read_text().splitlines()


def outputs(graph):
    return {n.name: (n.op, n.inputs, [s.dtype for s in n.outputs]) for n in graph.nodes}


@pytest.mark.parametrize(
    "name",
    [
        "cppflow-mnist-frozen/model.pb",
        "tf2onnx-lstm/frozen.pb",
        "tfx-trainer-serving/model.ckpt-0.meta",
    ],
)
def test_a_real_graph_has_the_inputs_and_outputs_that_tensorflow_gives_it(name):
    path = shared(name)
    graph = tf.Graph()
    with graph.as_default():
        if path.suffix == ".meta":
            tf1.train.import_meta_graph(str(path))
        else:
            message = tf1.GraphDef.FromString(path.read_bytes())
            tf.import_graph_def(message, name="")
    assert outputs(files.read_model(path).graph) == outputs(live.from_graph(graph))


def test_every_kind_of_loop_and_branch_is_read_as_tensorflow_built_it():
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), [tf.constant(0), x])
        tf.cond(tf.reduce_sum(x) > 0, lambda: tf.unique(x[0])[0], lambda: x[0])
        tf.split(x, 3, axis=1)
        tf.map_fn(lambda row: row + 1, x)
    data = graph.as_graph_def().SerializeToString()
    read = graphdef.from_graph_def(messages.parse(messages.GraphDef, data))
    check(read)
    assert outputs(read) == outputs(live.from_graph(graph))
    for name, body in read.functions.items():
        built = outputs(live.from_graph(_private.function_graph(graph, name)))
        found = outputs(body)
        assert {n: found[n][2] for n in found if n in built and found[n][0] != "_Arg"} == {
            n: built[n][2] for n in built if n in found and found[n][0] != "_Arg"
        }


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A TF2 model with two variables, saved by TensorFlow."""

    class Affine(tf.Module):
        def __init__(self):
            self.w = tf.Variable(np.ones((2, 3), np.float32), name="w")
            self.steps = tf.Variable(0, trainable=False, name="steps", dtype=tf.int64)

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
        def __call__(self, x):
            self.steps.assign_add(1)
            return {"y": x @ self.w}

    model = Affine()
    folder = tmp_path_factory.mktemp("exported") / "1"
    tf.saved_model.save(model, str(folder))
    return folder


def test_a_saved_tf2_model_says_its_variables_and_which_argument_is_which(exported):
    model = files.read_model(exported)
    check(model.graph)
    told = {v.name: (v.dtype, v.shape, v.bytes, v.trainable) for v in model.variables if v.used}
    assert told == {
        "w": ("float32", (2, 3), 24, True),
        "steps": ("int64", (), 8, False),
    }
    (signature,) = model.signatures
    body = model.graph.functions[signature.function]
    named = sorted(n.marks.variable for n in body.nodes if n.marks.variable)
    assert named == ["steps", "w"]
    assert [(p.key, p.tensor.shape) for p in signature.inputs] == [("x", (None, 2))]


def test_a_tf1_checkpoint_written_here_is_read_back(tmp_path):
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.get_variable("a/w", shape=(2, 3), use_resource=True)
        tf1.get_variable("b", shape=(), dtype=tf.int32, use_resource=False, trainable=False)
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "model"))
    model = files.read_model(tmp_path)
    told = [(v.name, v.dtype, v.shape, v.bytes, v.trainable) for v in model.variables]
    assert told == [("a/w", "float32", (2, 3), 24, True), ("b", "int32", (), 4, False)]
    alone = files.read_model(tmp_path / "model.index")
    assert [(v.name, v.bytes) for v in alone.variables] == [("a/w", 24), ("b", 4)]


def test_a_keras_model_written_here_is_read_layer_by_layer(tmp_path):
    inner = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(4, name="in")])
    a = tf.keras.Input((4,), name="a")
    shared_layer = tf.keras.layers.Dense(4, name="twice")
    b = shared_layer(shared_layer(a))
    c = tf.keras.layers.Add(name="sum")([b, inner(a)])
    keras = tf.keras.Model(a, c, name="net")
    path = tmp_path / "model.keras"
    keras.save(path)
    model = files.read_model(path)
    check(model.graph)
    assert [(n.name, n.op, n.inputs) for n in model.graph.nodes] == [
        ("a", "InputLayer", ()),
        ("twice", "Dense", ("a:0",)),
        ("twice_call2", "Dense", ("twice:0",)),
        (f"{inner.name}/in", "Dense", ("a:0",)),
        ("sum", "Add", ("twice_call2:0", f"{inner.name}/in:0")),
    ]
    assert model.graph["twice"].outputs[0].shape == (None, 4)
    weights = sorted(v.shape for v in model.variables)
    assert weights == sorted(tuple(v.shape) for v in keras.weights)
