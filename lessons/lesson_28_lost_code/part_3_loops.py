"""Lesson 28.3: a loop becomes a loop.

The file has no `while`. It has a circle of small ops, and in it a division and a subtraction, each
once. Someone counts how often they run for 9, which is seven times, and writes the line seven
times. The root of 9 is right. That of 2500 is 64.79, where the file says 50.

The circle of TF1 is made of five kinds of op. `Enter` brings in what the loop starts from; `Merge`
takes that in the first turn, and then what `NextIteration` brings back; `Switch` leads into the
body or to the `Exit`. Of these a `while` of Python has the start, the condition and the body, and
AutoGraph makes of it what `tf.while_loop` makes: one op. A constant `Enter` is no loop variable: it
is the same in all turns.

`x` is one number. From `root` = 1, each turn goes `rate` of what is left, `root - x / root`, until
that is at most 0.001; `n` counts the turns. Look at `Model.__call__`: `graphlab port 28.3:graph -o
model.py` writes it.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Lines, raises

tf1 = tf.compat.v1
CASES = [np.float32(x) for x in (9, 2500, 1, 2)]
RTOL = ATOL = 1e-6  # four ops on one number; a compiler may join two of them


def listed(answers):
    answers = list(answers)
    return {name: [np.array(a[name]) for a in answers] for name in answers[0]}


def loop_of_tf1(more, turn, start):
    """A circle of small ops, as TF1 always made it; TF2's loop is one op and two functions."""
    was = tf1.control_flow_v2_enabled()
    tf1.disable_control_flow_v2()
    try:
        return tf.while_loop(more, turn, start, name="newton")
    finally:
        if was:
            tf1.enable_control_flow_v2()


# The program that is lost. `rate` is read outside of the loop, so in the file it is a
# constant `Enter`, as is `x`.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [], name="x")
        rate = tf.identity(tf1.get_variable("rate", initializer=0.4))
        # model
        n, root = loop_of_tf1(
            lambda n, root: tf.abs(root - x / root) > 0.001,
            lambda n, root: (n + 1, root - rate * (root - x / root)),
            (0, 1.0),
        )
        n, root = tf.identity(n, name="n"), tf.identity(root, name="root")
        found = {"n": n, "root": root}
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        return listed(session.run(found, {x: case}) for case in cases)


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.rate = tf.Variable(0.4, name="rate")

    def __call__(self, x):
        n = tf.constant(0)
        root = tf.constant(1.0)
        while tf.abs(root - x / root) > 0.001:
            n += 1
            root -= self.rate * (root - x / root)
        return {"n": n, "root": root}


# `Model`, above. Called as Python, its `while` is Python's own: each turn computes its two
# lines and asks again.
def eager(cases, device):
    with tf.device(device):
        # inputs
        x = tf.identity
        # model
        model = Model()
        # run
        return listed(model(x(case)) for case in cases)


# Traced, it is a loop of the graph again: AutoGraph makes of it one op, `While`, which holds the
# condition and the body as functions. What the body needs from outside is passed along.
def function(cases, device):
    with tf.device(device):
        # inputs
        x = tf.TensorSpec([], tf.float32, name="x")
        # model
        model = Model()
        call = tf.function(model.__call__, input_signature=[x])
        # run
        return listed(call(case) for case in cases)


def turned(x, times):
    """The root after each of so many turns, written out: [times]."""
    roots = [np.float32(1)]
    for _ in range(times):
        roots.append(roots[-1] - np.float32(0.4) * (roots[-1] - x / roots[-1]))
    return roots[1:]


def figures(results):
    apart = {
        f"root of {x:.0f}": np.abs(np.subtract(turned(x, 14), np.sqrt(x))) + 1e-7
        for x in (CASES[0], CASES[1])
    }
    return {
        "turns": Lines(
            "Seven turns are enough for one of them",
            "How far the root is off after each turn. At the seventh that of 9 is right to three "
            "digits; that of 2500 takes twice as many.",
            np.arange(1, 15),
            apart,
            x_label="turn",
            y_label="distance from the root",
        )
    }


def claim_a_loop_written_out_is_right_for_one_number(results):
    """Seven turns give the root of 9, as all ways do, and 64.79 for 2500; all ways give 50."""
    for way in results.values():
        assert (int(way["n"][0]), int(way["n"][1])) == (7, 14)
        assert np.isclose(turned(CASES[0], 7)[-1], way["root"][0], rtol=1e-6)
        assert round(float(way["root"][1]), 2) == 50.0
    assert round(float(turned(CASES[1], 7)[-1]), 2) == 64.79


def claim_the_file_has_a_circle_and_no_loop(runs):
    """Each of the two loop variables has one op of each kind, and what its `NextIteration` brings
    back only a `Merge` takes. Two `Enter` are constant. No op is a `While`."""
    nodes = runs["graph"][-1].built.nodes
    ops = [node.op for node in nodes]
    assert [ops.count(op) for op in ("Merge", "Switch", "NextIteration", "Exit")] == [2] * 4
    assert ops.count("Enter") == 2 + 2 and not [op for op in ops if "While" in op]
    back = [node.op for node in nodes if "NextIteration" in " ".join(node.inputs)]
    assert back == ["Merge", "Merge"]


def claim_a_loop_variable_keeps_its_shape():
    """A list that grows in each turn is no loop variable: the second turn would get another shape
    than the first."""

    @tf.function
    def grows():
        numbers = tf.zeros([1])
        while tf.size(numbers) < 4:
            numbers = tf.concat([numbers, numbers], 0)
        return numbers

    with raises(ValueError, match="set_loop_options to set shape invariants"):
        grows.get_concrete_function()


def quiz_how_many_turns_for_the_root_of_one():
    """The loop begins at `root` = 1. How many turns does it take for the root of 1?

    None: `Merge` hands on what it starts from, `LoopCond` says no, `Switch` leads to the `Exit`. A
    line written out has at least one.
    """
    return int(graph(CASES[2:3], "CPU:0")["n"][0])
