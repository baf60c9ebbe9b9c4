"""The command line, as a person uses it: answers, one-line complaints, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from graphlab import cli, devices, startup
from graphlab.agreement import Agreement, Difference
from graphlab.course import drift, outline, ways
from graphlab.course.ways import Claim, WayResult
from graphlab.errors import GraphlabError
from graphlab.output import pages

ROOT = Path(cli.__file__).parent.parent


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
    """graphlab as its own process, not on a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "graphlab", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        **options,
    )


@pytest.fixture
def faked(monkeypatch):
    """Run lessons without TensorFlow: every way gives 1 and 2 and takes three steps."""

    def run_way(module, way, device, seed, on_step, steps):
        for step in range(1, 4):
            on_step(step, 3, ())
        return WayResult(way, {"loss": np.array([1.0, 2.0])}, (), 7, 4, 1, 1, 3, 30.0, 0.25)

    fakes = {
        "run_way": run_way,
        "expected_results": lambda module, seed, steps: None,
        "check_claims": lambda module, results, runs: [Claim("claim_a", "A holds.", True)],
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(ways, name, fake, raising=False)
    monkeypatch.setattr(
        drift, "agree", lambda results, rtol, atol: Agreement(True, rtol, atol, None)
    )
    monkeypatch.setattr(startup, "start_tensorflow", lambda: None)
    monkeypatch.setattr(devices, "prepare", lambda asked: asked)
    monkeypatch.setattr(
        outline, "load", lambda part: type("Module", (), {"RTOL": 0.0, "ATOL": 0.0})
    )
    monkeypatch.setattr("graphlab.course.document.versions", dict)
    return monkeypatch


def code(*arguments: str) -> int:
    """The exit code of a command that is run in this process."""
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    return left.value.code


def test_a_part_is_on_the_terminal_before_tensorflow_starts(monkeypatch, capsys):
    def start() -> None:
        raise GraphlabError("TensorFlow would start now")

    monkeypatch.setattr(startup, "start_tensorflow", start)
    assert code("lesson", "2.4") == 2
    told = capsys.readouterr()
    assert told.err == "graphlab: TensorFlow would start now\n"
    assert told.out.startswith("2.4  logistic regression")
    assert "def graph(cases, device):" in told.out


@pytest.mark.parametrize("asked", [("--device", "GPU:0"), ("--json",), ("--html", "page.html")])
def test_what_may_be_refused_is_asked_before_anything_is_shown(asked, monkeypatch, capsys):
    def start() -> None:
        raise GraphlabError("TensorFlow would start now")

    monkeypatch.setattr(startup, "start_tensorflow", start)
    assert code("lesson", "2.4", *asked) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--live",), "--live is for a page; expected --html FILE with it"),
        (
            ("--html", "page.html", "--live", "--way", "eager"),
            "--live executes the graph way, and --way eager leaves it out; leave out one",
        ),
        (("--code", "graph", "--live"), "--code writes a program; leave out --live"),
    ],
)
def test_a_live_page_of_a_lesson_wants_a_file_and_the_graph_way(asked, said, capsys):
    assert code("lesson", "2.3", *asked) == 2
    assert capsys.readouterr().err == f"graphlab: {said}\n"


def test_a_live_page_says_where_its_call_is_too_long_to_be_executed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pages, "MOST_STEPS", 5)
    path = tmp_path / "page.html"
    assert code("lesson", "2.1", "--html", str(path), "--live") == 0
    told = capsys.readouterr().err
    assert path.exists()
    said = r"no whole call is executed on this page: 2\.1's call has \d+ ops, and a page executes 5"
    assert re.search(rf"^graphlab: --live: {said}$", told, re.MULTILINE)


