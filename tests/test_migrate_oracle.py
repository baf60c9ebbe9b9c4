"""A script on the real TensorFlow 1, and what is said of both.

The tracer of it runs in any TensorFlow, so that it is tried here with the installed one.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from graphlab.errors import GraphlabError
from graphlab.migration import oracle
from graphlab.migration.run import Files, migrate
from graphlab.targets import run
from graphlab.targets.target import Target

SCRIPT = """\
import sys
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [2])
w = tf.get_variable("w", [2], use_resource=True)
y = tf.identity(w * x)
with tf.control_dependencies([y]):
    step = tf.identity(w.assign_add(np.random.rand(2).astype("f")), name="step")
text = tf.constant("a")
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for n in range(int(sys.argv[1])):
        session.run([text, y, step], {x: [n, 1.0]})
    session.run([y, x], {x: [1.0, 1.0]})
if len(sys.argv) > 2:
    raise ValueError("no more\\nthan this")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return path


def watched(script, *arguments):
    target = Target(str(script), script=script, arguments=arguments, compiled=Files())
    with oracle.same_draws():
        return run.watch_alone(target, None, None, values=True)


def test_a_run_with_the_same_draws_gives_what_the_original_gave_to_the_last_bit(script):
    told = oracle.traced(script, ("10",), sys.executable)
    # Kinds: the initializer, the loop, and what comes behind it; a text and a feed are no numbers.
    assert [(key, list(values)) for key, values in told.calls.items()][:2] == [
        ((0, 1), []),
        ((1, 1), ["Const_1:0", "Identity:0", "step:0"]),
    ]
    assert [key for key in told.calls if key[0] == 2] == [(2, 1)]
    proof, said = oracle.compared(told, watched(script, "10"))
    assert (proof, said) == (
        "equal",
        f"gives what TensorFlow {told.version} gives, to the last bit, in 5 values that its first"
        " 24 calls fetch",
    )


def test_a_value_that_differs_is_told_with_its_line_and_both_values(script):
    told = oracle.traced(script, ("3",), sys.executable)
    calls = {key: dict(values) for key, values in told.calls.items()}
    array = calls[1, 1]["step:0"]
    calls[1, 1]["step:0"] = array + np.array([1, 0], np.float32)
    proof, said = oracle.compared(replace(told, calls=calls), watched(script, "3"))
    assert proof == "differs"
    assert f"in call 1 of line 14: step:0 is {array[0]}" in said


def test_what_comes_late_is_not_compared(script):
    told = oracle.traced(script, ("30",), sys.executable)
    assert {kind for kind, _ in told.calls} == {0, 1}


def test_where_the_original_stopped_is_told_in_one_line(script):
    told = oracle.traced(script, ("1", "stop"), sys.executable)
    assert told.problem == "ValueError: no more"
    _, said = oracle.compared(told, watched(script, "1"))
    assert said.endswith("stopped: ValueError: no more")


def test_other_programs_are_not_compared(script):
    told = replace(oracle.traced(script, ("1",), sys.executable), calls={})
    proof, said = oracle.compared(told, watched(script, "1"))
    assert (proof, said[:34]) == ("", "nothing of it could be compared wi")


def test_a_python_that_has_another_tensorflow_or_none_is_refused(script):
    with pytest.raises(GraphlabError, match=r"has TensorFlow 2\..*; name a Python that has 1"):
        migrate(script, ("1",), sys.executable)
    with pytest.raises(GraphlabError, match="cannot run /nowhere/python: No such file"):
        migrate(script, ("1",), "/nowhere/python")
    with pytest.raises(GraphlabError, match=r"false cannot run .* with TensorFlow"):
        migrate(script, ("1",), "false")
