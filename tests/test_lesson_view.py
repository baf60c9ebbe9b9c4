"""A part as a learner reads it: short, a picture early, and code that runs when it is copied."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import textwrap
from itertools import pairwise

import numpy as np
import pytest
from rich.console import Console

from graphlab.course import outline, source, ways
from graphlab.course.run import run_part
from graphlab.errors import GraphlabError
from graphlab.lesson import raises, witnessed
from graphlab.screen import brief, excerpt, opening, page, prose
from graphlab.screen.summary import summary

COURSE = [part for lesson in outline.lessons() for part in lesson.parts]
COLOURED = "10.4"  # its pictures have colours, and its captions speak of them


def lines_of(renderables, width):
    console = Console(width=width, markup=False, emoji=False, highlight=False, record=True)
    with console.capture() as taken:
        for each in renderables:
            console.print(each)
    return taken.get().splitlines()


@pytest.fixture(scope="module")
def report():
    """Lesson 3.2 after a few of its steps, as if they were all."""
    (part,) = outline.find("3.2")
    return run_part(part, outline.ways_of(part), "CPU:0", None, lambda *told: None, steps=12)


def test_a_part_is_short_and_its_picture_comes_early(report):
    above = lines_of(excerpt.before(report.part, 100, tuple(report.ways)), 100)
    below = lines_of(brief.after(report, 100), 100)
    assert below[:2] == ["", "To look at  XOR, learned"]
    assert below[2].strip()  # the picture's first line
    assert len(above) + 3 <= excerpt.PICTURE == 90
    assert len(above) + len(below) <= brief.LINES


@pytest.mark.parametrize("each", COURSE, ids=str)
@pytest.mark.parametrize("width", [24, 40, 80])
def test_the_title_of_a_part_is_read_whole_at_each_width(each, width):
    """At 40 columns 1.2 was `a variable is a node with a memo…`."""
    lines = lines_of([prose.part_heading(each)], width)
    head = lines[: lines.index("")]
    assert max(map(len, head)) <= width
    assert " ".join(" ".join(head).rstrip("─").split()) == f"{each.name} {each.title}"


def test_below_a_claim_s_code_there_is_one_empty_line(report):
    lines = lines_of(brief.after(report, 100), 100)
    assert any(line.startswith("def claim_") for line in lines)
    after = [below for above, below in pairwise(lines) if not above]
    assert "" not in after


def test_results_whose_columns_do_not_fit_are_lines(report):
    """At 40 columns the heads were broken in mid-word, `resul` above `t`, and numbers in three."""
    names = list(report.results["graph"])
    wide, narrow = (lines_of([summary(report, w)], w) for w in (100, 40))
    assert [line.split()[0] for line in wide] == ["result", "─" * len(wide[1]), *names]
    assert [line.split()[0] for line in narrow if line[0] != " "] == names
    # Which ways have a line together is the processor's affair; each is told of once.
    below = re.split(r"^\S.*\n", "\n".join(narrow) + "\n", flags=re.MULTILINE)[1:]
    told = [re.findall(r"^  (\S+(?:, \S+)*)  ", each, re.MULTILINE) for each in below]
    assert [each[0] for each in told] == ["graph"] * len(names)
    others = sorted(set(report.results) - {"graph"})
    for each in told:
        assert sorted(", ".join(each[1:]).lower().split(", ")) == others
    assert max(map(len, narrow)) <= 40


def test_what_an_engineer_wants_comes_with_more(report):
    short = "\n".join(lines_of(brief.after(report, 100), 100))
    whole = "\n".join(lines_of(page.after(report, 100), 100))
    for heading in ("Work and time", "Recorded runs", "Where the time went: graph"):
        assert (f"\n{heading}  " in short, f"\n{heading}  " in whole) == (False, True)
    assert short.rstrip().endswith("recorded runs and ops: graphlab lesson 3.2 --more")
    assert page.CLOCKS[:20] in whole


def test_a_claim_about_an_error_shows_its_code_and_what_tensorflow_said(report):
    shown = "\n".join(lines_of(brief.after(report, 100), 100))
    assert '\n    with raises(RuntimeError, match="non-persistent"):\n' in shown
    assert "\n# RuntimeError: A non-persistent GradientTape can only be used" in shown


def test_differences_are_told_in_words(report):
    rows = {line.split()[0]: line for line in lines_of(brief.after(report, 140), 140) if line}
    assert rows["accuracy"].split()[-3:] == ["bit-equal"] * 3
    # Which results differ, and by how many bits, is the processor's affair; not how that is told.
    first, *others = report.results
    for name, value in report.results[first].items():
        told = rows[name]
        for other in reversed(others):
            if name not in report.results[other]:
                told = told.removesuffix("·").rstrip()
                continue
            words = in_words(value, report.results[other][name])
            found = re.search(rf"(?:{words})$", told)
            assert found, (name, other, told)
            told = told[: found.start()].rstrip()


def in_words(value, other) -> str:
    """What may be said of two float arrays, by how many numbers of float32 lie between them."""
    a, b = np.float32(value), np.float32(other)
    if np.array_equal(np.asarray(value, np.float64), np.asarray(other, np.float64)):
        return "bit-equal"
    apart = float(np.max(np.abs(np.asarray(value, np.float64) - np.asarray(other, np.float64))))
    between = np.max(np.abs(a.view(np.int32).astype(np.int64) - b.view(np.int32)))
    if between <= 1:  # NumPy's own float64 may lie between two numbers of float32
        wide = not np.array_equal(np.asarray(other, np.float64), b.astype(np.float64))
        return "the last bit" + "|the last 2 bits" * wide
    return rf"the last [2-9] bits|{re.escape(f'{apart:.2g}')}"


@pytest.mark.parametrize("part", COURSE[::3], ids=lambda part: part.name)
def test_the_code_above_the_picture_leaves_room_for_it(part):
    above = lines_of(excerpt.before(part, 100, tuple(part.ways)), 100)
    assert len(above) <= excerpt.BEFORE


@pytest.mark.parametrize(("number", "has_room"), [("28.3", True), ("28.2", False)])
def test_a_model_that_stands_between_the_ways_is_shown_or_named(number, has_room):
    """Some of the ways are only calls of it."""
    (part,) = outline.find(number)
    above = lines_of(excerpt.before(part, 100, tuple(part.ways)), 100)
    assert ("class Model(tf.Module):" in above) is has_room
    assert any(line.startswith("Not shown: ") and "Model" in line for line in above) is not has_room
    assert not any(
        "class " in line for line in lines_of(excerpt.before(part, 100, ("graph",)), 100)
    )
    whole = lines_of(opening.before(part, 100, tuple(part.ways), more=True), 100)
    assert whole.count("class Model(tf.Module):") == 1


def test_a_way_like_another_is_told_by_what_differs():
    (part,) = outline.find("3.2")
    above = lines_of(excerpt.before(part, 100, tuple(part.ways)), 100)
    head = "# function(cases, device) is as eager, but for (+ in function, - in eager):"
    assert above[above.index(head) + 1] == "#   +         @tf.function"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_what_differs_is_introduced_in_lines_as_long_as_the_screen(width):
    (part,) = outline.find("2.2")
    above = lines_of(excerpt.before(part, width, tuple(part.ways)), width)
    words = " ".join(part.text_of("function").prose.split())
    first = next(n for n, line in enumerate(above) if line.startswith("# The signature"))
    last = next(n for n, line in enumerate(above) if line.startswith("# function("))
    assert above[first:last] == [f"# {line}" for line in textwrap.wrap(words, width - 2)]
    assert not any(line.strip() in ("#   +", "#   -") for line in above)


def test_what_provokes_an_error_can_be_watched():
    seen = []
    with witnessed(seen.append), raises(ValueError, match="no number"):
        raise ValueError("no number")
    with raises(ValueError):
        raise ValueError("nobody looks")
    assert [str(error) for error in seen] == ["no number"]


def test_a_claim_keeps_what_it_provoked_once():
    module = type("Module", (), {})()

    def claim_two():
        for _ in range(2):
            with raises(ValueError):
                raise ValueError("in\nlines")

    module.claim_two = claim_two
    (claim,) = ways.check_claims(module, {}, {})
    assert claim.raised == ("ValueError: in",)


def test_captions_name_no_colours_as_a_terminal_may_have_none():
    found = []
    for part in COURSE:
        for node in outline.parse(part.path).body:
            if getattr(node, "name", "") == "figures" and part.name != COLOURED:
                texts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
                found += [(part.name, t) for t in texts if re.search(r"orange|\bblue\b", str(t))]
    assert found == []


ALONE = [("1.3", "eager"), ("3.2", "function"), ("2.4", "graph"), ("3.4", "keras")]


def test_a_way_alone_is_a_program_that_prints_its_results(tmp_path):
    """Of several parts, two of which read pictures, one after another in a process."""
    runs = []
    for name, way in ALONE:
        (part,) = outline.find(name)
        path = tmp_path / f"{part.path.stem}_{way}.py"
        path.write_text(source.program(part, way, seed=None, steps=2), encoding="utf-8")
        runs.append([str(path), name, way])
    program = (
        "import contextlib, io, json, runpy, sys\n"
        "from textwrap import shorten\n"
        "from graphlab.course import outline, ways\n"
        "for path, name, way in json.loads(sys.argv[1]):\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as told:\n"
        "        runpy.run_path(path, run_name='__main__')\n"
        "    module = outline.load(outline.find(name)[0])\n"
        "    given = getattr(module, way)(ways.cases_of(module, None, 2), 'CPU:0')\n"
        "    meant = ''.join(f'{k}: {shorten(str(v), 300)}\\n' for k, v in given.items())\n"
        "    print(name, way, len(given) > 0 and told.getvalue() == meant)\n"
    )
    command = [sys.executable, "-c", program, json.dumps(runs)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [f"{name} {way} True" for name, way in ALONE], ran.stderr


@pytest.mark.parametrize("part", COURSE, ids=lambda part: part.name)
def test_a_program_has_all_the_names_that_it_uses(part):
    for way in part.ways:
        tree = ast.parse(source.program(part, way))
        given = {name for node in tree.body for name in source._gives(node)}
        every = {name for piece in source.pieces(part) for name in source._gives(piece.node)}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert used & every <= given
        assert "claim_" not in ast.unparse(tree)


def test_what_is_written_nowhere_is_no_program():
    with pytest.raises(GraphlabError, match="xla is written nowhere"):
        source.program(outline.find("1.9")[0], "xla")
