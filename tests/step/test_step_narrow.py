"""What the stepper says where a terminal has few columns."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from graphlab.walk import panels
from graphlab.walk.commands import COMMANDS
from graphlab.walk.stepper import Stepper
from graphlab.walk.values import summary


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
