"""Several ops become one public call, where TensorFlow makes exactly these of it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port import exact, patterns
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def ported(build, folder):
    """The statements of what `build` gives for x, and what is not bit-equal."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        found = tf.identity(build(x), name="found")
    call = recorded(found, {x: X})
    return methods_of(call)["__call__"], differences(call, folder)


def moments(x):
    mean, variance = tf.nn.moments(x, [0])
    return mean + variance


def kept_moments(x):
    mean, variance = tf.nn.moments(x, [1], keepdims=True)
    return (x - mean) / tf.sqrt(variance)


def normalized(x):
    gamma = tf1.get_variable("gamma", initializer=X[0])
    beta = tf1.get_variable("beta", initializer=X[1], use_resource=False)
    mean, variance = tf.nn.moments(x, [0])
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)


def plainly_normalized(x):
    mean, variance = tf.reduce_sum(x, 0), tf.reduce_max(x, 0)
    return tf.nn.batch_normalization(x, mean, variance, None, None, 0.5)


def sigmoid(x):
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.round(x), logits=x)


def softmax(x):
    labels = tf.one_hot([0, 1, 2, 0], 3)
    return tf1.nn.softmax_cross_entropy_with_logits(labels=labels, logits=x)


def of_length_one(x):
    return tf.nn.l2_normalize(x, 1)


def picked(x):
    """A row and a column, of places that are computed."""
    t = tf.cast(tf.reduce_max(tf.sigmoid(x)), tf.int32, name="t")
    return x[t] + x[:, t + 1][:3]


SAID = {
    moments: ["mean, variance = tf.nn.moments(x, axes=[0])", 'return {"found": mean + variance}'],
    kept_moments: [
        "mean, variance = tf.nn.moments(x, axes=[1], keepdims=True)",
        'return {"found": (x - mean) / tf.sqrt(variance)}',
    ],
    normalized: [
        "mean, variance = tf.nn.moments(x, axes=[0])",
        "normalized = tf.nn.batch_normalization(",
    ],
    plainly_normalized: [
        "sum_2 = tf.reduce_sum(x, axis=0)",
        "max_2 = tf.reduce_max(x, axis=0)",
        "normalized = tf.nn.batch_normalization(",
        "x, sum_2, max_2, offset=None, scale=None, variance_epsilon=0.5",
    ],
    sigmoid: [
        "logistic_loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.round(x), logits=x)",
        'return {"found": logistic_loss}',
    ],
    softmax: [
        "labels_stop_gradient = tf.stop_gradient(tf.one_hot([0, 1, 2, 0], 3, 1.0, 0.0))",
        "cross_entropy = tf.nn.softmax_cross_entropy_with_logits(",
        "labels=labels_stop_gradient, logits=x",
    ],
    picked: [
        "t = tf.cast(tf.reduce_max(tf.sigmoid(x)), tf.int32)",
        'return {"found": x[t] + x[:, t + 1][:3]}',
    ],
    of_length_one: ['return {"found": tf.nn.l2_normalize(x, axis=1)}'],
}


@pytest.mark.parametrize("build", SAID)
def test_the_ops_of_one_function_are_one_call(build, tmp_path):
    said, apart = ported(build, tmp_path)
    assert said[: len(SAID[build])] == SAID[build]
    assert apart == []


def test_to_assert_what_is_true_of_shapes_is_nothing(tmp_path):
    def checked(x):
        good = tf.equal(tf.shape(tf.zeros([4, 3]))[0], 4)
        with tf.control_dependencies([tf.debugging.Assert(good, ["four rows were expected"])]):
            return x + 1.0

    said, apart = ported(checked, tmp_path)
    assert said == ['return {"found": x + 1.0}']
    assert apart == []


def test_a_cast_to_the_type_that_is_there_is_nothing(tmp_path):
    """As `tf.sequence_mask` makes it, and `tf.cast` does not."""
    said, apart = ported(lambda x: tf.raw_ops.Cast(x=x + 1.0, DstT=tf.float32) * 2.0, tmp_path)
    assert said == ['return {"found": (x + 1.0) * 2.0}']
    assert apart == []


def test_what_draws_is_one_call_that_draws_with_the_same_seed():
    def of(x):
        rate = tf.reduce_max(tf.nn.sigmoid(x))
        x += tf.random.normal([3], stddev=0.5, seed=1, name="noise")
        return tf.nn.dropout(x, 0.4) + tf.nn.dropout(x, 0.25, seed=7) + tf.nn.dropout(x, rate)

    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        found = tf.identity(of(x), name="found")
    said = methods_of(recorded(found, {x: X}))["__call__"]
    both = "tf.nn.dropout(add, rate=0.4) + tf.nn.dropout(add, rate=0.25, seed=7)"
    assert said[0] == "add = x + tf.random.normal([3], stddev=0.5, seed=1)"
    assert both in said[1]
    assert "tf.nn.dropout(add, rate=tf.reduce_max(tf.sigmoid(x)))" in "".join(said)


