"""The program that XLA made of a call: drawn in its place, timed, and what became of each op."""

import re

import numpy as np
import pytest
import tensorflow as tf

from graphlab import _private, observe, stages
from graphlab.model import Run, check, from_json, to_json
from graphlab.output import drawings
from graphlab.screen import stages as screen
from graphlab.screen import trace as screen_trace
from graphlab.targets import run as targets
from graphlab.targets.target import parse
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes

X, W = np.ones([64, 784], np.float32), np.ones([784, 100], np.float32)


@tf.function(jit_compile=True)
def layer(x):
    product = tf.matmul(x, W, name="product")
    tf.sqrt(product, name="dead")
    shifted = tf.nn.bias_add(product, tf.fill([100], 2.0, name="bias"), name="shifted")
    y = tf.nn.relu(shifted, name="y")
    return tf.identity(y, name="same"), tf.reduce_sum(y, name="sum")


def last_run(function, *args) -> Run:
    with observe() as seen:
        function(*args)
        function(*args)
    run = [run for run in seen.runs if run.way == "function"][-1]
    check(run.executed)
    assert from_json(Run, to_json(run)) == run
    return run


@pytest.fixture(scope="module")
def compiled():
    return last_run(layer, tf.constant(X))


def test_the_executed_graph_is_one_call_of_the_program(compiled):
    (call,) = compiled.executed.nodes
    assert (call.name, len(call.calls)) == ("layer", 1)
    program = stages.program(compiled)
    assert program.nodes == compiled.executed.functions[call.calls[0]].nodes
    assert {"dot", "fusion"} <= {node.op for node in program.nodes}
    assert [step.node for step in compiled.steps] == ["layer"]


def test_each_op_says_which_instruction_it_was_compiled_into(compiled):
    told = stages.verdicts(compiled)
    program = stages.program(compiled)
    assert list(told) == [node.name for node in compiled.built.nodes]
    assert {name: told[name].kind for name in ("x", "product", "shifted", "y", "sum")} == (
        dict.fromkeys(("x", "product", "shifted", "y", "sum"), "compiled into")
    )
    assert program[told["product"].other].op == "dot"
    assert {program[told[name].other].op for name in ("shifted", "y", "sum")} == {"fusion"}
    assert program[told["x"].other].op == "parameter"
    inside = program.functions[program[told["y"].other].calls[0]]
    assert "y" in {node.attrs.get("op_name") for node in inside.nodes}


def test_an_op_without_an_instruction_is_told_by_what_it_was(compiled):
    told = stages.verdicts(compiled)
    assert told["dead"].text() == "not needed"
    assert {told[name].text() for name in ("bias/dims", "bias/value", "product/b")} == {
        "folded to a constant"
    }
    assert told["same"].text() == "dropped"


def test_an_instruction_knows_the_line_of_its_op(compiled):
    product = next(n for n in stages.program(compiled).nodes if n.attrs.get("op_name") == "product")
    assert product.source[0] == __file__
    assert product.source == compiled.built["product"].source


def test_a_variable_that_is_written_is_not_said_to_be_dropped():
    v = tf.Variable(tf.ones([3]))

    @tf.function(jit_compile=True)
    def update(x):
        v.assign_add(x * 2.0)

    run = last_run(update, tf.ones([3]))
    kinds = {node.op: stages.verdicts(run)[node.name].kind for node in run.built.nodes}
    assert kinds["AssignAddVariableOp"] == kinds["Mul"] == "compiled into"
    assert v.numpy().tolist() == [5.0, 5.0, 5.0]


def test_ops_of_calls_branches_and_loops_are_found_by_their_names():
    @tf.function
    def inner(x):
        return tf.sin(x, name="s")

    @tf.function(jit_compile=True)
    def outer(x, p):
        y = inner(x) + inner(x + 1.0)
        y = tf.cond(p, lambda: tf.tanh(y, name="t"), lambda: tf.cos(y, name="c"))
        step = lambda i, v: (i + 1, tf.exp(v, name="e"))  # noqa: E731
        return tf.while_loop(lambda i, v: i < 3, step, [0, y])[1]

    run = last_run(outer, tf.ones([4]), tf.constant(True))
    told = stages.inside(run)
    found = {path.rpartition("/")[2]: verdict for path, verdict in told.items() if verdict.other}
    assert {"s", "t", "c", "e"} <= set(found)
    both = [path for path in told if path.endswith("/s")]
    assert len(both) == 2 and all(told[path].other for path in both)
    instructions = [node.name for body in run.executed.functions.values() for node in body.nodes]
    assert {verdict.other for verdict in found.values()} <= set(instructions)


