"""The whole graph as groups with bundled edges; and what of it is near an op."""

import pytest

from graphlab.model import Graph, Node, TensorSpec, check, from_json, to_json
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes
from visualize.hierarchy.build import Hierarchy, hierarchy
from visualize.text.rows import rows


def op(name, kind="Relu", inputs=(), shape=(2, 3), **more):
    spec = TensorSpec(f"{name}:0", "float32", shape)
    return Node(name, kind, tuple(inputs), outputs=(spec,), **more)


def graph(*nodes, functions=None):
    result = Graph(nodes, functions or {})
    check(result)
    return result


BODY = Graph((op("x", "_Arg"), op("y", "PartitionedCall", ["x:0"], calls=("f",))))
LAYERS = graph(
    op("x", "Placeholder"),
    op("net/one/W", "Const"),
    op("net/one/mm", "MatMul", ["x:0", "net/one/W:0"]),
    op("net/one/out", "Relu", ["net/one/mm:0"], device="/device:CPU:1"),
    op("net/two/W", "Const"),
    op("net/two/mm", "MatMul", ["net/one/out:0", "net/two/W:0"]),
    op("net/two/out", "Relu", ["net/two/mm:0"], device="/device:CPU:1"),
    op("gradients/net/g", "Tanh", ["net/two/out:0", "net/one/out:0"], controls=("net/one/mm",)),
    op("gradients/h", "PartitionedCall", ["gradients/net/g:0"], calls=("f",)),
    functions={"f": BODY},
)


def named(tree):
    return {group.name: group for group in tree.groups}


def test_groups_hold_their_ops_devices_and_children_in_creation_order():
    tree = hierarchy(LAYERS)
    found = named(tree)
    assert list(found) == ["", "net", "net/one", "net/two", "gradients"]
    assert found[""].children == (0, found["net"].id, found["gradients"].id)
    assert found["net/one"].children == (2, 3)  # W is an icon on mm
    assert (tree.hosts[1], found["net/one"].count) == (2, 3)
    assert found["net"].ops == {"MatMul": 2, "Const": 2, "Relu": 2}
    assert found["net"].devices == {"CPU:1": 2}
    assert [g.name for g in tree.groups if g.is_gradient] == ["gradients"]


def test_an_edge_lies_in_the_lowest_group_that_holds_both_ends():
    tree = hierarchy(LAYERS)
    found = named(tree)
    one, two, late = found["net/one"].id, found["net/two"].id, found["gradients"].id
    assert [(e.tail, e.head, e.count) for e in tree.edges_of(found["net"].id)] == [(one, two, 1)]
    whole = tree.edges_of(tree.nodes)
    assert [(e.tail, e.head, e.count, e.control) for e in whole] == [
        (0, found["net"].id, 1, False),
        (found["net"].id, late, 2, False),
        (found["net"].id, late, 1, True),
    ]
    assert [e.bytes for e in whole] == [24, 48, None]


def test_the_wires_of_an_edge_lead_from_op_to_op():
    tree = hierarchy(LAYERS)
    start, stop = tree.groups[0].edges
    wires = [
        [(tree.wires.tail[k], tree.wires.head[k]) for k in tree.wires_of(edge)]
        for edge in range(start, stop)
    ]
    assert wires == [[(0, 2)], [(6, 7), (3, 7)], [(2, 7)]]


def test_groups_that_are_the_same_inside_have_one_number():
    found = named(hierarchy(LAYERS))
    assert found["net/one"].template == found["net/two"].template >= 0
    assert found["net/one"].verified
    assert found["net"].template == -1
    assert named(hierarchy(LAYERS, without=("templates",)))["net/one"].template == -1


def test_functions_have_a_tree_each_and_endless_ones_are_named():
    tree = hierarchy(LAYERS)
    assert tree.functions["f"].groups[0].kind == "function"
    assert tree.functions["f"].groups[0].children == (0, 1)
    assert tree.recursive == ("f",)


def test_a_hierarchy_goes_to_json_and_back():
    tree = hierarchy(LAYERS)
    assert from_json(Hierarchy, to_json(tree)) == tree


def test_an_empty_graph_has_a_hierarchy_and_of_two_ops_of_one_name_the_last_is_meant():
    assert [group.children for group in hierarchy(Graph()).groups] == [()]
    loose = Graph((Node("a", "Relu", ("nowhere:0", "a:0"), ("gone",)), Node("a", "Relu")))
    assert [(e.tail, e.head) for e in hierarchy(loose).edges_of(2)] == [(1, 0)]


CHAIN = graph(
    op("s/n0"), *(op(f"s/n{i}", f"Op{i}", [f"s/n{i - 1}:0"]) for i in range(1, 30)), op("t/other")
)


def test_a_focus_shows_what_is_near_and_folds_the_rest():
    drawn = diagram(CHAIN, focus="s/n10", radius=2)
    held = {box.name: box.ops for box in boxes(drawn.members)}
    assert held == {**{f"s/n{i}": 1 for i in range(8, 13)}, "s/25 others": 25, "1 others": 1}
    assert len(drawn.edges) == 4  # the rest is joined by stubs
    assert drawn.notes == ("what is within 2 edges of s/n10, of 31 ops",)


def test_a_focus_on_a_scope_is_one_on_all_its_ops():
    drawn = diagram(CHAIN, focus="t", radius=0)
    assert {box.name: box.ops for box in boxes(drawn.members)} == {"t/other": 1, "30 others": 30}


def test_a_focus_with_too_much_around_it_shows_the_nearest():
    star = graph(op("hub"), *(op(f"n{i}x", f"Op{i}", ["hub:0"]) for i in range(300)))
    drawn = diagram(star, focus="n7x", radius=2, without=("wide",))
    names = [box.name for box in boxes(drawn.members)]
    assert {"hub", "n7x"} <= set(names)
    assert len(names) <= 60
    assert drawn.notes == ("the 2 ops nearest to n7x, of 301 ops",)


def test_a_focus_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no op and no scope of this graph is named 's/n99'"):
        diagram(CHAIN, focus="s/n99")
    with pytest.raises(ValueError, match="radius -1: expected 0"):
        diagram(CHAIN, focus="s/n9", radius=-1)


def test_the_text_of_a_diagram_has_a_row_a_box_that_says_how_many_ops_it_holds():
    assert rows(diagram(LAYERS, depth=0), 60, ascii=True) == [
        "   op           name       ops  shape  device",
        "*  Placeholder  x               2x3",
        "*  scope        net        6    2x3    CPU:1",
        "*  scope        gradients  4",
    ]


def test_the_text_of_a_diagram_knows_no_times():
    from graphlab.model import Run, Step

    run = Run("graph", "Session.run", 1, steps=(Step("x", "Placeholder", "CPU:0", 0.0, 5.0),))
    other = Run("graph", "Session.run", 1, steps=(Step("x", "Placeholder", "CPU:0", 0.0, 9.0),))
    assert rows(diagram(LAYERS, run=run), 80) == rows(diagram(LAYERS, run=other), 80)
