"""A placeholder that says nothing of its shape is ported with the axes that it was fed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.port.recorded import call_of, module_of
from graphlab.port.shapes import with_shapes
from graphlab.port.written import written
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
X = np.arange(6, dtype=np.float32).reshape(3, 2)


def training():
    """As scripts of TensorFlow 1 were built, with its MatMul: how much is kept is fed, and says no
    shape; what is kept has been told one."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        keep = tf1.placeholder(tf.float32, name="keep_prob")
        w = tf1.get_variable("w", initializer=tf.ones([2, 3]))
        v = tf1.get_variable("v", initializer=tf.ones([3, 1]))
        hidden = tf.nn.relu(tf.matmul(x, w)) / keep
        hidden.set_shape([None, 3])
        loss = tf.reduce_mean(tf.square(tf.matmul(hidden, v)))
        return recorded([loss, tf1.train.AdamOptimizer().minimize(loss)], {x: X, keep: 0.5})


def today():
    """The same as today's TensorFlow builds it, that knows no shape and takes a batch of them."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        keep = tf1.placeholder(tf.float32, name="keep_prob")
        w = tf1.get_variable("w", initializer=tf.ones([2, 3]))
        v = tf1.get_variable("v", initializer=tf.ones([3, 1]))
        loss = tf.reduce_mean(tf.square(tf.matmul(tf.nn.relu(tf.matmul(x, w)) / keep, v)))
        return recorded([loss, tf1.train.AdamOptimizer().minimize(loss)], {x: X, keep: 0.5})


@pytest.mark.parametrize("build", [training, today])
def test_what_is_computed_with_a_scalar_that_says_no_shape_is_a_tapes(build, tmp_path):
    call = build()
    body = "".join(line for lines in methods_of(call).values() for line in lines)
    assert "tape.gradient(" in body
    assert "raw_ops" not in body
    assert differences(call, tmp_path) == []


def test_the_file_asks_for_what_was_fed_and_says_so():
    module = module_of(training())
    assert module.notes == (
        "Shapes that the graph does not say are as fed: keep_prob is a scalar.",
    )
    text = written(module, ["A port."], "ported.npz", {}).text
    assert 'tf.TensorSpec([], tf.float32, name="keep_prob")' in text


def test_where_nothing_becomes_shorter_the_file_takes_any_shape():
    (_, keep) = module_of(today()).arguments
    assert (keep.name, keep.shape, keep.as_fed) == ("keep_prob", None, False)


SCRIPT = """
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, name="x")
    y = tf.exp(x * 2.0) + 1.0
    if {matrix}:
        y.set_shape([None, 2])
        y = tf.matmul(y, [[1.0], [2.0]])
    with tf1.Session() as session:
        for value in {values}:
            session.run(y, {{x: value}})
"""


@pytest.mark.parametrize(
    "values, spec, told",
    [
        ("(1.0, np.ones([2, 3]))", "None", ""),
        ("(np.ones([4, 2]), np.ones([2, 2]))", "[None, None]", "x has 2 axes"),
    ],
)
def test_calls_that_feed_other_axes_leave_them_open(values, spec, told, tmp_path):
    (tmp_path / "s.py").write_text(SCRIPT.format(values=values, matrix=bool(told)))
    command = [sys.executable, "-m", "graphlab", "port", "s.py", "-o", "p.py"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (
        0,
        "bit-equal in 2 calls, 2 results and variables",
    )
    assert told in ran.stderr
    assert bool(told) == bool(ran.stderr)
    text = (tmp_path / "p.py").read_text()
    assert f"tf.TensorSpec({spec}, tf.float32" in text
    assert told in text.split(chr(10) * 2)[1]


def test_a_function_that_takes_any_shape_is_taken_at_its_word():
    function = tf.function(lambda x: x + 1.0, input_signature=[tf.TensorSpec(None, name="x")])
    with observe(values=True) as seen:
        function(tf.constant(1.0))
    (argument,) = module_of(call_of(seen.replays[-1])).arguments
    assert (argument.shape, argument.as_fed) == (None, False)


@pytest.mark.parametrize("axes, shape", [(0, []), (1, [None]), (2, [None, None])])
@pytest.mark.parametrize("producer", [20, 2000])
def test_what_is_behind_it_is_known_in_graphs_of_any_age(producer, axes, shape):
    """A placeholder of a producer before 24 that says it is a scalar is one of any shape."""
    with tf.Graph().as_default() as made:
        x = tf1.placeholder(tf.float32, name="x")
        tf.exp(x, name="y")
    definition = made.as_graph_def()
    definition.versions.producer = producer
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    found = with_shapes(graph, {"x:0": (None,) * axes})
    assert graph.get_tensor_by_name("y:0").shape.rank is None
    assert found.get_tensor_by_name("y:0").shape.as_list() == shape


def test_what_was_set_is_forgotten_where_no_op_says_it():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, name="x")
        tf.exp(x, name="y").set_shape([None, 2])
    found = with_shapes(graph, {})
    assert graph.get_tensor_by_name("y:0").shape.rank == 2
    assert found.get_tensor_by_name("y:0").shape.rank is None
