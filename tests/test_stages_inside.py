"""What became of the ops in the bodies that a graph calls, and of what XLA made one kernel of."""

import re
from dataclasses import replace

import pytest
import tensorflow as tf

from graphlab import observe, stages
from graphlab.model import Graph, Node, Run, check, from_json, to_json
from graphlab.screen import stages as screen
from graphlab.stages import passes
from graphlab.watch.compiled import compiled_by, one_kernel

tf1 = tf.compat.v1


@tf.function
def inner(a):
    return tf.tanh(a) * 3.0


@tf.function(jit_compile=True)
def fast(a):
    return tf.math.log(a) * 2.0


def last_run(function, *args):
    with observe() as seen:
        function(*args)
        function(*args)
    return [run for run in seen.runs if run.name == function.__name__][-1]


def compiled_run():
    return last_run(fast, tf.constant([1.0, 2.0]))


@pytest.fixture(scope="module")
def branches():
    """A run with calls, a branch, a loop and a case. (The runtime tells its graph only once.)"""

    @tf.function
    def f(x):
        y = inner(x) + 1.0
        y = inner(y) - 1.0 if tf.reduce_sum(y) > 0 else tf.sin(y)
        for _ in tf.range(3):
            y = inner(y) * 2.0
        return y + tf.switch_case(tf.cast(x[0], tf.int32), [lambda: tf.exp(x), lambda: tf.cos(x)])

    return last_run(f, tf.constant([1.0, 2.0]))


def test_an_op_of_a_body_is_found_where_the_runtime_put_it(branches):
    run = branches
    told = stages.inside(run)
    assert list(told) == list(stages.ops_inside(run.built))
    here = {node.name for node in run.executed.nodes}
    for path, verdict in told.items():
        if verdict.kind == "stays":
            assert verdict.other in here
            assert re.sub(r"/_\d+(?=/)", "", verdict.other) == path
    by_end = {path.rpartition("/")[2]: v for path, v in told.items() if v.kind == "stays"}
    assert {"Tanh", "Exp", "Cos", "Sin", "Less"} <= set(by_end)
    assert {path.split("/")[1] for path in told if path.startswith("cond/")} == {"then", "else"}
    assert {path.split("/")[1] for path in told if path.startswith("while/")} == {"cond", "body"}


def test_an_op_of_a_body_that_stands_for_another_names_a_node_that_was_executed(branches):
    there = branches.executed.by_name
    for verdict in stages.inside(branches).values():
        assert verdict.kind not in ("fused into", "merged with its twin") or verdict.other in there


def test_a_call_that_was_executed_as_a_call_is_all_that_is_known_of_its_ops():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = inner(x)
        with observe() as seen, tf1.Session() as session:
            session.run(y, {x: [1.0, 2.0]})
    (run,) = seen.runs
    call = y.op.name
    assert {verdict.text() for verdict in stages.inside(run).values()} == {f"inside {call}"}
    assert f"{call}/Tanh" in stages.inside(run)


def test_a_call_that_was_not_needed_needed_nothing_of_what_is_in_it():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        inner(x)
        with observe() as seen, tf1.Session() as session:
            session.run(tf.negative(x), {x: [1.0, 2.0]})
    (run,) = seen.runs
    assert {verdict.kind for verdict in stages.inside(run).values()} == {"not needed"}


def test_a_body_that_calls_itself_is_not_gone_into_again():
    call = Node("call", "f", calls=("f",))
    graph = Graph((call,), {"f": Graph((Node("a", "NoOp"), call))})
    run = Run("graph", "Session.run", 1, built=graph, executed=Graph((Node("call", "f"),)))
    assert list(stages.inside(run)) == ["call/a", "call/call"]
    assert stages.inside(run)["call/a"].text() == "inside call"


def test_bodies_that_multiply_are_not_gone_into_without_end():
    functions = {"f0": Graph((Node("a", "NoOp"),))}
    for depth in range(1, 40):
        calls = tuple(Node(f"c{i}", "f", calls=(f"f{depth - 1}",)) for i in range(2))
        functions[f"f{depth}"] = Graph(calls)
    graph = Graph((Node("call", "f", calls=("f39",)),), functions)
    run = Run("graph", "Session.run", 1, built=graph, executed=Graph((Node("call", "f"),)))
    assert 0 < len(stages.inside(run)) <= 100_000


