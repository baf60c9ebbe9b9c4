"""Programs that train with an optimizer: TensorFlow 1's, Keras', one written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_compare import line_of, script

from graphlab.comparison import run as comparing
from graphlab.comparison import starts
from graphlab.comparison.run import compare
from graphlab.targets import run
from graphlab.targets.target import Watched, parse

HEAD = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X, Y = draw.rand(8, 4).astype("f"), draw.rand(8, 3).astype("f")
START = [draw.randn(4, 5).astype("f"), np.zeros(5, "f")]
START += [draw.randn(5, 3).astype("f"), np.zeros(3, "f")]
"""
TF1 = (
    HEAD.replace("tensorflow", "tensorflow.compat.v1")
    + """
tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 3], name="y")


def dense(x, n, name):
    with tf.variable_scope(name):
        kernel = tf.get_variable("kernel", initializer=START[2 * n])
        bias = tf.get_variable("bias", initializer=START[2 * n + 1])
        return tf.matmul(x, kernel) + bias


h = tf.nn.relu(dense(x, 0, "dense"))
p = dense(h, 1, "dense_1")
loss = tf.reduce_mean(tf.square(p - y))
train = tf.train.AdamOptimizer(0.01, epsilon=1e-7).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run([loss, train], {x: X, y: Y})
"""
)
FUNCTION = (
    HEAD
    + """

class Dense(tf.Module):
    def __init__(self, n, name):
        super().__init__(name=name)
        with self.name_scope:
            self.kernel = tf.Variable(START[2 * n], name="kernel")
            self.bias = tf.Variable(START[2 * n + 1], name="bias")

    def __call__(self, x):
        return tf.matmul(x, self.kernel) + self.bias


first, second = Dense(0, "dense"), Dense(1, "dense_1")
variables = [first.kernel, first.bias, second.kernel, second.bias]
optimizer = tf.keras.optimizers.Adam(0.01)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        h = tf.nn.relu(first(x))
        p = second(h)
        loss = tf.reduce_mean(tf.square(p - y))
    slopes = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(slopes, variables))
    return loss


for _ in range(3):
    step(tf.constant(X), tf.constant(Y))
"""
)
EAGER = FUNCTION.replace("@tf.function\n", "")
OUTSIDE = FUNCTION.replace(
    "    optimizer.apply_gradients(zip(slopes, variables))\n    return loss",
    "    return loss, slopes",
).replace(
    "    step(tf.constant(X), tf.constant(Y))",
    "    loss, slopes = step(tf.constant(X), tf.constant(Y))\n"
    "    optimizer.apply_gradients(zip(slopes, variables))",
)
BY_HAND = FUNCTION.replace(
    "tf.keras.optimizers.Adam(0.01)",
    """None
step_of = tf.Variable(0, dtype=tf.int64)
means = [tf.Variable(tf.zeros_like(v), name="m") for v in variables]
squares = [tf.Variable(tf.zeros_like(v), name="v") for v in variables]


def adam(slopes):
    t = tf.cast(step_of + 1, tf.float32)
    rate = 0.01 * tf.sqrt(1.0 - 0.999**t) / (1.0 - 0.9**t)
    for slope, variable, m, v in zip(slopes, variables, means, squares):
        m.assign_add((slope - m) * 0.1)
        v.assign_add((tf.square(slope) - v) * 0.001)
        variable.assign_sub(rate * m / (tf.sqrt(v) + 1e-7))
    step_of.assign_add(1)
""",
).replace("optimizer.apply_gradients(zip(slopes, variables))", "adam(slopes)")
KERAS = (
    HEAD
    + """
inputs = tf.keras.Input([4])
first = tf.keras.layers.Dense(5, activation="relu")
second = tf.keras.layers.Dense(3)
model = tf.keras.Model(inputs, second(first(inputs)))
model.set_weights(START)
model.compile(tf.keras.optimizers.Adam(0.01), "mse")
"""
)
ON_BATCH = KERAS + "for _ in range(3):\n    model.train_on_batch(X, Y)\n"
FIT = KERAS + "model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)\n"
MOMENTUM = {
    "tf1": TF1.replace("AdamOptimizer(0.01, epsilon=1e-7)", "MomentumOptimizer(0.01, 0.9)"),
    "function": FUNCTION.replace("Adam(0.01)", "SGD(0.01, momentum=0.9)"),
}
RETURN = "    return loss"
APPLY, SLOPES = "    optimizer.apply_gradients(", "    slopes = tape.gradient(loss, variables)"

