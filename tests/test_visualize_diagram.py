"""What is drawn of a graph: groups, boxes, bundled edges."""

import pytest

from graphlab.model import Graph, Marks, Node, Run, Step, TensorSpec, check
from visualize.diagram.build import MOST_BOXES, diagram
from visualize.diagram.drawn import Edge, Group, Icon, boxes
from visualize.pictures.dot import dot


def op(name, kind="Relu", inputs=(), shape=(2, 3), dtype="float32", **more):
    """A node with one output."""
    return Node(name, kind, tuple(inputs), outputs=(TensorSpec(f"{name}:0", dtype, shape),), **more)


def graph(*nodes):
    result = Graph(nodes)
    check(result)
    return result


def padding(count=20):
    """Enough ops on their own that a graph is no longer drawn op by op."""
    return [op(f"pad{i}", "Placeholder") for i in range(count)]


def by_name(drawn):
    return {box.name: box for box in boxes(drawn.members)}


def edges_by_name(drawn):
    names = {box.key: box.name for box in boxes(drawn.members)}
    return {(names[edge.tail], names[edge.head]): edge for edge in drawn.edges}


def test_scopes_become_groups_and_a_node_that_is_also_a_scope_is_in_its_group():
    drawn = diagram(graph(op("x"), op("layer/mm/read"), op("layer/mm", inputs=["layer/mm/read:0"])))
    layer = drawn.members[1]
    assert isinstance(layer, Group)
    assert layer.name == "layer/mm"  # "layer" holds nothing else, so it is not drawn
    assert [box.label for box in layer.members] == ["read", "mm"]


def test_a_constant_and_a_read_with_one_consumer_are_drawn_on_it():
    drawn = diagram(
        graph(
            *padding(),
            op("W", "VarHandleOp", dtype="resource", shape=()),
            op("mm/read", "ReadVariableOp", ["W:0"], shape=(7, 5)),
            op("two", "Const"),
            op("mm", "MatMul", ["mm/read:0", "two:0"]),
        )
    )
    icons = (Icon("mm/read", "ReadVariableOp", reads=True), Icon("two", "Const"))
    assert icons == by_name(drawn)["mm"].icons
    assert by_name(drawn)["mm"].ops == 3
    # The edge shows the matrix that is read, not the handle that the read takes.
    assert edges_by_name(drawn)["W", "mm"].shape == (7, 5)


def test_a_constant_with_two_consumers_or_a_waiting_op_stays_a_box():
    drawn = diagram(
        graph(
            *padding(),
            op("c", "Const"),
            op("a", inputs=["c:0"]),
            op("b", inputs=["c:0"]),
            op("d", "Const"),
            op("e", inputs=["d:0"]),
            op("f", controls=("d",)),
        )
    )
    assert {"c", "d"} <= set(by_name(drawn))


def test_a_small_graph_is_drawn_op_by_op():
    drawn = diagram(graph(op("c", "Const"), op("y", inputs=["c:0"])))
    assert [box.kind for box in boxes(drawn.members)] == ["constant", "op"]


def test_the_scope_of_a_variable_is_one_box_unless_a_depth_is_asked_for():
    nodes = [
        *padding(),
        op("W", "VarHandleOp", dtype="resource", shape=()),
        op("W/zeros", "Fill"),
        Node("W/Assign", "AssignVariableOp", ("W:0", "W/zeros:0")),
    ]
    closed = by_name(diagram(graph(*nodes)))["W"]
    assert (closed.kind, closed.ops) == ("variable", 3)
    assert {"W", "W/zeros", "W/Assign"} <= set(by_name(diagram(graph(*nodes), depth=1)))


def test_a_scope_in_which_a_run_executed_nothing_stays_closed():
    train = [op("train/x", "Placeholder"), op("train/a", inputs=["train/x:0"]), op("train/b")]
    saver = [op(f"save/Assign_{i}", "Assign") for i in range(8)]
    nodes = graph(*padding(), *train, *saver)
    run = Run("graph", "Session.run", 2, steps=(Step("train/a", "Relu", "CPU:0", 0.0, 1.0),))
    seen = by_name(diagram(nodes, run=run))
    assert (seen["save"].ops, seen["save"].steps, seen["save"].idle) == (8, 0, True)
    assert {"train/x", "train/a", "train/b"} <= set(seen)
    assert "save" not in by_name(diagram(nodes))  # no run is shown
    deep = by_name(diagram(nodes, 1, run))
    assert "train/a" in deep
    assert deep["save"].idle  # to ask for a depth is not to ask for what was not executed
    assert "save" not in by_name(diagram(nodes, 1))
    elsewhere = Run("graph", "Session.run", 2, steps=(Step("other", "Relu", "CPU:0"),))
    assert "save" not in by_name(diagram(nodes, run=elsewhere))


