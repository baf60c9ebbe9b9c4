"""The steps from a graph to a diagram, each on a graph written by hand."""

import pytest

from graphlab.model import Graph, Node, TensorSpec, check
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes
from visualize.diagram.steps import STEPS, checked
from visualize.hierarchy.embed import embed
from visualize.hierarchy.hubs import hubs, level_hubs
from visualize.hierarchy.inline import inline
from visualize.hierarchy.series import fold
from visualize.hierarchy.templates import templates
from visualize.hierarchy.tree import Scope, scopes
from visualize.hierarchy.wide import crossings, cut, repeats
from visualize.hierarchy.wires import wires


def op(name, kind="Relu", inputs=(), shape=(2, 3), dtype="float32", **more):
    """A node with one output."""
    return Node(name, kind, tuple(inputs), outputs=(TensorSpec(f"{name}:0", dtype, shape),), **more)


def graph(*nodes, functions=None):
    result = Graph(nodes, functions or {})
    check(result)
    return result


def tree_of(*nodes):
    """The tree of the nodes with its series folded."""
    made = graph(*nodes)
    root = scopes([node.name for node in made.nodes])
    fold(root, made, wires(made, {}))
    return shape_of(root)


def shape_of(scope):
    """A tree as nested lists, a scope's kind and label first."""
    return [
        m if isinstance(m, int) else [m.kind, m.label or m.name, *shape_of(m)]
        for m in scope.members
    ]


CALLED = Graph((op("x", "_Arg"), op("y", "Relu", ["x:0"]), Node("out", "_Retval", ("y:0",))))


def test_a_body_is_drawn_under_its_call_and_the_call_takes_what_it_returns():
    made = graph(
        op("a"), op("f", "PartitionedCall", ["a:0"], calls=("g",)), functions={"g": CALLED}
    )
    flat = inline(made)
    check(flat)
    assert {n.name: n.inputs for n in flat.nodes} == {
        "a": (),
        "f/x": ("a:0",),
        "f/y": ("f/x:0",),
        "f": ("f/y:0",),
    }


def test_a_body_that_calls_itself_is_opened_once():
    body = Graph((op("x", "_Arg"), op("again", "PartitionedCall", ["x:0"], calls=("g",))))
    made = graph(op("f", "PartitionedCall", [], calls=("g",)), functions={"g": body})
    assert [node.name for node in inline(made).nodes] == ["f/x", "f/again", "f"]


def test_a_loop_gives_its_inputs_to_condition_and_body():
    loop = op("w", "While", ["a:0"], calls=("cond_1", "body_1"))
    flat = inline(graph(op("a"), loop, functions={"cond_1": CALLED, "body_1": CALLED}))
    assert [n.name for n in flat.nodes if n.inputs == ("a:0",)] == ["w/cond/x", "w/body/x"]


def test_bodies_for_which_there_is_no_room_stay_closed():
    made = graph(op("f", "PartitionedCall", [], calls=("g",)), functions={"g": CALLED})
    assert len(inline(made, most=3)) == 1


def test_an_identity_is_drawn_on_its_consumer_only_within_its_scope():
    made = graph(
        op("x"),
        op("a/id", "Identity", ["x:0"]),
        op("a/y", inputs=["a/id:0"]),
        op("b/id", "Identity", ["x:0"]),
        op("y", inputs=["b/id:0"]),
    )
    assert embed(made) == {1: 2}


def test_five_like_siblings_fold_and_four_do_not():
    five = [op("x"), *(op(f"r_{i}", inputs=["x:0"]) for i in range(5))]
    assert tree_of(*five) == [0, ["series", "r_0 … r_4", 1, 2, 3, 4, 5]]
    assert tree_of(*five[:5]) == [0, 1, 2, 3, 4]


def test_a_series_has_consecutive_numbers_and_one_op():
    gap = [op(f"r_{i}") for i in (1, 2, 3, 5, 6, 7)]
    assert tree_of(*gap) == [0, 1, 2, 3, 4, 5]
    mixed = [op(f"r_{i}", "Relu" if i % 2 else "Tanh") for i in range(6)]
    assert tree_of(*mixed) == [0, 1, 2, 3, 4, 5]


def test_a_series_does_not_fold_where_a_path_leaves_it_and_comes_back():
    members = [op(f"r_{i}") for i in range(4)]
    outside = op("out", "Tanh", ["r_0:0"])
    back = op("r_4", inputs=["out:0"])
    assert tree_of(*members, outside, back) == [0, 1, 2, 3, 4, 5]


def test_a_chain_without_a_way_out_is_a_series():
    members = [op("r_0"), *(op(f"r_{i}", inputs=[f"r_{i - 1}:0"]) for i in range(1, 7))]
    # The first takes nothing and the last gives nothing: they are not like the others.
    assert tree_of(*members) == [0, ["series", "r_1 … r_5", 1, 2, 3, 4, 5], 6]