# What is planted: the text, what becomes of it, and on which lines it may be found: where it
# stands, or where that takes effect.
PLANTED = {
    "an assign left in": (
        RETURN,
        "    first.kernel.assign_add(0.01 * tf.ones([4, 5]))\n" + RETURN,
        ["first.kernel.assign_add"],
    ),
    "another rate": ("Adam(0.01", "Adam(0.02", ["Adam(0.02", APPLY]),
    "a bias that is not trained": (
        "variables = [first.kernel, first.bias,",
        "variables = [first.kernel,",
        ["variables =", SLOPES, APPLY],
    ),
    "a sum": ("tf.reduce_mean(", "tf.reduce_sum(", ["tf.reduce_sum("]),
    "another beta": ("Adam(0.01", "Adam(0.01, beta_1=0.8", ["Adam(", APPLY]),
    "another epsilon": ("Adam(0.01", "Adam(0.01, epsilon=1e-2", ["Adam(", APPLY]),
    "another activation": ("tf.nn.relu(", "tf.nn.elu(", ["tf.nn.elu("]),
    "a bias taken away": ("self.kernel) + self", "self.kernel) - self", ["self.kernel) -", SLOPES]),
    "another loss": ("tf.square(p - y)", "tf.abs(p - y)", ["tf.abs("]),
    "a gradient stopped": (
        "second(h)",
        "second(tf.stop_gradient(h))",
        ["tf.stop_gradient", SLOPES],
    ),
    "slopes scaled": (SLOPES, SLOPES + "\n    slopes = [2 * g for g in slopes]", ["2 * g"]),
    "slopes clipped": (
        SLOPES,
        SLOPES + "\n    slopes = [tf.clip_by_value(g, -0.05, 0.05) for g in slopes]",
        ["clip_by_value"],
    ),
    "a decay of weights": (
        "tf.square(p - y))",
        "tf.square(p - y)) + 0.01 * tf.nn.l2_loss(first.kernel)",
        ["l2_loss", SLOPES],
    ),
    "applied twice": (RETURN, APPLY + "zip(slopes, variables))\n" + RETURN, [APPLY]),
    "amsgrad": ("Adam(0.01", "Adam(0.01, amsgrad=True", ["Adam(", APPLY]),
}


def lines_of(text: str, parts: list[str]) -> set[int]:
    return {n for n, line in enumerate(text.splitlines(), 1) if any(p in line for p in parts)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TF1, FUNCTION),
        (TF1, EAGER),
        (FUNCTION, EAGER),
        (FUNCTION, OUTSIDE),
        (FUNCTION, BY_HAND),
        (TF1, ON_BATCH),
        (FUNCTION, ON_BATCH),
        (ON_BATCH, FIT),
        (MOMENTUM["tf1"], MOMENTUM["function"]),
    ],
)
def test_programs_that_train_the_same_are_the_same(tmp_path, one, other):
    found = compare(script(tmp_path, "one", one), script(tmp_path, "other", other))
    assert (found.same, found.frontier, found.first) == (True, (), None)


def test_every_variable_of_an_optimizer_is_matched(tmp_path):
    found = compare(script(tmp_path, "one", TF1), script(tmp_path, "other", FUNCTION))
    assert {pair.a: (pair.b, pair.how) for pair in found.variables} == {
        "dense/kernel": ("dense/kernel", "same"),
        "dense/bias": ("dense/bias", "same"),
        "dense_1/kernel": ("dense_1/kernel", "same"),
        "dense_1/bias": ("dense_1/bias", "same"),
        "dense/kernel/Adam": ("adam/dense_kernel_0_momentum", "same"),
        "dense/kernel/Adam_1": ("adam/dense_kernel_0_velocity", "same"),
        "dense/bias/Adam": ("adam/dense_bias_0_momentum", "same"),
        "dense/bias/Adam_1": ("adam/dense_bias_0_velocity", "same"),
        "dense_1/kernel/Adam": ("adam/dense_1_kernel_0_momentum", "same"),
        "dense_1/kernel/Adam_1": ("adam/dense_1_kernel_0_velocity", "same"),
        "dense_1/bias/Adam": ("adam/dense_1_bias_0_momentum", "same"),
        "dense_1/bias/Adam_1": ("adam/dense_1_bias_0_velocity", "same"),
    }
    # Powers of the betas there, a count of steps and a rate here: neither has the other's.
    assert found.variables_only_a == ("beta1_power", "beta2_power")
    assert found.variables_only_b == ("adam/iteration", "adam/learning_rate")


def test_slots_by_hand_are_matched_in_the_order_in_which_they_were_made(tmp_path):
    found = compare(script(tmp_path, "one", FUNCTION), script(tmp_path, "other", BY_HAND))
    pairs = {pair.a: pair.b for pair in found.variables}
    assert [pairs[f"adam/dense_1_kernel_0_{each}"] for each in ("momentum", "velocity")] == [
        "m_2",
        "v_2",
    ]


