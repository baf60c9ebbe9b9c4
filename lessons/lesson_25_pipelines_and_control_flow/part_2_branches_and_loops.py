"""Lesson 25.2: a cond runs what stands outside of it.

A TF1 program counts the numbers it has seen, `bump = seen.assign_add(1.0)`, and uses `bump` in one
branch of a `tf.cond`. The port that reads best puts it where it is used, in the body of the `if`.
Of five numbers it has counted three, as two took the other branch, and the answer to the fourth is
-1.41 instead of -1.88.

Only what a branch's function *makes* belongs to the branch. `bump` was made above the `cond`, which
takes it in as an input, so it runs whichever way is gone. In the port it stays above the `if`.

A `while_loop` keeps what it is handed and returns, its **loop variables**. AutoGraph finds them by
itself: the names that the body of a `while` sets, but not what a function sets that it calls.

`x` is one number. It is halved until it is at most 1, to `h`, in `n` rounds; `y` is `log(h) * bump`
where `x` is above 0, or else 0, and `slope` is dy/dx. Look at the last case, 0, where `log` has no
slope: the branch that is not taken gives the gradient nothing, and so no NaN either.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = [np.float32(x) for x in (9, -1, 0.5, 20, 0)]
RTOL = ATOL = 1e-6  # log may differ in its last bit


def listed(answers):
    answers = list(answers)
    return {name: [np.array(a[name]) for a in answers] for name in answers[0]}


# Both branches and the body are functions that build a part of the graph; they may take what was
# built before. What is to happen in one branch only must be made inside of its function.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [], name="x")
        seen = tf1.get_variable("seen", initializer=0.0)
        # model
        bump = seen.assign_add(1.0)
        more, halve = (lambda n, h: h > 1), (lambda n, h: (n + 1, h / 2))
        n, h = tf.while_loop(more, halve, (0, x))
        y = tf.cond(x > 0, lambda: tf.math.log(h) * bump, lambda: 0.0)
        (slope,) = tf.gradients(y, x)
        found = {"n": n, "y": y, "slope": slope}
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        return listed(session.run(found, {x: case}) for case in cases)


def answer(x, seen):
    bump = seen.assign_add(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        n, h = 0, x
        while h > 1:
            n, h = n + 1, h / 2
        y = tf.constant(0.0)
        if x > 0:
            y = tf.math.log(h) * bump
    slope = tape.gradient(y, x, unconnected_gradients="zero")
    return {"n": n, "y": y, "slope": slope}


# `answer`, above: Python's own `while` and `if`, in the order in which things happen. The tape sees
# only the branch that was taken; where `y` does not come from `x` it gives None, or zeros if asked.
def eager(cases, device):
    with tf.device(device):
        # inputs
        seen = tf.Variable(0.0, name="seen")
        # model
        call = answer
        # run
        return listed(call(tf.constant(case), seen) for case in cases)


# The same lines, traced once. AutoGraph makes of the `while` a `while_loop` over `n` and `h`, as
# the body sets these two, and of the `if` a `cond`. So `y` needs a value before it.
def function(cases, device):
    with tf.device(device):
        # inputs
        seen = tf.Variable(0.0, name="seen")
        # model
        call = tf.function(answer)
        # run
        return listed(call(tf.constant(case), seen) for case in cases)


def claim_a_count_moved_into_the_branch_misses_the_others(results):
    """With the `assign_add` inside of the `if`, `seen` is 3 of 5, and the answer to 20 is -1.41; in
    the right ports it is -1.88."""
    seen, log = tf.Variable(0.0), tf.math.log
    left = (9 / 16, -1.0, 0.5, 20 / 32, 0.0)  # what the halvings leave of each case
    ys = [float(log(h) * seen.assign_add(1.0)) if h > 0 else 0.0 for h in left]
    assert (seen.numpy(), round(ys[3], 2)) == (3.0, -1.41)
    assert all(round(float(way["y"][3]), 2) == -1.88 for way in results.values())


def claim_where_is_no_cond():
    """`tf.where` computes both branches. The answer at 0 is the same 0, and its slope is NaN where
    that of `cond` is 0: the branch that is not wanted gives 0 times infinity."""

    def slope(choose):
        x = tf.constant(0.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = choose(x)
        assert y == 0.0
        return tape.gradient(y, x, unconnected_gradients="zero").numpy()

    assert np.isnan(slope(lambda x: tf.where(x > 0, tf.math.log(x), tf.zeros([]))))
    assert slope(lambda x: tf.cond(x > 0, lambda: tf.math.log(x), lambda: tf.zeros([]))) == 0.0


def claim_what_a_called_function_counts_is_counted_once():
    """Nine is halved four times. A count in the body of the `while` says 4, in a function that the
    body calls 1: that is Python, which runs while the body is traced."""
    count = {}

    def more():
        count["called"] += 1

    @tf.function
    def halvings(x):
        count["called"] = count["body"] = 0
        while x > 1:
            x = x / 2
            count["body"] += 1
            more()
        return count["body"], count["called"]

    assert [int(each) for each in halvings(tf.constant(9.0))] == [4, 1]


def claim_both_branches_must_set_a_name():
    """Python would fail only where the branch is not taken. A `cond` has to give a value both ways,
    so the function is refused when it is traced."""

    @tf.function
    def logarithm(x):
        if x > 0:
            y = tf.math.log(x)
        return y

    with raises(ValueError, match="'y' must also be initialized in the else branch"):
        logarithm(tf.constant(9.0))


def quiz_what_is_the_slope_of_where_at_zero():
    """`y = tf.where(x > 0, log(x), 0)` at `x = 0`. `y` is 0. What is its slope?

    - 0
    - NaN

    `where` computes both branches. Back through the `log` comes 0 times infinity; a `cond` has only
    the branch that was taken.
    """
    x = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.where(x > 0, tf.math.log(x), 0.0)
    slope = float(tape.gradient(y, x))
    return "NaN" if np.isnan(slope) else f"{slope:.0f}"


def quiz_does_an_op_made_above_the_cond_run_in_one_branch_only():
    """`bump` was made above a `tf.cond` and is used in one branch, which is taken in two of five
    runs. How often has it added 1?

    What is made outside is an input of the `cond`, and runs whichever way is gone. Only what a
    branch makes belongs to it.
    """
    with tf.Graph().as_default() as g:
        x, seen = tf1.placeholder(tf.float32, []), tf1.get_variable("seen", initializer=0.0)
        bump = seen.assign_add(1.0)
        y = tf.cond(x > 0, lambda: bump, lambda: 0.0)
    with tf1.Session(graph=g) as session:
        session.run(seen.initializer)
        for value in (1, -1, 1, -1, -1):
            session.run(y, {x: value})
        return session.run(seen)
