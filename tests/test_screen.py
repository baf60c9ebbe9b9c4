"""What a lesson looks like: nothing is cut off, sections align, tables say what the runs say."""

from __future__ import annotations

import ast
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from graphlab.agreement import Agreement, Difference
from graphlab.course import outline, report
from graphlab.course.ways import Claim, WayResult
from graphlab.model import Graph, Node, Run, Step, TensorSpec
from graphlab.screen import brief, code, folding, keys, opening, page, prose, runs, tables
from graphlab.screen.console import Plain
from graphlab.screen.summary import summary

LONG = "    total = total + first_long_name * second_long_name(third_name, fourth_name)"


def show(renderable, width: int = 120) -> str:
    """What the renderable looks like without colours, spaces at the ends of lines cut."""
    file = io.StringIO()
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    console.print(renderable)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def part(body: str = "x = 1", other: str = "y = 2") -> outline.Part:
    """A part of three ways, each of two sections."""

    def way(name):
        sections = (outline.Section("inputs", body, 1), outline.Section("run", other, 2))
        return outline.WayText(f"About {name}.", "(cases, device)", sections)

    ways = {name: way(name) for name in outline.REQUIRED}
    return outline.Part(
        1, 2, "a title", "Prose of `code`.", Path("part.py"), outline.Code(ways, "RTOL = 0.0")
    )


RUN = Run(
    way="graph",
    name="Session.run",
    call=8,
    feeds=(TensorSpec("x:0", "float32", (2,)),),
    fetches=("y:0",),
    built=Graph((Node("x", "Placeholder"), Node("y", "MatMul", device="/device:CPU:1"))),
    steps=(
        Step("x", "_Arg", "CPU:0"),
        Step("y", "MatMul", "CPU:0", 10.0, 40.0),
        Step("y", "MatMul", "CPU:0", 40.0, 70.0),
        Step("z", "Relu", "CPU:1", 70.0, 90.0),
    ),
    wall_us=250.0,
)


def result(way: str, y: float = 1.0) -> WayResult:
    return WayResult(way, {"y": np.array([y, 2.0])}, (RUN,), 7, 4, 1, 1, 20, 30.0, 0.25)


def made(ok: bool = True) -> report.Report:
    worst = None if ok else Difference("graph", "eager", "y", (0,), 1.0, 1.5, 99.0, 0.5)
    ways = {"graph": result("graph"), "eager": result("eager", 1.0 if ok else 1.5)}
    claims = (Claim("claim_it_holds", "It `holds`.", True), Claim("claim_no", "No.", ok, "why not"))
    agreement = Agreement(ok, 0.0, 0.1, worst)
    return report.Report(part(), "CPU:1", ways, {}, agreement, claims)


@pytest.mark.parametrize("width", [10, 20, 33, 60])
def test_a_folded_line_loses_nothing(width):
    pieces = [piece.plain for piece in folding.marked(Text(LONG), width)]
    assert max(map(len, pieces)) <= width
    assert "".join([pieces[0], *(piece.split(folding.MARK, 1)[1] for piece in pieces[1:])]) == LONG


def test_a_line_that_fits_is_left_alone():
    assert [piece.plain for piece in folding.marked(Text(LONG), len(LONG))] == [LONG]


def test_a_call_without_arguments_is_not_broken_within_its_brackets():
    """At 80 columns 9.3 had `cases(` above `).start.items()`."""
    line = "values = {name: numbers for name, numbers in cases().start.items()}"
    assert [piece.plain.lstrip() for piece in folding.folded(line, 52)] == [
        "values = {name: numbers for name, numbers in",
        "cases().start.items()}",
    ]


