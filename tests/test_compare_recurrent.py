"""LSTMs and GRUs: gates in another order, a forget bias elsewhere or nowhere, a reset before."""

from __future__ import annotations

import pytest
from test_compare import line_of, script

from graphlab.comparison.run import compare

HEAD = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.randn(2, 3, 3).astype("f")
"""
GRU = HEAD + (
    """
K, R = draw.randn(3, 12).astype("f") / 2, draw.randn(4, 12).astype("f") / 2
b = draw.randn(12).astype("f") / 2
"""
)
KERAS_GRU = (
    GRU
    + """
layer = tf.keras.layers.GRU(4, reset_after=False, unroll=True)
layer.build([2, 3, 3])
layer.set_weights([K, R, b])
model = tf.function(lambda x: layer(x))
model(X)
"""
)
HAND_GRU = (
    GRU
    + """
order = [*range(4, 8), *range(0, 4), *range(8, 12)]  # r, z, h of z, r, h
K = tf.Variable(K[:, order], name="gru/kernel")
R = tf.Variable(R[:, order], name="gru/recurrent")
b = tf.Variable(b[order], name="gru/bias")


@tf.function
def model(x):
    h = tf.zeros([2, 4])
    for n in range(3):
        kr, kz, kh = tf.split(tf.matmul(x[:, n], K) + b, 3, 1)
        Rr, Rz, Rh = tf.split(R, 3, 1)
        r = tf.sigmoid(kr + tf.matmul(h, Rr))
        z = tf.sigmoid(kz + tf.matmul(h, Rz))
        c = tf.tanh(kh + tf.matmul(r * h, Rh))
        h = z * h + (1 - z) * c
    return h


model(X)
"""
)
TF1_GRU = (
    GRU.replace("tensorflow", "tensorflow.compat.v1")
    + """
tf.disable_v2_behavior()
order = [*range(4, 8), *range(0, 4)]
both = np.concatenate([K, R])
x = tf.placeholder(tf.float32, [2, 3, 3], name="x")
gates = tf.get_variable("gates/kernel", initializer=both[:, order])
gates_bias = tf.get_variable("gates/bias", initializer=b[order])
candidate = tf.get_variable("candidate/kernel", initializer=both[:, 8:])
candidate_bias = tf.get_variable("candidate/bias", initializer=b[8:])
h = tf.zeros([2, 4])
for n in range(3):
    given = tf.matmul(tf.concat([x[:, n], h], 1), gates) + gates_bias
    r, u = tf.split(tf.sigmoid(given), 2, 1)
    c = tf.tanh(tf.matmul(tf.concat([x[:, n], r * h], 1), candidate) + candidate_bias)
    h = u * h + (1 - u) * c
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(h, {x: X})
"""
)
ORDER = "3 blocks in the order [1, 0, 2]"


def test_a_gru_by_hand_with_its_gates_in_another_order_is_keras(tmp_path):
    found = compare(script(tmp_path, "keras", KERAS_GRU), script(tmp_path, "hand", HAND_GRU))
    assert (found.same, found.frontier) == (True, ())
    assert [pair.detail.removesuffix(" along axis 1") for pair in found.variables] == [ORDER] * 3


def test_a_gru_of_tensorflow_1_is_keras_and_its_variables_are_told_piece_by_piece(tmp_path):
    found = compare(script(tmp_path, "tf1", TF1_GRU), script(tmp_path, "keras", KERAS_GRU))
    assert (found.same, found.frontier) == (True, ())
    kernel = "gru/gru_cell/kernel"
    assert [note for note in found.notes if "candidate" in note] == [
        f"A's candidate/kernel at [0:3, 0:4], [3:7, 0:4] is B's {kernel}[0:3, 8:12],"
        " gru/gru_cell/recurrent_kernel[0:4, 8:12]",
        "A's candidate/bias at [0:4] is B's gru/gru_cell/bias[8:12]",
    ]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ([("z * h + (1 - z) * c", "(1 - z) * h + z * c")], ["(1 - z)"]),
        ([("K[:, order]", "K"), ("R[:, order]", "R"), ("b[order]", "b")], ["(1 - z)"]),
        ([("tf.matmul(r * h, Rh)", "r * tf.matmul(h, Rh)")], ["Rh)"]),
    ],
)
def test_what_is_wrong_of_a_gru_is_where_they_part(tmp_path, changes, lines):
    other = script(tmp_path, "hand", HAND_GRU, *changes)
    found = compare(script(tmp_path, "keras", KERAS_GRU), other)
    assert not found.same
    first = found.frontier[0]
    assert first.a is not None and first.b is not None
    assert first.b.source == (other, line_of(HAND_GRU.replace(*changes[0]), lines[0]))


def test_a_reset_after_in_place_of_before_is_the_product_that_is_reset(tmp_path):
    after = HAND_GRU.replace("tf.matmul(r * h, Rh)", "r * tf.matmul(h, Rh)")
    found = compare(script(tmp_path, "one", HAND_GRU), script(tmp_path, "two", after))
    assert [(part.a.op, part.b.op) for part in found.frontier] == [("Mul", "MatMul")]
    equal = [pair.how for pair in found.frontier[0].inputs if pair.how == "same"]
    assert equal == ["same"]  # the state that goes in
    keras = KERAS_GRU.replace("reset_after=False", "reset_after=True").replace(
        "R, b]", "R, np.stack([b, 0 * b])]"
    )
    assert not compare(script(tmp_path, "one", KERAS_GRU), script(tmp_path, "two", keras)).same


LSTM = HEAD + (
    """
