"""Stepping through an execution: the machine that takes a line and says what came of it."""

from __future__ import annotations

import linecache
import re

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.sources import live
from graphlab.walk.commands import command_of
from graphlab.walk.quiet import Quiet
from graphlab.walk.script import play
from graphlab.walk.stepper import Stepper
from tests.stepped import done, play_view, text, where

tf1 = tf.compat.v1


def test_at_the_start_nothing_has_run_and_what_was_fed_is_there(stepper):
    assert where(stepper) == (0, "", "")
    assert [live.spec.name for live in stepper.view.live] == ["x:0"]


def test_forward_shows_an_op_with_its_line_inputs_and_outputs(stepper):
    done(stepper, "break product", "continue")
    view = stepper.view
    assert view.step is not None and view.step.node == "product"
    shown = {name: value.tolist() for name, value in view.inputs.items()}
    assert list(shown.values()) == [[1.0, 2.0], [3.0, 4.0]]
    assert view.step.values["product:0"].tolist() == [3.0, 8.0]
    assert view.source is not None
    assert 'name="product"' in linecache.getline(*view.source)
    assert 'name="product"' in done(stepper, "source")


def test_back_is_as_if_the_steps_had_not_been_made(stepper):
    done(stepper, "forward 4")
    four = where(stepper), stepper.view.ready, [live.spec for live in stepper.view.live]
    done(stepper, "forward 3", "back 3")
    assert (where(stepper), stepper.view.ready, [e.spec for e in stepper.view.live]) == four
    done(stepper, "goto 0")
    assert where(stepper) == (0, "", "")


def test_a_time_is_told_only_of_what_ran_for_the_first_time(stepper):
    shown = [text(*play(Stepper(stepper.calls), lines, "")) for lines in (["s"], ["s 2", "B"])]
    heads = [re.findall(r"step 1 .*", each)[-1] for each in shown]
    assert [" µs" in head or " ms" in head for head in heads] == [True, False]


def test_the_end_of_the_run_is_said_and_going_on_is_refused(stepper):
    assert "the run is over after" in done(stepper, "continue")
    assert "total:0  float32 scalar  7" in done(stepper, "results")
    with pytest.raises(GraphlabError, match=r"the run is over after .* steps; `back` goes"):
        stepper.do("forward")


def test_a_motion_is_stopped_where_somebody_asks_for_it(stepper):
    told = []

    def third(number):
        told.append(number)
        return number == 3

    stepper.heed = third
    said = done(stepper, "continue")
    assert told == [1, 2, 3]
    assert said == f"stopped by Ctrl-C after step 3: {stepper.view.step.node}\n"
    stepper.heed = lambda number: False
    assert "the run is over" in done(stepper, "continue")


def test_breakpoints_are_listed_and_taken_away(stepper):
    assert done(stepper, "break op Mul", "break rat*", "breaks") == "1  op Mul\n2  rat*\n"
    assert done(stepper, "breaks clear 1") == "1  rat*\n"
    assert "stopped by breakpoint 1: rat*" in done(stepper, "continue")
    assert done(stepper, "breaks clear") == "there is no breakpoint\n"


def test_what_came_last_is_why_an_op_ran(stepper):
    done(stepper, "break ratio", "continue")
    number = stepper.view.number
    assert done(stepper, "why") == (
        f"the last of its inputs, product:0, came, in step {number - 1}\n"
    )


def test_variables_are_shown_by_their_value_as_it_is_now(stepper):
    assert done(stepper, "state") == "W  float32 [2]  [3 4]\n"
    assert done(stepper, "continue", "state") == "W  float32 [2]  [4 5]\n"
    assert done(stepper, "show W") == "W  float32 [2]  [4 5]\n"


def test_live_tensors_are_told_with_their_memory(stepper):
    assert "1 tensor, 8 B live after step 0" in done(stepper, "live")


