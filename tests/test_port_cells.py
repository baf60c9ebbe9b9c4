"""The steps of recurrent networks are calls of one cell, where they are exactly that cell's."""

import inspect

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port import cells, recurrent
from graphlab.port.names import Names
from graphlab.port.recorded import module_of
from graphlab.port.written import written
from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded

tf1 = tf.compat.v1
X = np.random.default_rng(0).normal(size=(2, 3, 3)).astype(np.float32)  # [rows, time, features]
UNITS = 4


def weight(name, *shape, ref=False):
    drawn = np.random.default_rng(len(name) + sum(shape)).normal(size=shape).astype(np.float32)
    return tf1.get_variable(name, initializer=drawn, use_resource=not ref)


# The arithmetic of TensorFlow 1.15's classes, in their order: tf.compat.v1.nn.rnn_cell is gone.
def basic_lstm(activation=tf.tanh, forget_bias=1.0, order="ijfo", ref=False):
    kernel = weight("kernel", 3 + UNITS, 4 * UNITS, ref=ref)
    bias = weight("bias", 4 * UNITS, ref=ref)

    def step(x, c, h):
        inputs = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), kernel), bias)
        gates = dict(zip(order, tf.split(inputs, 4, axis=1), strict=True))
        kept = tf.multiply(c, tf.sigmoid(tf.add(gates["f"], forget_bias)))
        c = tf.add(kept, tf.multiply(tf.sigmoid(gates["i"]), activation(gates["j"])))
        return c, tf.multiply(activation(c), tf.sigmoid(gates["o"]))

    return step


def lstm(peepholes=False, clip=None, projected=False):
    kernel, bias = weight("kernel", 3 + UNITS, 4 * UNITS), weight("bias", 4 * UNITS)
    w = weight("w_f_diag", UNITS) if peepholes else 0.0
    projection = weight("projection", UNITS, UNITS) if projected else None

    def step(x, c, h):
        inputs = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), kernel), bias)
        i, j, f, o = tf.split(inputs, 4, axis=1)
        f = f + 1.0 + w * c if peepholes else f + 1.0
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
        if clip is not None:
            c = tf.clip_by_value(c, -clip, clip)
        h = tf.sigmoid(o) * tf.tanh(c)
        return c, h if projection is None else tf.matmul(h, projection)

    return step


def gru(activation=tf.tanh):
    kernel, bias = weight("gates", 3 + UNITS, 2 * UNITS), weight("gate_bias", 2 * UNITS)
    candidate, own = weight("candidate", 3 + UNITS, UNITS), weight("own_bias", UNITS)

    def step(x, h):
        value = tf.sigmoid(tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), kernel), bias))
        r, u = tf.split(value, 2, axis=1)
        new = activation(tf.nn.bias_add(tf.matmul(tf.concat([x, r * h], 1), candidate), own))
        return (u * h + (1 - u) * new,)

    return step


def steps(cell):
    """As static_rnn: a step after another. The last state."""
    x = tf1.placeholder(tf.float32, [2, 3, 3], name="x")
    state = [tf.fill([2, UNITS], 0.5) for _ in range(cell_states(cell))]
    for each in tf.unstack(x, axis=1):
        state = cell(each, *state)
    return [tf.identity(each, name=f"state_{n}") for n, each in enumerate(state)], {x: X}


def loop(cell):
    """As dynamic_rnn: a loop around the step. All outputs and the last state."""
    x = tf1.placeholder(tf.float32, [2, None, 3], name="x")
    time = tf.shape(x)[1]
    given = tf.TensorArray(tf.float32, time).unstack(tf.transpose(x, [1, 0, 2]))
    state = [tf.fill([2, UNITS], 0.5) for _ in range(cell_states(cell))]

    def turn(t, kept, *state):
        state = cell(given.read(t), *state)
        return t + 1, kept.write(t, state[-1]), *state

    first = (0, tf.TensorArray(tf.float32, time), *state)
    _, kept, *state = tf1.while_loop(lambda t, *_: t < time, turn, first)
    return [kept.stack(), *state], {x: X}


def cell_states(cell):
    return len(inspect.signature(cell).parameters) - 1


