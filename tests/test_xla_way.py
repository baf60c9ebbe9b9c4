"""The way "xla": the function way of a part, compiled; and one line where XLA does not take it."""

import re
from types import ModuleType

import numpy as np
import pytest
import tensorflow as tf

from graphlab import _private, stages
from graphlab.agreement import agree
from graphlab.course import outline, ways
from graphlab.errors import GraphlabError
from graphlab.targets import run
from graphlab.targets.stepping import stepper_of
from graphlab.targets.target import parse

REFUSED = {
    "4.8": "it has no kernel for MaxPoolWithArgmax",
    "7.3": "XLA compilation requires a fixed tensor list size",
    "24.3": "it has no kernel for WriteSummary",
    "25.2": "XLA compilation requires a fixed tensor list size",
    "26.1": "w is on CPU:1, and a call on CPU:0 reads it",
    "26.2": "w/replica_1 is on CPU:1, and a call on CPU:0 reads it",
}
DRAWS = ("3.3", "21.1", "22.2")  # random ops, which draw other numbers when they are compiled
LOADED = ("24.2",)  # what it calls comes from a file, which is not compiled
PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}


def part(function, **names) -> ModuleType:
    module = ModuleType("part", "Lesson 9.9: a part.")
    vars(module).update({"CASES": [1.0, 2.0, 3.0], "function": function}, **names)
    return module


def halves(cases, device):
    @tf.function
    def half(x):
        return x / 2.0

    with tf.device(device):
        return {"y": [half(tf.constant(case)).numpy() for case in cases]}


def test_the_way_runs_the_parts_function_compiled():
    result = ways.run_way(part(halves), "xla", "CPU:0")
    assert result.way == "xla"
    assert [run.compiled_by for run in result.runs if run.way == "function"] == ["XLA", "XLA"]
    assert result.results["y"].tolist() == [0.5, 1.0, 1.5]
    assert (result.traces, result.calls) == (1, 1)


def test_functions_are_compiled_only_while_the_way_runs():
    before = tf.function
    ways.run_way(part(halves), "xla", "CPU:0")
    assert tf.function is before
    result = ways.run_way(part(halves), "function", "CPU:0")
    assert {run.compiled_by for run in result.runs} == {""}


def test_a_function_that_says_itself_that_it_is_not_compiled_is_not():
    def function(cases, device):
        plain = tf.function(tf.sin, jit_compile=False)
        return {"y": [plain(tf.constant(case)).numpy() for case in cases]}

    result = ways.run_way(part(function), "xla", "CPU:0")
    assert {run.compiled_by for run in result.runs} == {""}


def test_a_function_in_a_function_is_compiled_with_it():
    def function(cases, device):
        inner = tf.function(tf.sin)

        @tf.function
        def outer(x):
            return inner(x) + 1.0

        return {"y": [outer(tf.constant(case)).numpy() for case in cases]}

    result = ways.run_way(part(function), "xla", "CPU:0")
    assert {(run.name, run.compiled_by) for run in result.runs if run.way == "function"} == {
        ("outer", "XLA")
    }
    assert np.allclose(result.results["y"], np.sin([1.0, 2.0, 3.0]) + 1.0)


def test_what_xla_has_no_kernel_for_is_named_with_the_nearest_way():
    def function(cases, device):
        @tf.function
        def digits(x):
            return tf.strings.length(tf.strings.as_string(x))

        return {"y": [digits(tf.constant(case)).numpy() for case in cases]}

    before = tf.function
    with pytest.raises(GraphlabError) as raised:
        ways.run_way(part(function), "xla", "CPU:0")
    assert str(raised.value) == (
        "XLA does not compile Lesson 9.9: it has no kernel for AsString; the nearest way is"
        " function"
    )
    assert tf.function is before


def test_what_the_kernel_lacks_is_a_type():
    def function(cases, device):
        return {"y": [tf.function(tf.identity)(tf.constant("a")).numpy() for case in cases]}

    with pytest.raises(GraphlabError, match="no kernel for _Arg of DT_STRING; "):
        ways.run_way(part(function), "xla", "CPU:0")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: tf.linalg.inv(tf.zeros([2, 2])) + x,
        lambda x: tf.raw_ops.Reshape(tensor=x, shape=[7]),
    ],
)
def test_an_error_of_the_parts_own_passes_through(wrong):
    def function(cases, device):
        return {"y": [wrong(tf.constant(case)).numpy() for case in cases]}

    with pytest.raises(tf.errors.InvalidArgumentError):
        ways.run_way(part(function), "xla", "CPU:0")


def test_a_target_asks_for_the_way():
    assert parse("1.7:xla").way == "xla"
    assert parse("1.7", "xla").way == "xla"
    watched = run.of_way(run.watch(parse("1.2:xla"), None, None, values=True), "xla")
    assert {(run.way, run.compiled_by) for run in watched.runs} == {("function", "XLA")}
    _, notes = stepper_of(watched, None, False, 1 << 20)
    assert "The call was compiled by XLA; here it is executed op by op, as it was before." in notes


def test_only_ways_that_are_written_are_run_unasked():
    assert "xla" not in outline.ways_of(PARTS["1.7"])
    assert outline.ways_of(PARTS["1.7"], "xla") == ("xla",)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_agrees_with_its_function_or_says_what_xla_refuses(name, monkeypatch):
    """And the program that it is can be read: here as XLA begins with it, since to compile each
    part a second time takes as long as all the rest; what it ends with is in test_xla_program."""
    told = _private.compiled_program
    monkeypatch.setattr(_private, "compiled_program", lambda f, a, d, _="": told(f, a, d, "hlo"))
    module = outline.load(PARTS[name])
    if name in REFUSED:
        with pytest.raises(GraphlabError, match=re.escape(REFUSED[name])):
            ways.run_way(module, "xla", "CPU:0", steps=1)
        return
    found = {way: ways.run_way(module, way, "CPU:0", steps=1) for way in ("function", "xla")}
    # TensorFlow's own function, which gives a variable made in a trace its first value.
    first = "initialize_variables"
    calls = [r for r in found["xla"].runs if r.way == "function" and r.name != first]
    assert {run.compiled_by for run in calls} == {"" if name in LOADED else "XLA"}
    assert name in LOADED or all(map(stages.program, calls))
    told = agree({way: each.results for way, each in found.items()}, module.RTOL, module.ATOL)
    assert told.ok is (name not in DRAWS)
