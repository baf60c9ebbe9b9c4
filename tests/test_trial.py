"""Functions run together, as a notebook does with the ways of a part."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab import devices, run_ways
from graphlab.errors import GraphlabError

CASES = [np.ones(2, np.float32), np.zeros(2, np.float32)]


def graph(cases, device):
    with tf.Graph().as_default() as g:
        x = tf.compat.v1.placeholder(tf.float32, [2])
        y = x + 1.0
    with tf.compat.v1.Session(graph=g) as session:
        return {"y": [session.run(y, {x: case}) for case in cases]}


def eager(cases, device):
    return {"y": [tf.constant(case) + 1.0 for case in cases]}


def function(cases, device):
    add = tf.function(lambda x: x + 1.5)
    return {"y": [add(case) for case in cases]}


def keras(cases, device):
    return {"y": [case + 1.001 for case in cases]}


def test_ways_that_agree_are_told_with_their_results():
    tried = run_ways(graph, eager, cases=CASES)
    assert (tried.ok, tried.complaint) == (True, "")
    assert tried.results["graph"]["y"].tolist() == [[2.0, 2.0], [1.0, 1.0]]
    assert [run.name for run in tried.runs["graph"]] == ["Session.run", "Session.run"]
    assert str(tried) == (
        "y  [2, 2]  [[2. 2.]\n"
        "            [1. 1.]]\n"
        "\n"
        "result  shape       eager\n"
        "─────────────────────────\n"
        "y       [2, 2]  bit-equal\n"
        "\n"
        "✓ The ways agree: bit-equal (rtol 0, atol 0)"
    )


def test_a_way_that_disagrees_is_named_with_the_number():
    tried = run_ways(graph, eager, function, cases=CASES, atol=0.1)
    assert tried.complaint == (
        "the ways disagree: y[0, 0] is 2.5 in function and 2.0 in graph, 0.5 apart "
        "(rtol 0, atol 0.1)"
    )
    assert not tried.ok
    assert "✗ The ways disagree: y[0, 0] is 2.5 in function" in str(tried)


def test_keras_is_held_to_its_own_tolerance():
    assert run_ways(graph, keras, cases=CASES, keras_atol=0.01).ok
    assert "keras disagrees" in run_ways(graph, keras, cases=CASES, atol=0.01).complaint


def test_numpy_may_say_what_is_expected():
    right = run_ways(eager, cases=CASES, expected=lambda cases: {"y": [c + 1 for c in cases]})
    wrong = run_ways(eager, cases=CASES, expected=lambda cases: {"y": list(cases)})
    assert (right.ok, wrong.ok) == (True, False)
    assert "in NumPy" in wrong.complaint


def test_only_the_first_steps_are_taken():
    tried = run_ways(eager, cases=CASES, steps=1)
    assert tried.results["eager"]["y"].tolist() == [[2.0, 2.0]]
    assert "nothing to compare it with" in str(tried)


def test_a_function_of_another_name_is_refused_with_the_nearest():
    def graf(cases, device):
        return {}

    with pytest.raises(GraphlabError, match="'graf' is not the name of a way; call the function"):
        run_ways(graf, cases=CASES)


@pytest.mark.parametrize("tf32", [False, True])
def test_functions_run_in_float32_on_a_gpu_unless_tf32_is_asked_for(monkeypatch, tf32):
    """There is no GPU here: that there is one is pretended, and nothing is run on it."""
    enabled, seen = tf.config.experimental.tensor_float_32_execution_enabled, []
    monkeypatch.setattr(devices, "tf32", enabled)

    def eager(cases, device):
        seen.append(enabled())
        return {"y": [np.float32(case) for case in cases]}

    run_ways(eager, cases=[1.0], tf32=tf32)
    assert (seen, enabled()) == ([tf32], True)