# XLA


def test_every_op_of_a_compiled_function_is_compiled_into_its_one_kernel():
    run = compiled_run()
    untold = replace(run, executed=Graph((Node("fast", "f"),)))
    assert {v.text() for v in stages.verdicts(untold).values()} == {"compiled into it"}
    assert list(stages.verdicts(run)) == [node.name for node in run.built.nodes]
    assert [(step.node, step.device) for step in run.steps] == [("fast", "CPU:0")]
    assert run.steps[0].duration_us > 0
    assert stages.contradictions(run) == ()
    check(run.executed)
    assert from_json(Run, to_json(run)) == run


def test_a_compiled_function_goes_through_no_pass():
    run = compiled_run()
    graph = fast.get_concrete_function(tf.constant([1.0, 2.0])).graph
    found = passes.stages(graph, run.fetches, [], run)
    assert [stage.name for stage in found] == ["built", "partitioned"]
    assert "no pass of Grappler's ran" in found[0].note
    assert found[0].verdicts == stages.verdicts(run)


def test_the_trace_tells_a_compiled_function_as_one_kernel():
    run = compiled_run()
    (said,) = [line.plain for line in screen.compiled(run)]
    ops = len(run.built)
    assert re.fullmatch(
        rf"compiled by XLA \(jit_compile=True\): {ops} ops built, one kernel, [\d.]+ .?s", said
    )
    untold = stages.verdicts(replace(run, executed=None))
    shown = [each.plain for each in screen.verdicts(run.built, untold, 80)]
    assert shown == [f"{ops} ops built: {ops} compiled into a kernel"]


def test_a_compiled_function_in_a_plain_one_is_told_with_its_call():
    @tf.function
    def outer(x):
        return fast(x) + 1.0

    run = last_run(outer, tf.constant([1.0, 2.0]))
    assert compiled_by(outer.get_concrete_function(tf.constant([1.0, 2.0]))) == ""
    (call,) = [node.name for node in run.built.nodes if node.calls]
    assert {v.text() for v in stages.inside(run).values()} == {f"compiled into {call}"}
    assert [line.plain.partition(": one kernel")[0] for line in screen.compiled(run)] == [
        f"{call} is compiled by XLA (jit_compile=True)"
    ]


def test_a_session_graph_that_calls_a_compiled_function_tells_the_call():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = fast(x)
        with observe() as seen, tf1.Session() as session:
            session.run(y + 1.0, {x: [1.0, 2.0]})
    (run,) = seen.runs
    assert {v.text() for v in stages.inside(run).values()} == {f"compiled into {y.op.name}"}
    (said,) = [line.plain for line in screen.compiled(run)]
    assert re.search(r"one kernel, [\d.]+ .?s$", said)


def test_a_compiled_function_in_a_call_that_stays_shut_is_named_by_its_path():
    @tf.function
    def outer(x):
        return inner(fast(x))

    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = outer(x)
        with observe() as seen, tf1.Session() as session:
            session.run(y, {x: [1.0, 2.0]})
    (run,) = seen.runs
    told = stages.inside(run)
    assert told[f"{y.op.name}/PartitionedCall/Log"].text() == (
        f"compiled into {y.op.name}/PartitionedCall"
    )
    assert told[f"{y.op.name}/PartitionedCall_1/Tanh"].text() == f"inside {y.op.name}"


@pytest.mark.parametrize("jit", [True, None])
def test_a_concrete_function_says_what_compiles_it(jit):
    f = tf.function(lambda x: x + 1.0, jit_compile=jit)
    assert compiled_by(f.get_concrete_function(tf.constant(1.0))) == ("XLA" if jit else "")


def test_a_kernel_that_nobody_timed_is_said_to_be_untimed():
    run = replace(compiled_run(), steps=())
    (said,) = [line.plain for line in screen.compiled(one_kernel(run, "f", "CPU:0"))]
    assert said.endswith("one kernel, not timed")
