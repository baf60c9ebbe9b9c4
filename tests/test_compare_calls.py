"""Call by call: where each parts by itself, which op is which, and the page that shows it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from test_compare import script

import graphlab
from graphlab.cli import main
from graphlab.comparison import run
from graphlab.comparison.calls import in_calls, together
from graphlab.comparison.found import Call, Comparison
from graphlab.comparison.run import Options, compare_targets
from graphlab.model import from_json, to_json
from graphlab.output import comparison
from graphlab.targets.target import parse

# From the third call on the one's step is another than the other's.
PROGRAM = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 4).astype("f")
W = tf.Variable(draw.randn(4, 4).astype("f"), name="W")
count = tf.Variable(0)


@tf.function
def step(x):
    y = tf.nn.tanh(tf.matmul(x, W))
    late = 0.3712345 * tf.nn.relu(tf.cast(count, tf.float32) - 1.0)
    rate = 0.5 / (1.0 + (late * late))
    count.assign_add(1)
    W.assign_sub(rate * tf.matmul(x, y, transpose_a=True))
    return tf.reduce_sum(y)


for _ in range(4):
    step(X)
"""
LATE = ("late * late", "late + late")


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Two scripts that part in their third call, and what was seen of both."""
    folder = tmp_path_factory.mktemp("scripts")
    one, other = script(folder, "one", PROGRAM), script(folder, "other", PROGRAM, LATE)
    return compare_targets(parse(one), parse(other), Options())


def document(text: str) -> dict:
    packed = re.search(r'x-gzip-base64">([^<]*)<', text)
    assert packed is not None
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))


def test_each_call_tells_whether_it_differs_and_by_how_much(compared):
    found, _ = compared
    assert [(call.number, call.how) for call in found.by_call] == [
        (1, "same"),
        (2, "same"),
        (3, "different"),
        (4, "different"),
    ]
    assert found.first_call == found.by_call[2]
    largest = max(each.apart for each in found.results if each.moment == 3)
    assert found.first_call.apart == largest > 0
    assert [call.apart for call in found.by_call[:2]] == [0.0, 0.0]


def test_a_call_parts_by_itself_at_its_op_and_at_the_variables_that_it_begins_with(compared):
    found, _ = compared
    third, fourth = (
        [(part.a.op, part.b.op) for part in call.frontier if part.a and part.b]
        for call in found.by_call[2:]
    )
    assert third == [("Mul", "AddV2")]
    assert ("variable", "variable") in fourth and ("Mul", "AddV2") in fourth


def test_the_terminal_tells_the_first_call_that_differs(compared):
    from graphlab.screen import comparison as screen

    found, _ = compared
    said = [str(each) for each in screen.comparison(found)]
    assert "the first call that differs is 3 of 4" in said


def test_the_calls_go_to_json_and_back(compared):
    found, _ = compared
    assert from_json(Comparison, to_json(found)) == found
    assert all(isinstance(call, Call) for call in found.by_call)


def test_calls_that_are_not_as_many_are_not_told_one_by_one(tmp_path):
    one = script(tmp_path, "one", PROGRAM)
    found = graphlab.compare(one, script(tmp_path, "two", PROGRAM, ("range(4)", "range(3)")))
    assert found.by_call == ()


def test_a_lesson_s_results_are_told_by_step():
    found = graphlab.compare("2.3:graph", "2.3:eager", calls=3)
    assert [(call.number, call.how) for call in found.by_call] == [
        (1, "same"),
        (2, "same"),
        (3, "same"),
    ]


def test_a_lesson_s_first_step_that_differs_is_told(monkeypatch):
    from lessons.lesson_01_operations import part_3_placeholders as part

    eager = part.eager

    def broken(cases, device):
        return eager((case + (n == 1) for n, case in enumerate(cases)), device)

    monkeypatch.setattr(part, "eager", broken)
    found = graphlab.compare("1.3:graph", "1.3:eager")
    assert [call.how for call in found.by_call] == ["same", "different", "same"]


def test_every_event_of_both_is_told_once_partners_together(compared):
    found, seen = compared
    for call, (one, other) in zip(
        found.by_call, in_calls(seen[0].side, seen[1].side, found), strict=True
    ):
        stops = together(one, other, found.variables, call.frontier)
        assert [s.a for s in stops if s.a is not None] == list(range(len(one.events)))
        assert sorted(s.b for s in stops if s.b is not None) == list(range(len(other.events)))
        assert all((s.how is None) == (s.a is None or s.b is None) for s in stops)
        assert sorted({s.part for s in stops if s.part >= 0}) == list(range(len(call.frontier)))


def test_what_follows_from_where_they_part_has_its_partner_and_how_far_it_is(compared):
    found, seen = compared
    one, other = list(in_calls(seen[0].side, seen[1].side, found))[3]
    stops = together(one, other, found.variables, found.by_call[3].frontier)
    pairs = {
        one.events[stop.a].node: (other.events[stop.b].node, stop.how.how)
        for stop in stops
        if stop.a is not None and stop.b is not None
    }
    assert pairs["Tanh"] == ("Tanh", "different")
    assert pairs["MatMul_1"] == ("MatMul_1", "different")
    assert pairs["Cast"] == ("Cast", "same")


LOOP = """
import tensorflow as tf


