"""What lesson 3 promises beyond the contract of a part: what its prose and comments say is run."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from breaking import Subject

from graphlab.agreement import agree
from graphlab.course import outline, ways
from graphlab.lesson import Cases
from lessons.lesson_03_multi_layer_perceptron import part_1_forward as forward
from lessons.lesson_03_multi_layer_perceptron import part_2_backpropagation as backpropagation
from lessons.lesson_03_multi_layer_perceptron import part_3_dropout as dropout
from lessons.lesson_03_multi_layer_perceptron import part_4_fashion_mnist as perceptron

tf1 = tf.compat.v1


def traces(part, cases):
    """How often the function of a part is traced for these cases."""
    return ways.run_way(
        SimpleNamespace(CASES=cases, function=part.function), "function", "CPU:0"
    ).traces


@pytest.mark.parametrize("way", ["graph", "function"])
def test_the_ops_of_a_layer_carry_its_name(way):
    runs = ways.run_way(forward, way, "CPU:0").runs
    built = max((run.built for run in runs if run.built), key=len)
    named = {node.name for node in built.nodes}
    assert {"hidden/MatMul", "hidden/z", "h", "output/MatMul", "output/z"} <= named


@pytest.mark.parametrize("name", ["W", "b", "V", "c"])
def test_backpropagation_by_hand_equals_finite_differences(name):
    cases = backpropagation.cases().first(1)
    found = backpropagation.expected(cases)["d" + name][0]
    start = {n: np.float64(value) for n, value in cases.start.items()}

    def loss(nudge):
        return backpropagation.expected(Cases(cases, **{**start, name: start[name] + nudge}))[
            "loss"
        ][0]

    nudges = 1e-6 * np.eye(found.size).reshape(-1, *found.shape)
    slopes = [(loss(nudge) - loss(-nudge)) / 2e-6 for nudge in nudges]
    np.testing.assert_allclose(np.reshape(slopes, found.shape), found, rtol=1e-6, atol=1e-9)


def test_what_goes_back_into_a_layer_times_its_input_is_the_gradient_of_its_weights():
    (x, _), *_ = cases = backpropagation.cases().first(1)
    start, found = cases.start, backpropagation.graph(cases, "CPU:0")
    h = np.tanh(x @ start["W"] + start["b"])
    da = found["dh"][0] * (1 - h * h)
    np.testing.assert_allclose(found["dV"][0], h.T @ found["dz"][0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["dW"][0], x.T @ da, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["dh"][0], found["dz"][0] @ start["V"].T, rtol=1e-5, atol=1e-7)


# Two go forward and three back; `tf.gradients` also writes the gradient of x, which is not run.
@pytest.mark.parametrize(("way", "products"), [("graph", 6), ("function", 5)])
def test_a_tape_leaves_backward_ops_as_tf_gradients_does(way, products):
    runs = ways.run_way(backpropagation, way, "CPU:0", steps=2).runs
    built = max((run.built for run in runs if run.built), key=len)
    ops = [node.op for node in built.nodes]
    assert [ops.count(op) for op in ("MatMul", "Tanh", "TanhGrad")] == [products, 1, 1]


@pytest.mark.parametrize(("resource", "seen"), [(False, 2.0), (True, 1.0)])
def test_a_value_read_from_a_variable_of_tf1_may_change_behind_the_reader(resource, seen):
    with tf.Graph().as_default() as g:
        v = tf1.get_variable("v", initializer=[1.0], use_resource=resource)
        read = v.value()
        with tf.control_dependencies([read]):
            add = v.assign_add([1.0])
        with tf.control_dependencies([add]):
            later = tf.identity(read)
    with tf1.Session(graph=g) as session:
        session.run(v.initializer)
        assert session.run(later) == [seen]


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_xor_is_learned_from_any_start_and_as_numpy_learns_it(seed):
    cases = backpropagation.cases(seed)
    found, expected = backpropagation.function(cases, "CPU:0"), backpropagation.expected(cases)
    assert found["accuracy"] >= 0.98
    agreement = agree(
        {
            way: {name: np.asarray(value) for name, value in results.items()}
            for way, results in (("function", found), ("numpy", expected))
        },
        backpropagation.RTOL,
        backpropagation.ATOL,
    )
    assert agreement.ok, agreement.worst


def test_a_switch_that_is_not_fed_is_off(tmp_path):
    part = Subject(outline.find("3.3")[0], tmp_path)
    unfed = part.broken(", training: on}", "}").module
    cases = unfed.cases()[:3]
    for (x, _, on), h in zip(cases, unfed.graph(cases, "CPU:0")["h"], strict=True):
        assert on and np.array_equal(h, x)


def test_true_and_false_are_two_traces():
    cases = dropout.cases()
    assert traces(dropout, cases[:3]) == 1
    assert traces(dropout, [*cases[:3], cases[-1]]) == 2


def test_every_seed_draws_its_own_mask_and_half_of_it_is_kept():
    images = [(np.ones([1, 784], np.float32), seed, True) for _, seed, _ in dropout.cases()[:20]]
    masks = np.array(dropout.eager(images, "CPU:0")["h"])
    assert set(masks.ravel()) == {0.0, 2.0}
    assert len({mask.tobytes() for mask in masks}) == 20
    assert abs(masks.mean() - 1) < 6 / masks.size**0.5


def test_the_network_has_101_770_numbers():
    assert sum(value.size for value in perceptron.cases().start.values()) == 101_770


def test_an_epoch_shows_every_picture_once_and_the_rate_falls_from_03_to_0():
    cases = perceptron.cases()
    shown = np.concatenate([images for images, _, _ in cases[:40]])
    images, _ = perceptron.pictures("train")
    assert np.array_equal(np.sort(shown.sum(axis=1)), np.sort(images.sum(axis=1)))
    assert len(cases) == 1200 and cases[0][0] is cases[40][0]
    falls = np.diff([rate for _, _, rate in cases])
    assert cases[0][2] == np.float32(0.3) and cases[-1][2] > 0
    np.testing.assert_allclose(falls, -0.3 / 1200, rtol=1e-3)


def test_a_rate_from_numpy_is_one_trace_and_python_numbers_are_one_each():
    cases = perceptron.cases().first(4)
    numbers = [(images, labels, float(rate)) for images, labels, rate in cases]
    assert traces(perceptron, cases) == 1
    assert traces(perceptron, Cases(numbers, **cases.start)) == 4


def test_a_last_bit_at_the_start_stays_one():
    cases = perceptron.cases().first(200)
    nudged = Cases(cases, **{**cases.start, "W": cases.start["W"] * np.float32(1 + 2e-7)})
    assert not np.array_equal(nudged.start["W"], cases.start["W"])
    one, other = (perceptron.function(each, "CPU:0") for each in (cases, nudged))
    for name in ("loss", "W", "b", "V", "c"):
        np.testing.assert_allclose(other[name], one[name], perceptron.RTOL, perceptron.ATOL)


def test_a_seed_repeats_the_training_and_another_one_does_not():
    first, again, other = (
        perceptron.graph(perceptron.cases(seed).first(20), "CPU:0") for seed in (0, 0, 1)
    )
    assert first["loss"] == again["loss"] and np.array_equal(first["W"], again["W"])
    assert first["loss"] != other["loss"]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_whole_training_names_84_of_100_pictures(seed):
    assert perceptron.function(perceptron.cases(seed), "CPU:0")["accuracy"] >= 0.84