def test_a_comment_at_the_end_of_a_line_is_folded_as_a_whole():
    pieces = folding.marked(Text("W = np.ones(2)  # one for each input"), 30)
    assert [piece.plain.strip() for piece in pieces] == [
        "W = np.ones(2)",
        "┆ # one for each input",
    ]


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (80, (("graph",), ("eager",), ("function",))),
        (123, (("graph", "eager"), ("function",))),
        (200, (("graph", "eager", "function"),)),
    ],
)
def test_as_many_ways_stand_side_by_side_as_fit(width, rows):
    assert code.layout(part("x = " + "1" * 51), width) == rows


def test_sections_align_across_the_ways():
    uneven = part("x = 1")
    longer = outline.Section("inputs", "x = 1\nx = 2\nx = 3", 1)
    graph = outline.WayText("About.", "(cases, device)", (longer, uneven.ways["graph"].sections[1]))
    uneven.ways["graph"] = graph
    lines = show(code.versions(uneven, 200), 200).splitlines()
    assert [line.count("# run") for line in lines if "# run" in line] == [3]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize(
    "each", [p for lesson in outline.lessons() for p in lesson.parts], ids=lambda p: p.name
)
def test_no_code_of_the_course_is_cut_off(each, width):
    for way in each.ways:
        text = show(code.versions(each, width, (way,)), width)
        assert max(len(line) for line in text.splitlines()) <= width
        if folding.MARK not in text:
            assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(code.written(each, way)))
        shown = "".join(text.replace(folding.MARK.strip(), "").replace("\\", "").split())
        for section in each.ways[way].sections:
            whole = section.code.replace("\\", "")
            assert "#" in whole or "".join(whole.split()) in shown


def test_one_way_may_be_shown_alone():
    text = show(code.versions(part(), 200, ("eager",)), 200)
    assert "def eager(cases, device):" in text
    assert "graph(cases, device)" not in text


def test_the_ways_agree_or_the_place_is_named():
    assert show(tables.agreement(made())) == "✓ The ways agree: bit-equal (rtol 0, atol 0.1)"
    assert show(tables.agreement(made(ok=False))) == (
        "✗ The ways disagree: y[0] is 1.0 in graph and 1.5 in eager, 0.5 apart (rtol 0, atol 0.1)"
    )


def test_differences_are_computed_from_the_results():
    lines = show(tables.differences(made(ok=False))).splitlines()
    assert [line.split() for line in lines if line.startswith("y")] == [["y", "[2]", "0.5"]]


def test_results_of_different_shapes_are_matrices_or_spans_with_their_shapes():
    maps = [np.arange(4.0).reshape(1, 2, 2, 1), np.arange(25.0).reshape(1, 5, 5, 1)]
    answers = [np.arange(20) > 4]
    way = replace(result("graph"), results={"map": maps * 3, "answer": answers})
    lines = show(tables.results(replace(made(), ways={"graph": way}))).splitlines()
    assert [line.split("]  ", 1)[-1].strip() for line in lines] == [
        "[[0. 1.]",
        "[2. 3.]]",
        "[1, 5, 5, 1]: from 0 to 24, mean 12",
        "[[0. 1.]",
        "[2. 3.]]",
        "[1, 5, 5, 1]: from 0 to 24, mean 12",
        "and 2 more",
        "15 of 20 are True",
    ]


def test_a_result_is_told_whole_where_its_ways_are_lines():
    """It was cut at the edge, `from 0.1111 to 1…`, and two arrays ran on in one line."""
    maps = [np.arange(25.0).reshape(5, 5), np.arange(16.0, 33).reshape(1, 17)]
    way = replace(result("graph"), results={"map": maps, "f1": np.float32(0)})
    ways = {"graph": way, "eager": replace(way, way="eager", results={"map": maps})}
    assert show(summary(replace(made(), ways=ways), 30), 30).splitlines() == [
        "map  [2, ?, ?]",
        "  graph  [5, 5]: from 0 to 24,",
        "    mean 12",
        "    [1, 17]: from 16 to 32,",
        "    mean 24",
        "  eager  bit-equal",
        "f1  []",
        "  graph  0",
    ]
    wide = show(summary(replace(made(), ways=ways), 120)).splitlines()
    assert "[5, 5]: from 0 to 24, mean 12; [1, 17]: from 16 to 32, mean 24" in wide[2]
    assert wide[-1] == "· not among its results"