@tf.function
def f(x):
    for _ in tf.range(4):
        x = tf.tanh(x) + 0.1
    return tf.reduce_mean(x)


f(tf.reshape(tf.range(12.0), (3, 4)))
"""


def test_an_op_that_is_another_is_its_partner_each_time_a_loop_comes_round(tmp_path):
    paths = [tmp_path / name for name in ("tanh.py", "sigmoid.py")]
    for path, op in zip(paths, ("tanh", "sigmoid"), strict=True):
        path.write_text(LOOP.replace("tanh", op))
    found, seen = compare_targets(*(parse(str(path)) for path in paths), Options())
    ((one, other),) = in_calls(seen[0].side, seen[1].side, found)
    stops = together(one, other, found.variables, found.frontier)
    ops = [
        (one.events[stop.a].frame, other.events[stop.b].op)
        for stop in stops
        if stop.a is not None and stop.b is not None and one.events[stop.a].op == "Tanh"
    ]
    assert [op for _, op in ops] == ["Sigmoid"] * 4
    assert len({frame for frame, _ in ops}) == 4


def test_a_page_holds_each_value_once_with_the_dtype_and_shape_that_it_had(compared):
    told = document(comparison.page_of_comparison(*compared))
    values = told["comparison"]["values"]
    runs = [
        told["sides"][0]["runs"][number] for number in told["comparison"]["calls"][2]["runs"][0]
    ]
    run = next(run for run in runs if "Cast" in run["nodes"])
    step = run["node"].index(run["nodes"].index("Cast"))
    ((name, (number, dtype, shape)),) = run["values"][str(step)].items()
    assert (name, dtype, shape, values[number]["values"]) == ("Cast:0", "float32", [], [2.0])
    numbers = [
        number
        for side in told["sides"]
        for run in side["runs"]
        for given in run["values"].values()
        for number, _, _ in given.values()
    ]
    assert set(numbers) == set(range(len(values)))
    assert len(values) < len(numbers) / 2  # what is the same is there once


def test_values_that_a_page_has_no_room_for_are_told_those_of_the_call_that_differs_last(
    compared, monkeypatch
):
    monkeypatch.setattr(comparison, "MOST_NUMBERS", 150)
    calls = document(comparison.page_of_comparison(*compared))["comparison"]["calls"]
    kept = [call["kept"] for call in calls]
    assert kept[2] in ("some", "all") and set(kept) != {"all"}
    assert kept[3] in ("some", "none")


def test_the_same_comparison_gives_the_same_page(compared):
    assert comparison.page_of_comparison(*compared) == comparison.page_of_comparison(*compared)


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return left.value.code


def test_the_command_writes_the_page_and_says_so(tmp_path, capsys):
    one, page = script(tmp_path, "one", PROGRAM), tmp_path / "both.html"
    assert code_of("compare", one, one, "--calls", "2", "--html", str(page), "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["same"] is True  # one document, and nothing else
    assert err.splitlines()[-1] == f"graphlab: the page is {page}"
    assert document(page.read_text())["comparison"]["same"] is True


def test_a_page_is_never_one_of_the_files_that_are_compared(tmp_path, capsys):
    one = Path(script(tmp_path, "one", PROGRAM))
    link = tmp_path / "link.html"
    link.symlink_to(one)
    before = one.read_bytes()
    assert code_of("compare", str(one), str(one), "--html", str(link)) == 2
    assert "is what is read" in capsys.readouterr().err
    assert one.read_bytes() == before
    assert code_of("compare", str(one), str(one), "--html", str(tmp_path / "page.txt")) == 2
    assert "page.txt" in capsys.readouterr().err


def test_a_comparison_that_fails_leaves_the_page_that_was_there(tmp_path, capsys):
    one = script(tmp_path, "one", PROGRAM)
    bad = script(tmp_path, "bad", PROGRAM, ("    step(X)", "    raise ValueError('no')"))
    page = tmp_path / "page.html"
    page.write_text("as it was")
    assert code_of("compare", one, bad, "--html", str(page)) == 2
    assert page.read_text() == "as it was"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.py", "one.py", "page.html"]


def test_two_files_as_they_stand_get_a_page_without_tensorflow(tmp_path):
    import subprocess
    import sys

    graph = 'node { name: "x" op: "Placeholder" } node { name: "y" op: "OP" input: "x" }'
    for name, op in (("a", "Relu"), ("b", "Tanh")):
        (tmp_path / f"{name}.pbtxt").write_text(graph.replace("OP", op))
    program = (
        "import sys; from graphlab.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as left: print(left.code, 'tensorflow' in sys.modules)"
    )
    files = [str(tmp_path / name) for name in ("a.pbtxt", "b.pbtxt")]
    asked = ["compare", *files, "--structure", "--html", str(tmp_path / "both.html")]
    run = subprocess.run(
        [sys.executable, "-c", program, *asked], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "1 False", run.stderr
    told = document((tmp_path / "both.html").read_text())
    assert [side["title"] for side in told["sides"]] == files
    assert told["comparison"]["bodies"][0]["changed"] == {"1": [["op", "Relu", "Tanh"]]}


def test_a_step_of_several_calls_leaves_what_the_last_of_them_did(monkeypatch):
    """Of each kind of call a step's first is recorded: what the others did the next call knows."""
    from lessons.lesson_01_operations import part_3_placeholders as part

    def turned(cases, times, wrapped):
        W = tf.Variable([[0.3, 0.5, 0.7], [0.2, 0.4, 0.9]], name="W")

        def turn(x):
            for _ in range(times):
                W.assign(tf.sin(1.5 * W) + x)

        call, found = wrapped(turn), []
        for case in cases:
            for _ in range(6 // times):
                call(np.float32(len(case)))
            found.append(tf.reduce_sum(W).numpy())
        return {"y": found}

    monkeypatch.setattr(part, "eager", lambda cases, device: turned(cases, 6, lambda turn: turn))
    monkeypatch.setattr(part, "function", lambda cases, device: turned(cases, 2, tf.function))
    found = graphlab.compare("1.3:eager", "1.3:function")
    assert (found.same, found.frontier) == (True, ())
    assert [each.moment for each in found.results if each.a == "W"] == [1, 2]


def test_what_nobody_saw_at_the_end_of_a_step_is_not_compared(monkeypatch):
    """The last turn of the first step is not recorded, and no later step has the variable."""
    from lessons.lesson_01_operations import part_3_placeholders as part

    def stepped(cases, wrapped):
        W = tf.Variable([[0.3, 0.5, 0.7], [0.2, 0.4, 0.9]], name="W")

        def turn():
            W.assign(tf.sin(1.5 * W) + 0.25)

        def look(x):
            return tf.reduce_sum(W) * x

        def plain(x):
            return tf.add(x, 1.0)

        turn, look, plain, found = wrapped(turn), wrapped(look), wrapped(plain), []
        for n, _ in enumerate(cases):
            if not n:
                turn()
                turn()
                look(0.5)
                turn()
            found.append(plain(np.float32(n)).numpy())
        return {"y": found}

    monkeypatch.setattr(part, "eager", lambda cases, device: stepped(cases, lambda each: each))
    monkeypatch.setattr(part, "function", lambda cases, device: stepped(cases, tf.function))
    found = graphlab.compare("1.3:eager", "1.3:function")
    assert [each for each in found.results if each.a == "W"] == []
    assert (found.same, found.frontier) == (True, ())


def test_what_made_a_checkpoint_before_the_calls_is_not_what_goes_on_from_it(monkeypatch):
    from lessons.lesson_01_operations import part_3_placeholders as part

    tf1 = tf.compat.v1

    def session(begin):
        with tf.Graph().as_default() as graph:
            w = tf1.get_variable("w", initializer=begin)
            step = tf1.assign(w, 1.5 * w + 0.25)
        session = tf1.Session(graph=graph)
        with graph.as_default():
            session.run(tf1.global_variables_initializer())
        return lambda: session.run(step)

    def saved():
        step = session(np.float32([0.0, 0.5]))
        return [step() for _ in range(2)][-1]

    def graph(cases, device):
        step = session(saved())
        return {"y": [step() for _ in cases]}

    def eager(cases, device):
        w = tf.Variable(saved())
        return {"y": [w.assign(1.5 * w + 0.25).numpy() for _ in cases]}

    monkeypatch.setattr(part, "graph", graph)
    monkeypatch.setattr(part, "eager", eager)
    found = graphlab.compare("1.3:graph", "1.3:eager")
    assert (found.same, found.variables_only_b) == (True, ("w",))
    assert [(pair.a, pair.b) for pair in found.variables] == [("w", "Variable")]


def test_of_steps_for_whose_recordings_there_is_no_room_neither_side_s_are_compared(monkeypatch):
    monkeypatch.setattr(run, "KEEP", 1)
    found = graphlab.compare("1.3:graph", "1.3:eager", keep=4)
    assert (found.same, found.calls, [call.number for call in found.by_call]) == (True, 1, [1])
    assert found.notes == (
        "values reached the 0 MiB that may be kept (--keep MiB): calls behind the first 1 were left"
        " out",
    )
