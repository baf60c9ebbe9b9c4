"""Lesson 1.2: a variable is a node with a memory.

The nodes of part 1.1 forget: run them again and they compute again. A **variable** is a node that
gives out its value, and keeps it from one run to the next. The parameters of a network are
variables; training is what changes them.

`state` is a pair of numbers, [2, 1], that starts as two ones. `matrix`, [2, 2], turns the pair
(p, q) into (q, p + q). Each step replaces `state` by `matrix @ state`, and feeds nothing: all
that tells one run from the next is what the variable remembers. The answers are the Fibonacci
numbers.

Look for where the memory lives. In TF1 the graph only says that a variable exists; the number
is in the session, and is not there until an **initialiser** has run. In TF2 the variable is a
Python object that holds its number from birth.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
MATRIX = np.array([[0, 1], [1, 1]], np.float32)
CASES = [1, 2, 3, 4, 5, 6, 7, 8]  # the number of the run; nothing is fed

RTOL = ATOL = 0.0  # Small whole numbers, exact in float32: bit-equal.


# `get_variable` takes a name, and an initialiser: a rule such as "ones" with a
# shape, or the value itself. Both only add nodes. `assign` is a node too, and
# nothing is assigned unless it is fetched.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        matrix = tf1.get_variable("matrix", initializer=MATRIX)
        ones = tf1.ones_initializer()
        state = tf1.get_variable("state", [2, 1], initializer=ones)
        # model
        advance = state.assign(tf.matmul(matrix, state))
        start = tf1.global_variables_initializer()
        names = [v.name for v in tf1.global_variables()]
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        states = [session.run(advance) for _ in cases]
    # results
    return {"state": states, "names": np.array(names)}


# The variable has its value as soon as the line has run, and `assign` changes
# it there and then. There is no initialiser to forget and no list of all
# variables either: you keep those you need.
def eager(cases, device):
    with tf.device(device):
        # variables
        matrix = tf.Variable(MATRIX, name="matrix")
        state = tf.Variable(tf.ones([2, 1]), name="state")
        names = [v.name for v in [matrix, state]]
        # model
        states = []
        for _ in cases:
            # run
            state.assign(tf.matmul(matrix, state))
            states.append(state.numpy())
    # results
    return {"state": states, "names": np.array(names)}


# A function may change a variable, but the variable must live outside, or each
# call would want a new one. A `tf.Module` keeps what belongs together and lists
# it: `model.variables` does what `global_variables()` did in TF1.
def function(cases, device):
    with tf.device(device):
        # variables
        model = tf.Module()
        model.matrix = tf.Variable(MATRIX, name="matrix")
        model.state = tf.Variable(tf.ones([2, 1]), name="state")
        names = [v.name for v in model.variables]

        # model
        @tf.function
        def advance():
            return model.state.assign(tf.matmul(model.matrix, model.state))

        # run
        states = [advance().numpy() for _ in cases]
    # results
    return {"state": states, "names": np.array(names)}


def expected(cases):
    pair = [1, 1]
    states = []
    for _ in cases:
        pair = [pair[1], pair[0] + pair[1]]
        states.append(np.array(pair, np.float32).reshape(2, 1))
    return {"state": states, "names": np.array(["matrix:0", "state:0"])}


def claim_reading_before_initialising_raises():
    """Leave out the initialiser, and the session names the variable that has no value."""
    with tf.Graph().as_default() as g:
        state = tf1.get_variable("state", [2, 1], initializer=tf1.ones_initializer())
    failure = raises(tf.errors.FailedPreconditionError, match="variable state")
    with tf1.Session(graph=g) as session, failure:
        session.run(state)


def claim_the_value_is_in_the_session_not_in_the_graph():
    """Two sessions on one graph: each has a `count` of its own, and adding to one leaves the
    other as it was."""
    with tf.Graph().as_default() as g:
        count = tf1.get_variable("count", [], initializer=tf1.zeros_initializer())
        add = count.assign_add(1.0)
        start = tf1.global_variables_initializer()
    with tf1.Session(graph=g) as one, tf1.Session(graph=g) as other:
        one.run(start)
        other.run(start)
        assert [one.run(add) for _ in range(3)] == [1.0, 2.0, 3.0]
        assert (one.run(count), other.run(count)) == (3.0, 0.0)


def claim_a_name_is_taken_once_in_a_graph():
    """In TF1 the name is the variable: `get_variable` refuses to make a second `state`."""
    with tf.Graph().as_default():
        tf1.get_variable("state", [2, 1])
        with raises(ValueError, match="state already exists"):
            tf1.get_variable("state", [2, 1])


def claim_in_tf2_the_object_is_the_variable():
    """In TF2 a name is a label: two variables called `state` are two variables, and both have a
    value without any initialiser."""
    one, other = tf.Variable(1.0, name="state"), tf.Variable(1.0, name="state")
    one.assign_add(1.0)
    assert one.name == other.name == "state:0"
    assert (one.numpy(), other.numpy()) == (2.0, 1.0)


def quiz_what_does_building_an_assign_change():
    """`count` starts at 0. We write `add = count.assign_add(1.0)` in a graph, run the initialiser,
    and then fetch `count` twice. What is it?

    `assign_add` is a node, and nobody fetched it. In eager code that line would have counted.
    """
    with tf.Graph().as_default() as g:
        count = tf1.get_variable("count", [], initializer=tf1.zeros_initializer())
        count.assign_add(1.0)
        start = tf1.global_variables_initializer()
    with tf1.Session(graph=g) as session:
        session.run(start)
        return [session.run(count) for _ in range(2)][-1]


def quiz_what_is_the_state_after_five_runs():
    """`state` is the pair (1, 1), and each run makes (q, p + q) of (p, q). What is its second
    number after five runs, if nothing is fed?

    The pairs are (1, 2), (2, 3), (3, 5), (5, 8), (8, 13): the variable remembers each for the next.
    """
    return graph(CASES[:5], "CPU:0")["state"][-1][1, 0]
