"""Lesson 21.2: a graph that calls Python, and what a port loses of it.

A TF1 program has a `leak` in NumPy: of what is negative a quarter comes through. Its graph calls
that by `py_func`, and learns `w` and `b` of `leak(x * w) + b`; `x` is [4]. Port it as
`tf.numpy_function`, as TensorFlow's own warning says: the first loss is equal, and the losses
fall. But they fall from 2.56 to 2.42 and not to 0.05, as `w` has not moved.

A node that calls Python has no gradient. TF1 programs gave it one, which was lost here, and the
optimizer passes over None in silence. `tf.py_function` has one, but of NumPy it is 0. Nor has the
node any Python: a token by which this process looks it up is all that is saved. Write it in
TensorFlow's operations if you can, as `function` does: they have a gradient and a shape, and can be
saved. Where it must be NumPy, give the gradient by hand, and keep it out of a file.
"""

import functools

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Losses, raises

tf1 = tf.compat.v1
Descent = functools.partial(tf1.train.GradientDescentOptimizer, 0.125)
tf_leak = functools.partial(tf.nn.leaky_relu, alpha=0.25)  # the same in TensorFlow's operations
X = np.float32([-4, -2, 1, 3])
CASES = Cases([(X, np.float32([-3, -2, 1, 5]))] * 8, w=np.float32(1), b=np.float32(0))
RTOL = ATOL = 1e-6  # a mean of four squares may round otherwise in another kernel


def leak(sign, x):  # with the sign of the input: `leak(x, x)`, and back `leak(x, dy)`
    return np.where(sign > 0, x, x / 4)


def step(bend, w, b, x, target):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(bend(x * w) + b - target))
    Descent().apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b]))
    return loss


# `py_func` puts a node into the graph that calls Python when it runs. It knows neither the shape
# of what comes back nor a gradient: TF1 programs said both, and the gradient is a `py_func` too.
def graph(cases, device):
    losses, start = Losses(), cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        x, target = (tf1.placeholder(tf.float32, [4]) for _ in "xy")
        w, b = (tf1.get_variable(n, initializer=start[n]) for n in "wb")

        @tf.custom_gradient
        def bend(z):
            y = tf1.py_func(leak, [z, z], tf.float32)
            y.set_shape(z.shape)
            return y, lambda dy: tf1.py_func(leak, [z, dy], tf.float32)

        # train
        loss = tf.reduce_mean(tf.square(bend(x * w) + b - target))
        train = Descent().minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            fed = dict(zip([x, target], case))
            losses.append(session.run([loss, train], fed)[0])
        # results
        return {"loss": losses, **session.run({"w": w, "b": b})}


# Without a graph there is no node: NumPy takes the tensors as they are. But the tape does not see
# what it does, and the gradient is still given by hand.
def eager(cases, device):
    losses, start = Losses(), cases.start
    with tf.device(device):
        # model
        w, b = tf.Variable(start["w"]), tf.Variable(start["b"])

        @tf.custom_gradient
        def bend(z):
            return tf.constant(leak(z, z)), lambda dy: leak(z, dy)

        # train
        train = functools.partial(step, bend, w, b)
        # run
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        return {"loss": losses, "w": w.numpy(), "b": b.numpy()}


# `tf_leak` is made of TensorFlow's operations. There is no Python to call, no gradient to write,
# and the shape is known.
def function(cases, device):
    losses, start = Losses(), cases.start
    with tf.device(device):
        # model
        w, b = tf.Variable(start["w"]), tf.Variable(start["b"])
        # train
        train = tf.function(functools.partial(step, tf_leak, w, b))
        # run
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        return {"loss": losses, "w": w.numpy(), "b": b.numpy()}


def trained(bend):
    w, b = (tf.Variable(CASES.start[name]) for name in "wb")
    train = tf.function(functools.partial(step, bend, w, b))
    losses = [train(*case).numpy() for case in CASES]
    with tf.GradientTape() as tape:
        y = bend(w * X)
    return losses[-1], tape.gradient(y, w)


def claim_numpy_function_has_no_gradient_and_nobody_says_so(results):
    """The gradient of `numpy_function` and `py_func` is None, and the last loss 2.42, not 0.05."""
    for call in (tf.numpy_function, tf1.py_func):
        last, slope = trained(lambda z, call=call: call(leak, [z, z], tf.float32))
        assert slope is None and abs(last - 2.42) < 5e-3
    assert all(abs(way["loss"][-1] - 0.05) < 5e-3 for way in results.values())


def claim_py_function_has_the_gradient_of_what_tensorflow_computes():
    """`py_function` has the gradient of TensorFlow's operations, and the last loss is 0.05. Its
    gradient of NumPy is 0, not even None, and the last loss 2.42."""
    for python, slope, end in ((tf_leak, 2.5, 0.05), (lambda z: leak(z, z), 0, 2.42)):
        found = trained(lambda z, python=python: tf.py_function(python, [z], tf.float32))
        assert np.allclose(found, [end, slope], atol=5e-3)


def claim_a_graph_holds_a_token_and_no_python():
    """Where nothing has the token of a node, the run raises. Where some other Python has it, that
    is called instead, and the numbers are wrong."""
    with tf.Graph().as_default() as g:
        for python in (np.abs, np.negative):
            tf1.py_func(python, [tf.constant(X)], tf.float32, name="y")
    plan = g.as_graph_def()
    calls = [node for node in plan.node if node.op == "PyFunc"]

    def run(token):
        calls[0].attr["token"].s = token
        with tf.Graph().as_default(), tf1.Session() as session:
            tf.import_graph_def(plan, name="")
            return session.run("y:0").tolist()

    own, other = (node.attr["token"].s for node in calls)
    assert (run(own), run(other)) == ([4, 2, 1, 3], [4, 2, -1, -3])
    with raises(tf.errors.InvalidArgumentError, match="Could not find callback"):
        run(b"pyfunc_of_another_process")


def quiz_what_is_the_gradient_through_numpy_function():
    """`y = tf.numpy_function(leak, [z, z], tf.float32)`. What is the gradient of `y` by `z`?

    - None
    - 0
    - the slope of `leak`

    TensorFlow sees a node that calls Python, and knows nothing of what it does. An optimizer passes
    over None in silence.
    """
    z = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = tf.numpy_function(leak, [z, z], tf.float32)
    slope = tape.gradient(y, z)
    return "None" if slope is None else "the slope of `leak`" if slope.numpy().any() else "0"


def quiz_what_is_the_gradient_of_numpy_in_a_py_function():
    """`tf.py_function` runs eagerly, with a tape of its own. It calls `leak`, which is NumPy. What
    is the gradient of what comes back by `z`?

    - None
    - 0
    - the slope of `leak`

    Its tape has seen nothing: what NumPy gives is a constant to it. Write `leak` in TensorFlow's
    operations, and there is a slope.
    """

    @tf.function
    def slope(z):
        y = tf.py_function(lambda z: leak(z, z), [z], tf.float32)
        return tf.gradients(y, z)[0]

    found = slope(tf.constant(X))
    return "None" if found is None else "the slope of `leak`" if found.numpy().any() else "0"
