"""Do the ways agree, and if not, exactly where."""

import copy
from types import ModuleType

import numpy as np
import pytest
import tensorflow as tf

from graphlab import agreement
from graphlab.course import outline, ways
from graphlab.lesson import Cases, Losses, datasets


def agree(a, b, rtol=0.0, atol=0.0):
    wrap = {"graph": {"y": a}, "eager": {"y": b}}
    return agreement.agree(wrap, rtol, atol)


def test_equal_bits_agree_and_have_no_worst():
    x = np.array([1.0, np.nan, np.inf, -0.0])
    assert agree(x, x.copy()) == agreement.Agreement(True, 0.0, 0.0, None)


def test_the_worst_difference_is_named_to_the_index():
    agreement = agree(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.5, 4.1]]), 0.01)
    assert not agreement.ok
    worst = agreement.worst
    assert (worst.way, worst.other, worst.result, worst.index) == ("eager", "graph", "y", (1, 0))
    assert (worst.value, worst.other_value) == (3.5, 3.0)
    assert worst.absolute == 0.5
    assert worst.excess == pytest.approx(0.5 / 0.03)


@pytest.mark.parametrize(
    ("a", "b", "rtol", "atol", "ok"),
    [
        (np.array(100.0), np.array(101.0), 0.01, 0.0, True),
        (np.array(100.0), np.array(101.1), 0.01, 0.0, False),
        (np.array(0.0), np.array(1e-7), 0.01, 1e-6, True),
        (np.array(0.0), np.array(1e-7), 0.01, 0.0, False),
        (np.array(1.0), np.array(np.nan), 1.0, 1.0, False),
        (np.array(np.inf), np.array(1.0), 1.0, 1.0, False),
        (np.array(3), np.array(4), 1.0, 1.0, False),
        (np.array(["a", "b"]), np.array(["a", "c"]), 1.0, 1.0, False),
        (np.array([1.0]), np.array([1.0, 1.0]), 1.0, 1.0, False),
        ([np.zeros(1), np.zeros(2)], [np.zeros(1), np.zeros(2)], 0.0, 0.0, True),
        ([np.zeros(1), np.zeros(2)], [np.zeros(1), np.ones(2)], 0.0, 0.0, False),
        ([np.zeros(1), np.zeros(2)], [np.zeros(1)], 0.0, 0.0, False),
    ],
)
def test_tolerance_is_relative_to_the_first_way_plus_an_absolute_part(a, b, rtol, atol, ok):
    assert agree(a, b, rtol, atol).ok == ok


def test_a_result_that_one_way_lacks_is_a_disagreement_but_the_oracle_may_be_partial():
    both = {"graph": {"y": np.ones(1), "z": np.ones(1)}, "eager": {"y": np.ones(1)}}
    told = agreement.agree(both, 0.0)
    assert (told.ok, told.worst.result) == (False, "z")
    assert agreement.agree({"graph": both["graph"], "numpy": both["eager"]}, 0.0).ok


def part(**names) -> ModuleType:
    module = ModuleType("part")
    vars(module).update(names)
    return module


def eager(cases, device):
    with tf.device(device):
        return {"y": [tf.sin(case) for case in cases]}


def test_a_way_is_run_with_its_cases_counted_and_timed():
    ticks = []
    module = part(CASES=[1.0, 2.0, 3.0], eager=eager)
    result = ways.run_way(
        module, "eager", "CPU:1", on_step=lambda done, of, _: ticks.append((done, of))
    )
    assert ticks == [(1, 3), (2, 3), (3, 3)]
    assert (result.steps, result.calls, result.ops_executed, result.ops_built) == (3, 1, 1, 0)
    assert result.results["y"] == pytest.approx(np.sin([1.0, 2.0, 3.0]))
    assert result.first_ms > 0 and result.steady_ms > 0


def graph(cases, device):
    with tf.Graph().as_default():
        made = {name: tf.constant(1.0, name=name) for name in "abcd"}
        with tf.compat.v1.Session() as session:
            return {"y": [session.run(made[case]) for case in cases]}


def test_a_step_that_asks_for_something_new_is_not_steady():
    each_its_own = ways.run_way(part(CASES=["a", "b", "c", "d"], graph=graph), "graph", "CPU:0")
    assert (each_its_own.steady_ms, each_its_own.steps_differ) == (None, True)
    repeated = ways.run_way(part(CASES=["a", "b", "a", "a"], graph=graph), "graph", "CPU:0")
    assert (repeated.steady_ms > 0, repeated.steps_differ) == (True, False)
    in_turns = ways.run_way(part(CASES=list("abababab"), graph=graph), "graph", "CPU:0")
    assert (in_turns.steady_ms, in_turns.steps_differ) == (None, True)
    only_recorded = ways.run_way(part(CASES=["a", "b"], graph=graph), "graph", "CPU:0")
    assert (only_recorded.steady_ms, only_recorded.steps_differ) == (None, False)


