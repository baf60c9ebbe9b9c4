"""Lesson 1.1: a graph is a plan.

NumPy computes when a line is reached. TensorFlow 1 does not: a line adds a node to a graph, and
the graph waits. Nodes are **operations** (`AddV2`, `MatMul`), with any number of inputs and
outputs; the edges between them are **tensors**.

Two matrices `a` and `b`, both [2, 2], go into three operations: `total = a + b`,
`product = a @ b`, and `answer = product - total`. Each step **fetches** one of the three: it
asks for its value. TensorFlow walks back from the fetch along the edges and runs what it meets;
the rest of the plan stays on paper. This is **pruning**. Look for what each way computes when
all we want is `total`.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
A = np.array([[1, 2], [3, 4]], np.float32)
B = np.array([[5, 6], [7, 8]], np.float32)
CASES = ["total", "product", "answer"]  # the fetch of each step

RTOL = ATOL = 0.0  # Small whole numbers, exact in float32: bit-equal.


# The five lines under `inputs` and `model` make five nodes and no number. The
# plan is made once; each `session.run` carries out the piece that its fetch
# needs. (A session is where a plan is carried out: part 1.4.)
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        a = tf.constant(A, name="a")
        b = tf.constant(B, name="b")
        # model
        total = tf.add(a, b, name="total")
        product = tf.matmul(a, b, name="product")
        answer = tf.subtract(product, total, name="answer")
    # run
    nodes = {"total": total, "product": product, "answer": answer}
    with tf1.Session(graph=g) as session:
        return {"fetched": [session.run(nodes[case]) for case in cases]}


# There is no graph. Each line computes at once, like NumPy, so every step pays
# for all three results and then picks one. Nobody can prune what has already
# happened: ported code that relied on pruning does more work.
def eager(cases, device):
    fetched = []
    for case in cases:
        with tf.device(device):
            # inputs
            a = tf.constant(A)
            b = tf.constant(B)
            # model
            total = tf.add(a, b)
            product = tf.matmul(a, b)
            answer = tf.subtract(product, total)
        # run
        values = {"total": total, "product": product, "answer": answer}
        fetched.append(values[case].numpy())
    return {"fetched": fetched}


# `@tf.function` runs the body once to record a graph, and prunes like TF1: what
# `return` does not reach is not run. What you return is what you fetch. A name
# is a Python value, so each of the three gets its own graph (part 1.5).
def function(cases, device):
    @tf.function
    def compute(wanted):
        # inputs
        a = tf.constant(A, name="a")
        b = tf.constant(B, name="b")
        # model
        total = tf.add(a, b, name="total")
        product = tf.matmul(a, b, name="product")
        answer = tf.subtract(product, total, name="answer")
        values = {"total": total, "product": product, "answer": answer}
        return values[wanted]

    # run
    with tf.device(device):
        return {"fetched": [compute(case).numpy() for case in cases]}


def expected(cases):
    values = {"total": A + B, "product": A @ B, "answer": A @ B - (A + B)}
    return {"fetched": [values[case] for case in cases]}


def _arithmetic():
    a, b = tf.constant(A, name="a"), tf.constant(B, name="b")
    total = tf.add(a, b, name="total")
    return tf.subtract(tf.matmul(a, b, name="product"), total, name="answer")


def _ran(fetch, optimize):
    """The nodes of the plan that ran, with their kernels, from TensorFlow's own trace."""
    with tf.Graph().as_default() as g:
        _arithmetic()
    config = tf1.ConfigProto()
    if not optimize:
        config.graph_options.optimizer_options.opt_level = -1
        config.graph_options.rewrite_options.disable_meta_optimizer = True
    options, trace = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), tf1.RunMetadata()
    with tf1.Session(graph=g, config=config) as session:
        session.run(fetch + ":0", options=options, run_metadata=trace)
    ran = [n for device in trace.step_stats.dev_stats for n in device.node_stats]
    labels = {n.node_name: n.timeline_label for n in ran}
    return [labels[op.name] for op in g.get_operations() if op.name in labels]


def claim_a_node_has_no_number():
    """Ask a node of a graph for its number, and NumPy is told that there is none yet."""
    with tf.Graph().as_default(), raises(NotImplementedError, match="symbolic.*answer:0"):
        np.asarray(_arithmetic())


def claim_a_function_holds_the_same_operations():
    """The graph in a `tf.function` has the operations of ours, and an `Identity`: its `return`."""
    with tf.Graph().as_default() as g:
        _arithmetic()
    traced = tf.function(_arithmetic).get_concrete_function().graph
    written = sorted(op.type for op in g.get_operations())
    assert written == ["AddV2", "Const", "Const", "MatMul", "Sub"]
    assert sorted(op.type for op in traced.get_operations()) == sorted([*written, "Identity"])


def claim_what_is_not_fetched_does_not_run():
    """Fetch `total`: `a`, `b` and `total` run; fetch `answer`: all five do. We switched off the
    optimiser to see it. Left on, it finds that nothing here can ever change, puts the finished
    number into the plan and runs one `Const`."""
    assert _ran("total", optimize=False) == ["a = Const()", "b = Const()", "total = AddV2(a, b)"]
    assert len(_ran("answer", optimize=False)) == 5
    assert _ran("answer", optimize=True) == ["answer = Const()"]


def claim_a_broken_node_hurts_only_who_fetches_it():
    """A graph may hold the inverse of a matrix that has none, as long as nobody fetches it. Eager
    code stops at that very line."""
    with tf.Graph().as_default() as g:
        ones = tf.ones([2, 2])
        total, inverse = tf.add(ones, ones), tf.linalg.inv(ones)
    with tf1.Session(graph=g) as session:
        assert session.run(total).sum() == 8.0
        with raises(tf.errors.InvalidArgumentError, match="not invertible"):
            session.run(inverse)
    with raises(tf.errors.InvalidArgumentError, match="not invertible"):
        tf.linalg.inv(np.ones([2, 2]))


def quiz_how_many_operations_run_for_total():
    """The graph has five operations. Fetch `total`, with the optimiser off: how many run?

    `a`, `b` and `total`. The walk back from `total` never meets `product` and `answer`.
    """
    return len(_ran("total", optimize=False))


def quiz_what_is_a_line_of_tensorflow_1():
    """In a graph, `total = tf.add(1.0, 2.0)` has been reached. What is `total`?

    - the number 3
    - a tensor without a number

    The line has added a node to the plan. The number comes to be when a session runs it.
    """
    with tf.Graph().as_default():
        total = tf.add(1.0, 2.0)
    return "the number 3" if hasattr(total, "numpy") else "a tensor without a number"
