"""The migration lab: checking a port against importing TensorFlow, migrate against the program."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import Row, in_turns, process, row
from graphlab.exercises.exercise import exercise

ROUNDS = 5
CHECKED, MIGRATED = 3.0, 3.0
EXERCISES = (2, 5, 10)  # a training, a batch normalization, an LSTM
PROGRAM = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
tf.set_random_seed(1)
x = tf.placeholder(tf.float32, [None, 20], "x")
y = tf.placeholder(tf.float32, [None], "y")
h, inputs = x, 20
for layer, units in enumerate([50, 50, 1]):
    with tf.variable_scope(f"layer{layer}"):
        w = tf.get_variable("w", [inputs, units])
        b = tf.get_variable("b", [units], initializer=tf.zeros_initializer())
        h, inputs = tf.nn.relu(tf.matmul(h, w) + b) if units > 1 else tf.matmul(h, w) + b, units
loss = tf.reduce_mean(tf.square(h[:, 0] - y))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
random = np.random.RandomState(0)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for step in range(200):
        rows = random.randn(64, 20)
        session.run([loss, train], {x: rows, y: rows.sum(axis=1)})
"""


def measure() -> Iterator[Row]:
    """Solutions of exercises, whole commands; then a training of 200 steps, with and without -o."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in EXERCISES:
            port = folder / f"exercise_{number:02}.py"
            shutil.copy(exercise(number).solution, port)
            pairs = in_turns(
                lambda port=port, number=number: process(
                    "-m", "graphlab", "check", str(port), str(number)
                ),
                lambda: process("-c", "import tensorflow"),
                ROUNDS,
            )
            yield row(f"check, exercise {number}, to importing TensorFlow", pairs, "wall", CHECKED)
        script = folder / "train.py"
        script.write_text(PROGRAM)
        for more in ((), ("-o", str(folder / "ported"))):
            pairs = in_turns(
                lambda more=more: process("-m", "graphlab", "migrate", str(script), *more),
                lambda: process(str(script)),
                ROUNDS,
            )
            said = " -o" if more else ""
            yield row(f"migrate{said}, 200 steps, to the program", pairs, "wall", MIGRATED)
