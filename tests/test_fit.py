"""Pictures of what a class is taught, and pictures that fit a slide or a page."""

import itertools
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, Run, Step, TensorSpec, check
from graphlab.output import drawings
from visualize.diagram.bands import bands
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes
from visualize.diagram.taught import left_out, taught
from visualize.hierarchy.inline import inline
from visualize.pictures.fit import READABLE, fitted
from visualize.pictures.paper import paper

PLAIN = drawings.View(plain=True)
VIEWS = (drawings.View(), PLAIN)


def op(name, kind, *inputs, controls=(), dtype="float32", shape=(2, 3)):
    return Node(name, kind, inputs, controls, (TensorSpec(f"{name}:0", dtype, shape),))


def trained():
    """What TensorFlow 1 writes for W := W - x, with a saver."""
    return Graph(
        (
            op("x", "Placeholder"),
            op("zeros", "Const"),
            op("W", "VarHandleOp", dtype="resource", shape=()),
            op("W/IsInitialized", "VarIsInitializedOp", "W:0", dtype="bool", shape=()),
            Node("W/Assign", "AssignVariableOp", ("W:0", "zeros:0")),
            op("W/Read", "ReadVariableOp", "W:0"),
            op("mul/Read", "ReadVariableOp", "W:0"),
            op("mul", "Mul", "x:0", "mul/Read:0"),
            Node("update", "AssignSubVariableOp", ("W:0", "mul:0")),
            Node("step", "AssignVariableOp", ("W:0", "mul:0")),
            Node("init", "NoOp", controls=("W/Assign",)),
            op("save/names", "Const", dtype="string", shape=(1,)),
            Node("save/SaveV2", "SaveV2", ("save/names:0", "W/Read:0")),
            op("save/RestoreV2", "RestoreV2", "save/names:0"),
            op("save/Identity", "Identity", "save/RestoreV2:0"),
            Node("save/Assign", "AssignVariableOp", ("W:0", "save/Identity:0")),
            Node("save/all", "NoOp", controls=("save/Assign",)),
        )
    )


def chain(length):
    """Placeholder and ops one after the other, each with a weight of its own."""
    nodes = [op("x", "Placeholder")]
    for k in range(length):
        nodes += [op(f"w{k}", "Placeholder"), op(f"layer{k}", "Add", nodes[-1].outputs[0].name)]
        nodes[-1] = op(f"layer{k}", "Add", nodes[-3].outputs[0].name, f"w{k}:0")
    return Graph(tuple(nodes))


def test_a_class_sees_one_box_for_a_variable_and_neither_initialisers_nor_savers():
    plain = taught(trained())
    check(plain)
    told = [(node.name, node.op, node.inputs) for node in plain.nodes]
    assert told == [
        ("x", "Placeholder", ()),
        ("W", "Variable", ()),
        ("mul", "Mul", ("x:0", "W:0")),
        ("update", "AssignSubVariableOp", ("W:0", "mul:0")),
        ("step", "AssignVariableOp", ("W:0", "mul:0")),
    ]
    assert plain["W"].outputs == (TensorSpec("W:0", "float32", (2, 3)),)
    assert left_out(trained(), plain).startswith("plain: without 12 ops that initialise")


def test_a_class_sees_nothing_of_the_saver_of_a_saved_model_nor_of_its_files_name():
    """What TensorFlow 2 writes: a placeholder for the name, a call that saves and hands it on."""
    name = op("name", "Placeholder", dtype="string", shape=())
    body = Graph(
        (
            op("prefix", "_Arg", dtype="string", shape=()),
            op("handle", "_Arg", dtype="resource", shape=()),
            Node("copies", "DisableCopyOnRead", ("handle:0",)),
            op("value", "ReadVariableOp", "handle:0", controls=("copies",)),
            Node("SaveV2", "SaveV2", ("prefix:0", "value:0")),
            Node("all", "NoOp", controls=("copies", "value")),
            op("told", "Identity", "prefix:0", controls=("SaveV2",), dtype="string", shape=()),
            op("last", "Identity", "told:0", controls=("all",), dtype="string", shape=()),
            Node("r", "_Retval", ("last:0",)),
        )
    )
    call = op("save", "PartitionedCall", "name:0", "W:0", dtype="string", shape=())
    graph = trained()
    plain = taught(
        replace(
            graph, nodes=(*graph.nodes, name, replace(call, calls=("f",))), functions={"f": body}
        )
    )
    assert [node.name for node in plain.nodes] == ["x", "W", "mul", "update", "step"]