def test_what_eager_ops_found_there_is_not_drawn_as_not_executed():
    number = op("tensor", "EagerTensor", marks=Marks(outside=True))
    variable = op("w", "VarHandleOp", dtype="resource", marks=Marks(outside=True))
    nodes = graph(number, variable, op("y", "Mul", ["tensor:0"]))
    run = Run("eager", "step", 1, steps=(Step("y", "Mul", "CPU:0", 0.0, 1.0),))
    drawn = diagram(nodes, run=run)
    assert [box.idle for box in boxes(drawn.members)] == [False, False, False]
    source = dot(drawn)
    assert ("from Python" in source, "made before" in source) == (True, True)
    assert ("no step in this run" in source, "dashed" in source) == (False, False)


def test_a_resource_that_a_function_takes_is_a_variable():
    drawn = diagram(graph(op("r", "Placeholder", dtype="resource", shape=())))
    assert [box.kind for box in boxes(drawn.members)] == ["variable"]


def test_edges_between_closed_scopes_are_bundled_with_count_shape_and_bytes():
    a = [op(f"a/{i}") for i in range(3)]
    b = [op(f"b/{i}", inputs=[f"a/{i}:0"]) for i in range(3)]
    waits = op("b/w", controls=("a/0",))
    drawn = diagram(graph(*a, *b, waits), depth=0)
    assert (
        Edge(0, 3, 3, (2, 3), "float32", bytes=72),
        Edge(0, 3, 1, control=True),
    ) == drawn.edges
    assert drawn.notes == ("7 ops drawn as 2 boxes: some scopes are closed",)


def test_tensors_of_several_shapes_are_bundled_without_one():
    nodes = [op("a/0"), op("a/1", shape=(None,)), op("b/0", inputs=["a/0:0", "a/1:0"]), op("b/1")]
    (edge,) = diagram(graph(*nodes), depth=0).edges
    assert Edge(0, 2, 2, None, "", same=False, bytes=None) == edge


def test_the_way_back_of_a_loop_is_marked():
    nodes = (
        op("enter", "Enter"),
        op("merge", "Merge", ["enter:0", "next:0"]),
        op("next", "NextIteration", ["merge:0"]),
    )
    drawn = edges_by_name(diagram(graph(*nodes)))
    assert [ends for ends, edge in drawn.items() if edge.back] == [("next", "merge")]


@pytest.mark.parametrize("name", ["gradients/mul_grad/Mul", "gradient_tape/mul/Mul"])
def test_gradients_are_known_by_their_scope(name):
    drawn = diagram(graph(op("gradients_of_mine/x"), op(name)))
    assert [box.gradient for box in boxes(drawn.members)] == [False, True]


def test_gradients_stay_closed_in_a_picture_that_is_large_without_them():
    forward = [op(f"f{i}", f"Op{i}") for i in range(20)]
    backward = [op(f"gradients/g{i}", f"Op{i}") for i in range(20)]
    drawn = by_name(diagram(graph(*forward, *backward)))
    assert (drawn["gradients"].kind, drawn["gradients"].ops) == ("scope", 20)
    assert len(drawn) == 21


@pytest.mark.parametrize("kind", ["SaveV2", "VarHandleOp"])
def test_savers_and_mere_variables_stay_closed_in_a_picture_that_is_large_without_them(kind):
    model = [op(f"f{i}", f"Op{i}") for i in range(20)]
    other = [op(f"other/{chr(97 + i)}", kind) for i in range(20)]
    assert by_name(diagram(graph(*model, *other)))["other"].ops == 20
    assert len(by_name(diagram(graph(*model, *other), without=("late",)))) == 40


