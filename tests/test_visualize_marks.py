"""Two stages in one drawing: what is kept, gone, new or changed has its colour and its legend."""

from graphlab.model import Graph, Marks, Node, TensorSpec
from visualize.diagram.build import diagram
from visualize.pictures.dot import MARKS, dot


def node(name, op, mark, *inputs, became=""):
    marks = Marks(verdict=mark, became=became)
    return Node(name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32"),), marks=marks)


GRAPH = Graph(
    (
        node("x", "Placeholder", "kept"),
        node("mm", "MatMul", "gone", "x:0", became="fused into y"),
        node("y", "_FusedMatMul", "changed", "x:0"),
    )
)


def test_each_mark_has_its_own_fill_and_only_what_occurs_is_explained():
    source = dot(diagram(GRAPH))
    for mark in ("kept", "gone", "changed"):
        fill, meaning = MARKS[mark]
        assert f'fillcolor="{fill}"' in source
        assert meaning in source
    assert MARKS["new"][1] not in source
    assert "fused into y" in source


def test_a_graph_without_marks_is_drawn_as_before():
    plain = Graph((Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32"),)),))
    source = dot(diagram(plain))
    assert not [meaning for _, meaning in MARKS.values() if meaning in source]