def test_a_plain_text_speaks_of_no_device_that_was_asked_for():
    there = replace(op("x", "Placeholder"), device="/device:CPU:0")
    texts = [drawings.graph_file(Graph((there,)), None, "txt", view).decode() for view in VIEWS]
    assert ["CPU:0" in text for text in texts] == [True, False]


def test_what_only_waits_for_reads_is_not_taught():
    read = op("Read", "ReadVariableOp", "W:0")
    W = op("W", "VarHandleOp", dtype="resource", shape=())
    rest = (Node("wait", "NoOp", controls=("Read",)), op("y", "Neg", "Read:0", controls=("wait",)))
    assert [(n.name, n.controls) for n in taught(Graph((W, read, *rest))).nodes] == [
        ("W", ()),
        ("y", ()),
    ]


def test_a_variable_that_hands_out_its_value_itself_is_one_box_too():
    """TF1's reference variables are read by an Identity."""
    graph = Graph(
        (
            op("b", "VariableV2", dtype="float32_ref"),
            op("one", "Const"),
            op("b/Assign", "Assign", "b:0", "one:0", dtype="float32_ref"),
            op("b/read", "Identity", "b:0"),
            op("y", "Neg", "b/read:0"),
        )
    )
    assert [(n.name, n.op, n.inputs) for n in taught(graph).nodes] == [
        ("b", "Variable", ()),
        ("y", "Neg", ("b:0",)),
    ]


def test_a_plain_picture_has_shapes_of_the_run_and_neither_its_times_nor_its_devices():
    saw = (TensorSpec("mul:0", "float32", (64, 3)),)
    handle = (TensorSpec("W:0", "resource", ()),)
    steps = (
        Step("W", "VarHandleOp", "/device:CPU:0", 0.0, 1.0, handle),
        Step("mul", "Mul", "/device:CPU:0", 1.0, 78.0, saw),
    )
    run = Run("graph", "Session.run", 2, steps=steps)
    drawn = drawings.seen(trained(), PLAIN, run)
    assert {(box.time_us, box.steps, box.devices) for box in boxes(drawn.members)} == {
        (None, None, ())
    }
    shapes = {(edge.dtype, edge.shape) for edge in drawn.edges}
    assert shapes == {("float32", (2, 3)), ("float32", (64, 3))}
    assert not any("times" in note for note in drawn.notes)


def test_a_chain_in_bands_keeps_every_line():
    whole = diagram(chain(12), without=["embed", "series"])
    places = {box.key: float(box.key) for box in boxes(whole.members)}
    cut = bands(whole, places, 3)
    assert len(cut) == 3
    every = [box for part in cut for box in boxes(part.members) if box.kind != "link"]
    assert sorted(box.key for box in every) == sorted(places)
    links = [[b.label for b in boxes(part.members) if b.kind == "link"] for part in cut]
    assert links == [["1"], ["2", "1"], ["2"]]
    # A line that is cut is two: one that leaves and one that arrives.
    assert sum(len(part.edges) for part in cut) == len(whole.edges) + 2


def test_what_would_cut_too_many_lines_is_not_cut():
    ends = [op(f"x{k}", "Placeholder") for k in range(9)]
    graph = Graph((*ends, op("sum", "AddN", *(f"x{k}:0" for k in range(9)))))
    whole = diagram(graph)
    places = {box.key: 0.0 if box.op == "Placeholder" else 9.0 for box in boxes(whole.members)}
    assert bands(whole, places, 2) == ()


