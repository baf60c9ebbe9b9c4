"""A lesson as a notebook: its cells do what the part does, and an executed one can be run again."""

from __future__ import annotations

import ast
import base64
import contextlib
import copy
import importlib.util
import io

import nbclient
import nbformat
import pytest

from graphlab.cli import main
from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.output import lesson_notebook
from graphlab.output.lesson_notebook import Asked

COURSE = [part for lesson in outline.lessons() for part in lesson.parts]

SMALL = '''"""Lesson 1.2: a number is doubled.

What is small.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, raises

CASES = [np.ones(2, np.float32)]
RTOL = ATOL = 0.0


# In a graph.
# As it was.
def graph(cases, device):
    # run
    return {"y": [case + case for case in cases]}


# At once.
# As it is.
def eager(cases, device):
    # run
    return {"y": [tf.constant(case) * 3 for case in cases]}


# A comment that belongs to what is below it.
def helper():
    return 2.0


def figures(results):
    return {"table": Heat("Doubled", "Each is two.", results["y"])}


def claim_two(results):
    """Two `ones` are
    two."""
    assert results["graph"]["y"][0][0] == helper()


def claim_three():
    """Not so."""
    assert helper() == 3.0
'''


def lesson_of(part: outline.Part) -> outline.Lesson:
    return next(each for each in outline.lessons() if each.number == part.lesson)


