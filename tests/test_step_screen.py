"""The stepper as a person meets it: keys on a screen, and a script on the command line."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from rich.console import Console
from textual.widgets import Input, RichLog, Static

from graphlab import observe
from graphlab.cli import main
from graphlab.walk.app import Page, StepApp
from graphlab.walk.commands import COMMANDS
from graphlab.walk.stepper import Stepper

ROOT = Path(__file__).parent.parent
PROGRAM = """
import tensorflow as tf

@tf.function
def twice(x):
    return tf.multiply(x, 2.0, name="product")

twice(tf.constant([1.0, 2.0]))
"""


@tf.function
def twice(x):
    return tf.multiply(x, 2.0, name="product")


@pytest.fixture(scope="module")
def calls():
    with observe(values=True) as seen:
        twice(tf.constant([1.0, 2.0]))
    return [replay for replay in seen.replays if replay.run.way == "function"]


def driven(calls, *keys: str, size: tuple[int, int] = (80, 24)) -> dict:
    """What is on the screen after these keys."""
    stepper = Stepper(calls)
    app = StepApp(stepper, "a test", ["a note"])

    async def drive():
        async with app.run_test(size=size) as pilot:
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            return {
                "log": [strip.text.rstrip() for strip in app.query_one(RichLog).lines],
                "line": app.query_one(Input).value,
                "title": str(app.query_one("#title", Static).content),
                "side": app.query_one("#side").display,
                "typing": app.focused is app.query_one(Input),
                "number": stepper.view.number,
                "running": app.is_running,
            }

    return asyncio.run(drive())


def typed(line: str) -> list[str]:
    names = {" ": "space", "=": "equals_sign", "[": "left_square_bracket"}
    names |= {"]": "right_square_bracket", ",": "comma", ".": "full_stop"}
    return [names.get(letter, letter) for letter in line] + ["enter"]


def test_tab_completes_the_word_and_leaves_the_keys_where_they_are(calls):
    keys = typed("show pro")[:-1]
    seen = driven(calls, "colon", *keys, "tab")
    assert (seen["line"], seen["typing"]) == ("show product", True)
    assert driven(calls, "colon", *typed("show nothing")[:-1], "tab")["line"] == "show nothing"
    seen = driven(calls, "tab", "s")  # no line is typed: the next key is a command
    assert (seen["number"], seen["typing"]) == (1, False)
    seen = driven(calls, "colon", *typed("predict on"), "s", *typed("pro")[:-1], "tab")
    assert (seen["line"], seen["typing"]) == ("product", True)


def test_the_screen_begins_with_the_call_and_what_is_to_be_said(calls):
    seen = driven(calls)
    assert seen["title"].startswith(" a test  twice, call 1: ")
    assert seen["log"] == ["a note"]
    assert (seen["number"], seen["typing"]) == (0, False)


def test_keys_go_forward_and_back(calls):
    assert driven(calls, "s", "s", "B")["number"] == 1
    assert driven(calls, "right", "space", "left")["number"] == 1


def test_a_key_that_needs_more_begins_the_line(calls):
    seen = driven(calls, "g")
    assert (seen["line"], seen["typing"]) == ("goto ", True)
    assert driven(calls, "g", "2", "enter")["number"] == 2
    left = driven(calls, "g", "2", "escape")
    assert (left["line"], left["typing"], left["number"]) == ("", False, 0)


def test_a_letter_in_the_line_is_no_command(calls):
    seen = driven(calls, "colon", *"back")
    assert (seen["line"], seen["number"]) == ("back", 0)


def test_a_typed_command_is_shown_with_what_it_said(calls):
    seen = driven(calls, "colon", *typed("break product"))
    assert seen["log"][1:] == ["> break product", "breakpoint 1: product"]
    wrong = driven(calls, "colon", *typed("foward"))
    assert wrong["log"][-1] == "there is no command 'foward'; did you mean forward?"


def test_a_question_waits_in_the_line(calls):
    asked = driven(calls, "P")
    assert (asked["log"][-1], asked["typing"]) == ("? which op runs next?  (skip: show it)", True)
    shown = driven(calls, "P", "enter")
    assert (shown["number"], shown["typing"]) == (1, False)


@pytest.mark.parametrize(("width", "side"), [(80, False), (120, True), (200, True)])
def test_a_wide_screen_has_a_second_pane(calls, width, side):
    assert driven(calls, "f", size=(width, 40))["side"] is side


def paged(calls, *keys: str, size: tuple[int, int] = (80, 24)) -> tuple[str, float, bool]:
    """After these keys: the text of an answer that fills the screen, how far down it is scrolled,
    and whether it is there."""
    app = StepApp(Stepper(calls), "a test", [])

    async def drive():
        async with app.run_test(size=size) as pilot:
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            if not isinstance(app.screen, Page):
                return "", 0.0, False
            console = Console(width=78, color_system=None)
            with console.capture() as taken:
                console.print(*app.screen.said)
            return taken.get(), app.screen.query_one("#page").scroll_y, True

    return asyncio.run(drive())


def test_help_that_is_taller_than_the_screen_can_be_scrolled_and_left(calls):
    text, down, there = paged(calls, "h")
    assert there and down == 0.0
    assert [c.name for c in COMMANDS if f" {c.name}" not in text] == []
    assert paged(calls, "h", "space")[1] > 0
    assert paged(calls, "h", "escape")[2] is False
    assert paged(calls, "h", "q")[2] is False


def test_earlier_lines_come_back(calls):
    lines = [*typed("show y"), "colon", *typed("state")]
    seen = driven(calls, "colon", *lines, "up")
    assert (seen["line"], seen["typing"]) == ("state", True)
    assert driven(calls, "colon", *lines, "up", "up")["line"] == "show y"
    assert driven(calls, "colon", *lines, "up", "up", "down", "down")["line"] == ""


def test_escape_leaves_a_question_and_keys_are_keys_again(calls):
    seen = driven(calls, "P", "escape", "s")
    assert (seen["number"], seen["typing"]) == (1, False)


def test_q_leaves(calls):
    assert driven(calls, "q")["running"] is False


def test_every_key_is_one_command():
    keys = [command.key for command in COMMANDS]
    assert sorted(set(keys)) == sorted(keys)


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("program") / "program.py"
    path.write_text(PROGRAM)
    return path


def step(*arguments: str, lines: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "graphlab", "step", *arguments]
    return subprocess.run(
        command, input=lines, capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_commands_are_taken_from_a_pipe(program):
    ran = step(
        str(program), lines="break product\ncontinue\nset product=[5, 6]\ncontinue\nresults\n"
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "the engine's fetches equal the real ones to the last bit" in " ".join(
        ran.stdout.split()
    )
    assert "return tf.multiply" in ran.stdout
    assert ran.stdout.rstrip().endswith("Identity:0  float32 [2]  [5 6]")


def test_a_wrong_line_of_a_script_is_named_and_the_exit_code_is_2(program, tmp_path):
    script = tmp_path / "look.txt"
    script.write_text("# look\nall\nforward\nset product=1\n")
    ran = step(str(program), "--script", str(script))
    assert ran.returncode == 2
    assert ran.stderr == (
        f"graphlab: {script}, line 4: product:0 is not live now; live tensors are product/y:0\n"
    )
    assert "> forward\nstep 1 " in ran.stdout


def test_a_call_that_is_not_there_is_refused_with_those_that_are(program):
    ran = step(str(program), "--call", "9")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("graphlab: there is no call 9; recorded were 1: ")


def test_with_predict_each_step_is_asked_for(program):
    ran = step(str(program), "--predict", "--all", lines="f\nConst\n2.0\nf\nproduct\n[2, 4]\n")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Right: product:0 is [2 4].  4 of 4 right" in ran.stdout


@tf.function
def long_loop(value):
    for _ in tf.range(20_000):
        value = value + 1.0
    return value


@pytest.fixture(scope="module")
def long_calls():
    with observe(values=True) as seen:
        long_loop(tf.constant(1.0))
    return [replay for replay in seen.replays if replay.run.way == "function"]


def test_a_long_motion_is_stopped_by_ctrl_c_and_says_where(long_calls):
    stepper = Stepper(long_calls)
    app = StepApp(stepper, "a test", [])
    keys, log = [], []

    async def drive():
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("c")
            assert app.work is not None
            await pilot.press("b")  # nothing else is done meanwhile
            keys.append(str(app.query_one("#keys", Static).content))
            await pilot.press("ctrl+c")
            while app.work is not None:
                await pilot.pause(0.05)
            log.extend(strip.text.rstrip() for strip in app.query_one(RichLog).lines)
            number = stepper.view.number
            await pilot.press("f")
            assert stepper.view.number == number + 1
            assert str(app.query_one("#keys", Static).content).startswith("s op")

    asyncio.run(drive())
    assert re.fullmatch(r"continue: step [\d,]+  Ctrl-C stops", keys[0])
    stopped = re.search(r"stopped by Ctrl-C after step (\d+): while/\S+ in while:\d+", "".join(log))
    assert stopped and int(stopped[1]) == stepper.view.number - 1
    assert not stepper.walk.over


def test_an_error_beside_the_screen_is_raised_where_it_can_be_seen(calls):
    stepper = Stepper(calls)
    app = StepApp(stepper, "a test", [])

    def broken(line):
        raise ZeroDivisionError

    async def drive():
        async with app.run_test(size=(80, 24)) as pilot:
            stepper.do = broken
            await pilot.press("f")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(drive())


def test_a_terminal_that_can_do_little_gets_the_plain_stepper(program, monkeypatch, capsys):
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    lines = iter(["forward", "nonsense", "back", "quit"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    with pytest.raises(SystemExit) as left:
        main(["step", str(program)])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert "a command a line; help lists them, quit leaves" in out
    assert re.search(r"^step \d+ of \d+   Mul product on CPU:0", out, re.MULTILINE)
    assert "there is no command 'nonsense'" in out
    assert "\x1b" not in out
