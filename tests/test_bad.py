"""The first NaN or Inf, where it came from and how far it got."""

import linecache

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, Step, TensorSpec
from graphlab.screen import stages as screen
from graphlab.screen import trace
from graphlab.watch.nonfinite import Summary, first_bad, first_bad_call, summary


def node(name, op, *inputs):
    return Node(
        name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32", (2,)),), source=("m.py", 7)
    )


GRAPH = Graph(
    (
        node("x", "Placeholder"),
        node("log", "Log", "x:0"),
        node("relu", "Relu", "x:0"),
        node("sum", "AddV2", "log:0", "relu:0"),
        node("y", "Neg", "sum:0"),
    )
)


def steps(**values):
    return [
        Step(name, GRAPH[name].op, "CPU:0", values={f"{name}:0": np.asarray(value)})
        for name, value in values.items()
    ]


def test_the_first_bad_op_is_named_with_what_went_in_and_what_depends_on_it():
    bad = first_bad(
        steps(x=[-1.0, 2.0], relu=[0.0, 2.0], log=[np.nan, 0.7], sum=[np.nan, 2.7]), GRAPH
    )
    assert (bad.node, bad.op, bad.source, bad.tensor) == ("log", "Log", ("m.py", 7), "log:0")
    assert bad.what == "NaN"
    assert bad.inputs == (Summary("x:0", "float64", (2,), -1.0, 2.0, 0.5),)
    assert bad.downstream == ("sum", "y")
    assert bad.step == 2


def test_an_infinity_is_told_from_a_nan():
    bad = first_bad(steps(x=[0.0, 1.0], log=[-np.inf, 0.0]), GRAPH)
    assert bad.what == "Inf"
    assert bad.output.infs == 1
    assert bad.inputs[0].text() == "x:0 [2] float64, from 0 to 1, mean 0.5, 1 zero"


def test_finite_numbers_and_what_is_no_number_are_not_bad():
    fine = steps(x=[1.0, 2.0], log=[0.0, 0.7])
    words = Step("y", "Neg", "CPU:0", values={"y:0": np.array(["nan"], object)})
    assert first_bad([*fine, words, Step("relu", "Relu", "CPU:0")], GRAPH) is None


def test_a_tensor_without_a_finite_number_has_no_range():
    assert summary("t:0", np.array([np.nan, np.inf])).text() == "t:0 [2] float64, 1 NaN, 1 Inf"
    assert summary("t:0", np.float32(3)).text() == "t:0 [] float32, 3"
    assert summary("t:0", None) is None


@tf.function(jit_compile=True)
def compiled(x):
    logged = tf.math.log(x)
    return logged * 2.0


@tf.function
def inner(x):
    logged = tf.math.log(x)
    return logged * 2.0


@tf.function
def branches(x):
    x = tf.exp(x) if tf.reduce_sum(x) > 10.0 else tf.nn.relu(inner(x))
    return x + 1.0


def found_in(function, values=(1.0, -2.0)):
    with observe(values=True, until_bad=True) as seen:
        function(tf.constant(values))
    found = first_bad_call(seen.replays)
    assert found is not None
    return found


@pytest.mark.parametrize("function", [compiled, inner, branches], ids=lambda f: f.__name__)
def test_what_came_up_in_a_function_is_told_with_its_line_and_all_that_depends_on_it(function):
    replay, bad = found_in(function)
    assert (replay.run.way, bad.op, bad.what) == ("function", "Log", "NaN")
    assert linecache.getline(*bad.source).strip() == "logged = tf.math.log(x)"
    assert [(taken.least, taken.most) for taken in bad.inputs] == [(-2.0, 1.0)]
    assert bad.downstream[0] == "mul"
    if function is branches:  # in the call, in the branch, and in the function itself
        assert any("Relu" in name for name in bad.downstream)
        assert "add" in bad.downstream


