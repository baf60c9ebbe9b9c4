"""Programs that draw: the same masks from the same seeds, in a session, a function, eagerly."""

from __future__ import annotations

import pytest
from test_compare import script

from graphlab.comparison.run import compare

SESSION = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
draw = np.random.RandomState(0)
X = draw.rand(8, 16).astype("f")
tf.set_random_seed(1)
x = tf.placeholder(tf.float32, [8, 16], name="x")
W = tf.get_variable("W", initializer=draw.randn(16, 4).astype("f"))
y = tf.matmul(tf.nn.dropout(x, rate=0.5, seed=7), W)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run(y, {x: X})
"""
FUNCTION = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 16).astype("f")
tf.random.set_seed(1)
W = tf.Variable(draw.randn(16, 4).astype("f"), name="W")


@tf.function
def model(x):
    return tf.matmul(tf.nn.dropout(x, rate=0.5, seed=7), W)


for _ in range(3):
    model(X)
"""
STATELESS = FUNCTION.replace(
    "tf.nn.dropout(x, rate=0.5, seed=7)", "tf.nn.experimental.stateless_dropout(x, 0.5, [1, 2])"
)
KERAS = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 16).astype("f")
layers = [tf.keras.Input([16]), tf.keras.layers.Dropout(0.5, seed=7), tf.keras.layers.Dense(4)]
model = tf.keras.Sequential(layers)
model.set_weights([draw.randn(16, 4).astype("f"), np.zeros(4, "f")])
model.compile(tf.keras.optimizers.SGD(0.1), "mse")
for _ in range(2):
    model.train_on_batch(X, np.ones([8, 4], "f"))
"""


def eagerly(text: str) -> str:
    return text.replace("@tf.function\n", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SESSION, FUNCTION),
        (FUNCTION, FUNCTION),
        (STATELESS, eagerly(STATELESS)),
        (KERAS, KERAS),
    ],
)
def test_masks_of_one_seed_are_the_same(tmp_path, one, other):
    found = compare(script(tmp_path, "one", one), script(tmp_path, "other", other))
    assert (found.same, found.frontier, found.notes) == (True, (), ())


@pytest.mark.parametrize(
    ("text", "old", "new", "op"),
    [
        (FUNCTION, "rate=0.5", "rate=0.9", "Const"),  # keep_prob taken for a rate
        (STATELESS, "0.5, [1, 2]", "0.4, [1, 2]", "Const"),
        (KERAS, "seed=7", "seed=8", "StatelessRandomUniformV2"),
        (KERAS, "Dropout(0.5", "Dropout(0.25", "Const"),
    ],
)
def test_another_rate_or_seed_is_where_they_part(tmp_path, text, old, new, op):
    one, other = script(tmp_path, "one", text), script(tmp_path, "other", text, (old, new))
    found = compare(one, other)
    assert (found.frontier[0].a.op, found.frontier[0].b.op) == (op, op)
    assert not any("repeat itself" in note for note in found.notes)


def test_a_dropout_that_is_missing_is_told_as_what_only_one_side_has(tmp_path):
    other = script(tmp_path, "other", FUNCTION, ("tf.nn.dropout(x, rate=0.5, seed=7)", "x"))
    found = compare(script(tmp_path, "one", FUNCTION), other)
    assert not found.same
    assert {(part.a.op, part.b is None) for part in found.frontier if part.b is None} == {
        ("Mul", True),
        ("RandomUniform", True),
    }


def test_a_dropout_without_a_seed_does_not_repeat_itself_and_that_is_told(tmp_path):
    one = script(tmp_path, "one", KERAS, (", seed=7", ""))
    found = compare(one, one)
    assert not found.same
    assert any(
        f"{one} does not repeat itself from" in note and "StatelessRandomUniformV2" in note
        for note in found.notes
    )


UNSEEDED = """
import os
import tensorflow as tf

tf.random.set_seed(int.from_bytes(os.urandom(4), "little"))
W = tf.Variable([[0.3, 0.7], [0.2, 0.9]], name="W")


@tf.function
def step(x):
    y = tf.nn.tanh(tf.matmul(x, W))
    W.assign_sub(0.1 * tf.random.uniform([2, 2]))
    return y


for _ in range(3):
    step([[1.0, 2.0], [3.0, 4.0]])
"""


def test_what_does_not_repeat_itself_is_told_from_the_op_on_that_draws(tmp_path):
    """The call that draws returns the same; what it left in W the next call begins with."""
    one = script(tmp_path, "one", UNSEEDED)
    found = compare(one, one)
    first = found.frontier[0]
    draws = "random_uniform/RandomUniform"
    assert (first.a.node, first.b.node, first.a.moment) == (draws, draws, 1)
    assert found.notes == (
        f"{one} does not repeat itself from {draws} (RandomUniform) on; {draws} draws random"
        " numbers: what differs may be chance",
    )
