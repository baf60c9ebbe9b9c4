"""A step in a terminal of any width: what does not fit on its first line goes on below."""

from __future__ import annotations

import pytest
import tensorflow as tf
from rich.console import Console

from graphlab import observe
from graphlab.walk import panels
from graphlab.walk.stepper import Stepper

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
