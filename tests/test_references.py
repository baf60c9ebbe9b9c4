"""What is read of a TF1 reference variable is no copy: in a session, in the engine and in a port.

TensorFlow 1.15.5 and 2.21: Identity, Reshape and their kin give the variable's own memory, which an
optimizer writes over. Whoever takes it afterwards, or fetches it, gets what is there then.
"""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.port.recorded import call_of
from tests.port_proof import differences, methods_of

tf1 = tf.compat.v1


def descended(v):
    return tf1.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(v))


def after(op, make):
    with tf.control_dependencies([op]):
        return make()


def moving_average(v, other):
    return after(descended(v), lambda: tf1.assign_sub(other, (other - v) * 0.5))


def reshaped(v, other):
    row = tf.reshape(v, [1, 2])
    return after(descended(v), lambda: row * 2.0)


def reshaped_again(v, other):
    column = tf.expand_dims(tf.squeeze(tf.reshape(v, [1, 2])), 1)
    return after(descended(v), lambda: column + 0.5)


def without_a_gradient(v, other):
    held = tf.stop_gradient(v)
    return after(descended(v), lambda: held * 2.0)


def computed_before(v, other):
    root = tf.exp(v)
    change = after(root, lambda: descended(v))
    return after(change, lambda: root + v)


def fetched(v, other):
    return [v.read_value(), tf.reshape(v, [2, 1]), descended(v)]


def assigned(v, other):
    return after(v.assign([5.0, 6.0]), lambda: v * 2.0)


def some_rows(v, other):
    return after(tf1.scatter_add(v, [1], [10.0]), lambda: tf1.assign(other, v * 2.0))


def averages_of_a_training(v, other):
    step = tf1.train.get_or_create_global_step()
    loss = tf.reduce_sum(tf.square(v * other))
    trained = tf1.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    average = tf1.train.ExponentialMovingAverage(0.99, step)
    return [loss, after(trained, lambda: average.apply([v, other]))]


PROGRAMS = [
    moving_average,
    reshaped,
    reshaped_again,
    without_a_gradient,
    computed_before,
    fetched,
    assigned,
    some_rows,
    averages_of_a_training,
]


def replay_of(program):
    """The replay of a session's call, and what its variables are afterwards."""
    with tf.Graph().as_default() as graph:
        v, other = (
            tf1.get_variable(name, initializer=np.float32(start), use_resource=False)
            for name, start in (("v", [1.0, 2.0]), ("other", [0.5, 0.25]))
        )
        fetches = program(v, other)
        of_these = tf1.variables_initializer([v, other])  # averages begin with their values
        of_all = tf1.global_variables_initializer()
        variables = {each.op.name: each for each in tf1.global_variables()}
    with tf1.Session(graph=graph) as session:
        for start in (of_these, of_all):
            session.run(start)
        with observe(values=True) as seen:
            session.run(fetches)
        return seen.replays[-1], session.run(variables)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_session_the_engine_and_a_port_leave_the_same(program, tmp_path):
    replay, variables = replay_of(program)
    execution = replay.steps()
    execution.results()
    state = execution.state()
    for name, value in variables.items():
        np.testing.assert_allclose(state[name], value, rtol=1e-6, err_msg=name)
    assert replay.check().ok
    assert differences(call_of(replay), tmp_path) == []


def test_the_average_is_of_what_was_learned():
    assert replay_of(moving_average)[1]["other"].tolist() == [0.25, 0.625]


def test_a_port_reads_it_where_it_is_taken():
    lines = methods_of(call_of(replay_of(moving_average)[0]))["__call__"]
    assert "self.other.assign_sub((self.other - self.v) * 0.5)" in lines


def test_after_a_step_back_it_is_read_of_the_variable_as_it_is_then():
    execution = replay_of(moving_average)[0].steps()
    whole = execution.results()
    steps = execution.number
    for back in range(1, steps + 1):
        execution.back(back)
        assert execution.results()["AssignSub:0"].tolist() == whole["AssignSub:0"].tolist()