def test_a_seed_reaches_the_parts_cases():
    module = part(cases=lambda seed=0: [float(seed)], eager=eager)
    assert ways.run_way(module, "eager", "CPU:0", 7).results["y"] == pytest.approx(np.sin([7.0]))
    assert ways.run_way(module, "eager", "CPU:0").results["y"] == pytest.approx(np.sin([0.0]))


def start(cases, device):
    return {"y": [cases.start["a"] * case for case in cases]}


def test_only_the_first_steps_are_taken_from_the_same_start():
    module = part(cases=lambda seed=0: Cases([1.0, 2.0, 3.0], a=10.0), eager=start)
    result = ways.run_way(module, "eager", "CPU:0", steps=2)
    assert (result.steps, result.results["y"].tolist()) == (2, [10.0, 20.0])
    assert ways.cases_of(part(CASES=[1, 2, 3]), steps=2) == [1, 2]


def test_data_is_drawn_once_for_all_ways_of_a_part():
    drawn = []

    def cases(seed=0):
        drawn.append(seed)
        return [float(seed)]

    module = part(cases=cases, eager=eager, expected=lambda cases: {"y": cases})
    for seed in (3, 4):
        ways.run_way(module, "eager", "CPU:0", seed)
        assert ways.expected_results(module, seed)["y"].tolist() == [seed]
    assert drawn == [3, 4]
    with datasets.data_given("elsewhere"):
        ways.cases_of(module, 4)
    assert drawn == [3, 4, 4]


@pytest.mark.parametrize("name", ["3.4", "9.2", "10.1"])
def test_training_leaves_the_data_that_the_ways_share_as_it_was(name):
    """A variable that took the memory of its initial value over would train that array, too."""
    (found,) = outline.find(name)
    module = outline.load(found)
    cases = ways.cases_of(module)
    before = copy.deepcopy((list(cases), cases.start))
    for way in outline.ways_of(found):
        ways.watch_way(module, way, "CPU:0", steps=3)
    after = (list(ways.cases_of(module)), ways.cases_of(module).start)
    assert ways.cases_of(module) is cases
    same = tf.nest.map_structure(np.array_equal, before, after)
    assert all(tf.nest.flatten(same))


def training(cases, device):
    losses = Losses()
    for case in cases:
        losses.append(case / 2)
    return {"loss": losses}


def test_whoever_follows_a_training_is_told_its_losses_step_by_step():
    ticks = []
    ways.run_way(
        part(CASES=[4.0, 2.0], eager=training),
        "eager",
        "CPU:0",
        on_step=lambda *told: ticks.append((*told[:2], list(told[2]))),
    )
    assert ticks == [(1, 2, [2.0]), (2, 2, [2.0, 1.0])]


def keras(cases, device):
    double = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False)])
    double.build([None, 1])
    double.set_weights([np.full([1, 1], 2.0)])
    return {"y": [double.predict_on_batch(np.full([1, 1], case))[0, 0] for case in cases]}


def test_keras_is_watched_as_the_function_it_makes():
    result = ways.run_way(part(CASES=[1.0, 2.0, 3.0], keras=keras), "keras", "CPU:0")
    assert result.results["y"].tolist() == [2.0, 4.0, 6.0]
    assert (result.traces, result.ops_built > 0, result.ops_executed > 0) == (1, True, True)


def test_keras_may_leave_results_out_but_not_add_any():
    graph = {"y": np.ones(1), "z": np.ones(1)}
    assert agreement.agree({"graph": graph, "keras": {"y": np.ones(1)}}, 0.0).ok
    added = agreement.agree({"graph": {"y": np.ones(1)}, "keras": graph}, 0.0)
    assert (added.ok, added.worst.result) == (False, "z")


def test_claims_are_executed_in_order_and_say_why_they_fail():
    def claim_good():
        """Good."""

    def claim_of_results(results):
        """One is one."""
        assert results["graph"]["y"] == 1

    def claim_bad():
        """Bad."""
        raise ValueError("no\nmore")

    module = part(claim_good=claim_good, claim_of_results=claim_of_results, claim_bad=claim_bad)
    claims = list(ways.check_claims(module, {"graph": {"y": np.array(1)}}, {}))
    assert claims == [
        ways.Claim("claim_good", "Good.", True),
        ways.Claim("claim_of_results", "One is one.", True),
        ways.Claim("claim_bad", "Bad.", False, "ValueError: no"),
    ]
