"""Lesson 23.2: Python runs once, and the graph runs after it.

Who ports a training writes its step as a method, puts `@tf.function` on it, and halves `self.rate`
after four steps. For four steps the weight is right. At step 8 it is 3.98 instead of 3.92: the
rate was read *once*, while the method was traced, and is a constant since.

TF1's graph was built by Python and run by a session, and one could see which was which. In a
function both stand in the same lines. What Python does in them happens while they are traced: an
attribute is read, a counter counts, a list grows, an iterator moves on. What TensorFlow does
becomes an op, and happens in each call. In eager mode both do, so nobody notices.

So what changes must be a tensor: the rate an argument, the counter a variable. `w` goes down the
slope of `(w - 4)^2` from 0. To prove a port, go past the first change of whatever Python holds.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises, run_as_written

tf1 = tf.compat.v1
CASES = [np.float32(rate) for rate in [0.25] * 4 + [0.125] * 4]
RTOL = ATOL = 0.0  # halves and quarters, exact in float32: bit-equal


# The rate is a placeholder, the counter a variable that `minimize` adds one to.
# Python's only part is the loop.
def graph(cases, device):
    answers = []
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        w = tf1.get_variable("w", initializer=0.0)
        steps = tf1.train.get_or_create_global_step()
        # model
        rate = tf1.placeholder(tf.float32, [], name="rate")
        sgd = tf1.train.GradientDescentOptimizer(rate)
        descend = sgd.minimize(tf.square(w - 4), global_step=steps)
        start = tf1.global_variables_initializer()
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        for speed in cases:
            session.run(descend, {rate: speed})
            answers.append(session.run(w))
        # results
        return {"w": answers, "steps": session.run(steps)}


# Here Python may count and keep what it likes: it is there in every call, and
# goes wrong only when a function is put around it.
def eager(cases, device):
    answers = []
    with tf.device(device):
        # variables
        w, steps = tf.Variable(0.0, name="w"), 0
        # model
        for rate in cases:
            with tf.GradientTape() as tape:
                loss = tf.square(w - 4)
            w.assign_sub(rate * tape.gradient(loss, w))
            # run
            answers.append(w.numpy())
            steps += 1
    # results
    return {"w": answers, "steps": steps}


# What changes comes in as a tensor, or is a variable; what is to be kept goes
# out as a result. Nothing is left for Python to do.
def function(cases, device):
    with tf.device(device):
        # variables
        w, steps = tf.Variable(0.0, name="w"), tf.Variable(0, name="steps")

        # model
        @tf.function(input_signature=[tf.TensorSpec([], name="rate")])
        def descend(rate):
            with tf.GradientTape() as tape:
                loss = tf.square(w - 4)
            w.assign_sub(rate * tape.gradient(loss, w))
            steps.assign_add(1)
            return tf.identity(w)

        # run
        answers = [descend(rate).numpy() for rate in cases]
        # results
        return {"w": answers, "steps": steps.numpy()}


class Descent:
    """The wrong port: the rate, the counter and the losses are Python's."""

    def __init__(self):
        self.w, self.rate, self.steps, self.losses = tf.Variable(0.0), 0.0, 0, []

    @tf.function
    def descend(self):
        self.steps += 1
        with tf.GradientTape() as tape:
            loss = tf.square(self.w - 4)
        self.losses.append(loss)
        self.w.assign_sub(self.rate * tape.gradient(loss, self.w))


def claim_a_rate_that_python_holds_is_read_once(results):
    """The wrong port, `Descent`: right to the bit for four steps, as long as the rate stays. Then
    `self.rate` is halved, nobody looks, and at step 8 `w` is 3.98 instead of 3.92."""
    wrong, found = Descent(), []
    for wrong.rate in CASES:
        wrong.descend()
        found.append(wrong.w.numpy())
    right = results["graph"]["w"]
    assert np.array_equal(found[:4], right[:4])
    assert np.allclose([found[7], right[7]], [3.984, 3.921], atol=0.001)


def claim_a_counter_counts_traces_and_a_list_keeps_no_number():
    """After eight calls `self.steps` is 1, and `self.losses` holds one loss, which is no number but
    the place of one in the graph: it cannot be used outside."""
    wrong = Descent()
    for _ in CASES:
        wrong.descend()
    assert (wrong.steps, len(wrong.losses)) == (1, 1)
    with raises(TypeError, match="out of scope"):
        wrong.losses[0] + 1


def claim_an_iterator_gives_its_first_batch_for_ever():
    """`next(batches)` in a function moves on while it is traced: every call learns from batch 1."""
    batches = iter([1.0, 2.0, 3.0])
    read = tf.function(lambda x: x + next(batches))
    assert [float(read(tf.constant(0.0))) for _ in range(3)] == [1.0, 1.0, 1.0]


def claim_what_runs_is_not_what_was_written():
    """`x * 1e30 * 1e-30` at 1e10 overflows in eager mode: inf. **Grappler**, which rewrites graphs
    before they run, makes one factor of the two: a session and a function say 1e10."""

    def there_and_back(x):
        return tf.multiply(x * 1e30, 1e-30, name="back")

    with tf.Graph().as_default() as g:
        fed = tf1.placeholder(tf.float32, [], name="x")
        back = there_and_back(fed)
    with tf1.Session(graph=g) as session:
        assert np.isclose(session.run(back, {fed: 1e10}), 1e10)
    assert np.isclose(tf.function(there_and_back)(tf.constant(1e10)), 1e10)
    assert np.isinf(there_and_back(tf.constant(1e10)))
    assert np.isinf(run_as_written(g, back, {fed: 1e10})[0])


def quiz_what_does_the_third_call_read():
    """`batches = iter([1.0, 2.0, 3.0])`, and a `tf.function` returns `x + next(batches)`. What does
    its third call give, with `x = 0`?

    `next` is Python, and ran once, while the function was traced. Every call learns from batch 1.
    """
    batches = iter([1.0, 2.0, 3.0])
    read = tf.function(lambda x: x + next(batches))
    return [float(read(tf.constant(0.0))) for _ in range(3)][2]


def quiz_which_step_shows_that_the_rate_was_read_once():
    """The method halves nothing: `self.rate` is a number of Python's, changed from 0.25 to 0.125
    after four of eight steps. Which is the first step whose weight is wrong?

    For four steps the constant in the trace is right. Prove a port across the first change of
    whatever Python holds.
    """
    wrong, found = Descent(), []
    for wrong.rate in CASES:
        wrong.descend()
        found.append(wrong.w.numpy())
    return 1 + np.flatnonzero(np.not_equal(found, eager(CASES, "CPU:0")["w"]))[0]
