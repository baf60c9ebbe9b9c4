"""Into and out of loops and calls."""

from __future__ import annotations

import tensorflow as tf

from graphlab import observe
from graphlab.walk.stepper import Stepper
from tests.stepped import done, loop_call, tf1_loop_call, third, where


def test_a_loop_of_tf1_is_stepped_into_on_its_third_turn():
    stepper = Stepper(tf1_loop_call())
    done(stepper, "break grow iteration 2", "continue")
    assert where(stepper)[1:] == ("grow/Merge", "grow:2")
    assert stepper.view.step.values["grow/Merge:0"] == 2
    done(stepper, "into")
    assert where(stepper)[1:] == ("grow/Merge", "grow:3")
    done(stepper, "out loop")
    assert where(stepper)[1:] == ("last", "")
    (result,) = stepper.walk.execution.fetched.values()
    assert result.tolist() == [-16.0, -32.0]


def test_a_loop_of_a_function_and_a_call_in_its_third_turn_are_stepped_into():
    stepper = Stepper(loop_call())
    done(stepper, "break while iteration 2", "continue")
    assert where(stepper)[1:] == ("while/Less", "while:2 cond")
    done(stepper, "into")
    assert where(stepper)[2] == "while:2"
    done(stepper, "into")
    assert where(stepper)[2] == "while:2 > while/PartitionedCall"
    assert "return value / 3.0" in done(stepper, "source")
    done(stepper, "out")
    number, node, frame = where(stepper)
    assert (node, frame) == ("while/PartitionedCall", "while:2")
    assert done(stepper, "why") == "the function it called has returned\n"
    assert [v.tolist() for v in stepper.view.inputs.values()] == [30.0]
    done(stepper, "set while/PartitionedCall=0", "out")
    assert where(stepper)[2] == "while:3 cond"
    done(stepper, "out loop")
    assert where(stepper)[1:] == ("while", "")
    done(stepper, "breaks clear", "continue")
    (result,) = stepper.walk.execution.fetched.values()
    assert result == 2 * (0 + 2) + 3
    done(stepper, f"goto {number}")
    assert where(stepper) == (number, node, frame)


def test_over_passes_a_call_and_a_whole_loop_by():
    stepper = Stepper(loop_call())
    nodes = []
    while not stepper.walk.over:
        stepper.do("over")
        nodes.append(where(stepper)[1:])
    assert ("while", "") in nodes
    assert {frame for _, frame in nodes} == {""}


def test_another_call_is_stepped_through_from_its_start():
    with observe(values=True) as seen:
        for value in (1.0, 2.0):
            third(tf.constant(value))
    stepper = Stepper(seen.replays)
    listed = done(stepper, "calls").splitlines()
    assert len(listed) == len(seen.replays)
    assert [line[0] for line in listed] == ["→"] + [" "] * (len(listed) - 1)
    done(stepper, "forward", f"call {len(seen.replays)}")
    assert (stepper.chosen, stepper.view.number) == (len(seen.replays) - 1, 0)
