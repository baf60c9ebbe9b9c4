"""Lesson 3.2: backpropagation.

How much is a weight of the first layer to blame for the loss? It acts through all that comes after,
and the **chain rule** says: multiply the derivatives along the way. Backpropagation does so from
the loss backwards, once for all weights.

Two layers, as in part 3.1, learn what was given there. `x` is [100, 2], points around the corners
of XOR; `y`, the answers, is [100, 1]. `h = tanh(x @ W + b)` are six hidden units; `z = h @ V + c`
should be `y`, and the loss is `mean((z - y)²)`. Its gradient by `z` is `dz = 2 (z - y) / 100`,
[100, 1]; of it the last layer makes two products:

    dV = h.T @ dz    [6, 1] = [6, 100] @ [100, 1], for its own weights
    dh = dz @ V.T    [100, 6] = [100, 1] @ [1, 6], to go on with

The derivative of `tanh` is `1 - h * h`. So the first layer gets `da = dh * (1 - h * h)`, and then
`dW = x.T @ da`. `expected`, below, does it in NumPy; TensorFlow writes these lines itself, and
finds the same in each of 300 steps. `Cases` is a list of steps that also carries what training
starts from, `cases.start`; `Losses` is a list that a progress bar may read meanwhile.
"""

import functools

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Images, Losses, raises

tf1 = tf.compat.v1
RATE = 0.1
RTOL = ATOL = 1e-5  # NumPy reckons in float64; of 20 trainings none ended more than 3e-6 away


def points(count, random):
    corners = random.randint(0, 2, [count, 2])
    x = corners + random.normal(scale=0.15, size=[count, 2])
    return np.float32(x), np.float32(corners[:, :1] != corners[:, 1:])


def cases(seed=0):
    random = np.random.RandomState(seed)
    W, V = (np.float32(random.normal(size=shape)) for shape in ([2, 6], [6, 1]))
    b, c = np.zeros(6, np.float32), np.zeros(1, np.float32)
    return Cases([points(100, random)] * 300, W=W, b=b, V=V, c=c)


def summary(losses, steps, W, b, V, c):
    x, y = points(1000, np.random.RandomState(2018))  # none of them was trained on
    accuracy = np.mean((np.tanh(x @ W + b) @ V + c > 0.5) == y)
    names = "dz dh dW db dV dc".split()
    found = {name: np.array([step[i] for step in steps]) for i, name in enumerate(names)}
    return {"loss": losses, "accuracy": accuracy, **found, "W": W, "b": b, "V": V, "c": c}


def expected(cases):
    W, b, V, c = (np.float64(cases.start[n]) for n in "WbVc")
    losses, steps = [], []
    for x, y in cases:
        h = np.tanh(x @ W + b)
        z = h @ V + c
        losses.append(np.mean((z - y) ** 2))
        dz = 2 * (z - y) / len(x)
        dV, dc = h.T @ dz, dz.sum(axis=0)
        dh = dz @ V.T
        da = dh * (1 - h * h)  # a = x @ W + b
        dW, db = x.T @ da, da.sum(axis=0)
        W, b, V, c = W - RATE * dW, b - RATE * db, V - RATE * dV, c - RATE * dc
        steps.append([dz, dh, dW, db, dV, dc])
    return summary(losses, steps, W, b, V, c)


# `tf.gradients` adds the backward half to the graph, for as many tensors as we name. `dh` needs `V`
# as it was before the step, and the step changes `V`: a variable of old TF1 may be overwritten
# first. With `use_resource=True`, which all variables of TF2 have, what was read stays as it was.
def graph(cases, device):
    losses, steps = Losses(), []
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        make = functools.partial(tf1.get_variable, use_resource=True)
        W, b, V, c = (make(n, initializer=cases.start[n]) for n in "WbVc")
        # inputs
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        y = tf1.placeholder(tf.float32, [None, 1], name="y")
        # model
        h = tf.tanh(tf.matmul(x, W) + b, name="h")
        z = tf.add(tf.matmul(h, V), c, name="z")
        # loss
        loss = tf.reduce_mean(tf.square(z - y), name="loss")
        # train
        found = tf.gradients(loss, [z, h, W, b, V, c])
        moves = zip([W, b, V, c], found[2:])
        train = tf.group(*[v.assign_sub(RATE * d) for v, d in moves])
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.variables_initializer([W, b, V, c]))
        for spots, answers in cases:
            fed = {x: spots, y: answers}
            value, step, _ = session.run([loss, found, train], fed)
            losses.append(float(value))
            steps.append(step)
        # results
        return summary(losses, steps, *session.run([W, b, V, c]))


