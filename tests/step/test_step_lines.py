"""The program's own lines: forward and back by them, and what their names stand for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.walk import lit
from graphlab.walk.script import play
from graphlab.walk.stepper import Stepper
from tests.stepped import done, loop_call, session_call, text, tf1_loop_call, third, where

tf1 = tf.compat.v1


def test_a_script_shows_its_lines_and_names_the_wrong_one(stepper):
    shown = play(stepper, ["# look", "", "forward", "quit", "nonsense"], "look.txt")
    assert "> forward" in text(*shown)
    with pytest.raises(GraphlabError, match=r"look.txt, line 2: there is no command 'nonsense'"):
        list(play(stepper, ["forward", "nonsense"], "look.txt"))


def test_every_line_fits_into_80_columns(stepper):
    shown = text(
        *play(stepper, ["continue", "live", "ready", "state", "calls", "help"], ""), width=80
    )
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_forward_by_line_runs_the_ops_of_the_next_line_and_shows_its_names(stepper):
    done(stepper, "break product", "continue")
    shown = text(*play(stepper, ["line"], ""))
    (lit,) = [line for line in shown.splitlines() if line.startswith("→")]
    assert 'ratio = tf.divide(product, x, name="ratio")' in lit
    below = shown[shown.index(lit) :].splitlines()[1:4]
    assert [line.split() for line in below] == [
        ["ratio", "float32", "[2]", "[3", "4]"],
        ["product", "float32", "[2]", "[3", "8]"],
        ["x", "float32", "[2]", "[1", "2]"],
    ]
    assert 'total = tf.reduce_sum(ratio, name="total")' in done(stepper, "line", "source")


@pytest.mark.parametrize("calls", [session_call, tf1_loop_call, loop_call])
def test_back_by_line_stops_where_forward_by_line_did(calls):
    stepper = Stepper(calls())
    went = [0]
    while not stepper.walk.over:
        stepper.do("line")
        went += [stepper.view.number] * (stepper.view.number != went[-1])  # else it is over
    back = went[-1:]
    while back[-1]:
        stepper.do("previous")
        back.append(stepper.view.number)
    assert len(went) > 3 and back == went[::-1]
    with pytest.raises(GraphlabError, match="nothing to go back to"):
        stepper.do("N")


def test_back_by_line_from_within_a_line_is_to_the_line_before_and_shows_it(stepper):
    done(stepper, "break total", "continue")
    shown = text(*play(stepper, ["previous"], ""))
    (lit,) = [line for line in shown.splitlines() if line.startswith("→")]
    assert 'ratio = tf.divide(product, x, name="ratio")' in lit
    assert where(stepper)[1] == "ratio"


def test_back_by_line_to_the_start_speaks_of_no_line(stepper):
    shown = text(*play(stepper, ["line", "previous"], ""))
    assert shown.count("→") == 1 and "no line of the program" not in shown


def test_back_by_line_keeps_what_was_set_before_it(stepper):
    done(stepper, "set x=[2.0, 2.0]", "line", "line", "line", "previous")
    assert stepper.walk.edits and "[2 2]" in done(stepper, "show x")


def test_a_name_that_stands_for_several_tensors_is_given_no_value():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [2], name="x")
        both = [x * 2.0, x + 1.0]
        last = tf.add_n(both, name="last")
        with observe(values=True) as seen:
            session.run(last, {x: [1.0, 2.0]})
    stepper = Stepper(seen.replays)
    shown = done(stepper, "break last", "continue", "source")
    assert "        both  several tensors" in shown.splitlines()
    assert "        last  float32 [2]  [4 7]" in shown.splitlines()


def test_a_name_that_is_unpacked_alone_has_its_tensor():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [], name="x")
        (twice,) = tf.split(tf.stack([x + x]), 1)
        with observe(values=True) as seen:
            session.run(twice, {x: 1.5})
    stepper = Stepper(seen.replays)
    assert "        twice  float32 [1]  [3]" in done(stepper, "continue", "source").splitlines()


def test_a_name_that_was_fed_keeps_its_value_and_a_gradient_is_the_one_that_is_used():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [2, 1], name="x")
        rate = tf1.placeholder(tf.float32, [], name="rate")
        w = tf1.get_variable("w", initializer=tf.constant([[3.0]]))
        loss = tf.reduce_sum(tf.matmul(x, w))
        (dw,) = tf1.gradients(loss, [w])  # asks for no gradient of x, which is built all the same
        step = tf1.assign_sub(w, rate * dw, name="step")
        session.run(w.initializer)
        with observe(values=True) as seen:
            session.run(step, {x: [[1.0], [2.0]], rate: 0.5})
    stepper = Stepper(seen.replays)
    shown = done(stepper, "continue", "source").splitlines()
    assert "        rate  float32 scalar  0.5" in shown
    assert not any("not yet" in line or "dw  several" in line for line in shown)
    shown = done(stepper, "goto 0", "set rate=2.0", "continue", "source").splitlines()
    assert "        rate  float32 scalar  2" in shown


def test_of_a_long_path_the_end_is_shown_which_has_the_number(stepper):
    done(stepper, "line")
    view = replace(stepper.view, source=(f"/{'deep/' * 20}program.py", 1234))
    for width in (20, 40, 80):
        first = text(*lit.source(view).renderables, width=width).splitlines()[0]
        assert len(first) == width and first.startswith("…") and first.endswith("program.py:1234")


def test_lines_that_somebody_types_may_be_wrong(stepper):
    shown = text(*play(stepper, ["foward", "forward"], "", typed=True))
    assert "there is no command 'foward'; did you mean forward?" in shown
    assert "step 1 " in shown


def test_an_argument_of_a_function_is_known_by_its_name():
    with observe(values=True) as seen:
        third(tf.constant(6.0))
    stepper = Stepper([r for r in seen.replays if r.run.way == "function"])
    done(stepper, "break op RealDiv", "continue")
    assert "        value  float32 scalar  6" in done(stepper, "source").splitlines()