def test_numbers_that_numpy_aligns_have_no_gap_at_their_brackets():
    numbers = {"loss": np.array([7.0593, 0.454]), "sizes": np.array([34944, 307456, 8])}
    way = replace(result("graph"), results=numbers)
    lines = show(tables.results(replace(made(), ways={"graph": way}))).splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["[7.0593 0.454]", "[34944 307456 8]"]


def test_a_long_number_is_told_in_nine_digits_and_numpy_by_its_name():
    worst = Difference("numpy", "eager", "y", (0,), 0.1234567890123, 1.5, 0.5, 0.5)
    text = show(tables.agreement(replace(made(), agreement=Agreement(True, 0.0, 1.0, worst))))
    assert "y[0] is 0.123456789 in NumPy and 1.5 in eager" in text


def test_work_and_time_are_those_of_the_ways():
    rows = [line.split("  ") for line in show(Group(*tables.measures(made().ways))).splitlines()]
    cells = {row[0]: [cell.strip() for cell in row[1:] if cell.strip()] for row in rows}
    assert cells["ops built"] == ["7", "7"]
    assert cells["ops executed per step"] == ["4", "4"]
    assert cells["first step"] == ["30.0 ms", "30.0 ms"]
    assert cells["steady step (median)"] == ["250 µs", "250 µs"]


@pytest.mark.parametrize("width", [40, 80])
def test_no_word_of_the_tables_of_differences_and_of_work_is_torn(width):
    ways = {name: result(name) for name in ("graph", "eager", "function", "keras")}
    text = show(Group(*tables.measures(ways)), width)
    assert {"ops built", "steady step (median)"} <= {
        line.split("  ")[0] for line in text.splitlines()
    }
    assert "function" in text and "…" not in text
    told = show(tables.differences(made(ok=False)), width)
    assert "…" not in told and "0.5" in told


def test_where_no_step_repeats_what_another_did_there_is_no_steady_one():
    way = replace(result("graph"), steady_ms=None, steps_differ=True)
    text = show(Group(*tables.measures({"graph": way})))
    assert text.splitlines()[-2:] == [
        "steady step (median)              ·",
        "graph: no steady step; the steps have fetches, or traces of a tf.function, of their own",
    ]


def test_steps_that_only_build_are_not_taken_for_fast_ones():
    way = replace(result("graph"), calls=0, ops_executed=0)
    text = show(Group(*tables.measures({"graph": way, "eager": result("eager")})))
    said = "graph: the steps only build; what they built runs after them"
    assert text.splitlines()[-1] == said
    assert said not in show(Group(*tables.measures({"graph": result("graph")})))


def test_recorded_runs_of_one_name_are_told_apart_by_what_they_fetch():
    init = replace(RUN, call=1, fetches=("init",))
    first = replace(RUN, call=1)
    function = replace(RUN, way="function", name="f", call=1)
    assert runs.run_names([init, first, RUN, function, function]) == [
        "Session.run of init, call 1",
        "Session.run of y, call 1",
        "Session.run, call 8",
        "f, call 1",
        "f, call 1, a new trace",
    ]


def test_ops_that_python_dispatched_are_told_apart_by_where_the_steps_are():
    outside = replace(RUN, way="eager", name="eager ops", call=1, step=0)
    step = replace(outside, name="step", step=8)
    assert runs.run_names([outside, step, outside]) == [
        "eager ops before the steps",
        "step 8",
        "eager ops after the steps",
    ]


def test_names_in_the_table_of_runs_are_whole_where_there_is_room():
    long = "gradients/loss_grad/a_name_that_is_long/Reshape"
    way = replace(result("graph"), runs=(replace(RUN, fetches=(f"{long}:0",)),))
    assert long in show(Group(*runs.runs({"graph": way}, 200)), 200)
    assert long not in show(Group(*runs.runs({"graph": way}, 100)), 100)


