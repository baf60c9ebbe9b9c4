"""What is changed on the way: tensors, their elements, variables."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.targets.run import of_way, watch
from graphlab.targets.stepping import stepper_of
from graphlab.targets.target import parse
from graphlab.walk.stepper import Stepper
from tests.stepped import done, play_view, text, where


def test_a_changed_tensor_goes_on_changed_and_back_undoes_it(stepper):
    done(stepper, "break product", "continue")
    said = done(stepper, "set product=[30, 80]")
    assert "product:0 was [3 8] and is [30 80] from here on" in said
    assert "set   product:0" in text(*play_view(stepper))
    number = stepper.view.number
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")
    done(stepper, f"goto {number}")
    assert [v.tolist() for v in stepper.view.changed.values()] == [[30.0, 80.0]]
    done(stepper, f"goto {number - 1}", "continue")
    assert "total:0  float32 scalar  7\n" in done(stepper, "results")


def test_elements_of_a_tensor_are_changed_by_their_place(stepper):
    done(stepper, "break product", "continue")
    assert "is [3 80] from here on" in done(stepper, "set product[1]=80")
    assert "is [0 0] from here on" in done(stepper, "set product[:]=0")
    with pytest.raises(GraphlabError, match=r"product:0 is float32 \[2\]; index 2 is out of"):
        stepper.do("set product[2]=1")
    with pytest.raises(GraphlabError, match=r"\[0::2\] names no elements; write \[0\]"):
        stepper.do("set product[0::2]=1")


def test_a_variable_is_set_and_later_steps_are_computed_from_it(stepper):
    said = done(stepper, "set W=[30, 40]")
    assert said == "W was [3 4] and is [30 40] from here on\n"
    assert done(stepper, "show W") == "W  float32 [2]  [30 40]\n"
    done(stepper, "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")
    assert done(stepper, "state") == "W  float32 [2]  [31 41]\n"
    done(stepper, "goto 0")
    assert done(stepper, "state") == "W  float32 [2]  [30 40]\n"


def test_a_variable_that_is_set_on_the_way_is_set_again_when_the_way_is_made_again(stepper):
    done(stepper, "break product", "continue")
    number = stepper.view.number
    done(stepper, "set W[1]=7", "forward", f"goto {number}")
    assert done(stepper, "state") == "W  float32 [2]  [3 7]\n"
    assert [v.tolist() for v in stepper.view.changed.values()] == [[3.0, 7.0]]
    done(stepper, f"goto {number - 1}")
    assert done(stepper, "state") == "W  float32 [2]  [3 4]\n"
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  7\n" in done(stepper, "results")


def test_the_variable_of_a_function_is_set_and_the_programs_own_is_as_it_was():
    weight = tf.Variable([1.0, 2.0], name="weight")
    double = tf.function(lambda x: x * weight)
    with observe(values=True) as seen:
        double(tf.constant([1.0, 1.0]))
    stepper = Stepper([replay for replay in seen.replays if replay.run.way == "function"])
    done(stepper, "set weight=[5, 6]", "continue")
    assert "[5 6]" in done(stepper, "results")
    assert weight.numpy().tolist() == [1.0, 2.0]


def test_a_changed_tensor_stays_changed_when_an_older_one_is_looked_at(stepper):
    done(stepper, "break product", "continue", "set product=[30, 80]", "break ratio", "continue")
    assert done(stepper, "show product") == "product:0  float32 [2]  [30 80]\n"
    number = stepper.view.number
    done(stepper, "forward")
    shown = done(stepper, "show product").splitlines()
    assert shown == [
        f"as given in step {number - 1}, before it was set",
        "product:0  float32 [2]  [3 8]",
    ]
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")


def test_the_first_nan_is_a_place_to_stop(stepper):
    done(stepper, "break nan", "break product", "continue", "set x=[0, 2]", "set product=[0, 1]")
    assert "stopped by breakpoint 1: nan" in done(stepper, "continue")
    assert where(stepper)[1] == "ratio"
    assert "gives ratio:0  float32 [2]  [nan 0.5]" in text(*play_view(stepper))


def test_an_op_that_fails_leaves_the_walk_before_it_with_its_changes(stepper):
    done(stepper, "break product", "continue")
    number = stepper.view.number
    done(stepper, "set x=[1, 2, 3]")
    with pytest.raises(GraphlabError, match="ratio"):
        stepper.do("continue")
    assert stepper.walk.number == number
    done(stepper, "set x=[1, 4]", "continue")
    assert "total:0  float32 scalar  5" in done(stepper, "results")


def test_a_changed_value_goes_on_alike_in_the_three_ways():
    """Logits that are all zero: the loss is log(10), whatever the way and the step."""
    losses = []
    for way, fetch in (("graph", "loss:0"), ("function", "Identity:0"), ("eager", "Mean:0")):
        asked = parse(f"2.4:{way}")
        watched = of_way(watch(asked, "CPU:0", None, values=True), way)
        stepper, notes = stepper_of(watched, None, False, 10**8)
        assert (stepper.run.way, stepper.run.step) == (way, 8)  # the steady training step
        assert "equal the real ones to the last bit" in notes[0]
        done(stepper, "break op AddV2", "continue")
        done(stepper, f"set {stepper.view.step.node}[:]=0")
        done(stepper, "forward 2", "back", "breaks clear", "continue")
        losses.append(float(stepper.walk.execution.fetched[fetch]))
    assert losses == pytest.approx([np.log(10)] * 3, rel=1e-6)


def test_what_was_set_is_shown_beside_what_it_was_also_further_on(stepper):
    done(stepper, "break product", "continue", "set product=[30, 80]")
    assert text(*play_view(stepper)).splitlines()[-4:-2] == [
        "set   product:0  float32 [2]  [30 80]",
        "was   product:0  float32 [2]  [3 8]",
    ]
    done(stepper, "breaks clear", "break ratio", "continue")
    assert "was   ratio:0  float32 [2]  [3 4]\n" in text(*play_view(stepper))
    done(stepper, "goto 0")
    assert "was " not in text(*play_view(stepper))
