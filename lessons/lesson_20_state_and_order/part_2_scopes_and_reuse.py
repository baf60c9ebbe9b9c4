"""Lesson 20.2: one name is one variable, two objects are two.

Twins are one layer that reads two things, `code = tanh(x @ w)`, and tells how far apart their codes
are: `x` is [rows, 3], `w` [3, 2], the squared distance `apart` [rows]. TF1 calls a function twice,
and `reuse=tf.AUTO_REUSE` lets the second call find the `w` of the first.

Port each call as a layer of its own, both from the same first `w`, and the first loss is equal to
the bit. But then each learns alone: the second loss is 0.318 and not 0.479, lower at that, and
after eight steps a thing is 0.63 away from itself.

In a graph the *name* is the variable: `variable_scope` is a prefix, and `get_variable` looks the
whole name up. Outside of it nothing is looked up, and the *object* is the variable. So where TF1
opens one scope twice, the port makes one object and uses it twice. Count the variables: a program
and its port have as many. And look at `itself`, how far things are from themselves: 0 forever.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Losses, raises

tf1 = tf.compat.v1
Descent = tf1.train.GradientDescentOptimizer
LEFT = np.float32([[1, 0, 0.5], [0, 1, -1], [0.5, 0.5, 0]])
RIGHT = np.float32([[0, 1, 0.5], [0, 1, 1], [0.5, -0.5, 1]])
FAR = np.float32([0, 1, 0])  # 0: the two are of one kind
CASES = Cases([(LEFT, RIGHT, FAR)] * 8, w=np.float32([[0.5, -1], [1, 0.25], [-0.5, 0.75]]))
RATE = 0.2
RTOL = ATOL = 1e-6  # tanh may differ in its last bit, and eight steps hand that on


class Twins(tf.Module):  # for eager and function
    def __init__(self, one, other):
        self.one, self.other = one, other

    def apart(self, left, right):
        codes = tf.tanh(left @ self.one), tf.tanh(right @ self.other)
        return tf.reduce_sum(tf.square(codes[0] - codes[1]), 1)

    def step(self, left, right, far):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.apart(left, right) - far))
        trained = self.trainable_variables
        Descent(RATE).apply_gradients(zip(tape.gradient(loss, trained), trained))
        return loss


def found_by_name(name="w", reuse=tf1.AUTO_REUSE):
    with tf1.variable_scope("twin", reuse=reuse):
        return tf1.get_variable(name, initializer=CASES.start["w"])


# `twin` is called twice and makes `w` once. Only variables are found again: the operations of
# the second call are new ones, named `twin_1/...`, though their variable is `twin/w`.
def graph(cases, device):
    losses = Losses()
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        left, right = (tf1.placeholder(tf.float32, [None, 3]) for _ in "lr")
        far = tf1.placeholder(tf.float32, [None])

        def twin(x):
            with tf1.variable_scope("twin", reuse=tf1.AUTO_REUSE):
                w = tf1.get_variable("w", initializer=cases.start["w"])
                return tf.tanh(tf.matmul(x, w))

        apart = tf.reduce_sum(tf.square(twin(left) - twin(right)), 1)
        loss = tf.reduce_mean(tf.square(apart - far))
        # train
        train = Descent(RATE).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            fed = dict(zip([left, right, far], case))
            losses.append(session.run([loss, train], fed)[0])
        # results
        itself = session.run(apart, {left: LEFT, right: LEFT})
        return {"loss": losses, "itself": itself}


# One object, given twice. A `tf.Module` that has it under two names still lists it once, so
# that no step is taken twice.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        w = tf.Variable(cases.start["w"])
        twins = Twins(w, w)
        # train
        step = twins.step
        # run
        for case in cases:
            losses.append(step(*case).numpy())
        # results
        return {"loss": losses, "itself": twins.apart(LEFT, LEFT).numpy()}


# The same object, made before the trace, which holds on to it. The scope and its `reuse` are
# gone.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        w = tf.Variable(cases.start["w"])
        twins = Twins(w, w)
        # train
        step = tf.function(twins.step)
        # run
        for case in cases:
            losses.append(step(*case).numpy())
        # results
        return {"loss": losses, "itself": twins.apart(LEFT, LEFT).numpy()}


def claim_two_layers_begin_as_one_and_part(results):
    """Two variables of one value: the first loss is 1.934 either way, the second 0.318 where the
    twins have 0.479. After eight steps a thing is up to 0.63 away from itself."""
    two, twins = Twins(*(tf.Variable(CASES.start["w"]) for _ in "12")), results["eager"]
    losses = [two.step(*case).numpy() for case in CASES]
    assert (len(two.variables), losses[0]) == (2, twins["loss"][0])
    assert np.allclose([losses[1], twins["loss"][1]], [0.318, 0.479], atol=5e-4)
    assert np.isclose(np.max(two.apart(LEFT, LEFT)), 0.63, atol=5e-3)


def claim_auto_reuse_kept_in_eager_learns_nothing():
    """Keep `AUTO_REUSE` in an eager step, and each call makes a new `w`: the loss of each step is
    1.934, to the bit."""
    losses = [Twins(found_by_name(), found_by_name()).step(*case).numpy() for case in CASES]
    assert losses == [losses[0]] * 8 and abs(losses[0] - 1.934) < 5e-4


def claim_auto_reuse_kept_in_functions_joins_them():
    """In the trace of a function `AUTO_REUSE` finds names again, but also those of all other
    functions: two models that should have nothing in common get one `w`."""
    found = []
    for _ in range(2):
        tf.function(lambda: found.append(found_by_name()))()
    assert found[0] is found[1]


def claim_a_misspelt_name_is_a_second_variable():
    """Spell the name otherwise in the second call, and with `AUTO_REUSE` TF1 has two layers too.
    `reuse=True` refuses a name that is not there."""
    with tf.Graph().as_default():
        w = found_by_name()
        assert found_by_name() is found_by_name(reuse=True) is w is not found_by_name("v")
        with raises(ValueError, match="twin/W does not exist"):
            found_by_name("W", reuse=True)


def quiz_how_many_variables_have_twins():
    """`Twins(w, w)` holds one variable under two names, `one` and `other`. How many variables does
    it list?

    One: a `tf.Module` lists objects, and each once. So no gradient is applied twice.
    """
    w = tf.Variable(CASES.start["w"])
    return len(Twins(w, w).variables)


def quiz_when_do_two_layers_show_that_they_are_two():
    """Instead of one `w` the port has two, with the same first value. In which step does the loss
    differ from the twins' for the first time?

    The first loss is of equal weights, and equal to the bit. Then each has gone its own way.
    """
    w = tf.Variable(CASES.start["w"])
    twins, two = Twins(w, w), Twins(*(tf.Variable(CASES.start["w"]) for _ in "12"))
    losses = [[each.step(*case).numpy() for case in CASES] for each in (twins, two)]
    return 1 + np.flatnonzero(np.not_equal(*losses))[0]
