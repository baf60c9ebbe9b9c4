"""Variables that a function is handed as arguments are variables, whatever it calls them."""

from pathlib import Path

import numpy as np
import pytest
from test_compare import script

from graphlab.comparison.index import Index
from graphlab.comparison.run import compare

KEPT = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 4).astype("f")
one = tf.Variable(draw.randn(4, 2).astype("f"), name="one")
two = tf.Variable(draw.randn(4, 2).astype("f"), name="two")


{functions}

for _ in range(3):
    {step}
print({loss})
"""
CAPTURED = """
def loss():
    return tf.reduce_mean(tf.square(tf.matmul(X, one) - tf.matmul(X, two)))

@tf.function
def train():
    with tf.GradientTape() as tape:
        found = loss()
    for v, d in zip((one, two), tape.gradient(found, (one, two))):
        v.assign_sub(0.1 * d)
    return found

look = tf.function(loss)
"""
HANDED = """
def loss(weights):
    return tf.reduce_mean(tf.square(tf.matmul(X, weights["a"]) - tf.matmul(X, weights["b"])))

@tf.function
def train(weights):
    with tf.GradientTape() as tape:
        found = loss(weights)
    for name, d in tape.gradient(found, weights).items():
        weights[name].assign_sub(0.1 * d)
    return found

@tf.function
def look(other):
    return loss(other)

weights = {"a": one, "b": two}
"""


@pytest.fixture
def kept(tmp_path):
    captured = KEPT.format(functions=CAPTURED, step="train()", loss="look()")
    handed = KEPT.format(functions=HANDED, step="train(weights)", loss="look(weights)")
    return script(tmp_path, "captured", captured), script(tmp_path, "handed", handed)


def test_variables_that_a_function_is_handed_are_those_that_another_has_captured(kept):
    found = compare(*kept)
    assert found.same
    assert [(pair.a, pair.b) for pair in found.variables] == [
        ("one", "one"),
        ("two", "two"),
    ]
    changed = {(result.a, result.moment) for result in found.results if result.a in ("one", "two")}
    assert changed == {(name, moment) for name in ("one", "two") for moment in (1, 2, 3)}


def test_they_can_begin_with_what_the_other_program_began_with(kept):
    captured, handed = kept
    text = (
        Path(handed)
        .read_text()
        .replace("RandomState(0)", "RandomState(1)")
        .replace("X = draw", "X = np.random.RandomState(0)")
    )
    Path(handed).write_text(text)
    assert not compare(captured, handed).same
    assert compare(captured, handed, state="a").same


# Two optimizers' slots

TWO = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 4).astype("f")
a = tf.Variable(draw.randn(4, 2).astype("f"), name="a")
b = tf.Variable(draw.randn(2, 3).astype("f"), name="b")
A, B = (tf.{adam}(0.01, epsilon=1e-8) for _ in range(2))


def step(adam, v):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(tf.matmul(X, a), b) - 1.0))
    adam.apply_gradients([(tape.gradient(loss, v), v)])
    return loss


@tf.function
def step_a():
    return step(A, a)


@tf.function
def step_b():
    return step(B, b)


for _ in range(3):
    step_a()
    step_b()
"""


def test_slots_that_two_functions_call_the_same_are_each_optimizers_own(tmp_path):
    names = ("compat.v1.train.AdamOptimizer", "keras.optimizers.Adam")
    one, other = (script(tmp_path, f"t{n}", TWO.format(adam=name)) for n, name in enumerate(names))
    found = compare(one, other)
    assert (found.same, found.frontier) == (True, ())
    kept = [pair for pair in found.variables if pair.b.endswith(("momentum", "velocity"))]
    assert len({pair.a for pair in kept}) == 4


def test_eager_variables_are_the_same_ones_in_whatever_order_a_step_takes_them(tmp_path):
    text = "import tensorflow as tf\na, b = tf.Variable(1.0), tf.Variable(2.0)\n"
    one = script(tmp_path, "one", text + "a.assign_add(0.5)\nb.assign_add(0.25)\n")
    other = script(tmp_path, "other", text + "b.assign_add(0.25)\na.assign_add(0.5)\n")
    assert compare(one, other).same


def test_with_a_wide_tolerance_each_value_still_stands_for_itself():
    index = Index(0.1, 0.0)
    seen = [np.float32([number]) for number in (0.2013, 0.1892, 0.1714)]
    numbers = [index.number(each) for each in seen]
    assert [float(index.values[number][0]) for number in numbers] == [float(v[0]) for v in seen]
    again = index.number(np.float32([0.18920001]))
    assert again == numbers[1]
