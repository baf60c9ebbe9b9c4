"""The first NaN or Inf, where it came from and how far it got."""

import numpy as np

from graphlab.model import Graph, Node, Step, TensorSpec
from graphlab.watch.nonfinite import Summary, first_bad, summary


def node(name, op, *inputs):
    return Node(
        name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32", (2,)),), source=("m.py", 7)
    )


GRAPH = Graph(
    (
        node("x", "Placeholder"),
        node("log", "Log", "x:0"),
        node("relu", "Relu", "x:0"),
        node("sum", "AddV2", "log:0", "relu:0"),
        node("y", "Neg", "sum:0"),
    )
)


def steps(**values):
    return [
        Step(name, GRAPH[name].op, "CPU:0", values={f"{name}:0": np.asarray(value)})
        for name, value in values.items()
    ]


def test_the_first_bad_op_is_named_with_what_went_in_and_what_depends_on_it():
    bad = first_bad(
        steps(x=[-1.0, 2.0], relu=[0.0, 2.0], log=[np.nan, 0.7], sum=[np.nan, 2.7]), GRAPH
    )
    assert (bad.node, bad.op, bad.source, bad.tensor) == ("log", "Log", ("m.py", 7), "log:0")
    assert bad.what == "NaN"
    assert bad.inputs == (Summary("x:0", "float64", (2,), -1.0, 2.0, 0.5),)
    assert bad.downstream == ("sum", "y")
    assert bad.step == 2


def test_an_infinity_is_told_from_a_nan():
    bad = first_bad(steps(x=[0.0, 1.0], log=[-np.inf, 0.0]), GRAPH)
    assert bad.what == "Inf"
    assert bad.output.infs == 1
    assert bad.inputs[0].text() == "x:0 [2] float64, from 0 to 1, mean 0.5, 1 zero"


def test_finite_numbers_and_what_is_no_number_are_not_bad():
    fine = steps(x=[1.0, 2.0], log=[0.0, 0.7])
    words = Step("y", "Neg", "CPU:0", values={"y:0": np.array(["nan"], object)})
    assert first_bad([*fine, words, Step("relu", "Relu", "CPU:0")], GRAPH) is None


def test_a_tensor_without_a_finite_number_has_no_range():
    assert summary("t:0", np.array([np.nan, np.inf])).text() == "t:0 [2] float64, 1 NaN, 1 Inf"
    assert summary("t:0", np.float32(3)).text() == "t:0 [] float32, 3"
    assert summary("t:0", None) is None