@pytest.fixture
def watched_once(monkeypatch):
    """No program is run a second time: what it is compared with may be the next one, and whether
    it repeats itself is asked elsewhere."""
    kept: dict[str, Watched] = {}

    def watch(target, options):
        if target.text not in kept:
            kept[target.text] = watch_anew(target, options)
        return kept[target.text]

    watch_anew = comparing._watch
    monkeypatch.setattr(comparing, "_watch", watch)
    monkeypatch.setattr(comparing, "_repeats", lambda *_: [])


@pytest.mark.parametrize(("one", "other"), [(TF1, FUNCTION), (FUNCTION, FUNCTION), (EAGER, EAGER)])
@pytest.mark.usefixtures("watched_once")
def test_the_frontier_is_at_the_planted_line_nine_times_of_ten(tmp_path, one, other):
    missed = []
    whole = script(tmp_path, "whole", one)
    for number, (name, (old, new, lines)) in enumerate(PLANTED.items()):
        assert other.count(old) == 1, old
        text = other.replace(old, new)
        broken = script(tmp_path, f"broken_{number}", text)
        found = compare(whole, broken, calls=3)
        assert not found.same, name
        right = {(broken, n) for n in lines_of(text, lines)}
        right |= {(whole, n) for n in lines_of(one, [*lines, ".minimize("])}
        first = found.frontier[0]
        places = {p.source for p in (first.a, first.b) if p is not None and p.source}
        alone = {place for place in places if place[0] == broken} or places
        if not alone & right:
            missed.append((name, first))
    assert 10 * len(missed) <= len(PLANTED), missed


@pytest.mark.parametrize(
    ("old", "new", "node"),
    [
        ("Adam(0.01)", "Adam(0.02)", "adam/learning_rate"),
        ("Adam(0.01)", "Adam(0.01, weight_decay=0.1)", "adam/mul"),
        (', activation="relu"', "", "functional_1/dense_1/Relu"),
        ("set_weights(START)", "set_weights([2 * each for each in START])", "dense/kernel"),
    ],
)
def test_what_was_changed_of_a_keras_model_is_where_they_part(tmp_path, old, new, node):
    one = script(tmp_path, "one", ON_BATCH)
    found = compare(one, script(tmp_path, "other", ON_BATCH, (old, new)))
    first = found.frontier[0]
    assert node in {place.node for place in (first.a, first.b) if place is not None}


def test_a_fit_that_goes_another_way_parts_inside_of_its_train_function(tmp_path):
    other = script(tmp_path, "other", FIT, ("Adam(0.01)", "Adam(0.02)"))
    found = compare(script(tmp_path, "one", ON_BATCH), other)
    assert not found.same
    first = found.frontier[0]
    assert first.a is not None and first.a.node == "adam/learning_rate"


def test_a_variable_that_only_one_side_changes_is_a_difference(tmp_path):
    text = (
        HEAD
        + """
w = tf.Variable(START[0], name="w")


@tf.function
def step(x):
    y = tf.matmul(x, w)
    w.assign_add(w)
    return y


step(X)
"""
    )
    one = script(tmp_path, "one", text)
    other = script(tmp_path, "other", text, ("    w.assign_add(w)\n", ""))
    found = compare(one, other)
    assert not found.same
    assert found.frontier[0].a.source == (one, line_of(text, "w.assign_add"))


def test_lines_of_two_scripts_of_equal_code_are_told_each_of_its_own(tmp_path):
    one = script(tmp_path, "one", FUNCTION)
    other = script(tmp_path, "other", FUNCTION, ("Adam(0.01)", "Adam(0.02)"))
    found = compare(one, other)
    files = [{p.a.source[0] for p in found.pairs if p.a.source}]
    files += [{p.b.source[0] for p in found.pairs if p.b.source}]
    assert [Path(each).name for each in sorted(files[0] | files[1])] == ["one.py", "other.py"]
    assert files == [{one}, {other}]


def test_functions_are_not_executed_again_for_the_eager_code_that_only_calls_them(tmp_path):
    def handed(text):
        watched = run.watch(parse(script(tmp_path, "any", text)), None, None, values=True, first=3)
        (eager,) = [each for each in watched.replays if each.run.way == "eager"]
        return [array.shape for array in map(np.asarray, starts.handed(eager).values())]

    assert handed(FUNCTION) == [(), (), ()]  # each call's loss
    assert handed(OUTSIDE) == []  # the optimizer reads what the calls left
