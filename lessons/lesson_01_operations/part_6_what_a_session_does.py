"""Lesson 1.6: a session prunes, places, orders and runs.

What does `session.run` do with a plan, fetches and feeds? It **prunes**: it walks back from the
fetches and keeps what it meets. A tensor that is fed needs nothing, so the walk ends there. It
**places**: each operation gets a device, and a **kernel**, the code that computes it there. It
**orders**: an operation is ready when the last of its inputs has come; nothing else says when.
It **runs** what is ready and hands on the outputs, until the fetches are there.

Our plan is a line and its loss: `product = w * x`, `line = product + b`, and `loss = (line -
target)²`. All are single numbers; `w` is 3 and `b` is 4. Each step is a request. The first fetches
`line`, the second `loss`. The third fetches `loss` too, but feeds `line`, in the middle of the
plan: TF1 lets you feed any tensor.

Look for who leaves out what is not needed: the session, or you. The claims hold graphlab's engine
against TensorFlow's own trace: it takes the same requests one operation at a time, through the
same kernels, and `graphlab step 1.6:graph` takes you along, forward and back.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises, run_as_written, steps

tf1 = tf.compat.v1
X, TARGET, LINE = np.float32(2), np.float32(8), np.float32(11)
CASES = [  # what is fetched, and what is fed
    ("line", {"x": X}),
    ("loss", {"x": X, "target": TARGET}),
    ("loss", {"line": LINE, "target": TARGET}),
]

RTOL = ATOL = 0.0  # Small whole numbers, exact in float32: bit-equal.


def compute(fetch, x=None, target=None, line=None):
    """The plan as TensorFlow 2 has it; `line` may be given, or comes of `x`."""
    if line is None:
        line = tf.add(tf.multiply(3.0, x), 4.0)
    if fetch == "line":
        return line
    return tf.math.squared_difference(line, target)


# One plan; each request says where in it to begin and where to end. A session
# takes names, too: `line:0` is the first output of the node `line`.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        x = tf1.placeholder(tf.float32, [], name="x")
        target = tf1.placeholder(tf.float32, [], name="target")
        w = tf.constant(3.0, name="w")
        product = tf.multiply(w, x, name="product")
        b = tf.constant(4.0, name="b")
        line = tf.add(product, b, name="line")
        tf.math.squared_difference(line, target, name="loss")
    # run
    answers = []
    with tf1.Session(graph=g) as session:
        for fetch, feeds in cases:
            named = {name + ":0": feeds[name] for name in feeds}
            answers.append(session.run(fetch + ":0", named))
    return {"fetched": answers}


# Nobody walks back: the two `if` in `compute` leave out by hand what a session
# prunes. A feed in the middle of the plan becomes an optional argument; write
# one only where the TF1 code does feed that tensor.
def eager(cases, device):
    # model
    call = compute
    # run
    with tf.device(device):
        answers = [call(f, **feeds).numpy() for f, feeds in cases]
    return {"fetched": answers}


# Which arguments there are is known while tracing, so each `if` is decided
# then. Three requests make three traces, where TF1 had one plan and cut it to
# size for each new request.
def function(cases, device):
    # model
    call = tf.function(compute)
    # run
    with tf.device(device):
        answers = [call(f, **feeds).numpy() for f, feeds in cases]
    return {"fetched": answers}


def _plan():
    x = tf1.placeholder(tf.float32, [], name="x")
    target = tf1.placeholder(tf.float32, [], name="target")
    product = tf.multiply(tf.constant(3.0, name="w"), x, name="product")
    line = tf.add(product, tf.constant(4.0, name="b"), name="line")
    tf.math.squared_difference(line, target, name="loss")


def claim_what_never_comes_stops_only_those_who_wait_for_it():
    """Fetch `loss` without `x`, and the session stops at the placeholder that has nothing to
    give. Feed `line`, and the walk back never meets `x`."""
    with tf.Graph().as_default(), tf1.Session() as session:
        _plan()
        with raises(tf.errors.InvalidArgumentError, match="placeholder tensor 'x'"):
            session.run("loss:0", {"target:0": TARGET})
        assert session.run("loss:0", {"line:0": LINE, "target:0": TARGET}) == 9.0


def claim_a_ring_is_refused():
    """Bend the plan into a ring: let `product` take the `loss` that is made of it. No operation
    of the ring could be the first to be ready, and TensorFlow refuses the plan."""
    with tf.Graph().as_default() as g:
        _plan()
    plan = g.as_graph_def()
    next(node for node in plan.node if node.name == "product").input[1] = "loss"
    with tf.Graph().as_default(), raises(ValueError, match="3 nodes in a cycle"):
        tf1.import_graph_def(plan)


def claim_the_engine_runs_what_the_session_ran():
    """The engine and a session that rewrites nothing run the same nodes on the same device, to
    the same answer: of seven nodes four for the first request, then five, then one."""
    counts = []
    last = tf.config.list_logical_devices("CPU")[-1].name
    with tf.Graph().as_default() as g, tf.device(last):
        _plan()
    for fetch, feeds in CASES:
        named = {name + ":0": value for name, value in feeds.items()}
        execution = steps(g, fetch + ":0", named)
        ran = {step.node: step.device for step in execution}
        assert (execution.results()[fetch + ":0"], ran) == run_as_written(g, fetch + ":0", named)
        counts.append(len(ran))
    assert counts == [4, 5, 1]


def claim_an_operation_waits_for_the_last_of_its_inputs():
    """`w` and `b` wait for nothing. `product` has `x`, as that was fed, and waits for `w`; `line`
    has `product` and waits for `b`; `loss` has `target` and waits for `line`."""
    with tf.Graph().as_default() as g:
        _plan()
    execution = steps(g, "loss:0", {"x:0": X, "target:0": TARGET})
    waited = [f"{step.node} for {execution.why}" for step in execution]
    assert waited == ["w for ", "product for w:0", "b for ", "line for b:0", "loss for line:0"]


def claim_prune_feeds_an_inner_tensor_in_tf2():
    """Where a port must feed any tensor, `wrap_function` keeps the TF1 plan, and its `prune` makes
    a function of the tensors you would feed."""
    whole = tf1.wrap_function(_plan, [])
    loss = whole.prune(["line:0", "target:0"], "loss:0")
    assert loss(tf.constant(LINE), tf.constant(TARGET)) == 9.0


def quiz_how_many_nodes_run_when_the_middle_is_fed():
    """The plan has seven nodes. We fetch `loss`, and feed `line` and `target`. How many run?

    A fed tensor needs nothing, so the walk back ends at both inputs of `loss`. Only `loss` runs.
    """
    with tf.Graph().as_default() as g:
        _plan()
    return len(run_as_written(g, "loss:0", {"line:0": LINE, "target:0": TARGET})[1])


def quiz_what_if_x_is_fed_and_line_too():
    """We fetch `loss`, and feed `x = 2`, `line = 0` and `target = 8`. `w` is 3 and `b` is 4. What
    comes out?

    `(0 - 8)² = 64`: the fed `line` stands, and what was fed for `x` goes nowhere. Without it `line`
    would be 10, and `loss` 4.
    """
    with tf.Graph().as_default(), tf1.Session() as session:
        _plan()
        return session.run("loss:0", {"x:0": X, "line:0": 0.0, "target:0": TARGET})
