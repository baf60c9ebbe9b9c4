"""Variables that neither names nor values tell apart, told by what moves when they are moved."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from test_compare import script

from graphlab.comparison import columns, influence
from graphlab.comparison.run import compare

TF1 = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
draw = np.random.RandomState(1)
x = tf.placeholder(tf.float32, [6, 4], name="x")
W = [tf.get_variable(f"W{n}", initializer=draw.randn(4, 4).astype("f")) for n in range(3)]
b = [tf.get_variable(f"b{n}", initializer=np.zeros(4, "f")) for n in range(3)]
h = x
for n in range(3):
    h = tf.nn.relu(tf.matmul(h, W[n]) + b[n])
loss = tf.reduce_mean(tf.square(h))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
X = np.random.RandomState(0).randn(6, 4)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run([loss, train], {x: X})
"""
TF2 = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(7)
W = [tf.Variable(draw.randn(4, 4).astype("f"), name=f"W{n}") for n in range(3)]
b = [tf.Variable(np.zeros(4, "f"), name=f"b{n}") for n in range(3)]


@tf.function
def step(x):
    with tf.GradientTape() as tape:
        h = x
        for n in [2, 0, 1]:
            h = tf.nn.relu(tf.matmul(h, W[n]) + b[n])
        loss = tf.reduce_mean(tf.square(h))
    for variable, slope in zip(W + b, tape.gradient(loss, W + b)):
        variable.assign_sub(0.1 * slope)
    return loss


X = np.random.RandomState(0).randn(6, 4).astype("f")
for _ in range(3):
    step(X)
"""
RIGHT = [
    (f"{kind}{n}", f"{kind}{m}", "influence") for kind in "Wb" for n, m in enumerate([2, 0, 1])
]


def told(found):
    return [(pair.a, pair.b, pair.by) for pair in found.variables]


def test_a_shuffled_order_of_layers_with_other_values_is_told_by_what_they_move(tmp_path):
    found = compare(script(tmp_path, "old", TF1), script(tmp_path, "new", TF2))
    assert told(found) == RIGHT
    # What they begin with is told of partners, not of those that have one name.
    begun = [(part.a.node, part.b.node) for part in found.frontier if part.a and part.b]
    assert begun == [("W0", "W2"), ("W1", "W0"), ("W2", "W1")]


def test_given_the_values_of_their_partners_shuffled_layers_compute_the_same(tmp_path):
    found = compare(script(tmp_path, "old", TF1), script(tmp_path, "new", TF2), state="a")
    assert (found.same, found.frontier, found.notes, told(found)) == (True, (), (), RIGHT)


PAIR = """
import numpy as np
import tensorflow as tf


def net(seed):
    draw = np.random.RandomState(seed)
    return [tf.Variable(v) for v in (draw.randn(4, 4).astype("f"), np.zeros(4, "f"))]


G, D = net(1), net(2)


def call(net, x):
    return tf.nn.tanh(tf.matmul(x, net[0]) + net[1])


