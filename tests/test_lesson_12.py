"""What lesson 12 promises beyond the contract of a part."""

import numpy as np
import tensorflow as tf

from lessons.lesson_12_capsules import part_1_squash as squash
from lessons.lesson_12_capsules import part_2_routing as routing
from lessons.lesson_12_capsules import part_3_capsule_network as network
from lessons.lesson_12_capsules import part_4_agreement as agreement


def test_keras_takes_the_first_steps_of_the_others():
    few = network.cases().first(3)
    ours, theirs = (getattr(network, way)(few, "CPU:0") for way in ("function", "keras"))
    np.testing.assert_allclose(theirs["loss"], ours["loss"], rtol=1e-4)
    assert theirs["accuracy"] == ours["accuracy"]


def test_the_gradient_of_squash_is_that_of_finite_differences():
    s, w = (np.float64(each) for each in squash.cases(3)[0])
    total = [
        np.sum(w * squash.expected([(s + step, w)])["v"][0], axis=1)
        for axis in np.eye(4)
        for step in (1e-6 * axis, -1e-6 * axis)
    ]
    slopes = np.array([(a - b) / 2e-6 for a, b in zip(total[::2], total[1::2], strict=True)]).T
    np.testing.assert_allclose(squash.expected([(s, w)])["ds"][0], slopes, rtol=1e-5, atol=1e-7)


def test_the_network_routes_as_part_2_does():
    u = np.float32(np.random.RandomState(1).normal(size=[6, 3, 2]))
    found = agreement.route(tf.constant(u[:, np.newaxis]), 3)
    c, v = (routing.expected([u])[name][0][2] for name in "cv")
    np.testing.assert_allclose(found[1][:, 0], c, rtol=1e-5)
    np.testing.assert_allclose(found[0][0], np.linalg.norm(v, axis=1), rtol=1e-4)


def test_the_margin_loss_is_0_where_the_true_capsule_is_long_and_the_others_short():
    true = np.float32([[0, 1, 0], [0, 1, 0]])
    lengths = np.float32([[0.1, 0.9, 0.05], [0.6, 0.5, 0.1]])
    found = network.margin(true, lengths).numpy()
    np.testing.assert_allclose(found, [0, 0.4**2 + 0.5**2 / 2], rtol=1e-5, atol=1e-7)


def test_both_networks_begin_alike_and_have_as_many_weights():
    start = agreement.cases().start
    both = agreement.Networks(start)
    for name, value in start.items():
        assert all(np.array_equal(w[name].numpy(), value) for w in both.w.values())
    assert len(both.trainable_variables) == 2 * len(start) == 10


def test_an_epoch_shows_every_picture_once():
    cases = agreement.cases()
    assert len(cases) == 1000
    epoch = np.concatenate([images for images, _, _ in cases[:200]]).sum(axis=(1, 2, 3))
    images = agreement.fashion_mnist("train")[0].sum(axis=(1, 2))
    np.testing.assert_allclose(np.sort(epoch), np.sort(images), rtol=1e-5)
