"""Lesson 24.1: a checkpoint of TF1 is read by its names.

The port calls `tf.train.Checkpoint(model=port).restore(path)` with what a `Saver` wrote, and goes
on training. Nothing was restored and nothing raised: `w` is [0, 0] instead of [0.38, 0.76].

A `Saver` writes a table from *names* of variables to values. `tf.train.Checkpoint` writes a tree of
Python objects, and finds a value by the *attributes* that lead to it. Given a file without a tree
it tries the names: a variable called `line/w` is found, one called `w` is not. The **status** that
it gives back knows that, and tells you when you ask with `assert_consumed()`.

The way across is to read by name. `w` is [2]; momentum keeps a slot for it, `line/w/Momentum`, also
[2], which the next step needs. The TF1 program takes two steps and is saved; each case is a step
after that, on an `x` of [2]. Look at how both ways of TF2 go on where TF1 stopped.
"""

import tempfile

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
BEFORE = np.float32([1, 2])
CASES = [np.float32(x) for x in ([2, 1], [0, 1], [1, 1])]
RATE, MOMENTUM = 0.1, 0.9
NAMES = {"line/w": "w", "line/w/Momentum": "slot"}  # of TF1, and the attribute of the port
RTOL = ATOL = 1e-6  # a fused update rounds once where two lines round twice


def program(device):
    """The program of TF1: its graph, what is fed, and the variable after a step of training."""
    with tf.Graph().as_default() as g, tf.device(device):
        x = tf1.placeholder(tf.float32, [2], name="x")
        with tf1.variable_scope("line"):
            w = tf1.get_variable("w", initializer=np.zeros(2, np.float32))
        loss = (tf.reduce_sum(w * x) - 1) ** 2
        step = tf1.train.MomentumOptimizer(RATE, MOMENTUM).minimize(loss)
        with tf.control_dependencies([step]):
            after = w.read_value()
    return g, x, after


def checkpoint(folder):
    g, x, after = program("CPU:0")
    with g.as_default(), tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2):
            session.run(after, {x: BEFORE})
        return tf1.train.Saver().save(session, folder + "/model")


# The same program once more: the same names, so the `Saver` finds its values. It would refuse a
# checkpoint that lacks one of them.
def graph(cases, device):
    with tempfile.TemporaryDirectory() as folder:
        # model
        g, x, after = program(device)
        # restore
        with g.as_default(), tf1.Session() as session:
            tf1.train.Saver().restore(session, checkpoint(folder))
            # run
            ws = [session.run(after, {x: case}) for case in cases]
    return {"w": ws}


class Line(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable([0.0, 0.0], name="w")
        self.slot = tf.Variable([0.0, 0.0], name="slot")

    def step(self, x):
        with tf.GradientTape() as tape:
            loss = (tf.reduce_sum(self.w * x) - 1) ** 2
        gradient = tape.gradient(loss, self.w)
        self.slot.assign(MOMENTUM * self.slot + gradient)
        return self.w.assign_sub(RATE * self.slot)


def by_name(port, path, names=NAMES):
    reader = tf.train.load_checkpoint(path)
    left = sorted(set(reader.get_variable_to_shape_map()) - set(names))
    tf.debugging.assert_equal(len(left), 0, f"not restored: {left}")
    for name, attribute in names.items():
        getattr(port, attribute).assign(reader.get_tensor(name))
    return port


# `by_name`, above: a table says which name became which attribute, and what is in the file and not
# in the table is an error. The slot is one of the names: an optimizer's state is part of training.
def eager(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):
        # model
        port = Line()
        # restore
        by_name(port, checkpoint(folder))
        # run
        ws = [port.step(x).numpy() for x in cases]
    return {"w": ws}


# Read by name once, saved as a tree of objects, and from then on restored as one. Nothing is left
# out, on either side, or `assert_consumed` raises.
def function(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):
        # model
        port, old = Line(), by_name(Line(), checkpoint(folder))
        step = tf.function(port.step)
        # restore
        path = tf.train.Checkpoint(model=old).write(folder + "/new")
        tf.train.Checkpoint(model=port).read(path).assert_consumed()
        # run
        ws = [step(x).numpy() for x in cases]
    return {"w": ws}


def _restored(port):
    """What `restore` makes of a port: the status it gives, `w`, and `w` after one step."""
    with tempfile.TemporaryDirectory() as folder:
        status = tf.train.Checkpoint(model=port).restore(checkpoint(folder))
        w = [round(float(each), 2) for each in port.w.numpy()]
        return status, w, port.step(CASES[0]).numpy()


def claim_restore_finds_nothing_and_says_nothing_until_it_is_asked():
    """`restore` leaves `w` at [0, 0], as it has not the name that TF1 gave it. The status knows:
    `assert_consumed()` raises."""
    status, w, _ = _restored(Line())
    assert w == [0.0, 0.0]
    with raises(AssertionError, match="not restored"):
        status.assert_consumed()


def claim_a_slot_that_stays_behind_shows_one_step_later(results):
    """Call the variable `line/w`, and `restore` finds it: [0.38, 0.76]. It does not find the slot,
    and the next step ends 0.32 beside the right one."""
    port = Line()
    port.w = tf.Variable([0.0, 0.0], name="line/w")
    _, w, after = _restored(port)
    assert w == [0.38, 0.76]
    assert all(round(float(way["w"][0][1] - after[1]), 2) == 0.32 for way in results.values())


def claim_a_name_that_was_forgotten_is_told():
    """Leave the slot out of the table, and `by_name` names what it would have lost."""
    failure = raises(tf.errors.InvalidArgumentError, match="line/w/Momentum")
    with tempfile.TemporaryDirectory() as folder, failure:
        by_name(Line(), checkpoint(folder), {"line/w": "w"})


def quiz_what_does_restore_say_when_it_finds_nothing():
    """`tf.train.Checkpoint(model=port).restore(path)` is given a file of TF1, in which no name
    fits. What happens?

    - an error that names what is missing
    - `w` stays [0, 0], and nothing is said

    The status that `restore` gives back knows it, and tells when it is asked: `assert_consumed()`.
    """
    try:
        _, w, _ = _restored(Line())
    except (AssertionError, ValueError, tf.errors.OpError):
        return "an error that names what is missing"
    return f"`w` stays {[round(each) for each in w]}, and nothing is said"


def quiz_how_many_arrays_are_in_the_checkpoint():
    """The program has one variable, `line/w`, and trains it with momentum. How many arrays does its
    `Saver` write?

    `line/w` and `line/w/Momentum`: what the optimizer remembers is part of the training, and the
    next step needs it.
    """
    with tempfile.TemporaryDirectory() as folder:
        return len(tf.train.load_checkpoint(checkpoint(folder)).get_variable_to_shape_map())