def of(make, run):
    """The call of a graph of TF1 of a cell, run as `run` does."""
    return in_graph_of_tf1(lambda: recorded(*run(make())))


def cells_in(call):
    """How often each cell is written in the port of a call."""
    lines = [line for said in methods_of(call).values() for line in said]
    return {
        name: sum(f"= {name}(" in line for line in lines)
        for name in recurrent.WORDS
        if any(f"{name}(" in line for line in lines)
    }


EXACT = {
    "BasicLSTMCell": (basic_lstm, "lstm_cell"),
    "BasicLSTMCell of references": (lambda: basic_lstm(ref=True), "lstm_cell"),
    "BasicLSTMCell with another forget_bias": (lambda: basic_lstm(forget_bias=0.25), "lstm_cell"),
    "LSTMCell": (lstm, "lstm_cell"),
    "LSTMCell with a projection": (lambda: lstm(projected=True), "lstm_cell"),
    "GRUCell": (gru, "gru_cell"),
}
OTHERS = {
    "relu": lambda: basic_lstm(activation=tf.nn.relu),
    "gates in Keras's order": lambda: basic_lstm(order="ifjo"),
    "peepholes": lambda: lstm(peepholes=True),
    "a clipped memory": lambda: lstm(clip=0.1),
    "a GRU of relu": lambda: gru(activation=tf.nn.relu),
}


@pytest.mark.parametrize("name", EXACT)
def test_every_step_of_a_row_of_them_is_a_call(name, tmp_path):
    make, function = EXACT[name]
    call = of(make, steps)
    assert cells_in(call) == {function: 3}
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("name", EXACT)
def test_the_step_in_a_loop_is_a_call(name, tmp_path):
    make, function = EXACT[name]
    call = of(make, loop)
    assert cells_in(call) == {function: 1}
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("run", [steps, loop])
@pytest.mark.parametrize("name", OTHERS)
def test_another_cell_is_written_as_its_ops(name, run, tmp_path):
    call = of(OTHERS[name], run)
    assert cells_in(call) == {}
    assert differences(call, tmp_path) == []


def test_a_gate_that_somebody_fetches_keeps_the_step_as_its_ops(tmp_path):
    def run(cell):
        fetches, feeds = steps(cell)
        sigmoid = next(op for op in fetches[0].graph.get_operations() if op.type == "Sigmoid")
        return [*fetches, sigmoid.outputs[0]], feeds

    call = of(basic_lstm, run)
    assert cells_in(call) == {"lstm_cell": 2}
    assert differences(call, tmp_path) == []


def test_a_row_of_steps_is_trained_by_a_tape_around_the_cells(tmp_path):
    def run(cell):
        (c, h), feeds = steps(cell)
        loss = tf.reduce_mean(tf.square(h)) + tf.reduce_mean(c)
        return [loss, tf1.train.GradientDescentOptimizer(0.5).minimize(loss)], feeds

    call = of(basic_lstm, run)
    said = methods_of(call)["__call__"]
    assert "with tf.GradientTape() as tape:" in said
    assert cells_in(call) == {"lstm_cell": 3}
    assert differences(call, tmp_path) == []


def test_the_file_has_the_cell_once_with_its_gates_named():
    call = of(basic_lstm, steps)
    text = written(module_of(call), ["A port."], "ported.npz", {}).text
    assert text.count(inspect.getsource(cells.lstm_cell)) == 1
    assert "i, j, f, o = tf.split(gates, 4, axis=1)" in text
    assert "def gru_cell" not in text


def test_what_the_graph_calls_as_the_cell_is_called_otherwise(tmp_path):
    def run(cell):
        (_, h), feeds = steps(cell)
        wave = tf.sin(h, name="lstm_cell")
        return [wave * wave + wave], feeds

    call = of(basic_lstm, run)
    assert cells_in(call) == {"lstm_cell": 3}
    assert "lstm_cell_2 = tf.sin(" in "".join(methods_of(call)["__call__"])
    assert differences(call, tmp_path) == []


def test_every_cell_has_words_and_a_name_that_nothing_else_is_given():
    functions = [name for name, each in vars(cells).items() if inspect.isfunction(each)]
    assert functions == list(recurrent.WORDS)
    assert all(Names().new(name) != name for name in functions)
