"""Lesson 28.1: a frozen graph becomes code.

The picture of the frozen graph shows `x`, `w`, a `MatMul`, a `Relu`, so the port begins with
`tf.nn.relu(tf.matmul(x, w))`. It runs, the shapes are right, and 8 of its first 15 numbers are not.
The `MatMul` had `transpose_b=True`, and `w` is square, so nothing complained.

What an op does is its type, its inputs *and* its **attributes**; a picture tends to leave the last
out. A port asks TensorFlow: the line is right if tracing it makes the same op, with equal
attributes, of the same tensors.

Freezing has made a constant of each variable. It keeps the name, and what made it a variable is
lost: an imported graph has nothing to train. In code one line decides it again, and the model
learns on.

`x` is [rows, 5], `w` is [5, 5] and `v` is [5, 4]; `h` is [rows, 5] and `y`, [rows, 4], is a row of
shares that add up to 1. Look at `Model.__call__`: `graphlab port 28.1:graph -o model.py` writes
these lines.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
W = np.float32([[n % 3 - 1 for n in range(row, row + 5)] for row in (0, 4, 7, 3, 2)])
V = np.float32(np.arange(20).reshape(5, 4) % 7 - 3)
CASES = [np.float32(x) for x in (np.eye(5)[:3], [[1, 2, 3, 4, 5]], [[-2, 1, 0, 3, 1]] * 2)]
RTOL = ATOL = 1e-6  # sums of small whole numbers; softmax may differ in its last bit


def lost():
    """The bytes of the frozen graph, which is all that is left."""
    with tf.Graph().as_default() as g:
        x = tf1.placeholder(tf.float32, [None, 5], name="x")
        w = tf.identity(tf.constant(W, name="w"), name="w/read")
        v = tf.identity(tf.constant(V, name="v"), name="v/read")
        h = tf.nn.relu(tf.matmul(x, w, transpose_b=True), name="h")
        tf.nn.softmax(tf.matmul(h, v) / 2.0, name="y")
    return g.as_graph_def().SerializeToString()


def listed(answers):
    answers = list(answers)
    return {name: [np.array(a[name]) for a in answers] for name in answers[0]}


# One can live without the code: import the graph, and feed and fetch by its names. It
# computes, and cannot be changed, nor trained.
def graph(cases, device):
    # model
    known = tf1.GraphDef.FromString(lost())
    with tf.Graph().as_default() as g, tf.device(device):
        tf.import_graph_def(known, name="")
    # run
    found = {"h": "h:0", "y": "y:0"}
    with tf1.Session(graph=g) as session:
        return listed(session.run(found, {"x:0": case}) for case in cases)


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(W, name="w")
        self.v = tf.Variable(V, name="v")

    def __call__(self, x):
        h = tf.nn.relu(tf.matmul(x, self.w, transpose_b=True))
        return {"h": h, "y": tf.nn.softmax(tf.matmul(h, self.v) / 2.0)}


# `Model`, above: four ops are two lines. Its weights are variables again, under the names
# that the constants had.
def eager(cases, device):
    # model
    with tf.device(device):
        model = Model()
        # run
        return listed(model(case) for case in cases)


# The same, traced; the signature is that of the placeholder. Saved with
# `tf.saved_model.save`, it would be a file again, and one that can be trained.
def function(cases, device):
    # model
    with tf.device(device):
        model = Model()
        x = tf.TensorSpec([None, 5], tf.float32, name="x")
        call = tf.function(model.__call__, input_signature=[x])
        # run
        return listed(call(case) for case in cases)


def claim_by_the_picture_eight_of_fifteen_numbers_are_wrong(results):
    """Without `transpose_b` 8 of the 15 numbers of the first `h` are others."""
    by_picture = tf.nn.relu(tf.matmul(CASES[0], W)).numpy()
    for way in results.values():
        assert np.sum(by_picture != way["h"][0]) == 8


def claim_only_a_square_weight_says_nothing():
    """Where a weight is not square, TensorFlow names both shapes."""
    with raises(tf.errors.InvalidArgumentError, match=r"In\[0\]: \[1,5\], In\[1\]: \[5,4\]"):
        tf.matmul(CASES[1], V, transpose_b=True)


def claim_an_imported_graph_has_nothing_to_train():
    """Imported into TF2 with `wrap_function` it has no variable; the port has `w` and `v`, and a
    step down the slope of a loss makes that loss smaller."""
    known = tf1.GraphDef.FromString(lost())
    imported = tf1.wrap_function(lambda: tf.import_graph_def(known, name=""), [])
    assert imported.variables == ()
    model = Model()
    assert sorted(each.name for each in model.trainable_variables) == ["v:0", "w:0"]

    def loss():
        return -tf.math.log(model(CASES[1])["y"][0, 0])

    with tf.GradientTape() as tape:
        before = loss()
    slopes = tape.gradient(before, [model.w, model.v])
    for weight, slope in zip([model.w, model.v], slopes):
        weight.assign_sub(0.001 * slope)
    assert loss() < before


def quiz_how_many_variables_has_an_imported_graph():
    """The frozen graph computes with two weights. It is imported with `tf1.wrap_function`. How many
    variables has it to train?

    Freezing has made a constant of each. The port decides anew what is a variable.
    """
    known = tf1.GraphDef.FromString(lost())
    return len(tf1.wrap_function(lambda: tf.import_graph_def(known, name=""), []).variables)


def quiz_does_the_picture_say_what_a_matmul_is():
    """Two frozen graphs have the same picture: `x`, `w`, `MatMul`, `Relu`. Must they compute the
    same?

    - yes
    - no

    One `MatMul` may have `transpose_b=True`, an attribute. With a square `w` both run.
    """
    x = CASES[1]
    return bool(np.allclose(tf.matmul(x, W), tf.matmul(x, W, transpose_b=True)))