# The tape keeps what the forward lines computed, as the backward ones need it: so training takes
# more memory than answering. `tape.gradient` takes any tensor computed under the tape, and once.
def eager(cases, device):
    losses, steps = Losses(), []
    with tf.device(device):
        # variables
        W, b, V, c = (tf.Variable(cases.start[n], name=n) for n in "WbVc")

        # inputs
        def train(x, y):
            # model
            with tf.GradientTape() as tape:
                h = tf.tanh(tf.matmul(x, W) + b)
                z = tf.matmul(h, V) + c
                # loss
                loss = tf.reduce_mean(tf.square(z - y))
            # train
            found = tape.gradient(loss, [z, h, W, b, V, c])
            for v, d in zip([W, b, V, c], found[2:]):
                v.assign_sub(RATE * d)
            return loss, found

        # run
        for spots, answers in cases:
            loss, found = train(spots, answers)
            losses.append(float(loss))
            steps.append(found)
    # results
    return summary(losses, steps, *[v.numpy() for v in [W, b, V, c]])


# Traced, the tape leaves backward ops in the graph just as `tf.gradients` does: a `TanhGrad` for
# the `Tanh`, a `MatMul` or two for each `MatMul`. So a ported training step may ask for inner
# gradients as it did before.
def function(cases, device):
    losses, steps = Losses(), []
    with tf.device(device):
        # variables
        W, b, V, c = (tf.Variable(cases.start[n], name=n) for n in "WbVc")

        # inputs
        @tf.function
        def train(x, y):
            # model
            with tf.GradientTape() as tape:
                h = tf.tanh(tf.matmul(x, W) + b)
                z = tf.matmul(h, V) + c
                # loss
                loss = tf.reduce_mean(tf.square(z - y))
            # train
            found = tape.gradient(loss, [z, h, W, b, V, c])
            for v, d in zip([W, b, V, c], found[2:]):
                v.assign_sub(RATE * d)
            return loss, found

        # run
        for spots, answers in cases:
            loss, found = train(spots, answers)
            losses.append(float(loss))
            steps.append(found)
    # results
    return summary(losses, steps, *[v.numpy() for v in [W, b, V, c]])


def figures(results):
    axis = np.linspace(-0.5, 1.5, 33)
    x = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 2)
    h = np.tanh(x @ results["W"] + results["b"])
    units = np.hstack([h, h @ results["V"] + results["c"]]).T.reshape(-1, 33, 33)
    caption = (
        "The six hidden units and z over the plane of part 3.1. Each unit is 0 along a line of its "
        "own, and above 0 on one side. z is near 1 at (0, 1), upper left, and (1, 0)."
    )
    return {"plane": Images("XOR, learned", caption, [units], (), [*"123456", "z"], signed=True)}


def claim_layers_that_start_at_zero_never_learn():
    """Start at zero, as lesson 2 did: with `V` zero, `dh = dz @ V.T` is zero, and with `h` zero,
    `dV = h.T @ dz` is. After 20 steps `W` and `V` are zero still; only `c` has moved."""
    zeros = {name: 0 * value for name, value in cases().start.items()}
    found = eager(Cases(cases()[:20], **zeros), "CPU:0")
    assert not found["W"].any() and not found["V"].any() and found["c"].any()


def claim_xor_is_learned(results):
    """From a random start, at least 98 of 100 points never seen are answered right."""
    assert min(way["accuracy"] for way in results.values()) >= 0.98


def claim_a_tape_plays_back_once():
    """TF1 code may call `tf.gradients` again and again. A tape answers once, unless it was made
    `persistent`. Better name all tensors in one call."""
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape, tf.GradientTape(persistent=True) as kept:
        y = x * x
    assert [kept.gradient(y, x), kept.gradient(y, x), tape.gradient(y, x)] == [6.0] * 3
    with raises(RuntimeError, match="non-persistent"):
        tape.gradient(y, x)


def quiz_what_moves_when_all_starts_at_zero():
    """`W`, `b`, `V` and `c` all start at zero. How many of the four have moved after a step?

    `h` is zero, so `dV = h.T @ dz` is; `V` is zero, so `dh = dz @ V.T` is, and `dW` and `db` after
    it. Only `dc`, the sum of `dz`, is not.
    """
    zeros = {name: 0 * value for name, value in cases().start.items()}
    found = eager(Cases(cases()[:1], **zeros), "CPU:0")
    return sum(bool(found[name].any()) for name in "WbVc")


def quiz_what_shape_has_the_gradient_of_h():
    """`h` is [100, 6]. How many numbers has `dh`?

    A gradient has the shape of what it is of: `dh = dz @ V.T` is [100, 1] @ [1, 6].
    """
    return eager(cases().first(1), "CPU:0")["dh"][0].size
