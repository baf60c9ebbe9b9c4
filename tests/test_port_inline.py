"""Calls of functions that are called once are taken apart where they stand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.port.recorded import call_of, module_of
from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded
from tests.test_port import body_of, proved

tf1 = tf.compat.v1


def called(function, *arguments):
    """The call of a tf.function, recorded; the first call traces it."""
    function(*arguments)
    with observe(values=True) as seen:
        function(*arguments)
    return call_of(seen.replays[-1])


def test_what_only_hands_on_to_another_function_is_not_written():
    inner = tf.function(lambda x: tf.tanh(x) + 1.0)
    middle = tf.function(lambda x: inner(x))
    outer = tf.function(lambda x: middle(x) * 2.0, input_signature=[tf.TensorSpec([2], name="x")])
    call = called(outer, np.float32([1, 2]))
    assert body_of(call) == ['        return {"mul": (tf.tanh(x) + 1.0) * 2.0}']
    assert len(module_of(call).methods) == 1


def test_a_function_that_is_called_twice_is_a_method():
    inner = tf.function(lambda x: tf.tanh(x) + 1.0)
    outer = tf.function(
        lambda x: inner(x) * inner(2.0 * x), input_signature=[tf.TensorSpec([2], name="x")]
    )
    call = called(outer, np.float32([1, 2]))
    assert len(module_of(call).methods) == 2


def test_effects_of_a_function_that_is_taken_apart_keep_their_order(tmp_path):
    v = tf.Variable(1.0)

    @tf.function
    def double():
        v.assign(v * 2.0)
        return v.read_value()

    @tf.function
    def outer(x):
        v.assign_add(x)
        first = double()
        v.assign_add(10.0)
        return first, v + x

    call = called(outer, tf.constant(3.0))
    assert len(module_of(call).methods) == 1
    assert proved(tmp_path, call) == "bit-equal in 1 call, 3 results and variables"


def test_variables_that_the_call_does_not_touch_are_not_in_the_file(tmp_path):
    with tf.Graph().as_default():
        w = tf.compat.v1.get_variable("w", initializer=2.0)
        tf.compat.v1.get_variable("unused", initializer=3.0)
        y = tf.multiply(w, 5.0, name="y")
        start = tf.compat.v1.global_variables_initializer()
        with tf.compat.v1.Session() as session:
            session.run(start)
            with observe(values=True) as seen:
                session.run(y)
    module = module_of(call_of(seen.replays[-1]))
    assert list(module.variables) == ["w"]


def test_the_shapes_in_a_function_that_only_a_file_describes_are_known():
    """Its product is `tf.matmul`, for which ranks must be known, also that of the variable."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 2, 3], name="x")
        w = tf1.get_variable("w", initializer=np.float32([[1], [2], [3]]), use_resource=True)
        rows = tf.function(lambda x: tf.matmul(tf.reshape(x, [-1, 3]), w))
        tf.identity(rows(x), name="y")
        described = tf1.train.export_meta_graph(graph=graph)
    with tf.Graph().as_default() as graph:
        tf1.train.import_meta_graph(described)
        call = recorded(graph.get_tensor_by_name("y:0"), {"x:0": np.ones((4, 2, 3), np.float32)})
    assert body_of(call) == [
        '        return {"y": tf.matmul(tf.reshape(x, [-1, 3]), self.w)}',
    ]


def conditioned(build, of_tf1):
    """The call of a program whose conditions are Ifs, or Switches and Merges."""
    if of_tf1:
        return in_graph_of_tf1(lambda: recorded(*build()))
    with tf.Graph().as_default():
        return recorded(*build())


@pytest.mark.parametrize("of_tf1", [False, True])
def test_a_condition_whose_answer_is_in_the_graph_is_one_of_its_cases(of_tf1, tmp_path):
    def build():
        x = tf.compat.v1.placeholder(tf.float32, [None, 2], name="x")

        def matching():
            wide = tf.equal(tf.shape(x)[1:], [2], name="wide")
            return tf.cond(tf.equal(1, tf.constant(1)), lambda: wide[0], lambda: ~wide[0])

        fits = tf.cond(tf.equal(2, tf.constant(0)), lambda: tf.constant(False), matching)
        y = tf.cond(fits, lambda: x * 2.0, lambda: x - 1.0)
        return [tf.identity(y, name="y")], {x: np.ones([3, 2], np.float32)}

    call = conditioned(build, of_tf1)
    said = "\n".join(line for lines in methods_of(call).values() for line in lines)
    assert said.count("tf.cond(") == 1
    assert "False" not in said
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("of_tf1", [False, True])
def test_losses_of_tensorflow_1_that_weigh_ask_nothing_of_what_is_known(of_tf1, tmp_path):
    """One check is left, whether the sizes fit, and it is TensorFlow's own."""

    def build():
        x = tf.compat.v1.placeholder(tf.float32, [None, None, 3], name="x")
        w = tf.compat.v1.get_variable("w", initializer=np.eye(3, dtype=np.float32))
        labels = tf.zeros_like(x[..., 0], tf.int32)
        weights = tf.cast(x[..., 1] > 0.0, tf.float32)
        scores = tf.einsum("abi,ij->abj", x, w)
        loss = tf.compat.v1.losses.sparse_softmax_cross_entropy(labels, scores, weights)
        step = tf.compat.v1.train.GradientDescentOptimizer(0.1).minimize(loss)
        return [loss, step], {x: np.eye(3, dtype=np.float32)[None]}

    call = conditioned(build, of_tf1)
    said = "\n".join(line for lines in methods_of(call).values() for line in lines)
    assert "tf.cond(" not in said
    assert "tf.debugging.Assert(" in said
    assert "tape.gradient(" in said
    assert differences(call, tmp_path) == []
