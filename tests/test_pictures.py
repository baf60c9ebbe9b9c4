"""`--out DIR`: a folder gets every picture or stays as it was, and each picture opens."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from graphlab.agreement import Agreement
from graphlab.course import outline, report
from graphlab.course.figures import Shown
from graphlab.course.ways import WayResult
from graphlab.errors import GraphlabError
from graphlab.figure import Heat
from graphlab.model import Graph, Node, Run, Step, TensorSpec
from graphlab.output import files, pictures

X = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (2,)),))
Y = Node("y", "Relu", ("x:0",), outputs=(TensorSpec("y:0", "float32", (2,)),))
STEP = Step("y", "Relu", "CPU:0", 0.0, 5.0)
RUN = Run("graph", "Session.run", 8, built=Graph((X, Y)), steps=(STEP,), step=8)


def ops(*kinds: str) -> tuple[Step, ...]:
    return tuple(Step(kind.lower(), kind, "CPU:0", 0.0, 5.0) for kind in kinds)


def made(*runs: Run) -> report.Report:
    part = outline.Part(1, 2, "a title", "", Path("part.py"))
    result = WayResult("graph", {"loss": np.array([2.0, 1.0])}, runs, 2, 1, 0, 1, 2, 1.0, 1.0)
    return report.Report(part, "CPU:0", {"graph": result}, {}, Agreement(True, 0, 0, None), ())


def test_a_part_gives_its_graph_its_trace_and_its_loss(tmp_path):
    pictures.write(made(RUN), tmp_path)
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == [
        *("1.2-graph-trace.svg", "1.2-graph.png", "1.2-graph.svg"),
        *("1.2-loss.png", "1.2-loss.svg"),
    ]
    tags = {ElementTree.parse(f).getroot().tag for f in files if f.suffix == ".svg"}
    assert tags == {"{http://www.w3.org/2000/svg}svg"}
    assert {f.read_bytes()[:8] for f in files if f.suffix == ".png"} == {b"\x89PNG\r\n\x1a\n"}


def test_a_figure_of_a_part_is_written_as_svg_and_as_png(tmp_path):
    seen = Shown({"filters": Heat("Filters", "Edges.", [[1.0, 2.0]])})
    pictures.write(dataclasses.replace(made(), shown=seen), tmp_path)
    names = [file.name for file in sorted(tmp_path.iterdir())]
    assert names[:2] == ["1.2-filters.png", "1.2-filters.svg"]
    assert (tmp_path / "1.2-filters.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / "1.2-filters.svg").getroot().tag.endswith("svg")


def test_a_figure_that_could_not_be_drawn_is_a_complaint_that_names_the_part():
    told = dataclasses.replace(made(), shown=Shown({}, ("figure 'f': it has no lines",)))
    assert told.complaints() == ["1.2: figure 'f': it has no lines"]
    assert told.ok


def test_a_way_of_which_nothing_was_recorded_gives_no_picture_of_it():
    assert [name for name, _ in pictures.draw(made())] == ["loss.svg", "loss.png"]


def test_the_drawn_run_is_the_largest_of_the_last_step():
    start = Run("graph", "Session.run", 1, steps=(STEP,) * 9)
    small = Run("graph", "Session.run", 3, step=8)
    result = made(start, RUN, small, start).ways["graph"]
    assert report.main_run(result) is RUN


def test_a_last_step_that_only_saves_is_not_the_one_that_is_drawn():
    """As of an Estimator that has all of its steps: its last call restores and saves."""
    ran = Run("graph", "Session.run", 3, step=1, steps=ops("Conv2D", "Relu", "MatMul"))
    saved = Run("graph", "Session.run", 5, step=3, steps=ops("Const", "SaveV2"))
    small = Run("graph", "Session.run", 5, step=4, steps=ops("Relu"))
    assert report.main_run(made(ran, saved).ways["graph"]) is ran
    assert report.main_run(made(ran, saved, small).ways["graph"]) is small
    assert report.main_run(made(saved).ways["graph"]) is saved


def test_files_are_in_the_folder_once_all_is_written(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with files.whole_folder(tmp_path) as place:
        (place / "a.svg").write_text("a")
        assert not (tmp_path / "a.svg").exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.svg", "mine.txt"]


@pytest.mark.parametrize("inner", [".", "new", "new/inner"])
def test_a_folder_is_as_it_was_where_something_goes_wrong(tmp_path, inner):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt), files.whole_folder(tmp_path / inner) as place:
        (place / "a.svg").write_text("a")
        raise KeyboardInterrupt
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(GraphlabError, match=r"cannot write to the folder .*file: File exists"),
        files.whole_folder(tmp_path / "file"),
    ):
        pytest.fail("the block ran")