def test_a_series_does_not_fold_where_neighbours_differ_in_shape():
    sources = [op(f"x{i}x", shape=(i,)) for i in range(5)]
    members = [op(f"r_{i}", inputs=[f"x{i}x:0"]) for i in range(5)]
    assert tree_of(*sources, *members) == list(range(10))


def test_groups_with_the_same_children_and_edges_are_one_template():
    # Leaves 0..5, groups 6 (all), 7, 8, 9.
    children = [(7, 8, 9), (0, 1), (2, 3), (4, 5)]
    edges = [[], [(0, 1, "f")], [(2, 3, "f")], [(5, 4, "f")]]
    assert templates(children, edges, ["a", "b"] * 3) == [-1, 0, 0, -1]


def test_groups_of_one_template_make_their_parents_alike():
    children = [(5, 6), (7,), (8,), (0, 1), (2, 3)]
    assert templates(children, [[]] * 5, ["a", "b", "a", "b"]) == [-1, 0, 0, 1, 1]


def test_a_member_joined_with_most_others_is_a_hub():
    chain = [(i, i + 1) for i in range(1, 18)]
    assert hubs(19, chain + [(0, i) for i in range(1, 18)]) == {0}
    assert hubs(19, chain) == set()


def test_a_level_of_fewer_than_fifteen_members_has_no_hub():
    assert hubs(14, [(0, i) for i in range(1, 14)]) == set()


def test_edges_that_cross_too_many_ranks_are_drawn_apart():
    count = 40
    chain = [(i, i + 1) for i in range(count - 1)]
    long = [(i, j) for i in (0, 1) for j in (37, 38, 39)]
    assert hubs(count, chain) == set()
    assert hubs(count, chain + long) == {0}


def test_summaries_that_are_joined_with_something_are_moved_aside():
    ids = list(range(100, 120))
    assert level_hubs(ids, [(100, 101), (101, 102)], aside={102, 119}) == (102,)


def test_a_cut_costs_as_many_members_as_something_crosses_it_from():
    places = [(i, i) for i in range(4)]
    assert crossings(places, [(0, 1), (0, 3), (1, 2), (2, 3)]) == [0, 1, 2, 2]


def test_equal_stretches_in_a_row_are_found_where_they_are_joined_alike():
    labels = list("xababab")
    pairs = [(1, 2), (3, 4), (5, 6)]
    assert repeats(labels, pairs) == [(1, 2, 3)]
    assert repeats(labels, pairs[:2]) == []


def test_a_wide_scope_is_cut_where_least_crosses():
    names = [f"n{chr(97 + i)}" for i in range(20)]
    scope = Scope("", list(range(20)))
    # Within each ten, each is joined with the next three; one edge leads from ten to ten.
    pairs = [(i, i + k) for i in range(20) for k in (1, 2, 3) if i // 10 == (i + k) // 10]
    cut(scope, names, names, [*pairs, (9, 10)], 2)
    assert [member.first() for member in scope.members] == [0, 10]
    assert [i for member in scope.members for i in member.nodes()] == list(range(20))


def test_blocks_of_a_wide_scope_are_called_what_their_names_begin_with():
    names = [f"block_{i}_{part}" for i in range(6) for part in ("conv", "bn")]
    scope = Scope("net", list(range(12)))
    cut(scope, names, names, [], 6)
    assert [member.label for member in scope.members] == [f"block_{i}" for i in range(6)]


def test_a_step_is_left_out_by_its_name():
    nodes = [op("x"), *(op(f"r_{i}", inputs=["x:0"]) for i in range(20))]

    def kinds(without):
        return {box.kind for box in boxes(diagram(graph(*nodes), without=without).members)}

    assert kinds(()) == {"op", "series"}
    assert kinds(("series",)) == {"op"}


def test_what_is_joined_with_much_has_stubs_and_no_lines():
    chain = [op(f"c/{chr(97 + i)}x", f"Op{i}", ["hub:0"]) for i in range(31)]
    drawn = diagram(graph(op("hub"), *chain))
    found = {box.name: box.stubs for box in boxes(drawn.members)}
    assert drawn.edges == ()
    assert len(found["hub"]) == 31
    assert [(stub.end, stub.out) for stub in found["c/ax"]] == [(0, False)]
    assert len(diagram(graph(op("hub"), *chain), without=("hubs",)).edges) == 31


def test_an_unknown_step_is_refused_with_those_there_are():
    assert checked(STEPS) == frozenset(STEPS)
    with pytest.raises(ValueError, match="no step 'hub' to leave out; there are functions, embed"):
        diagram(Graph(), without=("hub",))