@pytest.mark.parametrize("text", ["16:9", "4:3", "9:16", "a4", "letter"])
def test_a_fitted_picture_has_the_papers_size_and_text_that_can_be_read(text):
    on = paper(text)
    svg, points = fitted(lambda most, lines: diagram(chain(14), most=most, all_lines=lines), on)
    root = ElementTree.fromstring(svg)
    size = float(root.get("width").removesuffix("pt")), float(root.get("height").removesuffix("pt"))
    assert size in {(turn.width, turn.height) for turn in on.turns}
    assert points >= READABLE
    scale = float(re.search(r"scale\(([\d.]+)\)", svg)[1])
    written = {float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)}
    assert round(min(written) * scale, 1) >= READABLE
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))


def test_a_long_chain_gets_larger_text_in_bands_than_in_one_piece():
    graph, without = chain(24), ("series", "embed")
    svg, points = fitted(
        lambda most, lines: diagram(graph, depth=9, without=without), paper("4:3"), closing=False
    )
    assert "goes on at the same number" in svg
    view = drawings.View(depth=9, without=without)
    whole = drawings.graph_file(graph, None, "svg", view).decode()
    height = float(re.search(r'<svg width="[\d.]+pt" height="([\d.]+)pt"', whole)[1])
    assert points > 1.1 * 9 * 540 / height  # in one piece, were there no margins


def test_the_same_graph_is_fitted_to_the_same_bytes():
    made = [drawings.fitted_file(chain(9), None, "pdf", paper("a4")) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0][1] == ""


def test_text_that_is_too_small_is_told_in_points():
    view = drawings.View(depth=9, without=("series",))
    _, said = drawings.fitted_file(chain(70), None, "svg", paper("16:9"), view)
    assert re.match(
        r"the smallest text has [1-5]\.\d points on a slide of 13\.33 x 7\.5 in; 6 can be read\. "
        r"Try --plain or a smaller --depth or --focus$",
        said,
    )


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ("16x9", "g.svg", "cannot fit a picture to '16x9'; expected 16:9 or so, a4 or letter"),
        ("0:9", "g.svg", "cannot fit a picture to 0:9: no side may be 10 times the other"),
        ("99:1", "g.svg", "cannot fit a picture to 99:1: no side may be 10 times the other"),
        ("a4", "g.dot", "--fit a4 wants a picture: -o FILE.svg, .png or .pdf"),
        ("a4", None, "--fit a4 wants a picture: -o FILE.svg, .png or .pdf"),
    ],
)
def test_a_fit_that_cannot_be_is_refused(text, file, said, tmp_path):
    with pytest.raises(GraphlabError) as refused:
        drawings.paper_of(text, tmp_path / file if file else None)
    assert str(refused.value) == said


def test_papers_are_as_large_as_they_are_made():
    sizes = [(paper(t).width, paper(t).height) for t in ("16:9", "4:3", "A4", "letter")]
    assert sizes == [(960, 540), (720, 540), (595.28, 841.89), (612, 792)]
    assert all(a.turned.turned == a for a in map(paper, ("16:9", "a4")))
    assert list(itertools.chain(*(paper(t).turns for t in ("1:1",)))) == [paper("1:1")]


def test_a_body_is_drawn_once_where_it_is_called():
    body = Graph((op("a", "_Arg"), op("b", "Relu", "a:0"), Node("r", "_Retval", ("b:0",))))
    call = replace(op("f", "PartitionedCall", "x:0"), calls=("relu",))
    plain = taught(Graph((op("x", "Placeholder"), call), {"relu": body}))
    assert inline(plain) is plain
    assert sorted(box.name for box in boxes(diagram(plain).members)) == ["f", "f/a", "f/b", "x"]
