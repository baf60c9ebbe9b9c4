"""Guesses at what comes next."""

from __future__ import annotations

import pytest

from graphlab.errors import GraphlabError
from graphlab.walk.script import play
from tests.stepped import done, text, where


def test_a_guess_at_the_next_op_and_its_value_is_judged(stepper):
    done(stepper, "break product", "continue", "predict on")
    assert stepper.do("forward").question == "which op runs next?  (skip: show it)"
    assert "No: total waits for ratio:0, " in done(stepper, "total")
    assert where(stepper)[1] == "product"  # the value is still to be guessed
    assert "Right: ratio:0 is [3 4].  1 of 2 right" in done(stepper, "[3, 4.0]")
    assert where(stepper)[1] == "ratio"


def test_an_answer_that_is_none_is_asked_again(stepper):
    stepper.do("predict")
    with pytest.raises(GraphlabError, match="'nonsense' is no op of this graph; did you mean"):
        stepper.do("nonsense")
    assert (stepper.guesses.waiting, stepper.walk.number) == (True, 0)
    reply = stepper.do("skip")
    assert (reply.moved, stepper.view.number, stepper.guesses.asked) == (True, 1, 0)


def test_another_op_that_is_ready_is_right_too(stepper):
    other = stepper.view.ready[1].node
    said = done(stepper, "predict", other)
    assert "Right too: it is ready, and TensorFlow's threads may take it first." in said


def test_while_somebody_guesses_nothing_tells_what_comes_next(stepper):
    first = stepper.view.ready[0].node
    done(stepper, "predict on")
    shown = text(*play(stepper, [], ""))
    assert "next  yours to guess" in shown and f"next  {first}" not in shown
    with pytest.raises(GraphlabError, match="`predict off` ends the asking"):
        stepper.do("ready")


def test_a_question_that_is_left_is_asked_no_more(stepper):
    stepper.do("predict")
    stepper.leave_question()
    done(stepper, "forward")
    assert (stepper.view.number, stepper.guesses.asked) == (1, 0)


def test_a_suggestion_is_never_cut_within_a_name(stepper):
    stepper.do("predict")
    with pytest.raises(GraphlabError) as error:
        stepper.do("nonsense")
    names = str(error.value).partition("did you mean ")[2].removesuffix("?").split(", ")
    known = {node.name for node in stepper.walk.graph.nodes}
    assert set(names) <= known
