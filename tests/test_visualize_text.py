"""Graphs and runs as rows for a terminal."""

import pytest
from rich.cells import cell_len

from graphlab.model import Graph, Node, Run, Step, TensorSpec
from visualize.hierarchy.order import events, execution_order
from visualize.text.lanes import draw
from visualize.text.rows import rows, styled


def op(name, kind="Relu", inputs=(), count=1, **more):
    specs = tuple(TensorSpec(f"{name}:{i}", "float32", (2, 3)) for i in range(count))
    return Node(name, kind, tuple(inputs), outputs=specs, **more)


LOOP = Graph(
    (
        op("enter", "Enter"),
        op("merge", "Merge", ["enter:0", "next:0"]),
        op("next", "NextIteration", ["merge:0"]),
        op("exit", "Exit", ["merge:0"]),
    )
)
FAN = Graph(
    (
        op("hub"),
        *(op(f"a{i}", inputs=["hub:0"]) for i in range(40)),
        op("sum", "AddN", [f"a{i}:0" for i in range(40)]),
    )
)


def drawn(takes, gives, most=8):
    return [line.rstrip() for line in draw(takes, gives, most)]


def test_a_tensor_has_a_lane_from_its_producer_to_its_last_consumer():
    takes, gives = [(), (), (0,), (0, 1)], [(0,), (1,), (), ()]
    assert drawn(takes, gives) == ["●", "│ ●", "├─│─●", "●─╯"]


def test_two_outputs_open_two_lanes_and_a_later_op_closes_both():
    assert drawn([(), (0, 1)], [(0, 1), ()]) == ["●─╮", "●─╯"]


def test_an_output_that_nobody_takes_has_no_lane():
    assert drawn([(), ()], [(0,), (1,)]) == ["●", "●"]


def test_an_input_that_is_needed_again_goes_on():
    assert drawn([(), (), (0, 1), (0, 2)], [(0,), (1,), (2,), ()]) == ["●", "│ ●", "├─●", "●─╯"]


def test_lanes_beyond_the_most_are_counted():
    lines = drawn([(), (), (), (0, 1, 2)], [(0,), (1,), (2,), ()], most=2)
    assert [lines[0], lines[1], lines[2], lines[3]] == ["●", "│ ●", "│ │ ● +1", "●─┴─"]


def test_a_graph_comes_in_an_order_in_which_it_can_run():
    graph = Graph((op("y", inputs=["x:0"]), op("z", controls=("y",)), op("x"), op("a")))
    assert execution_order(graph) == [2, 0, 1, 3]


def test_the_way_back_of_a_loop_is_no_need():
    assert execution_order(LOOP) == [0, 1, 2, 3]


def test_a_cycle_without_a_loop_loses_no_op():
    assert execution_order(Graph((op("a", inputs=["b:0"]), op("b", inputs=["a:0"])))) == [0, 1]


def test_in_a_run_an_op_takes_what_was_made_last():
    names = ["enter", "merge", "next", "merge", "exit"]
    steps = tuple(Step(name, LOOP[name].op, "CPU:0") for name in names)
    found = events(Run("graph", "Session.run", 2, executed=LOOP, steps=steps))
    assert [event.takes for event in found] == [(), (0,), (1,), (0, 2), (3,)]


def test_a_run_shows_shape_device_and_time_and_says_what_was_not_timed():
    graph = Graph((op("x", "Placeholder"), op("y", "Relu", ["x:0"])))
    seen = TensorSpec("x:0", "int64", (64,))
    steps = (
        Step("x", "Placeholder", "/job:localhost/replica:0/task:0/device:CPU:1", outputs=(seen,)),
        Step("y", "Relu", "CPU:0", 1.0, 1251.0),
    )
    assert rows(Run("graph", "Session.run", 2, executed=graph, steps=steps), 80) == [
        "   op           name  shape       device  time",
        "●  Placeholder  x     [64] int64  CPU:1   not timed",
        "●  Relu         y     2x3         CPU:0   1.25 ms",
    ]


def test_a_step_of_no_known_node_is_still_a_row():
    steps = (Step("_SOURCE", "NoOp", "CPU:0"),)
    assert len(rows(Run("graph", "Session.run", 2, steps=steps), 80)) == 2


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_every_row_fits_the_width(width):
    long = [op("scope/" * 30 + "変数" * 20, "AnOpWithAVeryLongName" * 3), *FAN.nodes]
    assert max(cell_len(line) for line in rows(Graph(tuple(long)), width)) <= width
    assert any("…" in line for line in rows(Graph(tuple(long)), width))


def test_a_narrow_terminal_keeps_names_and_times_and_lets_the_device_go_first():
    graph = Graph(tuple(op(f"scope/layer{n}/weights", "ReadVariableOp") for n in range(3)))
    steps = tuple(Step(n.name, n.op, "CPU:0", 1.0, 2.0, n.outputs) for n in graph.nodes)
    run = Run("graph", "Session.run", 2, executed=graph, steps=steps)
    for width, columns in (
        (80, "op name shape device time"),
        (40, "op name shape time"),
        (24, "name time"),
    ):
        lines = rows(run, width)
        assert lines[0].split() == columns.split()
        assert max(map(cell_len, lines)) <= width


def test_many_live_tensors_are_capped_and_the_rest_counted():
    last = [line for line in rows(FAN, 80) if " a39 " in f"{line} "]
    assert len(last) == 1
    # The hub ended here: 40 tensors are alive, of which 8 have a lane.
    assert " +32 " in last[0]


def test_plain_terminals_get_plain_characters():
    names = Graph((op("変数"), op("a", inputs=["変数:0"]), op("b"), op("c", "Add", ["a:0", "b:0"])))
    lines = rows(names, 60, ascii=True)
    assert all(line.isascii() for line in lines)
    assert [line[:3] for line in lines] == ["   ", "*  ", "*  ", "| *", "*-/"]


def test_styled_rows_are_the_same_text():
    assert rows(FAN, 100) == [text.plain for text in styled(FAN, 100)]


def test_an_empty_graph_has_only_a_header():
    assert rows(Graph(), 80) == ["  op  name"]


@pytest.mark.parametrize("dtype", ["resource", "variant"])
def test_a_handle_has_no_shape_of_its_own(dtype):
    """`scalar resource` was said of a variable of 784 rows and 10 columns."""
    spec = TensorSpec("W:0", dtype, ())
    said = rows(Graph((Node("W", "VarHandleOp", outputs=(spec,)),)), 80)
    assert said[1].split()[1:] == ["VarHandleOp", "W", dtype]