def test_what_is_inside_and_taken_by_others_stays_as_it_is(tmp_path):
    def of(x):
        mean, variance = tf.nn.moments(x, [0])
        normalized = tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)
        root = next(op for op in x.graph.get_operations() if op.type == "Rsqrt")
        return normalized + root.outputs[0]

    said, apart = ported(of, tmp_path)
    assert said[0] == "mean, variance = tf.nn.moments(x, axes=[0])"
    assert "tf.math.rsqrt" in said[1]
    assert apart == []


def test_arithmetic_in_another_order_stays_as_it_is(tmp_path):
    def of(x):
        mean, variance = tf.reduce_sum(x, 0), tf.reduce_max(x, 0)
        factor = tf.math.rsqrt(variance + 0.5)
        return factor * x + (tf.ones([3]) - mean * factor)

    said, apart = ported(of, tmp_path)
    assert not any("batch_normalization" in line for line in said)
    assert apart == []


def test_what_is_waited_for_inside_is_waited_for():
    """The product must not be read before the variable is changed."""
    with tf.Graph().as_default():
        w = tf1.get_variable("w", initializer=X, use_resource=True)
        with tf.control_dependencies([w.assign_add(X)]):
            x = w.read_value()
        mean, variance = tf.nn.moments(x, [0])
        found = tf.identity(mean + variance, name="found")
    said = methods_of(recorded(found, {}))["__call__"]
    assert said[0].startswith("self.w.assign_add(")
    assert said[1] == "mean, variance = tf.nn.moments(self.w, axes=[0])"


def test_every_guess_has_words_for_what_it_gives():
    for function, words in patterns.WORDS.items():
        assert function == patterns.PART or callable(exact.public(function))
        assert all(word.isidentifier() for word in words)


def test_a_function_of_the_library_is_looked_through_too(tmp_path):
    def of(x):
        turn = tf.function(lambda y: tf.nn.l2_normalize(y, 1))
        return turn(turn(x))

    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        found = tf.identity(of(x), name="found")
    call = recorded(found, {x: X})
    said = [line for lines in methods_of(call).values() for line in lines]
    assert "return tf.nn.l2_normalize(y, axis=1)" in said
    assert differences(call, tmp_path) == []


def test_equal_normalizations_are_a_class_that_calls_both_functions(tmp_path):
    def of(x):
        for number in range(2):
            with tf1.variable_scope(f"norm_{number}"):
                gamma = tf1.get_variable("gamma", initializer=X[number])
                mean, variance = tf.nn.moments(x, [0])
                x = tf.nn.batch_normalization(x, mean, variance, gamma, None, 1e-3) * x
        return x

    said, apart = ported(of, tmp_path)
    assert said[0] == "norm_0 = self.norm_0(x)"
    assert apart == []


def test_a_sum_over_all_axes_of_what_has_any_number_of_them_is_one_call(tmp_path):
    """Its shape is known though the file does not have it, and its gradient is a tape's."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, name="x")
        w = tf1.get_variable("w", initializer=X[0])
        loss = tf.reduce_sum(tf.sin(x * w), name="loss")
        tf1.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
        described = tf1.train.export_meta_graph(graph=graph)
    with tf.Graph().as_default() as graph:
        tf1.train.import_meta_graph(described)
        call = recorded([graph.get_tensor_by_name("loss:0"), "train"], {"x:0": X})
    assert methods_of(call)["__call__"] == [
        "with tf.GradientTape() as tape:",
        "loss = tf.reduce_sum(tf.sin(x * self.w))",
        "w_grad = tape.gradient(loss, self.w)",
        "self.w.assign_sub(0.5 * w_grad)",
        'return {"loss": loss}',
    ]
    assert differences(call, tmp_path) == []


def test_a_mean_whose_axes_are_reckoned_names_none_where_its_shape_is_known(tmp_path):
    """As TensorFlow 1 does of what it knows no shape of, and a port by what it was fed."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2, 3], name="x")
        y = tf.sin(x)
        axes = tf.range(0, tf.raw_ops.Rank(input=y), 1)
        call = recorded(tf.raw_ops.Mean(input=y, axis=axes, name="mean"), {x: X[:2, :3]})
    assert methods_of(call)["__call__"] == ['return {"mean": tf.reduce_mean(tf.sin(x))}']
    assert differences(call, tmp_path) == []