def step(net, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of()
    for variable, slope in zip(net, tape.gradient(loss, net)):
        variable.assign_sub(0.01 * slope)


@tf.function
def d_step(x, z):
    step(D, lambda: tf.reduce_mean(call(D, call(G, z))) - tf.reduce_mean(call(D, x)))


@tf.function
def g_step(z):
    step(G, lambda: -tf.reduce_mean(call(D, call(G, z))))


X, Z = (np.random.RandomState(seed).randn(6, 4).astype("f") for seed in (3, 4))
for _ in range(2):
    d_step(X, Z)
    g_step(Z)
"""


def test_numbers_behind_names_are_not_believed_where_equal_values_contradict_them(tmp_path):
    one = script(tmp_path, "one", PAIR)
    two = script(tmp_path, "two", PAIR, ("G, D = net(1), net(2)", "D, G = net(2), net(1)"))
    found = compare(one, two)
    assert (found.same, found.notes, told(found)) == (
        True,
        (),
        [
            ("Variable", "Variable_2", "value"),
            ("Variable_1", "Variable_3", "influence"),
            ("Variable_2", "Variable", "value"),
            ("Variable_3", "Variable_1", "influence"),
        ],
    )


def test_however_wide_the_tolerance_is_variables_are_told_by_small_moves(tmp_path):
    old, new = script(tmp_path, "old", TF1), script(tmp_path, "new", TF2)
    assert told(compare(old, new, rtol=0.5, atol=0.1)) == RIGHT


def test_names_that_say_something_are_believed(tmp_path):
    named = [('name=f"W{n}"', 'name="first second third".split()[n]')]
    one = script(tmp_path, "one", TF2, *named)
    two = script(tmp_path, "two", TF2, *named, ("State(7)", "State(8)"), ("[2, 0, 1]", "[0, 1, 2]"))
    names = {pair.a: (pair.b, pair.by) for pair in compare(one, two).variables}
    assert names["first"] == ("first", "name")


def test_a_match_of_the_user_is_believed_and_helps_with_the_rest(tmp_path):
    old, new = script(tmp_path, "old", TF1), script(tmp_path, "new", TF2)
    assert told(compare(old, new, match={"W1": "W0"})) == [
        (a, b, "match" if a == "W1" else by) for a, b, by in RIGHT
    ]


SYMMETRIC = ("h = tf.nn.relu(tf.matmul(h, W[n]) + b[n])", "h = h + tf.matmul(x, W[n]) + b[n]")


def test_variables_that_move_the_same_are_not_told_apart_by_it(tmp_path):
    one = script(tmp_path, "one", TF2, SYMMETRIC)
    two = script(tmp_path, "two", TF2, SYMMETRIC, ("State(7)", "State(8)"))
    assert {pair.by for pair in compare(one, two).variables} == {"name"}


def test_no_more_variables_are_moved_than_the_bound(tmp_path, monkeypatch):
    moved = []
    results = influence.Mover._given

    def counted(self, *rest):
        moved.append(self.side.name)
        return results(self, *rest)

    monkeypatch.setattr(influence.Mover, "_given", counted)
    monkeypatch.setattr(influence, "MOST_MOVES", 2)
    old, new = script(tmp_path, "old", TF1), script(tmp_path, "new", TF2)
    found = compare(old, new)
    assert (moved.count(old), moved.count(new)) == (3, 3)  # as they stand, and two that are moved
    assert [note for note in found.notes if "were not moved" in note] == [
        f"{each}: 4 variables were not moved to see which they are; name them with --match"
        for each in (old, new)
    ]


def test_equal_values_need_no_replays(tmp_path, monkeypatch):
    monkeypatch.setattr(influence, "Mover", None)
    monkeypatch.setattr(columns, "Mover", None)
    one = script(tmp_path, "one", TF2)
    assert compare(one, one).same


LAYERS = [
    lambda name: tf.keras.layers.Dense(5, activation="tanh", name=name),
    lambda name: tf.keras.layers.Dense(5, activation="sigmoid", name=name),
    lambda name: tf.keras.layers.Dense(5, name=name),
]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)])
def test_models_trained_otherwise_are_matched_whatever_number_a_layer_got(tmp_path, order):
    paths = []
    for seed, numbers in enumerate([(0, 1, 2), order]):
        layers = [make(f"dense_{n}") for make, n in zip(LAYERS, numbers, strict=True)]
        model = tf.keras.Sequential([tf.keras.Input((5,)), *layers])
        model.set_weights([np.random.RandomState(seed).randn(*w.shape) for w in model.weights])
        paths.append(str(tmp_path / f"{seed}.keras"))
        model.save(paths[-1])
    pairs = {pair.a: pair.b for pair in compare(*paths).variables}
    assert pairs == {
        f"dense_{n}/{kind}": f"dense_{m}/{kind}"
        for n, m in enumerate(order)
        for kind in ("kernel", "bias")
    }
