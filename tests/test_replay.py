"""A run again with values: does it come out the same, and if not, is the reason said?"""

import numpy as np
import tensorflow as tf

from graphlab.replay import replay
from graphlab.start import session_state

tf1 = tf.compat.v1


def test_a_training_step_comes_out_the_same_with_values():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None], name="x")
        w = tf1.get_variable("w", initializer=np.float32(0.5))
        loss = tf.reduce_mean(tf.square(x * w - 1.0), name="loss")
        train = tf1.train.AdamOptimizer(0.1).minimize(loss)
        start = tf1.global_variables_initializer()
        with tf1.Session() as session:
            session.run(start)
            before = session_state(session)
            feeds = {x: [1.0, 2.0]}
            real = session.run({"loss": loss, "train": train}, feeds)
    again = replay(graph, {"loss": loss, "train": train}, feeds, before, real)
    assert (again.close, again.note) == (True, "")
    (step,) = (step for step in again.steps if step.node == "loss")
    np.testing.assert_allclose(step.values["loss:0"], real["loss"], rtol=1e-6)


def test_a_random_op_is_named_as_the_reason():
    with tf.Graph().as_default() as graph:
        y = tf.random.uniform([4], name="drawn") + 1.0
        with tf1.Session() as session:
            real = session.run(y)
    again = replay(graph, y, None, {}, real)
    assert not again.close
    assert (
        again.note == "add:0 cannot come out the same: drawn/RandomUniform draws anew in each run"
    )


def test_a_wrong_result_is_not_excused():
    with tf.Graph().as_default() as graph:
        y = tf.square(tf.constant(2.0), name="y")
    again = replay(graph, y, None, {}, np.float32(5.0))
    assert (again.equal, again.close, again.worst) == (False, False, 1.0)
    assert again.note == "y:0 came out different, and no random op ran"
