"""What lesson 5 promises beyond the contract of a part."""

import numpy as np
import pytest
import tensorflow as tf

from lessons.lesson_05_autoencoder import part_1_autoencoder as autoencoder
from lessons.lesson_05_autoencoder import part_2_frozen_encoder as frozen


@pytest.fixture(scope="module")
def ten_steps():
    """The first ten steps, and what each way of part 1 makes of them."""
    cases = autoencoder.cases().first(10)
    ways = ("graph", "eager", "function", "keras")
    return {way: getattr(autoencoder, way)(cases, "CPU:0") for way in ways}


def test_keras_takes_the_first_steps_of_the_others(ten_steps):
    ours, theirs = (np.array(ten_steps[way]["loss"]) for way in ("graph", "keras"))
    assert len(ours) == 10
    np.testing.assert_allclose(theirs[:2], ours[:2], rtol=1e-6)
    np.testing.assert_allclose(theirs, ours, rtol=1e-3)


def test_an_epoch_of_the_autoencoder_shows_every_picture_once():
    cases = autoencoder.cases()
    assert [case.shape for case in cases] == [(100, 28, 28, 1)] * 800
    epoch = np.concatenate(cases[:100]).reshape(10000, 784)
    images = autoencoder.fashion_mnist("train")[0].reshape(10000, 784)
    assert np.array_equal(np.sort(epoch.sum(axis=1)), np.sort(images.sum(axis=1)))


def test_another_seed_starts_the_autoencoder_elsewhere():
    first, other = autoencoder.cases(), autoencoder.cases(seed=1)
    assert np.array_equal(first.start["w3"], autoencoder.cases().start["w3"])
    assert not np.array_equal(first.start["w3"], other.start["w3"])
    assert not np.array_equal(first[0], other[0])


def test_the_best_linear_code_errs_by_0_0143():
    test = autoencoder.fashion_mnist("test")[0].reshape(-1, 784)
    error = np.mean((autoencoder.linear(test) - test) ** 2)
    assert round(float(error), 4) == 0.0143


def test_the_mean_picture_errs_by_0_086():
    train, test = (autoencoder.fashion_mnist(split)[0] for split in ("train", "test"))
    assert round(float(np.mean((train.mean(axis=0) - test) ** 2)), 3) == 0.086


def test_a_minimize_that_is_left_to_choose_trains_the_encoder_too():
    tf1 = tf.compat.v1
    with tf.Graph().as_default():
        encoder, head = (tf1.get_variable(name, initializer=1.0) for name in ("encoder", "head"))
        adam = tf1.train.AdamOptimizer(0.003)
        chosen, told = (adam.compute_gradients(encoder * head, v) for v in (None, [head]))
        assert [v.op.name for _, v in chosen] == ["encoder", "head"]
        assert [v.op.name for _, v in told] == ["head"]


def test_one_function_for_two_tasks_could_not_make_the_second_optimizer():
    net = frozen.Nets(frozen.cases().start)
    step = tf.function(lambda task, *fed: getattr(net, task)(*fed))
    first, last = frozen.cases()[0], frozen.cases()[-1]
    step("rebuild", *first[1:])
    with pytest.raises(ValueError, match="singleton"):
        step("classify", *last[1:])


def test_the_first_tasks_are_to_rebuild_and_the_last_to_name():
    tasks = [task for task, _, _ in frozen.cases()]
    assert tasks == ["rebuild"] * 600 + ["name"] * 300