def test_what_comes_up_only_when_it_is_compiled_is_told_as_that():
    @tf.function(jit_compile=True)
    def slope(x):
        root = tf.sqrt(x)
        found = tf.raw_ops.SqrtGrad(y=root, dy=0.0 * root)
        return tf.identity(x), found

    replay, bad = found_in(slope, [1.0, 0.0])
    assert replay.run.compiled_by == "XLA"
    assert (bad.op, bad.what, bad.compiled_by) == ("SqrtGrad", "NaN", "XLA")
    assert linecache.getline(*bad.source).strip().startswith("found = tf.raw_ops.SqrtGrad(")
    told = [line.plain for line in screen.bad(bad)]
    assert told[0] == "the first NaN came out of SqrtGrad (SqrtGrad), compiled by XLA"
    assert "executed op by op" in told[-1]


def test_what_came_up_in_a_session_that_calls_a_function_is_told_with_its_line():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [2], name="x")
        y = tf.negative(compiled(x), name="y")
        with tf.compat.v1.Session() as session, observe(values=True) as seen:
            session.run(y, {x: [1.0, -2.0]})
    _, bad = first_bad_call(seen.replays)
    assert linecache.getline(*bad.source).strip() == "logged = tf.math.log(x)"
    assert bad.downstream[-1] == "y"


def test_a_number_that_python_itself_dispatched_is_told_at_once():
    with observe(values=True, until_bad=True) as seen:
        tf.math.log(tf.constant([-1.0]))
    replay, bad = first_bad_call(seen.replays)
    assert (replay.run.way, bad.op, bad.frame) == ("eager", "Log", "")


def test_a_function_that_is_handed_an_iterator_is_watched_until_a_number_is_bad():
    items = iter(tf.data.Dataset.from_tensors(tf.constant([-1.0])).repeat(3))
    function = tf.function(lambda iterator: tf.math.log(next(iterator)))
    with observe(values=True, until_bad=True) as seen:
        result = function(items)
    assert np.isnan(result.numpy()).all()
    assert [replay.run.way for replay in seen.replays if replay.run.way == "function"]


def session_calls(*fetches):
    with tf.compat.v1.Session() as session, observe(values=True) as seen:
        for fetch in fetches:
            session.run(fetch)
    return seen.replays


def test_a_call_that_cannot_be_replayed_does_not_hide_the_bad_one_behind_it():
    with tf.Graph().as_default():
        waits = tf.compat.v1.FIFOQueue(1, tf.float32, [[]]).enqueue(1.0)
        bad = tf.math.log(tf.constant(-1.0), name="bad")
        found = first_bad_call(session_calls(waits, bad))
        assert found[1].node == "bad"
    with tf.Graph().as_default():
        waits = tf.compat.v1.FIFOQueue(1, tf.float32, [[]]).enqueue(1.0)
        with pytest.raises(GraphlabError, match="FIFOQueueV2"):
            first_bad_call(session_calls(waits, tf.constant(1.0)))


def test_what_was_taken_from_a_queue_is_given_again():
    with tf.Graph().as_default():
        queue = tf.compat.v1.FIFOQueue(1, tf.float32, [[]])
        root = tf.sqrt(queue.dequeue(), name="root")
        replays = session_calls(queue.enqueue(-1.0), tf.add(root, 1.0, name="total"))
    _, bad = first_bad_call(replays)
    assert (bad.node, bad.what, bad.refused) == ("root", "NaN", "")


def test_a_result_of_a_call_that_cannot_be_replayed_is_told_with_the_reason():
    with tf.Graph().as_default():
        queue = tf.compat.v1.FIFOQueue(1, tf.float32, [[]])
        with tf.control_dependencies([queue.enqueue(1.0)]):
            root = tf.sqrt(-1.0, name="root")
        total = tf.add(root, 1.0, name="total")
        replays = session_calls(total)
    replay, bad = first_bad_call(replays)
    assert (replay.run.call, bad.node, bad.what, bad.inputs) == (1, "total", "NaN", ())
    assert "FIFOQueueV2" in bad.refused
    told = [line.plain for line in screen.bad(bad)]
    assert told[0] == "a NaN came out of total (AddV2), a result of the call"
    assert told[-1].startswith("  where it began is not known: fifo_queue (FIFOQueueV2)")
    which = trace.which(replay.run).plain
    assert which.startswith("in Session.run, call 1, at ")
    assert which.endswith(", for total:0")
    assert "test_bad.py:" in which