@pytest.mark.parametrize("arguments", [("--help",), ("lessons",), ("lesson", "--help")])
def test_reading_about_graphlab_loads_nothing_heavy(arguments):
    heavy = ("tensorflow", "matplotlib", "networkx", "numpy")
    program = (
        "import sys; from graphlab import cli\n"
        f"try: cli.main({list(arguments)!r})\n"
        f"except SystemExit: print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.stderr.strip() == "[]"


def test_the_version_is_told():
    assert run("--version").stdout == "graphlab 0.1.0\n"


def test_every_part_is_listed(capsys):
    assert code("lessons") == 0
    listed = capsys.readouterr().out
    parts = [part for lesson in outline.lessons() for part in lesson.parts]
    assert [part.name for part in parts if f"{part.name}  {part.title}" not in listed] == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("lesson", "77"), "there is no lesson 77; try "),
        (("lessons", "3"), "lessons lists them all; to read one: graphlab lesson 3"),
        (("info", "README.md"), "README.md is no model; expected a SavedModel folder"),
        (("lesson", "1.77"), "lesson 1 has no part 1.77; it has 1.1, 1.2, 1.3"),
        (("lesson", "x"), "'x' is not a lesson; write a number such as 1"),
        (("lesson",), "Missing argument 'N[.P]'; see: graphlab lesson --help"),
        (("lesson", "1", "--way", "x"), "Invalid value for '--way': 'x' is not one of"),
        (("lesson", "1", "--seed", "-1"), "Invalid value for '--seed'"),
        (("lesson", "1:q"), "'q' in '1:q' is not a way; try graph, eager, function"),
        (("lessen",), "No such command 'lessen'"),
    ],
)
def test_a_wrong_request_gets_one_line_and_exit_code_2(capsys, arguments, line):
    assert code(*arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"graphlab: {line}")


def test_a_lesson_is_shown_with_its_code_its_claims_and_its_numbers(faked, capsys):
    assert code("lesson", "1.1") == 0
    out, err = capsys.readouterr()
    part = outline.find("1.1")[0]
    for expected in (f"1.1  {part.title}", "function(cases, device)", "✓ A holds.", "bit-equal"):
        assert expected in out
    assert err == "" and "30.0 ms" not in out
    assert code("lesson", "1.1", "--more") == 0
    assert "30.0 ms" in capsys.readouterr().out


def test_a_lesson_that_is_piped_never_waits(faked, capsys):
    faked.setattr("click.getchar", lambda: pytest.fail("it waited"))
    assert code("lesson", "1") == 0
    names = [part.name for part in outline.find("1")]
    out = capsys.readouterr().out
    assert [name for name in names if f"\n{name}  " not in out] == []


def test_on_a_terminal_q_leaves_between_parts(faked, capsys):
    faked.setattr("sys.stdin.isatty", lambda: True, raising=False)
    faked.setattr("sys.stdout.isatty", lambda: True, raising=False)
    faked.setattr("click.getchar", lambda: "q")
    assert code("lesson", "1") == 0
    out = capsys.readouterr().out
    assert "1.1  " in out
    assert "1.2  " not in out


def test_a_program_alone_is_of_one_part_and_one_way_that_it_has(capsys):
    assert code("lesson", "1", "--code", "graph") == 2
    assert "the program of one part; name one of 1.1, 1.2" in capsys.readouterr().err
    assert code("lesson", "1.1", "--code", "keras") == 2
    assert "1.1 has no way 'keras'" in capsys.readouterr().err
    assert code("lesson", "1.1", "--code", "graph", "--json") == 2
    assert "leave out --json" in capsys.readouterr().err


