"""The stepper in a terminal of any width: what does not fit on a line goes on below."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from graphlab import observe
from graphlab.walk import panels
from graphlab.walk.commands import COMMANDS
from graphlab.walk.stepper import Stepper
from graphlab.walk.values import summary

tf1 = tf.compat.v1
OP, NAME = "SparseSoftmaxCrossEntropyWithLogits", "a_loss_of_its_own/of_each_row/itself"


@pytest.fixture(scope="module")
def calls():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [2, 3], name="x")
        tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=[0, 2], name=NAME)
        with observe(values=True) as seen:
            session.run(f"{NAME}:0", {x: [[1.0, 2.0, 3.0]] * 2})
    return seen.replays


def lines_at(calls, width: int) -> list[str]:
    """What is said of the op, in a terminal so wide."""
    stepper = Stepper(calls)
    stepper.do("continue")
    console = Console(width=width, color_system=None)
    with console.capture() as taken:
        console.print(panels.moment(stepper.view))
    return taken.get().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_head_of_a_step_keeps_its_indent_and_its_width(calls, width):
    lines = lines_at(calls, width)
    assert max(map(len, lines)) <= width
    first = next(k for k, line in enumerate(lines) if line.startswith("why"))
    head, below = lines[0], lines[1:first]
    assert head.startswith("step ")
    assert [line[:6].strip() for line in below] == [""] * len(below)
    assert [line[6] != " " for line in below] == [True] * len(below)
    told = " ".join(" ".join(lines[:first]).split())
    assert (OP in told, NAME in told) == (width >= 60, width >= 60)
    assert "on CPU:0" in told


def test_a_wide_terminal_has_it_on_one_line(calls):
    assert lines_at(calls, 120)[1].startswith("why")


def printed(renderable, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, markup=False, emoji=False, highlight=False).print(renderable)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [38, 63, 64, 80, 200])
def test_help_says_what_each_command_does_in_lines_that_can_be_read(width):
    """In 38 columns what a command does stood beside it in 8, and took a line a word."""
    lines = printed(panels.commands(COMMANDS), width)
    assert max(map(len, lines)) <= width
    said = " ".join(" ".join(lines).split())
    assert [c.name for c in COMMANDS if c.about not in said and width < 64] == []
    assert len(lines) <= 3.2 * len(COMMANDS)


@pytest.mark.parametrize("width", [30, 38, 78])
def test_why_an_op_could_run_is_read_whole(replays, width):
    """At 40 columns it was `the last of its inputs, TensorA…`."""
    stepper = Stepper(replays, every=False)
    for _ in range(3):
        stepper.do("forward")
        lines = printed(panels.moment(stepper.view), width)
        assert max(map(len, lines)) <= width
        said = "".join("".join(lines).split())
        (why,) = printed(panels.why(stepper.view), 400)
        for row in (f"why {why}", f"live {panels.live_line(stepper.view)}"):
            assert row.replace(" ", "") in said


@pytest.mark.parametrize("width", [24, 38, 78])
def test_a_matrix_that_is_wider_than_a_line_goes_on_with_its_next_row(width):
    """Its rows were torn anywhere."""
    value = np.arange(18, dtype=np.float32).reshape(3, 6) / 8 + 1
    lines = [line.plain for line in summary(value, width)]
    assert max(map(len, lines)) <= width
    assert " ".join(" ".join(lines).split()) == str([[*map(float, row)] for row in value]).replace(
        ",", ""
    ).replace(".0 ", " ").replace(".0]", "]")
    rows = [line for line in lines if line.strip().startswith("[")]
    assert len(rows) == (1 if width > 3 * 30 else 3 if width < 70 else 2)
    assert all(line.startswith(" [") for line in rows[1:])