@pytest.mark.parametrize("kind", ["ApplyMomentum", "ResourceApplyAdam", "SparseApplyAdagrad"])
def test_an_optimizers_scope_stays_closed_in_a_picture_that_is_large_without_it(kind):
    """It takes a line from each variable: a training of four layers was 2,568 points wide."""
    model = [op(f"f{i}", f"Op{i}") for i in range(20)]
    rate = [op("train/learning_rate", "Const"), op("train/beta", "Mul")]
    updates = [op(f"train/update_{i}/{kind}", kind) for i in range(20)]
    assert by_name(diagram(graph(*model, *rate, *updates)))["train"].ops == 22
    small = by_name(diagram(graph(*model, *rate, *updates[:4])))
    assert sum(box.op == kind for box in small.values()) == 4
    more = op("train/loss", "Mean")  # the whole program may be in a scope
    assert "train" not in by_name(diagram(graph(*model, *rate, *updates, more)))


@pytest.mark.parametrize("depth", [None, 0, 1, 9])
@pytest.mark.parametrize("scope", ["", "wide/", "l{}/"])
def test_no_large_graph_is_drawn_raw_and_no_op_is_lost(scope, depth):
    nodes = [op("hub")]
    for i in range(1000):
        nodes.append(op(f"{scope.format(i // 10)}op{i}", inputs=["hub:0"]))
    drawn = list(boxes(diagram(graph(*nodes), depth=depth).members))
    assert len(drawn) <= (MOST_BOXES if depth is None else 150)
    assert sum(box.ops for box in drawn) == 1001


def test_boxes_that_are_all_joined_with_one_another_are_closed_further():
    nodes = [op(f"n{i}", "AddN", [f"n{j}:0" for j in range(i)]) for i in range(60)]
    assert len(list(boxes(diagram(graph(*nodes)).members))) < 20


def test_a_run_gives_boxes_their_device_time_and_count():
    nodes = graph(op("x", "Placeholder"), op("y", inputs=["x:0"], device="/device:GPU:0"), op("z"))
    steps = (
        Step("x", "Placeholder", "CPU:0"),
        Step("y", "Relu", "/job:localhost/replica:0/task:0/device:CPU:1", 1.0, 3.5),
        Step("y", "Relu", "CPU:1", 4.0, 5.0),
    )
    run = Run("graph", "Session.run", 1, steps=steps)
    drawn = diagram(nodes, run=run)
    facts = {n: (box.devices, box.steps, box.time_us) for n, box in by_name(drawn).items()}
    assert facts == {
        "x": (("CPU:0",), 1, None),
        "y": (("CPU:1",), 2, 3.5),
        "z": ((), 0, None),
    }
    assert drawn.notes == ("times: Session.run, call 1 (the first), clock: runtime",)


def test_a_run_gives_edges_the_shapes_that_occurred():
    nodes = graph(op("x", "Placeholder", shape=(None, 3)), op("y", inputs=["x:0"]))
    step = Step("x", "Placeholder", "CPU:0", outputs=(TensorSpec("x:0", "float32", (64, 3)),))
    (edge,) = diagram(nodes, run=Run("graph", "Session.run", 2, steps=(step,))).edges
    assert (edge.shape, edge.bytes) == ((64, 3), 768)


def test_a_fed_placeholder_has_the_shape_that_was_fed():
    nodes = graph(op("x", "Placeholder", shape=(None, 3)), op("y", inputs=["x:0"]))
    run = Run("graph", "Session.run", 2, feeds=(TensorSpec("x:0", "float32", (8, 3)),))
    drawn = diagram(nodes, run=run)
    assert [box.fed for box in boxes(drawn.members)] == [True, False]
    assert [edge.shape for edge in drawn.edges] == [(8, 3)]


def test_a_negative_depth_is_refused():
    with pytest.raises(ValueError, match="depth -1: expected 0"):
        diagram(Graph(), depth=-1)


def test_a_loop_that_ran_as_ops_of_other_names_is_not_said_to_have_had_no_step():
    inner = Graph((Node("Tanh", "Tanh", outputs=(TensorSpec("Tanh:0", "float32"),)),))
    loop = Node("net/while", "While", outputs=(TensorSpec("net/while:0", "float32"),), calls=("b",))
    graph = Graph((loop, Node("net/other", "NoOp")), {"b": inner})
    steps = tuple(
        Step(f"net/while/body/_1/Tanh_{n}", "Tanh", "CPU:0", n, n + 1.0) for n in range(3)
    )
    run = Run("graph", "Session.run", 1, built=graph, steps=steps)
    found = {box.name: box.steps for box in boxes(diagram(graph, run=run).members)}
    assert found["net/while"] == 3
    assert found["net/other"] == 0
    assert {steps for name, steps in found.items() if "Tanh" in name} <= {None}