def test_the_time_of_each_instruction_is_the_profilers(compiled):
    timed = {step.node: step for step in compiled.instructions}
    program = stages.program(compiled)
    (product,) = [node.name for node in program.nodes if node.op == "dot"]
    assert f"layer/{product}" in timed
    assert {step.node.removeprefix("layer/") for step in compiled.instructions} <= set(
        program.by_name
    )
    assert all(step.duration_us >= 0 for step in compiled.instructions)
    inner = sum(step.duration_us for step in compiled.instructions)
    assert 0 < inner < compiled.wall_us


def test_the_picture_has_the_program_in_the_call_with_its_times(compiled):
    drawn = {box.name: box for box in boxes(diagram(compiled.executed, None, compiled).members)}
    (product,) = [node.name for node in stages.program(compiled).nodes if node.op == "dot"]
    assert drawn[f"layer/{product}"].time_us > 0
    assert not any(box.idle for box in drawn.values())  # all of it ran, in the one kernel


def test_the_trace_lists_instructions_longest_first(compiled):
    (table,) = screen.instructions(compiled, 120)
    names = [str(cell) for cell in table.columns[0].cells]
    times = {
        name: sum(s.duration_us for s in compiled.instructions if s.node == f"layer/{name}")
        for name in names
    }
    assert list(times.values()) == sorted(times.values(), reverse=True)
    assert len(names) == len({step.node for step in compiled.instructions})


def test_where_xla_tells_no_program_the_call_is_all_that_is_known(monkeypatch):
    def refuses(*_):
        raise tf.errors.UnimplementedError(None, None, "no program for this platform")

    monkeypatch.setattr(_private, "compiled_program", refuses)
    run = last_run(layer, tf.constant(X[:8]))
    assert (stages.program(run), len(run.executed), run.instructions) == (None, 1, ())
    assert {verdict.text() for verdict in stages.verdicts(run).values()} == {"compiled into it"}


def test_the_program_is_compiled_and_not_run():
    v = tf.Variable(0.0)

    @tf.function(jit_compile=True)
    def count():
        return v.assign_add(1.0)

    run = last_run(count)
    assert stages.program(run) is not None
    assert v.numpy() == 2.0


def test_calls_for_which_xla_begins_with_the_same_are_compiled_once_more_and_others_each(
    monkeypatch,
):
    """An argument that is a shape is part of the program; the numbers of others are not."""
    compiled, asked = [], _private.compiled_program

    def counted(function, args, device, stage="optimized_hlo"):
        compiled.append(stage)
        return asked(function, args, device, stage)

    monkeypatch.setattr(_private, "compiled_program", counted)

    @tf.function(jit_compile=True)
    def filled(n, x):
        return tf.fill([n], x)

    def shapes(*calls):
        with observe() as seen:
            for n, x in calls:
                filled(tf.constant(n), tf.constant(x))
        runs = [run for run in seen.runs if run.way == "function"]
        ends = [stages.program(run).nodes[-1].outputs[0].shape for run in runs]
        count, compiled[:] = compiled.count("optimized_hlo"), []
        return ends, count

    assert shapes((2, 1.0), (2, 5.0)) == ([(2,), (2,)], 1)
    assert shapes((2, 1.0), (3, 1.0)) == ([(2,), (3,)], 2)


def test_a_part_is_rendered_as_the_program_it_became():
    watched = targets.of_way(targets.watch(parse("1.7:xla"), None, None), "xla")
    graph, run = drawings.stage_of(watched, "executed")
    program = drawings.program_of(run, "executed")
    assert drawings.program_of(run, "built") is None
    assert {"dot", "fusion", "parameter"} <= {node.op for node in program.nodes}
    dot = drawings.graph_file(graph, run, "dot").decode()
    assert re.search(r"fusion", dot) and "no step in this run" not in dot
    told = "\n".join(str(each) for each in screen_trace.trace(watched, 100))
    assert "compiled by XLA (jit_compile=True)" in told


def test_a_session_or_a_plain_function_has_no_program():
    run = last_run(tf.function(lambda x: x + 1.0), tf.ones([2]))
    assert (stages.program(run), run.instructions) == (None, ())
