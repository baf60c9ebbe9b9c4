"""The steps of a cell that stand one behind the other, as static_rnn makes them, are a loop."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of
from tests.test_port_cells import UNITS, basic_lstm, gru, of

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)


def fed():
    return tf1.placeholder(tf.float32, [2, 5, 3], name="x")


def started(cell):
    return [tf.fill([2, UNITS], 0.5) for _ in range(2 if cell.__code__.co_argcount == 3 else 1)]


def run_over(cell, each, state=None):
    """The state after each step."""
    states = [state or started(cell)]
    for x in each:
        states.append(cell(x, *states[-1]))
    return states[1:]


def last(cell):
    x = fed()
    return list(run_over(cell, tf.unstack(x, axis=1))[-1]), {x: X}


def from_the_end(cell):
    x = fed()
    return list(run_over(cell, tf.unstack(x, axis=1)[::-1])[-1]), {x: X}


def without_the_last(cell):
    x = fed()
    return list(run_over(cell, tf.unstack(x, axis=1)[:4])[-1]), {x: X}


def all_stacked(cell):
    x = fed()
    states = run_over(cell, tf.unstack(x, axis=1))
    return [tf.stack([state[-1] for state in states], 1, name="rows"), states[-1][0]], {x: X}


def one_of_them(cell):
    x = fed()
    states = run_over(cell, tf.unstack(x, axis=1))
    return [states[-1][0], tf.sin(states[1][-1])], {x: X}


def two_layers(cell):
    """Another cell of the same weights takes what the first gives, with a row of ones."""
    x = fed()
    below = run_over(cell, tf.unstack(x, axis=1))
    above = run_over(cell, [state[-1][:, :3] for state in below])
    return list(above[-1]), {x: X}


def trained(cell):
    x = fed()
    state = run_over(cell, tf.unstack(x, axis=1))[-1]
    loss = tf.reduce_mean(tf.square(state[-1])) + tf.reduce_mean(state[0])
    return [loss, tf1.train.GradientDescentOptimizer(0.5).minimize(loss)], {x: X}


def said_of(make, run, folder):
    call = of(make, run)
    assert differences(call, folder) == []
    return methods_of(call)["__call__"]


@pytest.mark.parametrize("make", [basic_lstm, gru])
@pytest.mark.parametrize(
    "run", [last, from_the_end, without_the_last, all_stacked, one_of_them, two_layers, trained]
)
def test_steps_are_a_loop_that_computes_the_same(make, run, tmp_path):
    said = said_of(make, run, tmp_path)
    turns = 2 if run is two_layers else 1
    assert sum(line.startswith("for step") for line in said) == turns
    assert sum("_cell(" in line for line in said) == turns


def test_a_loop_has_the_names_of_the_state(tmp_path):
    said = said_of(basic_lstm, all_stacked, tmp_path)
    assert said[0] == "unstack = tf.unstack(x, num=5, axis=1)"
    assert said[3:] == [
        "h_each = []",
        "for step in unstack:",
        "c, h = lstm_cell(step, c, h, self.kernel, self.bias, 1.0)",
        "h_each.append(h)",
        'return {"rows": tf.stack(h_each, axis=1), "add_9": c}',
    ]


@pytest.mark.parametrize("make", [basic_lstm, gru])
def test_steps_that_take_what_the_one_before_gave_are_calls(make, tmp_path):
    """As of a decoder: the next word is the one just said."""

    def decoded(cell):
        x = fed()
        state, given = started(cell), x[:, 0]
        for _ in range(5):
            state = cell(given, *state)
            given = tf.sin(state[-1][:, :3])
        return [given], {x: X}

    said = said_of(make, decoded, tmp_path)
    assert sum("_cell(" in line for line in said) == 5


def test_steps_between_which_a_variable_changes_are_calls(tmp_path):
    """The change waits for what the first two read, and the others read behind it."""

    def changed(cell):
        x = fed()
        each = tf.unstack(x, axis=1)
        state = run_over(cell, each[:2])[-1]
        kernel = tf1.global_variables()[0]
        read = [op for op in x.graph.get_operations() if op.type == "ReadVariableOp"]
        with tf.control_dependencies(read):
            halved = tf1.assign(kernel, np.ones(kernel.shape, np.float32))
        with tf.control_dependencies([halved]):
            state = run_over(cell, each[2:], state)[-1]
        return list(state), {x: X}

    said = said_of(gru, changed, tmp_path)
    assert sum("gru_cell(" in line for line in said) == 5