def test_a_median_of_a_few_steps_is_not_told():
    way = replace(result("graph"), steps=3)
    text = show(Group(*tables.measures({"graph": way})))
    assert text.splitlines()[-2].split() == ["steady", "step", "(median)", "·"]
    assert text.splitlines()[-1] == "graph: not enough steps for a steady one"
    once = {name: replace(way, steps=2, steady_ms=None) for name in ("graph", "eager", "keras")}
    text = show(Group(*tables.measures(once)))
    assert text.splitlines()[-1] == "graph, eager and keras: not enough steps for a steady one"


def test_a_comment_that_goes_below_a_line_which_opens_a_block_is_in_the_block():
    code_of = "for size in sizes:  # why it is so\n    x = size"
    lines = [each.plain for each in folding.folded(code_of, 24)]
    assert lines == ["for size in sizes:", "    # why it is so", "    x = size"]


def test_each_way_without_a_median_is_named():
    """Also one of which no step was steady, as Keras traces anew in the second."""
    few = {name: replace(result(name), steps=3) for name in ("graph", "eager", "function")}
    few["keras"] = replace(result("keras"), steps=3, steady_ms=None)
    text = show(Group(*tables.measures(few)))
    assert text.splitlines()[-1].startswith("graph, eager, function and keras: not enough")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_loses_columns_and_no_number(width):
    text = show(Group(*runs.runs({"graph": result("graph")}, width)), width)
    assert "250 µs" in text and "…" not in text
    assert ("written" in text) == (width > 40)
    text = show(tables.where_the_time_went(RUN, width), width)
    assert "60.0 µs" in text and "CPU:1" in text


def test_a_difference_that_is_tolerated_does_not_read_like_a_failure():
    worst = Difference("graph", "eager", "y", (0,), 1.0, 1.5, 0.5, 0.5)
    agreed = replace(made(), agreement=Agreement(True, 0.0, 1.0, worst))
    assert show(tables.agreement(agreed)) == (
        "✓ The ways agree; furthest apart: y[0] is 1.0 in graph and 1.5 in eager, 0.5 apart"
        " (rtol 0, atol 1)"
    )


def test_only_signs_and_ops_that_occur_are_explained():
    lines = [Text("●    Const"), Text("│ ●  Const")]
    assert [line.plain for line in keys.lanes(lines)] == ["● an op   │ a tensor kept"]
    assert [line.plain for line in keys.ops(["MatMul", "_MklMatMul"])] == [
        "_Mkl…: by Intel's oneDNN library"
    ]
    assert list(keys.ops(["MatMul"])) == []
    (line,) = keys.lanes([Text("● +2  Const  a"), Text("│  Const  +3")])
    assert line.plain.endswith("+1 so many more are kept, without a line")


def test_the_words_of_a_variable_and_of_what_has_no_time_are_told():
    rows = [Text("●  VarHandleOp  w  scalar resource"), Text("●  MatMul")]
    assert [line.plain for line in keys.lanes(rows)][1:] == [
        "VarHandleOp: a variable   resource: what a variable is read and written by"
    ]
    timed, untimed = Step("a", "MatMul", "CPU:0", 0.0, 2.0), Step("b", "MatMul", "CPU:0")
    assert list(keys.times([timed])) == []
    assert [line.plain for line in keys.times([timed, untimed])] == [
        "not timed: it ran, and the runtime's record has no time of it"
    ]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, ["    s = sum(c * u)    over the parts, one of them"]),
        (44, ["    s = sum(c * u)    over the parts, one of", " " * 22 + "them"]),
        (30, ["    s = sum(c * u)", "        over the parts, one of", "        them"]),
        (14, ["    s =", "        sum(c", "        * u)", "        over"]),
    ],
)
def test_what_a_formula_of_the_prose_has_too_much_does_not_begin_a_line(width, shown):
    """It did, at the left: `drawn to it` stood before the next formula like one of them."""
    told = "    s = sum(c * u)    over the parts, one of them\n    v = squash(s)"
    assert show(prose.reading(told), width).splitlines()[: len(shown)] == shown


