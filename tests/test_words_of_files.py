"""What a file says is shown as the file's, whatever words it uses."""

from __future__ import annotations

import dataclasses

import pytest
from models_made import FLOAT, graph_def

from graphlab.model import Marks
from graphlab.output.drawings import View, graph_file
from graphlab.sources import facts, files
from visualize.page.columns import graph_columns

OURS = [field.name for field in dataclasses.fields(Marks)]
VALUES = {"s": b"x:0", "i": 7, "b": True, "f": 0.5, "type": FLOAT}


def a_model(tmp_path, word: str = "", kind: str = "i"):
    """x -> y, where an attribute of both is called as a mark of ours is."""
    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}), ("y", "Relu", ["x"], {"T": FLOAT})
    )
    for node in graph.node:
        if word and kind == "list":
            node.attr[word].list.s.extend([b"x:0", b"y:0"])
        elif word:
            setattr(node.attr[word], kind, VALUES[kind])
    path = tmp_path / "m.pb"
    path.write_bytes(graph.SerializeToString())
    return files.read_model(path)


@pytest.mark.parametrize("kind", [*VALUES, "list"])
@pytest.mark.parametrize("word", OURS)
def test_an_attribute_that_is_called_as_a_mark_of_ours_changes_no_drawing(tmp_path, word, kind):
    plain, odd = a_model(tmp_path).graph, a_model(tmp_path, word, kind).graph
    assert word in odd["y"].attrs and odd["y"].marks == Marks()
    for format in ("dot", "txt"):
        grouped = View(depth=3)
        for view in (View(), grouped):
            assert graph_file(odd, None, format, view) == graph_file(plain, None, format, view)
    assert graph_columns(odd)["marks"] == {}


@pytest.mark.parametrize("word", OURS)
def test_info_says_nothing_that_only_an_attribute_s_name_says(tmp_path, word):
    plain, odd = a_model(tmp_path), a_model(tmp_path, word, "list")
    assert facts.about(odd) == facts.about(plain)
