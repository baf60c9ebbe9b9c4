"""Lesson 1.3: a placeholder is a promise.

A plan needs inputs that are not known when it is made. A **placeholder** is a node without a
number: it states a type and a shape, and promises that whoever runs the plan brings the value.
To bring it is to **feed** it.

We compute `y = x @ W`: `x` is [rows, 3], `W` is [3, 2], `y` is [rows, 2]. The number of rows is
part of what is not known: the shape is written `[None, 3]`, and the steps bring one row, four
rows and none at all. One plan serves all three.

The same arithmetic, the same answers; what differs is when the value comes. In eager code there
is nothing to promise, as Python already has the value when the line runs. A function has
arguments, and its signature is the promise: look for the placeholder that is still inside.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
W = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
CASES = [
    np.array([[1, 0, 2]], np.float32),
    np.arange(12, dtype=np.float32).reshape(4, 3),
    np.zeros((0, 3), np.float32),
]

RTOL = ATOL = 0.0  # Small whole numbers, exact in float32: bit-equal.


# `None` leaves the number of rows open until the run; the 3 is checked while
# the plan is made. `feed_dict` says which placeholder gets which value, for
# this one run.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        # model
        y = tf.matmul(x, W, name="y")
    # run
    with tf1.Session(graph=g) as session:
        answers = [session.run(y, feed_dict={x: case}) for case in cases]
    return {"y": answers}


# The value is there when the line runs, so its type and its rows are known and
# nothing is left open. A placeholder of TF1 code becomes a plain Python
# variable here, and the feed an assignment.
def eager(cases, device):
    answers = []
    for case in cases:
        with tf.device(device):
            # inputs
            x = tf.constant(case)
            # model
            y = tf.matmul(x, W)
        # run
        answers.append(y.numpy())
    return {"y": answers}


# A placeholder of TF1 code becomes an argument. `TensorSpec` says what the
# placeholder said, so that one graph does for any number of rows; without it,
# each new shape may cost a new graph (part 1.5 counts them).
def function(cases, device):
    # inputs
    x_spec = tf.TensorSpec([None, 3], tf.float32, name="x")

    # model
    @tf.function(input_signature=[x_spec])
    def predict(x):
        return tf.matmul(x, W, name="y")

    # run
    with tf.device(device):
        return {"y": [predict(case).numpy() for case in cases]}


def expected(cases):
    return {"y": [case @ W for case in cases]}


def claim_an_unfed_placeholder_is_named_in_the_error():
    """Fetch `y` without feeding `x`, and TensorFlow tells you which promise was broken, and what
    was promised."""
    with tf.Graph().as_default() as g:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        y = tf.matmul(x, W)
    failure = raises(tf.errors.InvalidArgumentError, match=r"'x' with dtype float.*\[\?,3\]")
    with tf1.Session(graph=g) as session, failure:
        session.run(y)


def claim_a_feed_must_keep_the_promise():
    """Feed four columns where three were promised, and the session refuses before any node
    runs."""
    with tf.Graph().as_default() as g:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
    failure = raises(ValueError, match=r"shape \(2, 4\) for Tensor x:0.* \(None, 3\)")
    with tf1.Session(graph=g) as session, failure:
        session.run(x, feed_dict={x: np.ones((2, 4), np.float32)})


def claim_a_wrong_plan_fails_while_it_is_made():
    """What the promise does say is used at once: four columns into three rows of `W` is refused
    at the line of the `MatMul`, in a graph without a session and without a number."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 4])
        with raises(ValueError, match="Dimensions must be equal, but are 4 and 3"):
            tf.matmul(x, W)


def claim_an_argument_is_a_placeholder_inside():
    """Open the graph of a function: its argument is an op of type `Placeholder`, of the promised
    shape. A call without the argument, or with four columns, is a TypeError."""

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def predict(x):
        return tf.matmul(x, W)

    x = predict.get_concrete_function().graph.get_operations()[0]
    assert (x.name, x.type) == ("x", "Placeholder")
    assert x.outputs[0].shape.as_list() == [None, 3]
    with raises(TypeError, match="missing a required argument: 'x'"):
        predict()
    with raises(TypeError, match=r"\(2, 4\).*\(None, 3\)"):
        predict(tf.ones([2, 4]))


def quiz_where_is_a_wrong_number_of_columns_found():
    """`x` is a placeholder of shape `[None, 4]`, and `W` has three rows. Where does `x @ W` fail?

    - at the line of `tf.matmul`
    - when a session runs it

    `None` leaves the rows open, but the 4 is promised: it is checked while the plan is made.
    """
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 4])
        try:
            tf.matmul(x, W)
        except ValueError:
            return "at the line of `tf.matmul`"
    return "when a session runs it"


def quiz_does_no_row_at_all_give_an_error():
    """Feed an `x` of shape [0, 3]. How many numbers has the `y` that comes back?

    - none, and there is no error
    - two zeros

    `y` is [0, 2]. The promise `[None, 3]` holds for no rows as it does for four.
    """
    (y,) = graph([CASES[2]], "CPU:0")["y"]
    return "none, and there is no error" if y.size == 0 else "two zeros"
