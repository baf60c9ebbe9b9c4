"""TF1 control flow: what lives inside a loop or hangs on a branch, and is not fetched unasked."""

from __future__ import annotations

import pytest
import tensorflow as tf
from test_trace_model import refused, traced

from graphlab.model import node_of
from graphlab.sources import files, frames
from graphlab.sources.ends import ends

tf1 = tf.compat.v1


@pytest.fixture(autouse=True)
def version1():
    tf1.disable_control_flow_v2()
    yield
    tf1.enable_control_flow_v2()


def looked_at(name):
    """What a summary looked at once, say: nothing takes it."""
    return lambda value: tf.reduce_sum(value, name=name)


def loop(x):
    def body(i, a):
        looked_at("norm")(a)
        return i + 1, tf.tanh(a)

    return tf1.while_loop(lambda i, a: i < 3, body, [0, x], name="loop")[1]


def nested(x):
    def body(i, a):
        inner = tf1.while_loop(lambda j, b: j < i, lambda j, b: (j + 1, b * 2.0), [0, a], name="in")
        looked_at("between")(inner[1])
        looked_at("counted")(inner[0])
        return i + 1, inner[1]

    return tf1.while_loop(lambda i, a: i < 3, body, [0, x], name="out_loop")[1]


def branch(x):
    def then():
        looked_at("then")(x)
        tf.constant(1.0, name="alone")
        return x * 2.0

    return tf1.cond(tf.reduce_sum(x) > 0, then, lambda: x, name="branch")


def nested_branch(x):
    def then():
        inner = tf1.cond(x[0, 0] > 0, lambda: x + 1.0, lambda: x, name="inner")
        looked_at("merged")(inner)
        return inner

    return tf1.cond(tf.reduce_sum(x) > 0, then, lambda: x, name="branch")


def branch_in_loop(x):
    return tf1.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, branch(a)), [0, x], name="loop")[
        1
    ]


def loop_in_branch(x):
    def then():
        left = loop(x)
        looked_at("left")(left)
        return left

    return tf1.cond(tf.reduce_sum(x) > 0, then, lambda: x, name="branch")


def gradient(x):
    return tf1.gradients(loop(x), x)[0]


PROGRAMS = [loop, nested, branch, nested_branch, branch_in_loop, loop_in_branch, gradient]


def frozen(tmp_path, program):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        tf.identity(program(x), name="end")
        tf.reduce_max(x, name="beside")
    tf.io.write_graph(graph, str(tmp_path), "a.pb", as_text=False)
    return tmp_path / "a.pb"


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("value", ["[[1,2,3]]", "[[-1,-2,-3]]"])
def test_the_ends_of_a_graph_with_loops_and_branches_can_all_be_fetched(tmp_path, program, value):
    run = traced(frozen(tmp_path, program), f"x={value}").main
    assert {"end:0", "beside:0"} <= set(run.fetches)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_left_out_cannot_be_fetched_whatever_the_value(tmp_path, program):
    """Each tensor by itself: what a session gives for both values, and only that, is an end."""
    graph = files.read_model(frozen(tmp_path, program)).graph
    there = frames.places(graph)
    with tf.Graph().as_default(), tf1.Session() as session:
        message = tf1.GraphDef.FromString((tmp_path / "a.pb").read_bytes())
        tf.import_graph_def(message, name="")
        for node in graph.nodes:
            for spec in node.outputs:
                if spec.dtype in ("resource", "variant"):
                    continue
                alive = []
                for value in ([[1.0, 2.0, 3.0]], [[-1.0, -2.0, -3.0]]):
                    try:
                        session.run(spec.name, {"x:0": value})
                        alive.append(True)
                    except (tf.errors.OpError, ValueError):
                        alive.append(False)
                if node.name not in there:
                    assert all(alive), f"{spec.name} is in no frame and no branch, and is dead"
                elif not there[node.name].frame:
                    assert not all(alive) or _constant(graph, node.name), spec.name


def _constant(graph, name):
    return graph[name].op in ("Const", "Switch")


def test_each_place_is_told(tmp_path):
    graph = files.read_model(frozen(tmp_path, branch_in_loop)).graph
    there = frames.places(graph)
    (inside,) = [there[node.name] for node in graph.nodes if node.name.endswith("/then")]
    assert inside.frame == "loop/while_context"
    assert graph[node_of(inside.branch)].op in ("Greater", "Identity")  # the predicate
    assert "end" not in there
    assert {graph[name].op for name in there} >= {"Enter", "Merge", "Switch", "NextIteration"}
    assert "Exit" not in {graph[name].op for name in there}


def test_a_fetch_inside_of_a_loop_is_refused_with_where_it_is(tmp_path):
    line = refused(frozen(tmp_path, loop), "x=random", fetches=("loop/norm",))
    assert line == (
        "fetch 'loop/norm' is inside of the loop 'loop/while_context', where it has a value for"
        " each turn; fetch what leaves the loop, an Exit"
    )


def test_a_graph_without_such_ops_has_no_places(tmp_path):
    path = frozen(tmp_path, lambda x: x + 1.0)
    assert frames.places(files.read_model(path).graph) == {}
    assert ends(files.read_model(path).graph).fetches == ("end:0", "beside:0")