def test_json_is_one_document_of_the_fields_that_were_promised(faked, capsys):
    assert code("lesson", "1.1", "--json", "--device", "CPU:1") == 0
    told = json.loads(capsys.readouterr().out)
    way = {
        "results": {"loss": {"shape": [2], "values": [1.0, 2.0]}},
        "ops_built": 7,
        "ops_executed": 4,
        "traces": 1,
        "first_ms": 30.0,
        "steady_ms": 0.25,
    }
    lesson, part = outline.lessons()[1], outline.find("1.1")[0]
    assert told == {
        "lesson": 1,
        "title": lesson.title,
        "device": "CPU:1",
        "versions": {},
        "parts": [
            {
                "part": "1.1",
                "title": part.title,
                "ways": {"graph": way, "eager": way, "function": way},
                "agreement": {"ok": True, "rtol": 0.0, "atol": 0.0, "worst": None},
                "keras": None,
                "claims": [{"name": "claim_a", "ok": True}],
            }
        ],
    }


def test_ways_that_disagree_are_exit_code_1_and_named_with_both_values(faked, capsys):
    worst = Difference("graph", "eager", "loss", (1,), np.float32(2), np.float32(2.5), 9.0, 0.5)
    faked.setattr(drift, "agree", lambda results, rtol, atol: Agreement(False, rtol, atol, worst))
    assert code("lesson", "1.1", "--json") == 1
    out, err = capsys.readouterr()
    assert err == (
        "graphlab: 1.1: the ways disagree: loss[1] is 2.0 in graph and 2.5 in eager, 0.5 apart "
        "(rtol 0, atol 0)\n"
    )
    assert json.loads(out)["parts"][0]["agreement"]["worst"] == {
        "way": "graph",
        "other": "eager",
        "result": "loss",
        "index": [1],
        "value": 2.0,
        "other_value": 2.5,
        "absolute": 0.5,
        "excess": 9.0,
    }


def test_a_claim_that_fails_is_exit_code_1(faked, capsys):
    broken = Claim("claim_b", "B.", False, "1 is not 2")
    faked.setattr(ways, "check_claims", lambda module, results, runs: [broken])
    assert code("lesson", "1.1") == 1
    out, err = capsys.readouterr()
    assert "✗ B." in out
    assert err == "graphlab: 1.1: claim_b does not hold: 1 is not 2\n"


def test_ctrl_c_says_what_was_reached(faked, capsys, tmp_path):
    whole = ways.run_way

    def run_way(module, way, device, seed, on_step, steps):
        on_step(2, 3, [0.75, 0.5])
        if way == "eager":
            raise KeyboardInterrupt
        return whole(module, way, device, seed, on_step, steps)

    faked.setattr(ways, "run_way", run_way)
    assert code("lesson", "1.1", "--out", str(tmp_path / "new")) == 130
    out, err = capsys.readouterr()
    assert err == (
        "graphlab: stopped by Ctrl-C in part 1.1, in the way eager after 2 of 3 steps; "
        "no part was done\n"
    )
    assert "\neager: first 0.75, last 0.5\n" in out
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_that_came_while_c_code_answered_is_ctrl_c(faked, capsys, tmp_path):
    def run_way(*_):
        raise SystemError(
            "__array__ returned a result with an exception set"
        ) from KeyboardInterrupt()

    faked.setattr(ways, "run_way", run_way)
    assert code("lesson", "1.1") == 130
    assert capsys.readouterr().err == "graphlab: stopped by Ctrl-C\n"

    script = tmp_path / "stopped.py"
    script.write_text("raise SystemError('x') from KeyboardInterrupt()")
    done = run("trace", str(script))
    assert (done.returncode, "Traceback" in done.stderr) == (130, False)


def test_a_folder_that_cannot_be_written_is_exit_code_2_before_any_step(faked, capsys, tmp_path):
    faked.setattr(ways, "run_way", lambda *_: pytest.fail("it ran"))
    (tmp_path / "file").write_text("")
    assert code("lesson", "1.1", "--out", str(tmp_path / "file" / "new")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"graphlab: cannot write to the folder {tmp_path}/file/new: Not a directory; "
        "choose another with --out\n"
    )


