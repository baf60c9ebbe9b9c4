"""Lesson 4.5: an activation bends, and its slope decides who learns.

Without something bent between them two layers are one: a matrix times a matrix is a matrix. What
bends is an **activation**. Going back, a gradient is multiplied by its slope, the derivative
`dy/dx`: look at the slopes.

`sigmoid`, and `tanh`, which is centred on 0, flatten on both sides. There a unit is **saturated**:
its slope is nearly 0, and what is before it hardly learns. `relu`, `max(x, 0)`, has slope 1 on the
right and is cheap; on the left it has 0, and a unit that is there for every input is **dead**.
`leaky` keeps 0.1 there. `maxout` takes the largest of several lines, here `-x - 3`, `0.2 x` and
`x - 1.2`; a network would learn them. `swish` is `x * sigmoid(x)`: a bend without a corner.

`step`, the perceptron's, has slope 0 everywhere: no gradient ever taught it. But what goes back
need not be the true slope. A **custom gradient** says what does: `sign(x)` here passes on what
comes, so `step`, half of `1 + sign(x)`, learns as a ramp of slope 1/2 would.

`x` is 120 numbers in a line, then filter 1's map from 4.1. `y` and `slope`: a row an activation.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, Lines, raises

tf1 = tf.compat.v1
NAMES = ["sigmoid", "tanh", "relu", "leaky", "maxout", "swish", "step"]
LINE = np.arange(-59.5, 60, dtype=np.float32) / 10
SUMS = np.float32(
    "7 -1 1 3 5 -1 3  -1 9 -1 3 -1 1 -1  1 -1 9 -3 1 -1 5  3 3 -3 5 -3 3 3"
    " 5 -1 1 -3 9 -1 1  -1 1 -1 3 -1 9 -1  3 -1 5 3 1 -1 7".split()
)
CASES = [LINE, SUMS / 9]
RTOL = ATOL = 1e-6  # exp and tanh differ in their last bits between kernels; 4e-7 was measured


def activations(x, sign):
    gate, leaky = tf.sigmoid(x), tf.nn.leaky_relu(x, 0.1)
    maxout = tf.reduce_max([-x - 3, 0.2 * x, x - 1.2], axis=0)
    return [gate, tf.tanh(x), tf.nn.relu(x), leaky, maxout, x * gate, 0.5 + 0.5 * sign(x)]


# TF1 code changes a gradient by the type of an op: each `Sign` made in this
# block is differentiated as an `Identity`. A rule of one's own is entered with
# `tf.RegisterGradient` first. 1.15 has `tf.custom_gradient`, too.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None], name="x")
        # model
        with g.gradient_override_map({"Sign": "Identity"}):
            ys = activations(x, tf.sign)
        # slopes
        slopes = [tf.gradients(y, x)[0] for y in ys]
    # run
    with tf1.Session(graph=g) as session:
        steps = [session.run([ys, slopes], {x: case}) for case in cases]
    # results
    return summary(steps)


# `tf.custom_gradient` takes a function that returns two things: the result,
# and a function from the gradient that comes back to the one that goes on. A
# tape ignores `gradient_override_map`, and so does a tape in a graph.
def eager(cases, device):
    # inputs
    def look(x):
        # model
        @tf.custom_gradient
        def sign(x):
            return tf.sign(x), lambda dy: dy

        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ys = activations(x, sign)
        # slopes
        return ys, [tape.gradient(y, x) for y in ys]

    # run
    with tf.device(device):
        steps = [look(tf.constant(case)) for case in cases]
    # results
    return summary(steps)


# The same body, traced: the custom gradient is asked while the backward half
# is traced, and its ops stand in the graph like all others.
def function(cases, device):
    # inputs
    @tf.function
    def look(x):
        # model
        @tf.custom_gradient
        def sign(x):
            return tf.sign(x), lambda dy: dy

        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ys = activations(x, sign)
        # slopes
        return ys, [tape.gradient(y, x) for y in ys]

    # run
    with tf.device(device):
        steps = [look(tf.constant(case)) for case in cases]
    # results
    return summary(steps)


def summary(steps):
    return {name: [np.stack(step[i]) for step in steps] for i, name in enumerate(("y", "slope"))}


def expected(cases):
    slopes = []
    for x in map(np.float64, cases):
        gate, leaky = 1 / (1 + np.exp(-x)), np.where(x > 0, 1, 0.1)
        maxout = np.where(x < -2.5, -1, np.where(x < 1.5, 0.2, 1))
        rows = [gate * (1 - gate), 1 - np.tanh(x) ** 2, x > 0, leaky, maxout]
        slopes.append(np.float32([*rows, gate + x * gate * (1 - gate), 0 * x + 0.5]))
    return {"slope": slopes}


def claim_relu_of_the_map_has_20_zeros(results):
    """Of the 49 numbers of the feature map ReLU sets 20 to zero, as the workshop's slide does, and
    leaves the rest as they are. Its slope is zero at the same 20."""
    for way in results.values():
        y, slope = way["y"][1][2], way["slope"][1][2]
        assert (y == 0).sum() == (SUMS < 0).sum() == 20 and np.array_equal(slope == 0, y == 0)
        assert np.array_equal(y[y > 0], CASES[1][SUMS > 0])


def claim_a_saturated_unit_hardly_learns(results):
    """Sigmoid's slope is 1/4 at most and below 1/100 from 4.6 on; that of tanh is 1 at most and
    below 1/100 from 3 on. So four sigmoids in a row pass on at most 1/256 of a gradient."""
    for way in results.values():
        sigmoid, tanh = way["slope"][0][:2]
        assert 0.249 < sigmoid.max() <= 0.25 and 0.99 < tanh.max() <= 1
        assert abs(LINE[sigmoid >= 0.01]).max() < 4.6 and abs(LINE[tanh >= 0.01]).max() < 3


def claim_a_dead_unit_stays_dead():
    """A ReLU whose every input gives `z < 0` is dead: thirty steps do not move its weight, as each
    gradient is 0. A leaky one comes back, and learns to copy `x`."""
    x, ends = tf.constant([1.0, 2.0]), []
    for activation in (tf.nn.relu, lambda z: tf.nn.leaky_relu(z, 0.1)):
        w = tf.Variable(-1.0)
        for _ in range(30):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(activation(w * x) - x))
            w.assign_sub(0.2 * tape.gradient(loss, w))
        ends.append(float(w))
    assert ends[0] == -1.0 and abs(ends[1] - 1.0) < 0.001


def claim_leaky_is_a_maxout():
    """Leaky ReLU is the largest of two lines, `x` and `0.1 x`: a maxout, with the same slopes. Only
    at 0 do they part, where the lines meet: the maxout takes their middle, 0.55, the leaky 0.1."""
    x = tf.constant([-2.0, 0.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        leaky, largest = tf.nn.leaky_relu(x, 0.1), tf.reduce_max([x, 0.1 * x], axis=0)
    slopes = [tape.gradient(y, x) for y in (leaky, largest)]
    assert np.array_equal(leaky, largest)
    assert np.allclose(slopes, [[0.1, 0.1, 1.0], [0.1, 0.55, 1.0]])


def claim_a_tape_ignores_the_override():
    """Code of TF1 that overrides a gradient runs under a tape without a word, and gets the true
    slope, 0: nothing trains. Port it to `tf.custom_gradient`."""
    with tf.Graph().as_default() as g, tf1.Session() as session, tf.GradientTape() as tape:
        x = tf.constant([-2.0, 3.0])
        tape.watch(x)
        with g.gradient_override_map({"Sign": "Identity"}):
            y = tf.sign(x)
        walked, taped = session.run([tf.gradients(y, x)[0], tape.gradient(y, x)])
    assert walked.tolist() == [1, 1] and taped.tolist() == [0, 0]


def claim_a_registered_name_is_taken():
    """`tf.RegisterGradient` enters a name for the whole process, not for a graph. Run its cell in a
    notebook twice, and the second entry is refused."""
    with raises(KeyError, match="Registering two gradient with name"):
        for name in ("Ramp of lesson 4.5", "Ramp of lesson 4.5"):
            tf.RegisterGradient(name)(lambda op, dy: 0.5 * dy)


def figures(results):
    y, slope = (dict(zip(NAMES, results[name][0])) for name in ("y", "slope"))
    ends, left = [(-6, -4.6, "saturated"), (4.6, 6, "saturated")], [(-6, 0, "relu is dead")]
    flat = "Both are flat at the ends: where it is shaded, both slopes are below 1/100."
    dead = "On the left relu's slope is 0. Swish's is 0 at one place, and nears 0 far out."
    line = "Each is the largest of some lines, and has the slope of the one that is largest."
    told = "The true slope is 0 everywhere. What goes back is the custom gradient's 1/2."
    found, groups = {}, ("sigmoid tanh", "relu swish", "leaky maxout", "step")
    for group, said, spans in zip(groups, (flat, dead, line, told), (ends, left, (), ())):
        names = group.split()
        lines = {**{n: y[n] for n in names}, **{f"slope of {n}": slope[n] for n in names}}
        found["-".join(names)] = Lines(" and ".join(names), said, LINE, lines, "x", spans=spans)
    map_1, zeros = results["y"][1][2].reshape(7, 7), "20 zeros, and no gradient goes back there."
    return {**found, "relu-map": Heat("Filter 1's map after ReLU", zeros, map_1, numbers=True)}


def quiz_how_much_passes_four_sigmoids():
    """The gradient 1 goes back through four sigmoids in a row, each where its slope is largest.
    What is left of it, to two digits?

    The slope is 1/4 at most, so four pass on `1/256`, 0.0039. Of tanh it could be all.
    """
    sigmoid = eager([np.zeros(1, np.float32)], "CPU:0")["slope"][0][0, 0]
    return float(f"{sigmoid**4:.2g}")


def quiz_does_a_dead_unit_come_back():
    """A unit `relu(w * x)` has `w = -1`, and `x` is 1 or 2. It is to copy `x`. What is `w` after
    thirty steps of gradient descent?

    For every input `w * x < 0`, where ReLU has slope 0: each gradient is 0. A leaky ReLU gets out.
    """
    x, w = tf.constant([1.0, 2.0]), tf.Variable(-1.0)
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.nn.relu(w * x) - x))
        w.assign_sub(0.2 * tape.gradient(loss, w))
    return float(w)
