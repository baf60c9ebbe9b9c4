"""Lesson 1.7: as written and as executed.

In part 1.4 three operations were written and one kernel ran. The plan **as written** is yours. **As
executed** it may be another: before a session or a function runs it, TensorFlow's graph optimiser,
Grappler, may replace operations by faster ones, as long as what is fetched comes out. It **fuses**
`MatMul`, `BiasAdd` and `Relu` into one kernel, under the name of the last. Both stories are true,
and each figure belongs to one of them.

`X` is [64, 784], `W` [784, 100], `B` [100]; `product`, `shifted` and `y` are [64, 100]. The steps
take turns: one wants `y`, the next all three, as you would to look inside. What is wanted must be
there, so nothing can be fused: to look is to change what runs. (On a GPU nothing is, either way.)

Look for what became of each operation, its **verdict** (`graphlab trace 1.7:graph` lists them),
and for what eager does in either step. When you profile, fetch what you fetch in earnest: the time
under one name may be that of three operations. When you port, put the layer in a function, or pay
for three kernels; and compare with a tolerance, as another kernel may round in another place.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises, verdicts

tf1 = tf.compat.v1
X = np.sin(np.arange(64 * 784)).reshape(64, 784).astype(np.float32)
W = np.cos(np.arange(784 * 100)).reshape(784, 100).astype(np.float32)
B = np.linspace(-1, 1, 100).astype(np.float32)
INSIDE = ("product", "shifted", "y")
CASES = [("y",), INSIDE] * 4  # what each step wants; `y` is always the last

# Each kernel adds the 784 products in its own order; they end 4e-6 apart. `y` is
# below 4, where float32 is spaced by 2.4e-7: 5e-5 allows 200 such roundings.
RTOL = 0.0
ATOL = 5e-5


# A session sees the whole plan, and what is fetched, before anything runs. What
# is fetched must come out of some kernel; fetch less, and fewer may do.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        # model
        product = tf.matmul(x, W, name="product")
        shifted = tf.nn.bias_add(product, B, name="shifted")
        y = tf.nn.relu(shifted, name="y")
    # run
    nodes = {"product": product, "shifted": shifted, "y": y}
    answers = []
    with tf1.Session(graph=g) as session:
        for case in cases:
            wanted = [nodes[name] for name in case]
            answers.append(session.run(wanted, {x: X})[-1])
    return {"y": answers}


# Three lines are three kernels in each step, wanted or not: when `MatMul` runs,
# nobody knows of the `Relu` to come. So there is nothing inside to uncover:
# `product` and `shifted` are there, and what is written is what ran.
def eager(cases, device):
    answers = []
    with tf.device(device):
        for _ in cases:
            # inputs
            x = tf.constant(X)
            # model
            product = tf.matmul(x, W)
            shifted = tf.nn.bias_add(product, B)
            y = tf.nn.relu(shifted)
            # run
            answers.append(y.numpy())
    return {"y": answers}


# What is returned is what is fetched, so a function that returns `y` alone is
# fused like the session's plan, and one that returns all three is not. No other
# tensor inside can be had.
def function(cases, device):
    # inputs
    @tf.function
    def layer(x, case):
        # model
        product = tf.matmul(x, W, name="product")
        shifted = tf.nn.bias_add(product, B, name="shifted")
        y = tf.nn.relu(shifted, name="y")
        nodes = {"product": product, "shifted": shifted, "y": y}
        return [nodes[name] for name in case]

    # run
    with tf.device(device):
        x = tf.constant(X)
        return {"y": [layer(x, case)[-1].numpy() for case in cases]}


def expected(cases):
    return {"y": [np.maximum(X @ W + B, 0.0) for _ in cases]}


def _plans(runs):
    """The recorded runs of a plan: the session's two, then the function's two."""
    return [run for way in ("graph", "function") for run in runs[way] if run.way == way]


def claim_an_operation_that_was_fused_has_no_time(runs):
    """Fetch `y`, then look in the trace for the time of `product`: on a CPU there is none. One
    kernel ran for all three, listed as `y`. On a GPU (if you ask for one) three ran."""
    times = {step.node: step.duration_us for step in _plans(runs)[0].steps}
    gpu = any("GPU" in step.device for step in _plans(runs)[0].steps)
    assert [name in times for name in INSIDE] == [gpu, gpu, True]
    assert gpu or times["y"] > 0.0


def claim_the_verdicts_say_where_it_went(runs):
    """On a CPU `product` and `shifted` were fused into `y`, and `y` rewritten as `FusedMatMul`, if
    under a longer name. So in the function's plan. On a GPU (if you ask) nothing was fused."""
    for one in _plans(runs)[::2]:
        became, gpu = verdicts(one), any("GPU" in step.device for step in one.steps)
        assert [became[name] == "fused into y" for name in INSIDE[:2]] == [not gpu, not gpu]
        rewritten = became["y"].startswith("rewritten as") and became["y"].endswith("FusedMatMul")
        assert rewritten != gpu


