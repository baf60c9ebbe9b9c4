"""Lesson 1.5: TensorFlow 2 draws the graph for you.

TensorFlow 2 runs eagerly and has fewer conventions: no session, no placeholder, no
`variable_scope`. A class holds the variables. Where you want a graph, `@tf.function` runs your
Python once, with placeholders for arguments, and from then on runs the graph that this **trace**
has recorded.

So your Python runs per trace, not per call. An `append` happens while tracing; an `assign` is an
operation and happens in every call. An argument that is a Python number becomes part of the
graph, and another number needs another trace. A tensor does not.

`y = w * x`: `w` is 3, `x` is [None], and each step brings one number more. The variable `calls`
counts the steps. Look at how often the Python of `y = w * x` runs in each way: once to build the
graph, five times in eager, once to trace.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = [np.arange(1, n + 1, dtype=np.float32) for n in range(1, 6)]

RTOL = ATOL = 0.0  # Small whole numbers, exact in float32: bit-equal.


class Line(tf.Module):
    def __init__(self, name):
        super().__init__(name)
        with self.name_scope:
            self.w = tf.Variable(3.0, name="w")
            self.calls = tf.Variable(0.0, name="calls")

    def __call__(self, x):
        self.calls.assign_add(1.0)
        return self.w * x


# The convention: names in a `variable_scope` find the variables again, and an
# assignment that must happen is fetched beside the answer. Drop `count` from
# the fetches and the counter stays at zero.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        with tf1.variable_scope("line"):
            w = tf1.get_variable("w", initializer=3.0)
            calls = tf1.get_variable("calls", initializer=0.0)
        start = tf1.global_variables_initializer()
        # model
        x = tf1.placeholder(tf.float32, [None], name="x")
        count = calls.assign_add(1.0)
        y = w * x
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        answers = [session.run([y, count], {x: case})[0] for case in cases]
        total = session.run(calls)
    # results
    names = np.array([w.name, calls.name])
    return {"y": answers, "calls": total, "names": names}


# The object: `Line`, above, owns its variables, and calling it is the model.
# Its `name_scope` gives them the names they had in TF1, by which a ported
# model finds its old checkpoint.
def eager(cases, device):
    with tf.device(device):
        # variables
        line = Line(name="line")
        # model
        call = line.__call__
        # run
        answers = [call(case).numpy() for case in cases]
    # results
    names = np.array([line.w.name, line.calls.name])
    return {"y": answers, "calls": line.calls.numpy(), "names": names}


# Only the model differs. Five lengths share one trace, as the signature leaves
# the length open. The assignment needs no fetch: a function runs whatever
# changes state, in the order of the lines.
def function(cases, device):
    with tf.device(device):
        # variables
        line = Line(name="line")
        # model
        x_spec = tf.TensorSpec([None], tf.float32, name="x")
        call = tf.function(line.__call__, input_signature=[x_spec])
        # run
        answers = [call(case).numpy() for case in cases]
    # results
    names = np.array([line.w.name, line.calls.name])
    return {"y": answers, "calls": line.calls.numpy(), "names": names}


def _traces(arguments, signature=None):
    """How often a function is traced when it is called with each argument in turn."""
    double = tf.function(lambda x: x + x, input_signature=signature)
    level = tf.get_logger().level
    tf.get_logger().setLevel("ERROR")  # At the fifth trace TensorFlow warns, and is right.
    for argument in arguments:
        double(argument)
    tf.get_logger().setLevel(level)
    return double.experimental_get_tracing_count()


def claim_python_runs_per_trace_and_operations_per_call():
    """Three calls: the `append` happened once, the `assign_add` three times."""
    ran, count = [], tf.Variable(0)

    @tf.function
    def step():
        ran.append("traced")
        count.assign_add(1)

    for _ in range(3):
        step()
    assert (len(ran), count.numpy()) == (1, 3)


def claim_a_new_number_or_shape_is_a_new_trace_and_a_new_tensor_is_not():
    """Five Python ints cost five traces, as scalar tensors one. Five lengths cost five, and with
    the signature `[None]` one."""
    assert _traces([1, 2, 3, 4, 5]) == 5
    assert _traces([tf.constant(n) for n in [1, 2, 3, 4, 5]]) == 1
    assert _traces([tf.constant(case) for case in CASES]) == 5
    assert _traces(CASES, [tf.TensorSpec([None], tf.float32)]) == 1


def claim_a_variable_made_in_a_function_is_refused():
    """Make a variable in the body, and each call would make another. TensorFlow raises."""
    scale = tf.function(lambda x: tf.Variable(3.0) * x)
    with raises(ValueError, match="singleton tf.Variables created on the first call"):
        scale(tf.constant(1.0))


def claim_variable_scope_is_gone_and_wrap_function_carries_it_over():
    """TF2 has no `variable_scope`. TF1 code that needs one still runs: `wrap_function` builds it
    as a graph, keeps its variables under their names, and lets you call it."""
    assert not hasattr(tf, "variable_scope") and not hasattr(tf, "get_variable")

    def line(x):
        with tf1.variable_scope("line"):
            return tf1.get_variable("w", initializer=3.0) * x

    wrapped = tf1.wrap_function(line, [tf.TensorSpec([None], tf.float32)])
    assert wrapped(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 6.0]
    assert [v.name for v in wrapped.variables] == ["line/w:0"]


def quiz_how_often_does_an_append_happen():
    """The body of a `tf.function` does `ran.append(1)` on a Python list and `count.assign_add(1)`
    on a variable. After three calls `count` is 3. How long is the list?

    The Python ran once, to trace. The `append` left nothing in the graph; the assignment did.
    """
    ran, count = [], tf.Variable(0)

    @tf.function
    def step():
        ran.append(1)
        count.assign_add(1)

    for _ in range(3):
        step()
    return len(ran)


def quiz_how_many_traces_for_numbers_and_for_tensors():
    """A function is called with the Python numbers 1, 1, 2, 2, 3. How often is it traced?

    A Python number becomes part of the graph, so each new one needs a trace; a known one does not.
    """
    return _traces([1, 1, 2, 2, 3])