def test_a_closed_pipe_ends_silently():
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "graphlab", "lessons"]
    ran = subprocess.run(program, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (cli.CLOSED_PIPE, b"")


def test_lessons_of_somebody_else_do_not_hide_ours(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "__init__.py").touch()
    command = [sys.executable, "-m", "graphlab", "lessons"]
    options = {"capture_output": True, "text": True, "cwd": tmp_path, "check": False}
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **options)
    assert (ran.returncode, "TensorFlow operations" in ran.stdout) == (0, True)
    hidden = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = subprocess.run(command, env=hidden, **options)
    assert (ran.returncode, ran.stdout, ran.stderr) == (
        2,
        "",
        f"graphlab: Python finds another package `lessons` in {tmp_path} before graphlab's own;"
        " take that folder off PYTHONPATH\n",
    )


def test_colour_is_left_out_on_request(faked, capsys):
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9]m")
    faked.setenv("FORCE_COLOR", "1")
    faked.delenv("NO_COLOR", raising=False)
    code("lesson", "1.1")
    assert colour.search(capsys.readouterr().out)
    faked.setenv("NO_COLOR", "1")
    code("lesson", "1.1")
    assert not colour.search(capsys.readouterr().out)


@pytest.mark.parametrize(("options", "off"), [((), True), (("--tf32",), False)])
def test_a_lesson_on_a_gpu_says_once_what_it_is_and_turns_tf32_off(faked, capsys, options, off):
    """There is no GPU here: that there is one is pretended, and nothing is run on it."""
    tf = pytest.importorskip("tensorflow")
    enabled, seen = tf.config.experimental.tensor_float_32_execution_enabled, []
    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    faked.setattr(tf.config, "list_physical_devices", lambda kind=None: [gpu])
    faked.setattr(tf.config.experimental, "get_device_details", lambda gpu: {"device_name": "X1"})
    run_way = ways.run_way
    faked.setattr(ways, "run_way", lambda *given: seen.append(enabled()) or run_way(*given))
    assert code("lesson", "1", "--device", "GPU:0", "--no-pause", *options) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if "GPU:0 is X1; TF32 is " in line] == [
        "GPU:0 is X1; TF32 is off, so that products of float32 are float32's; --tf32 leaves it on"
        if off
        else "GPU:0 is X1; TF32 is on: products of float32 keep 10 bits of mantissa, and ways may"
        " disagree"
    ]
    assert set(seen) == {not off}
    assert enabled()


def test_the_doctor_finds_everything_and_tensorflow_is_silent():
    ran = run("doctor", "--json")
    found = json.loads(ran.stdout)
    assert (found["ok"], ran.returncode, ran.stderr) == (True, 0, "")
    assert found["versions"].keys() == {"graphlab", "python", "tensorflow", "keras", "numpy"}
    assert [check["found"] for check in found["checks"][:3]] == ["[[7.0, 10.0], [15.0, 22.0]]"] * 3


def test_a_device_that_is_not_there_is_answered_with_those_that_are():
    ran = run("lesson", "1.1", "--device", "GPU:77")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "CPU:0" in ran.stderr


def test_a_lesson_runs_for_real_with_its_pictures_and_nothing_on_stderr(tmp_path):
    ran = run("lesson", "1.1", "--json", "--device", "CPU:1", "--out", str(tmp_path / "new"))
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    (part,) = told["parts"]
    assert (told["lesson"], told["device"], part["part"]) == (1, "CPU:1", "1.1")
    assert part["agreement"]["ok"]
    assert {claim["ok"] for claim in part["claims"]} == {True}
    assert {"1.1-graph.svg", "1.1-graph-trace.svg"} <= {
        f.name for f in (tmp_path / "new").iterdir()
    }


@pytest.mark.parametrize("columns", ["0", "1", "3"])
def test_a_terminal_in_which_nothing_can_be_read_gets_a_lesson_all_the_same(faked, columns, capsys):
    faked.setenv("COLUMNS", columns)
    assert code("lesson", "1.1", "--no-pause") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 20