def claim_to_look_inside_is_to_change_what_runs(runs):
    """Fetch all three, or return them, and three kernels run, none of them fused: you now
    measure another program than the one you asked about."""
    for everything in _plans(runs)[1::2]:
        ran = {step.node: step.op for step in everything.steps if step.node in INSIDE}
        assert len(ran) == 3 and not any("Fused" in kernel for kernel in ran.values())


def claim_what_is_not_returned_cannot_be_had():
    """Carry `product` out of a function by another door, and TensorFlow refuses to go on with it.
    A session fetches any tensor; a function gives what it returns."""
    kept = []
    tf.function(lambda x: kept.append(tf.matmul(x, W)))(tf.constant(X))
    with raises(TypeError, match="out of scope"):
        tf.nn.bias_add(kept[0], B)


def claim_eager_runs_three_kernels_whatever_is_wanted(runs):
    """Eager runs `MatMul`, `BiasAdd` and `Relu` in either step, one after the other."""
    for run in runs["eager"]:
        assert [step.op for step in run.steps] == ["MatMul", "BiasAdd", "Relu"]


def claim_fused_or_not_the_numbers_agree(results):
    """In each way the `y` of the first step is the `y` of the second, within the tolerance."""
    for answers in results.values():
        assert np.allclose(answers["y"][0], answers["y"][1], RTOL, ATOL)


def quiz_can_a_function_be_asked_for_what_it_does_not_return():
    """A function computes `product`, `shifted` and `y`, and returns `y`. You keep `product` in a
    list of Python while it is traced. Can you compute with it afterwards?

    - yes
    - no

    The list holds a tensor of the graph that was traced, without a number. A session could fetch
    it; a function gives what it returns.
    """
    kept = []
    tf.function(lambda x: kept.append(tf.matmul(x, W)))(tf.constant(X))
    try:
        tf.nn.bias_add(kept[0], B)
    except TypeError:
        return "no"
    return "yes"


def quiz_how_many_of_three_kernels_run_when_all_are_wanted():
    """`product`, `shifted` and `y` are all fetched from one session, optimiser on. How many of the
    three nodes run under their own names?

    What is fetched must come out of some kernel, so nothing is fused: to look is to change.
    """
    with tf.Graph().as_default() as g, tf.device("CPU:0"):
        product = tf.matmul(tf1.placeholder(tf.float32, [None, 784], name="x"), W, name="product")
        tf.nn.relu(tf.nn.bias_add(product, B, name="shifted"), name="y")
    options, trace = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), tf1.RunMetadata()
    with tf1.Session(graph=g) as session:
        session.run([name + ":0" for name in INSIDE], {"x:0": X}, options, trace)
    ran = {node.node_name for device in trace.step_stats.dev_stats for node in device.node_stats}
    return len(ran & set(INSIDE))