def test_piped_text_has_no_spaces_at_the_ends_of_its_lines():
    file = io.StringIO()
    table = Table.grid(expand=True)
    table.add_row("a", "b")
    Plain(file).print(table)
    assert file.getvalue() == file.getvalue().rstrip(" \n") + "\n"


def test_a_terminal_without_our_signs_gets_others_and_no_question_marks():
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    Plain(file).print("├─●  ✓ 5 µs ⡀ …")
    assert raw.getvalue() == b"+-*  + 5 us * ~\n"


def test_an_op_that_ran_elsewhere_than_asked_shows_both_devices():
    lines = show(tables.where_the_time_went(RUN, 120)).splitlines()
    (row,) = [line.split() for line in lines if line.startswith("y ")]
    assert row == ["y", "MatMul", "CPU:1", "CPU:0", "2", "60.0", "µs", "75%"]


def test_an_op_without_a_time_is_said_to_have_none():
    lines = show(tables.where_the_time_went(RUN, 120)).splitlines()
    (row,) = [line for line in lines if line.startswith("x ")]
    assert row.split() == ["x", "_Arg", "·", "CPU:0", "1", "not", "timed"]
    assert "CPU:0: 3 ops, 60.0 µs, 75%; 1 not timed" in lines
    assert "CPU:1: 1 op, 20.0 µs, 25%" in lines


def test_a_claim_that_fails_says_why():
    text = show(
        prose.claims([(True, "One\nholds.", "claim_a", ""), (False, "Two.", "claim_b", "x")])
    )
    assert text.splitlines() == ["✓ One holds.", "✗ Two.", "  claim_b does not hold: x"]


def test_brackets_and_colons_of_a_lesson_are_shown_as_they_are():
    assert show(prose.reading("A [rows, 3] of :x: and `[b]`.")) == "A [rows, 3] of :x: and `[b]`."


def test_a_list_in_prose_has_an_item_a_line():
    shown = show(prose.reading("Two:\n\n- `a` is one,\n  of two\n- b"), 60)
    assert [line.rstrip() for line in shown.splitlines()] == [
        "Two:",
        "",
        "- `a` is one, of two",
        "- b",
    ]


def test_an_item_goes_on_below_its_first_word():
    shown = show(prose.reading("- `cells` makes one number of each\n- b"), 24)
    assert shown.splitlines() == ["- `cells` makes one", "  number of each", "- b"]


def test_a_title_between_stars_is_set_off_and_products_are_not():
    text = prose.marked("*The Path*, 2 * 3 * 4, f(*a, *b) and `x * y`.")
    assert text.plain == "The Path, 2 * 3 * 4, f(*a, *b) and `x * y`."


def test_stressed_words_lose_their_stars_and_code_keeps_its_own():
    text = prose.marked("A **variable** of `2**32`.")
    assert text.plain == "A variable of `2**32`."
    assert [text.plain[span.start : span.end] for span in text.spans] == ["variable", "`2**32`"]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_whole_part_stays_within_the_terminal(width, tmp_path):
    path = tmp_path / "part.py"
    path.write_text(
        "RTOL = 0.0\n\n\ndef graph(cases, device):\n    return {}\n\n\n"
        'def claim_it_holds():\n    """It `holds`."""\n    assert True\n'
    )
    report = replace(made(), part=replace(part(), path=path))
    for more, after in ((False, brief.after), (True, page.after)):
        above = opening.before(report.part, width, outline.REQUIRED, more)
        blocks = [*above, *after(report, width)]
        lines = "\n".join(show(block, width) for block in blocks).splitlines()
        assert max(map(len, lines)) <= width or width < 80
