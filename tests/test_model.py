"""The data that everything is about: JSON both ways, and the invariants."""

from dataclasses import replace

import pytest

from graphlab.model import (
    Graph,
    Marks,
    Node,
    Run,
    Step,
    TensorSpec,
    body_at,
    check,
    from_json,
    node_of,
    to_json,
)


def graph_of(*nodes: Node, **functions: Graph) -> Graph:
    return Graph(nodes, functions)


def relu(name: str, *inputs: str, **more) -> Node:
    return Node(name, "Relu", inputs, outputs=(TensorSpec(f"{name}:0", "float32"),), **more)


X = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (None, 2)),))


def a_run() -> Run:
    graph = graph_of(
        X,
        relu("y", "x:0", attrs={"T": "float32", "list": [1, 2]}, source=("user.py", 3)),
        relu("z", "y:0", controls=("x",), device="CPU:1", calls=("body",)),
        body=graph_of(X),
    )
    steps = (
        Step("y", "Relu", "CPU:0", 0.0, 1.5, (TensorSpec("y:0", "float32", (4, 2)),), 32, "7"),
        Step("z", "Relu", "CPU:1", frame="2"),
    )
    return Run("graph", "Session.run", 8, graph["x"].outputs, ("z:0",), graph, None, steps)


def test_a_run_goes_to_json_and_back_unchanged():
    assert from_json(Run, to_json(a_run())) == a_run()


def test_a_run_says_what_compiled_it_and_one_from_before_that_was_said_can_be_read():
    compiled = replace(a_run(), compiled_by="XLA")
    assert from_json(Run, to_json(compiled)) == compiled
    assert "compiled_by" not in to_json(a_run())
    assert from_json(Run, to_json(a_run())).compiled_by == ""


def test_equal_runs_give_the_same_bytes():
    assert to_json(a_run(), indent=1) == to_json(a_run(), indent=1)


@pytest.mark.parametrize("text", ["{", "[]", '{"nodes": [{"op": "Relu"}]}', '{"knots": []}', "3"])
def test_what_is_no_graph_is_refused(text):
    with pytest.raises(ValueError):
        from_json(Graph, text)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (graph_of(X, X), "'x' appears twice"),
        (graph_of(Node("", "NoOp")), "empty name"),
        (graph_of(relu("y", "x:0")), "'y' takes 'x:0'"),
        (graph_of(X, relu("y", "x:1")), "'y' takes 'x:1'"),
        (graph_of(relu("y", controls=("x",))), "'y' waits for 'x'"),
        (graph_of(relu("y", calls=("f",))), "'y' calls 'f'"),
        (graph_of(Node("y", "Relu", outputs=(TensorSpec("z:0", "float32"),))), "is named 'z:0'"),
        (graph_of(f=graph_of(relu("y", "x:0"))), "f: 'y' takes"),
    ],
)
def test_each_broken_invariant_is_named(graph, message):
    with pytest.raises(ValueError, match=message):
        check(graph)


def test_a_loop_and_a_function_that_calls_itself_are_sound():
    merge = Node("merge", "Merge", ("next:0",), outputs=(TensorSpec("merge:0", "int32"),))
    again = Node("next", "NextIteration", ("merge:0",), outputs=(TensorSpec("next:0", "int32"),))
    check(graph_of(merge, again, f=graph_of(relu("call", calls=("f",)))))


def test_networkx_keeps_order_repeats_slots_and_control_edges():
    graph = graph_of(X, relu("y", "x:0", "x:0"), relu("z", controls=("x",)))
    edges = [
        (a, b, data["tensor"], data["slot"]) for a, b, data in graph.networkx().edges(data=True)
    ]
    assert list(graph.networkx()) == ["x", "y", "z"]
    assert edges == [("x", "y", "x:0", 0), ("x", "y", "x:0", 1), ("x", "z", None, -1)]


def test_the_body_of_a_frame_is_found_from_call_to_call():
    deep = graph_of(X)
    attrs = {"then_branch": {"function": "yes"}, "else_branch": {"function": "no"}}
    choice = Node("choice", "If", attrs=attrs, calls=("no", "yes"))
    case = {"branches": [{"function": "no"}, {"function": "deep"}]}
    graph = graph_of(
        choice,
        Node("case", "Case", attrs=case, calls=("no", "deep")),
        Node("call", "PartitionedCall", calls=("gone",)),
        yes=graph_of(relu("inner", calls=("deep",))),
        no=graph_of(),
        deep=deep,
    )
    assert body_at(graph, "") is graph
    assert body_at(graph, "choice:then > inner") is deep
    assert body_at(graph, "choice:else") is graph.functions["no"]
    assert body_at(graph, "case:branch 1") is deep
    assert body_at(graph, "old_loop:3") is graph
    assert body_at(graph, "call > more") is None


@pytest.mark.parametrize(
    ("tensor", "node"), [("a/b:0", "a/b"), ("a", "a"), ("a:b", "a:b"), ("a:b:12", "a:b")]
)
def test_a_tensor_belongs_to_its_node(tensor, node):
    assert node_of(tensor) == node


def test_what_graphlab_says_of_a_node_is_apart_from_what_the_program_says():
    said = {"missing": 3, "variable": "v", "outside": True, "verdict": "new", "inlined": 1}
    node = relu("y", attrs=said, marks=Marks("W", missing=("x:0",), holds=("float32", (2, None))))
    again = from_json(Graph, to_json(graph_of(node)))["y"]
    assert (again, again.attrs) == (node, said)
    assert again.marks == Marks("W", missing=("x:0",), holds=("float32", (2, None)))


def test_the_json_of_a_graph_from_before_there_were_marks_is_read():
    old = '{"nodes": [{"name": "y", "op": "Relu", "attrs": {"variable": "W", "T": "float32"}}]}'
    node = from_json(Graph, old)["y"]
    assert (node.attrs, node.marks) == ({"variable": "W", "T": "float32"}, Marks())