def code_of(*arguments: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return left.value.code


def cells_of(number: str, asked: Asked = Asked()) -> dict[str, str]:  # noqa: B008, it is frozen
    """The source of each cell of a part by its name."""
    (part,) = outline.find(number)
    notebook = lesson_notebook.written(lesson_of(part), [part], asked)
    prefix = f"part-{number.replace('.', '-')}-"
    return {cell.id.removeprefix(prefix): cell.source for cell in notebook.cells}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The notebook of a short part, as the command line writes it."""
    path = tmp_path_factory.mktemp("notebook") / "lesson.ipynb"
    assert code_of("lesson", "1.3", "--notebook", str(path)) == 0
    return path


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """An executed notebook whose ways disagree, and the complaints."""
    folder = tmp_path_factory.mktemp("lessons") / "lesson_01_small"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Lesson 1: Small things.\n\nWhat is small.\n"""\n')
    (folder / "part_2_double.py").write_text(SMALL)
    (lesson,) = outline.lessons(folder.parent)
    notebook = lesson_notebook.written(lesson, lesson.parts, Asked())
    return notebook, lesson_notebook.execute(notebook, lambda done, total: None)


def test_a_notebook_is_valid_and_has_the_outputs_of_a_run_without_errors(file):
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert "The ways agree: bit-equal" in outputs["part-1-3-run"][0].text
    asked = ["part-1-3-quiz-1", "part-1-3-quiz-2"]
    shown = ["part-1-3-run", "part-1-3-drawn", *asked]
    assert [name for name, said in outputs.items() if said] == shown
    picture = outputs["part-1-3-drawn"][0].data["image/svg+xml"]
    assert "<svg" in picture and "MatMul" in picture
    assert outputs[asked[1]][0].text == "none, and there is no error\n"


def test_a_notebook_run_again_from_a_clean_kernel_says_the_same(file):
    notebook = nbformat.read(file, as_version=4)
    was = [cell.get("outputs") for cell in copy.deepcopy(notebook).cells]
    nbclient.NotebookClient(notebook, record_timing=False, coalesce_streams=True).execute()
    assert [cell.get("outputs") for cell in notebook.cells] == was


SPLIT = """import sys, time

for word in ["one ", "two", "\\n"]:
    sys.stdout.write(word)
    sys.stdout.flush()
    time.sleep(0.3)
"""


def test_what_a_cell_prints_is_one_output_however_often_it_is_flushed():
    cell = nbformat.v4.new_code_cell(SPLIT, id="split")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert lesson_notebook.execute(notebook, lambda done, of: None) == []
    assert [(each.name, each.text) for each in cell.outputs] == [("stdout", "one two\n")]


def test_ways_that_disagree_and_claims_that_fail_are_told_by_their_cells(wrong):
    notebook, told = wrong
    assert told == [
        "part-1-2-run: AssertionError: the ways disagree: y[0, 0] is 3.0 in eager and 2.0 in "
        "graph, 1 apart (rtol 0, atol 0)",
        "part-1-2-claim-2: AssertionError: ",
    ]
    (run,) = [cell for cell in notebook.cells if cell.id == "part-1-2-run"]
    assert "✗ The ways disagree: y[0, 0] is 3.0 in eager" in run.outputs[0].text


def test_a_figure_is_a_picture_that_says_what_it_shows(wrong):
    notebook, _ = wrong
    (cell,) = [cell for cell in notebook.cells if cell.id == "part-1-2-figures"]
    output, caption = cell.outputs
    assert caption.text == "Each is two.\n"
    assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
    assert "Each is two." in output.metadata["image/png"]["alt"]
    assert output.data["text/plain"] == "Doubled: Each is two."


def test_a_claim_is_told_above_its_code(wrong):
    cells = {cell.id: cell.source for cell in wrong[0].cells}
    assert cells["part-1-2-claim-1-prose"] == "Two `ones` are\ntwo."
    assert cells["part-1-2-claim-1"] == (
        'def claim_two(results):\n    assert results["graph"]["y"][0][0] == helper()\n\n\n'
        "claim_two(tried.results)"
    )


def test_a_way_stands_under_its_prose_and_a_helper_keeps_its_comment(wrong):
    cells = {cell.id: cell.source for cell in wrong[0].cells}
    assert cells["part-1-2-graph-prose"] == "### graph\n\nIn a graph.\nAs it was."
    assert cells["part-1-2-graph"].startswith("def graph(cases, device):\n    # run\n")
    assert cells["part-1-2-code-2"].startswith("# A comment that belongs to what is below it.\n")


@pytest.mark.parametrize("part", COURSE, ids=lambda part: part.name)
def test_the_cells_of_a_part_have_all_of_its_code(part):
    notebook = lesson_notebook.written(lesson_of(part), [part], Asked())
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    code = [cell.source for cell in notebook.cells[2:] if cell.cell_type == "code"]
    found = {n.name: n for n in ast.parse("\n".join(code)).body if hasattr(n, "name")}
    meant = {n.name: n for n in outline.parse(part.path).body if hasattr(n, "name")}
    assert sorted(found) == sorted(meant)
    for name, node in meant.items():
        if name.startswith(("claim_", "quiz_")):
            del node.body[0]
        assert ast.dump(found[name]) == ast.dump(node)


def test_what_was_asked_for_is_in_the_cell_that_runs():
    cells = cells_of("2.4", Asked(way="eager", device="CPU:1", seed=7, steps=40))
    arguments = cells["run"].partition("run_ways(\n")[2].partition("\n)")[0].split()
    assert " ".join(arguments) == (
        "eager, cases=cases(7), rtol=RTOL, atol=ATOL, steps=40, device='CPU:1',"
    )
    assert "graph" not in cells and "eager" in cells


def test_a_claim_about_all_steps_is_called_where_there_are_no_more_than_are_run():
    first = cells_of("2.4", Asked(steps=40))["claim-1"]
    assert first.splitlines()[-4:] == [
        "if len(cases()) <= 40:",
        "    claim_81_of_100_pictures_never_seen_are_named(tried.results)",
        "else:",
        '    print("it speaks of all steps, and 40 were run, so it is not checked")',
    ]
    assert cells_of("2.4", Asked(way="eager"))["claim-1"].splitlines()[-2:] == [
        "# It speaks of all ways and all their steps, so it is not checked here:",
        "# claim_81_of_100_pictures_never_seen_are_named(tried.results)",
    ]
    assert cells_of("2.4", Asked(steps=40))["claim-2"].endswith(
        "\nclaim_pixels_from_0_to_255_do_not_train()"
    )


def test_figures_are_drawn_of_a_few_steps_where_they_can_be():
    """Run with what a part gives of fewer steps: drawn, or said why not."""
    code = cells_of("3.2", Asked(steps=5))["figures"].rpartition("\n\n\n")[2]
    for draw, said in (
        (lambda results: {"a": type("Figure", (), {"caption": "A caption."})}, "A caption.\n"),
        (lambda results: results["W"][7], "they show all steps, and 5 were run: "),
    ):
        tried = type("Tried", (), {"results": {"graph": {"W": []}}})
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(code, {"figures": draw, "tried": tried, "display": lambda figure: None})
        assert told.getvalue().startswith(said)


def test_a_library_that_lacks_is_named_with_what_to_install(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "nbclient" else there(name)
    )
    said = r"there is no nbclient; pip install 'graphlab\[notebook\]'"
    with pytest.raises(GraphlabError, match=said):
        cells_of("1.3")


def test_a_device_that_is_not_there_is_refused_before_anything_runs(tmp_path, capsys):
    path = tmp_path / "lesson.ipynb"
    assert code_of("lesson", "1.3", "--notebook", str(path), "--device", "GPU:7") == 2
    assert "device GPU:7 is not on this machine" in capsys.readouterr().err
    assert not path.exists()


def test_a_notebook_goes_with_no_other_answer(tmp_path, capsys):
    path = tmp_path / "lesson.ipynb"
    assert code_of("lesson", "1.3", "--notebook", str(path), "--json", "--data", "full") == 2
    assert "leave out --data, --json" in capsys.readouterr().err
    assert not path.exists()


def test_a_claim_that_calls_a_way_which_was_left_out_is_not_called():
    cells = cells_of("2.4", Asked(way="graph"))
    assert cells["claim-2"].splitlines()[-2:] == [
        "# It calls eager, which was left out:",
        "# claim_pixels_from_0_to_255_do_not_train()",
    ]
    assert cells_of("2.4", Asked(way="eager"))["claim-2"].splitlines()[-1] == (
        "claim_pixels_from_0_to_255_do_not_train()"
    )


def test_tf32_is_kept_in_a_notebook_only_where_that_is_asked_for():
    assert "tf32" not in cells_of("2.4", Asked(device="GPU:0"))["run"]
    kept = cells_of("2.4", Asked(device="GPU:0", tf32=True))["run"]
    assert "device='GPU:0', tf32=True" in " ".join(kept.split())
