"""Keras' fit, whose train function takes its batches from an iterator, against a loop by hand."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from test_compare import line_of, script

from graphlab.comparison.run import compare
from graphlab.watch.observer import observe

HEAD = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X, Y = draw.rand(24, 4).astype("f"), draw.rand(24, 1).astype("f")
start = [draw.rand(4, 3), np.zeros(3), draw.rand(3, 1), np.zeros(1)]
"""
FIT = f"""{HEAD}
layers = [tf.keras.layers.Dense(3, activation="tanh"), tf.keras.layers.Dense(1)]
model = tf.keras.Sequential([tf.keras.Input((4,)), *layers])
model.set_weights(start)
model.compile(tf.keras.optimizers.SGD(0.1), "mse")
model.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
"""
LOOP = f"""{HEAD}
W1, b1, W2, b2 = w = [tf.Variable(value.astype("f")) for value in start]


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        h = tf.nn.tanh(tf.matmul(x, W1) + b1)
        loss = tf.reduce_mean(tf.square(tf.matmul(h, W2) + b2 - y))
    for variable, slope in zip(w, tape.gradient(loss, w)):
        variable.assign_sub(0.1 * slope)
    return loss


for n in range(0, 24, 8):
    step(X[n : n + 8], Y[n : n + 8])
"""


def test_fit_is_compared_op_by_op_with_a_loop_by_hand(tmp_path):
    loop = script(tmp_path, "loop", LOOP)
    found = compare(script(tmp_path, "fit", FIT), loop)
    assert (found.same, found.calls, found.notes) == (True, 3, ())
    other = compare(script(tmp_path, "other", FIT, ('"tanh"', '"sigmoid"')), loop)
    assert [(part.a.op, part.b.op, part.a.moment) for part in other.frontier] == [
        ("Sigmoid", "Tanh", 1)
    ]


OVER = LOOP.replace(
    "for n in range(0, 24, 8):\n    step(X[n : n + 8], Y[n : n + 8])",
    "data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)\n"
    "for x, y in data:\n    seen = tf.reduce_sum(x)\n    step(2.0 * x, y)",
)


def test_eager_code_that_takes_from_a_dataset_is_executed_with_what_it_took(tmp_path):
    over = script(tmp_path, "over", OVER)
    by_hand = script(tmp_path, "by_hand", LOOP, ("    step(X[", "    step(2.0 * X["))
    found = compare(over, by_hand)
    assert (found.same, found.calls, found.notes) == (True, 3, ())
    found = compare(over, script(tmp_path, "cut", OVER, ("slices((X, Y))", "slices((X + 0.5, Y))")))
    (part,) = found.frontier[:1]
    assert (part.a.op, part.a.source[1]) == ("feed", line_of(OVER, "data = tf.data"))
    assert not any("cannot be" in note for note in found.notes)


def test_a_call_that_takes_from_an_iterator_is_executed_again_with_the_same_elements():
    @tf.function
    def total(iterator):
        return tf.reduce_sum(next(iterator)) + tf.reduce_sum(next(iterator))

    def begun():
        return iter(tf.data.Dataset.range(20).shuffle(20, seed=1).batch(2).prefetch(2))

    iterator = begun()
    alone = [int(total(iterator)) for _ in range(4)]
    iterator = begun()
    with observe(values=True, first=3) as seen:
        given = [int(total(iterator)) for _ in range(4)]
    assert given == alone
    calls = [replay for replay in seen.replays if replay.run.way == "function"]
    for _ in range(2):  # and as often as one likes
        again = [list(replay.steps().results().values()) for replay in calls]
        assert [[int(np.asarray(value)) for value in each] for each in again] == [
            [value] for value in given[:3]
        ]


OTHERWISE = """
import tensorflow as tf


@tf.function
def twice(iterator):
    return 2.0 * next(iterator)


drawn = tf.data.Dataset.range(9).map(lambda n: tf.random.uniform([3]))
iterator = iter(drawn)
for _ in range(2):
    twice(iterator)
"""


def test_an_iterator_that_gives_other_elements_the_second_time_is_told(tmp_path):
    one = script(tmp_path, "one", OTHERWISE)
    tf.random.set_seed(1)  # ours, and none of the program's
    found = compare(one, one)
    said = "its iterator gives other elements the second time"
    assert any("twice, call 1" in note and note.endswith(said) for note in found.notes)