def test_live_tensors_say_where_they_are_if_not_all_are_in_one_place():
    with tf.Graph().as_default(), tf1.Session() as session:
        with tf.device("CPU:0"):
            x = tf1.placeholder(tf.float32, [2], name="x")
            y = tf.square(x, name="y")
        with tf.device("CPU:1"):
            z = tf.add(y, y, name="z")
        with observe(values=True) as seen:
            session.run(tf.add(y, z), {x: [1.0, 2.0]})
    stepper = Stepper(seen.replays)
    assert " on CPU" not in done(stepper, "live")
    shown = done(stepper, "break z", "continue", "live")
    assert "y:0  float32 [2] on CPU:0" in shown
    assert "z:0  float32 [2] on CPU:1" in shown


def test_the_next_op_is_the_first_of_the_ready_ones(stepper):
    first = stepper.view.ready[0].node
    assert done(stepper, "ready").startswith(f"> {first} ")
    done(stepper, "forward")
    assert where(stepper)[1] == first


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("foward", "there is no command 'foward'; did you mean forward?"),
        ("xyzzy", "there is no command 'xyzzy'; `help` lists all"),
        ("forward x", "forward takes a number (1, 2, 3, ...); found 'x'"),
        ("forward 0", "forward takes a number (1, 2, 3, ...); found '0'"),
        ("goto", "goto takes a number (0, 1, 2, ...); found nothing"),
        ("goto 999", "the run ends after"),
        ("back", "no step has been made yet; there is nothing to go back to"),
        ("live now", "live takes nothing; found 'now'"),
        ("out", "the last op ran in no call and no loop; there is no way out of it"),
        ("into", "no call and no turn of a loop begins from here to the end"),
        ("break", "break at what? write: break PATTERN"),
        ("break a b", "cannot break at 'a b'; write: break PATTERN"),
        ("break nosuch", "no op that will run is named 'nosuch'"),
        ("break op Matmul", "no op that will run is of type 'Matmul'"),
        ("break device", "all that will run is on CPU:0; the device never changes"),
        ("break while iteration 2", "no loop that will run is named 'while'"),
        ("break while iteration two", "iteration 'two' is no number; turns count from 0"),
        ("breaks clear 3", "there is no breakpoint 3; there are 0"),
        ("set x", "set what to what? write: set TENSOR=VALUE"),
        ("set x=__import__('os')", "\"__import__('os')\" is no value; write a number"),
        ("set x=[1, 2", "'[1, 2' is no value"),
        ("set nosuch[0]=1", "nosuch:0 is not live now; live tensors are x:0"),
        ("set nosuch=1", "nosuch:0 is not live now; live tensors are x:0"),
        ("set W=1", "feed W has shape []; expected [2] (float32)"),
        ("set W=['a', 'b']", "feed W is str"),
        ("set W[2]=1", "W is float32 [2]; index 2 is out of bounds"),
        ("show", "show what? write: show TENSOR"),
        ("show totl", "there is no tensor 'totl:0'; did you mean total"),
        ("show total", "total:0 has no value now; it was not given up to here"),
        ("call 5", "there is no call 5; `calls` lists 1"),
        ("predict maybe", "predict takes nothing, on or off; found 'maybe'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(stepper, line, said):
    before = where(stepper), [live.spec for live in stepper.view.live]
    with pytest.raises(GraphlabError) as refused:
        stepper.do(line)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
    assert (where(stepper), [live.spec for live in stepper.view.live]) == before
    done(stepper, "continue")
    assert "total:0  float32 scalar  7" in done(stepper, "results")


def test_values_are_summarised_by_their_size():
    from graphlab.walk.values import summary

    large = np.arange(1000, dtype=np.float32)
    large[:3], large[3] = np.nan, np.inf
    assert [line.plain for line in summary(large, 80)] == [
        "3 NaN, 1 Inf  4 to 999, mean 501.5, std 288  ▇▇▇▇▇▇▇▇▇▇▇▇"
    ]
    assert [line.plain for line in summary(large, 32)] == [
        "3 NaN, 1 Inf",
        "4 to 999, mean 501.5, std 288",
        "▇▇▇▇▇▇▇▇▇▇▇▇",
    ]
    assert [line.plain for line in summary(large, 20)][1:3] == ["4 to 999, mean", "501.5, std 288"]
    assert summary(np.array([b"a", b"\xff"]), 80)[0].plain == "['a' '\\\\xff']"
    assert summary(np.zeros((0, 3)), 80)[0].plain == "[]"
    assert summary(np.full(100, 2.5), 80)[0].plain == "all 2.5"
    assert summary(np.arange(100) % 2 == 0, 80)[0].plain == "50 of 100 are True"
    assert summary(tf.ones(3, tf.bfloat16).numpy(), 80)[0].plain == "[1 1 1]"


@pytest.mark.parametrize("width", [32, 38, 60])
def test_a_value_that_goes_on_below_keeps_its_indent(width):
    """What the screen would wrap begins at its left edge, and a histogram is torn in two."""
    from graphlab.model import TensorSpec
    from graphlab.walk.rows import tensor_lines

    for value in (np.linspace(-1.5, 1.5, 100, dtype=np.float32), np.arange(20) / 7):
        spec = TensorSpec("tower/dense/weights:0", value.dtype.name, value.shape)
        first, *others = (line.plain for line in tensor_lines("takes", spec, value, width))
        assert others and all(len(line) <= width for line in (first, *others))
        assert all(line.startswith(" " * 6) and line[6] != " " for line in others)


def test_constants_handles_and_shapes_are_passed_by(replays):
    stepper = Stepper(replays, every=False)
    done(stepper, "forward")
    assert stepper.view.step.op == "ReadVariableOp"
    number = stepper.view.number
    assert number > 1
    done(stepper, "forward", "back")
    assert stepper.view.number == number
    assert done(stepper, "all") == "`forward` stops at constants and shapes\n"
    done(stepper, "goto 0", "forward")
    assert (stepper.view.number, stepper.view.step.op) == (1, "VarHandleOp")


def test_what_is_made_of_shapes_alone_is_quiet_and_numbers_are_not():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        rows = tf.shape(x, name="rows")[0]
        tf.zeros([rows, 2], name="zeros")
        tf.random.uniform([2], name="drawn")
        tf.add(tf1.placeholder(tf.int32, [], name="fed"), 1, name="more")
        built = live.from_graph(graph)
    quiet = Quiet(built)
    loud = [node.name for node in built.nodes if not quiet.of(node.name, "")]
    assert set(loud) >= {"x", "zeros", "drawn/RandomUniform", "fed", "more"}
    assert {"rows", "strided_slice", "zeros/packed"}.isdisjoint(loud)


def test_a_step_says_how_many_there_are_once_that_is_known(replays):
    stepper = Stepper(replays, totals={0: 9})
    done(stepper, "forward")
    assert "step 1 of 9" in text(*play_view(stepper))
    stepper = Stepper(replays)
    done(stepper, "forward")
    assert "step 1   " in text(*play_view(stepper))
    done(stepper, "continue")
    last = stepper.view.number
    done(stepper, "goto 1")
    assert f"step 1 of {last} " in text(*play_view(stepper))


def test_why_shows_the_sum_behind_an_element(stepper):
    done(stepper, "continue")
    assert done(stepper, "why product[1]").splitlines()[-1] == "2 * 4 = 8"
    assert done(stepper, "why total").splitlines()[-1] == "3, 4: 7"
    for line, refused in [
        ("why product[2]", "product:0 is [2]; index 2 is out of bounds"),
        ("why product[:]", "why of one element"),
        ("why product[0, 0]", "product:0 is [2]; an element of it has 1 numbers"),
        ("why nosuch[0]", "there is no tensor 'nosuch:0'"),
        ("why total[0]", "total:0 is scalar; an element of it has 0 numbers"),
    ]:
        with pytest.raises(GraphlabError) as error:
            stepper.do(line)
        assert str(error.value).startswith(refused)


def test_letters_of_pdb_mean_what_they_mean_there():
    meant = {"s": "forward", "n": "line", "c": "continue", "b": "break", "p": "show"}
    meant |= {"l": "source", "r": "out", "h": "help", "q": "quit"}
    meant |= {"next": "line", "step": "forward"}
    assert {word: command_of(word)[0].name for word in meant} == meant
