"""Lesson 3.1: layers compose.

One weighted sum cannot decide XOR: lesson 2.1 showed it. Two in a row can, if something that is
no sum stands between them. A **layer** is `x @ W + b`, and we put a `ReLU` between two of them:
`x` is [rows, 2], `h = ReLU(hidden(x))` is [rows, 2], `z = output(h)` is [rows, 1], and the answer
is `z > 0.5`. The two numbers of `h` are **hidden units**, neither input nor answer. The way from
input to answer is the **forward** pass.

The weights are given here; part 3.2 learns them. Of the inputs `p` and `q` the hidden units make
`h1 = ReLU(p + q)` and `h2 = ReLU(p + q - 1)`, which stays at 0 until both inputs are there. The
output is `z = h1 - 2 h2`: 0, 1, 1, and 2 - 2 = 0.

The first case is the truth table, the second a grid of 33 by 33 points around it, for the
figure. Look there at what is straight and what has a fold. Then look at the names: two layers
have two variables called `W`, and in a **checkpoint**, the file where a trained network is kept,
weights are found by their names.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, raises

tf1 = tf.compat.v1
TABLE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR = [[False], [True], [True], [False]]
AXIS = np.linspace(-0.5, 1.5, 33, dtype=np.float32)
CASES = [TABLE, np.stack(np.meshgrid(AXIS, AXIS), axis=-1).reshape(-1, 2)]
GIVEN = {  # the W and b of each layer
    "hidden": (np.float32([[1, 1], [1, 1]]), np.float32([0, -1])),
    "output": (np.float32([[1], [-2]]), np.float32([0])),
}
RTOL = ATOL = 0.0  # whole numbers and sixteenths, which float32 adds without rounding


class Layer(tf.Module):
    def __init__(self, name):
        super().__init__(name)
        with self.name_scope:
            self.W = tf.Variable(GIVEN[name][0], name="W")
            self.b = tf.Variable(GIVEN[name][1], name="b")

    @tf.Module.with_name_scope
    def __call__(self, inputs):
        return tf.add(tf.matmul(inputs, self.W), self.b, name="z")


def summary(steps, names):
    h, z, answer = ([np.array(step[i]) for step in steps] for i in range(3))
    return {"h": h, "z": z, "answer": answer, "names": np.array(names)}


# To call a layer is to make its variables. `variable_scope` puts the layer's name before theirs,
# which keeps the second `W` apart from the first, and before the names of its ops: in the picture
# of the graph each layer is a box.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # layers
        def layer(inputs, name):
            with tf1.variable_scope(name):
                W = tf1.get_variable("W", initializer=GIVEN[name][0])
                b = tf1.get_variable("b", initializer=GIVEN[name][1])
                return tf.add(tf.matmul(inputs, W), b, name="z")

        # inputs
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        # model
        h = tf.nn.relu(layer(x, "hidden"), name="h")
        z = layer(h, "output")
        answer = z > 0.5
        names = [v.name for v in tf1.global_variables()]
        start = tf1.global_variables_initializer()
    # run
    with tf1.Session(graph=g) as session:
        session.run(start)
        steps = [session.run([h, z, answer], {x: case}) for case in cases]
    # results
    return summary(steps, names)


# To make a layer and to call it are two things now. `Layer`, above, owns its variables, and can
# be called again without making new ones. A module may own modules: `model.variables` lists the
# variables of both layers.
def eager(cases, device):
    with tf.device(device):
        # layers
        model = tf.Module()
        model.hidden = Layer("hidden")
        model.output = Layer("output")

        # inputs
        def forward(x):
            # model
            h = tf.nn.relu(model.hidden(x))
            z = model.output(h)
            return h, z, z > 0.5

        # run
        steps = [forward(case) for case in cases]
    # results
    return summary(steps, [v.name for v in model.variables])


# In the traced graph the ops of a layer carry its name again, since `with_name_scope` opens the
# layer's scope in every call. Give a ported module the name of the old scope, and its variables
# keep the names they had in TF1.
def function(cases, device):
    with tf.device(device):
        # layers
        model = tf.Module()
        model.hidden = Layer("hidden")
        model.output = Layer("output")

        # inputs
        x_spec = tf.TensorSpec([None, 2], tf.float32, name="x")

        @tf.function(input_signature=[x_spec])
        def forward(x):
            # model
            h = tf.nn.relu(model.hidden(x), name="h")
            z = model.output(h)
            return h, z, z > 0.5

        # run
        steps = [forward(case) for case in cases]
    # results
    return summary(steps, [v.name for v in model.variables])


def expected(cases):
    (W, b), (V, c) = GIVEN["hidden"], GIVEN["output"]
    h = [np.maximum(x @ W + b, 0) for x in cases]
    z = [units @ V + c for units in h]
    return {"h": h, "z": z, "answer": [score > 0.5 for score in z]}


def figures(results):
    units = np.hstack([results["h"][1], results["z"][1]])  # [33 * 33, 3]
    return {
        "plane": Images(
            "Two folds make a ridge",
            "The hidden units and z over the plane of the inputs p, to the right, and q, upwards, "
            "from -0.5 to 1.5. A hidden unit is 0 on one side of a line and rises evenly on the "
            "other. z has a ridge of 1 from (0, 1), upper left, to (1, 0), lower right; it is 0 "
            "at (0, 0) and (1, 1), and below 0 beyond.",
            [units.T.reshape(3, 33, 33)[:, ::-1]],
            column_names=["ReLU(p + q)", "ReLU(p + q - 1)", "z"],
            signed=True,
        )
    }


def claim_without_the_relu_two_layers_are_one():
    """Without the ReLU two layers are one weighted sum, with the weights `hidden.W @ output.W`, and
    XOR is as far away as in lesson 2."""
    (W, b), (V, c) = GIVEN["hidden"], GIVEN["output"]
    z = Layer("output")(Layer("hidden")(TABLE)).numpy()
    assert (z == TABLE @ (W @ V) + (b @ V + c)).all() and z[0] + z[3] == z[1] + z[2]


def claim_xor_is_solved(results):
    """With it all four rows of XOR are right: the hidden layer has put (0, 1) and (1, 0) on one
    point, which a line can part from the other two."""
    for way in results.values():
        assert way["answer"][0].tolist() == XOR
        assert way["h"][0].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]


def claim_a_name_scope_does_not_keep_variables_apart():
    """`name_scope` names ops only. `get_variable` does not look at it, and the second layer's `W`
    is refused: it takes a `variable_scope`."""
    with tf.Graph().as_default(), raises(ValueError, match="W already exists"):
        for name in GIVEN:
            with tf1.name_scope(name):
                tf1.get_variable("W", [2, 2])


def claim_a_module_that_does_not_enter_its_scope_loses_its_name():
    """A module made without `with self.name_scope` calls its weights `W:0`, whatever its own
    name is, and nothing warns: no checkpoint of TF1 will find them."""

    class Careless(tf.Module):
        def __init__(self, name):
            super().__init__(name)
            self.W = tf.Variable(GIVEN[name][0], name="W")

    assert [Careless(name).W.name for name in GIVEN] == ["W:0", "W:0"]
    assert [Layer(name).W.name for name in GIVEN] == ["hidden/W:0", "output/W:0"]


def quiz_what_is_z_beyond_both_inputs():
    """The network answers XOR: z is 0, 1, 1, 0 at the corners. What is z at (1.5, 1.5)?

    `h = (ReLU(3), ReLU(2))`, and `z = 3 - 2 * 2`. Beyond (1, 1) the ridge goes on falling: a sum of
    folds knows nothing of corners.
    """
    return float(eager([np.float32([[1.5, 1.5]])], "CPU:0")["z"][0].item())


def quiz_are_two_layers_without_relu_more_than_one():
    """Leave out the ReLU between the two layers. Is `z(0,0) + z(1,1)` still different from
    `z(0,1) + z(1,0)`?

    - yes
    - no

    `(x @ W + b) @ V + c` is `x @ (W @ V) + (b @ V + c)`: one layer, and one layer cannot do XOR.
    """
    z = Layer("output")(Layer("hidden")(TABLE)).numpy()
    return bool(z[0] + z[3] != z[1] + z[2])