K, R = draw.randn(3, 16).astype("f") / 2, draw.randn(4, 16).astype("f") / 2
"""
)
TF1_LSTM = (
    LSTM.replace("tensorflow", "tensorflow.compat.v1")
    + """
tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [2, 3, 3], name="x")
kernel = tf.get_variable("lstm/kernel", initializer=np.concatenate([K, R]))
bias = tf.get_variable("lstm/bias", initializer=np.zeros(16, "f"))
h = c = tf.zeros([2, 4])
for n in range(3):
    i, j, f, o = tf.split(tf.matmul(tf.concat([x[:, n], h], 1), kernel) + bias, 4, 1)
    c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
    h = tf.sigmoid(o) * tf.tanh(c)
loss = tf.reduce_mean(tf.square(h - 0.3))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(2):
        session.run([loss, h, train], {x: X})
"""
)
KERAS_LSTM = (
    LSTM
    + """
order = [*range(0, 4), *range(8, 12), *range(4, 8), *range(12, 16)]
layer = tf.keras.layers.LSTM(4, unroll=True)
layer.build([2, 3, 3])
b = np.zeros(16, "f")
b[4:8] = 1
layer.set_weights([K[:, order], R[:, order], b])
optimizer = tf.keras.optimizers.SGD(0.5)


@tf.function
def step(x):
    with tf.GradientTape() as tape:
        h = layer(x)
        loss = tf.reduce_mean(tf.square(h - 0.3))
    variables = layer.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss, h


for _ in range(2):
    step(X)
"""
)


def test_an_lstm_trained_in_tensorflow_1_and_in_keras_is_the_same_but_for_where_the_1_is(tmp_path):
    found = compare(script(tmp_path, "tf1", TF1_LSTM), script(tmp_path, "keras", KERAS_LSTM))
    assert (found.same, found.frontier) == (True, ())
    (told,) = [note for note in found.notes if note.startswith("B's lstm/lstm_cell/bias is")]
    assert "4 blocks in the order [0, 2, 1, 3], and then 4 of 16 numbers differ, all by 1" in told
    (cut,) = [note for note in found.notes if note.startswith("A's lstm/kernel")]
    assert "[0:3, 4:8]" in cut and "lstm/lstm_cell/kernel[0:3, 8:12]" in cut


def test_a_forget_bias_that_is_missing_is_the_sum_that_only_one_side_makes(tmp_path):
    one = script(tmp_path, "tf1", TF1_LSTM)
    without = script(tmp_path, "without", TF1_LSTM, ("f + 1.0", "f"))
    (part,) = compare(one, without).frontier
    assert (part.a.op, part.b.op) == ("AddV2", "Sigmoid")
    assert [pair.how for pair in part.inputs] == ["same"]
    keras = script(tmp_path, "keras", KERAS_LSTM, ("b[4:8] = 1\n", ""))
    both = [(part.a.op, part.b.op) for part in compare(one, keras).frontier if part.a and part.b]
    assert both == [("AddV2", "Sigmoid")]


# Numbers of its own: nothing tells which column is which but what it moves.
OWN = HEAD + (
    """
K = tf.Variable(draw.randn(3, 16).astype("f") / 2, name="kernel")
R = tf.Variable(draw.randn(4, 16).astype("f") / 2, name="recurrent")
b = tf.Variable(np.zeros(16, "f"), name="bias")


@tf.function
def model(x):
    h = c = tf.zeros([2, 4])
    for n in range(3):
        i, f, g, o = tf.split(tf.matmul(x[:, n], K) + tf.matmul(h, R) + b, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    return h


model(X)
"""
)


def test_gates_of_other_values_in_another_order_are_told_and_given_values_are_the_same(tmp_path):
    drawn_again = ("K = tf.Variable(", "draw = np.random.RandomState(7)\nK = tf.Variable(")
    one = script(tmp_path, "one", OWN)
    two = script(tmp_path, "two", OWN, ("i, f, g, o =", "i, g, f, o ="), drawn_again)
    found = compare(one, two)
    order = "4 blocks in the order [0, 2, 1, 3] along axis 1, by influence"
    bias = order.replace(" along axis 1", "")
    assert [pair.detail for pair in found.variables] == [order, order, bias]
    assert compare(one, two, state="a").same
