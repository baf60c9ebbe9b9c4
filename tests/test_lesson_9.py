"""What lesson 9 promises beyond the contract of a part: by which filters it sees."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab.course import make_features
from graphlab.lesson import data_file, fashion_mnist
from lessons.lesson_04_convolutional_networks import part_6_cnn as cnn
from lessons.lesson_09_style_transfer import part_1_gram_matrix as gram_matrix
from lessons.lesson_09_style_transfer import part_2_picture_as_variable as painting
from lessons.lesson_09_style_transfer import part_3_painter as painter


@pytest.fixture(scope="module")
def kept():
    with np.load(data_file(make_features.NAME)) as file:
        return dict(file)


def test_the_kept_weights_are_those_that_lesson_4_6_trains():
    made = make_features.trained(steps=3)
    assert list(made) == list(cnn.cases().start)
    wanted = cnn.function(cnn.cases().first(3), "CPU:0")["filters1"]
    assert np.array_equal(made["filters1"], wanted)


def test_the_kept_network_names_87_of_100_pictures_never_seen(kept):
    images, kinds = fashion_mnist("test")
    logits = cnn.model([kept[name] for name in cnn.cases().start], images[..., None])[-1]
    assert np.mean(np.argmax(logits, axis=1) == kinds) >= 0.87


def test_what_is_kept_is_small():
    assert Path(data_file(make_features.NAME)).stat().st_size < 300_000


def test_the_parts_see_by_the_same_filters_and_measure_alike(kept):
    pair = painter.unseen()[0][:3]
    picture, style = pair[..., :1], pair[..., 1:]
    _, content, unlike = painting.losses_of(kept, picture, style, style)
    told = gram_matrix.compare(kept, picture, style)
    np.testing.assert_allclose(told["content"], content, rtol=1e-5)
    np.testing.assert_allclose(told["style"], unlike, rtol=1e-5)
    wanted = np.mean(content) + painter.STYLE * np.mean(unlike)
    np.testing.assert_allclose(
        painter.perceptual(np.concatenate([style, style], 3), picture), wanted, rtol=1e-5
    )


def test_a_gram_matrix_is_the_mean_product_of_two_maps_over_all_places():
    maps = np.float32(np.random.RandomState(0).normal(size=[2, 3, 4, 5]))
    wanted = [
        [np.mean(each[..., a] * each[..., b]) for a in range(5) for b in range(5)] for each in maps
    ]
    found = gram_matrix.gram(tf.constant(maps))
    np.testing.assert_allclose(found, np.reshape(wanted, [2, 5, 5]), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("left_out", ["picture", "var_list"])
def test_without_a_list_tf1_trains_the_filters_too(left_out):
    tf1 = tf.compat.v1
    with tf.Graph().as_default():
        start = painting.cases().start
        at = {k: tf1.get_variable(k, initializer=v) for k, v in start["filters"].items()}
        picture = tf1.get_variable("picture", initializer=start["picture"])
        loss = painting.losses_of(at, picture, painting.shirt(), painting.patterns())[0]
        chosen = {"picture": None, "var_list": [picture]}[left_out]
        pairs = tf1.train.AdamOptimizer().compute_gradients(loss, chosen)
        assert [v.op.name for _, v in pairs] == [*(at if chosen is None else ()), "picture"]


def test_the_painter_gets_another_style_with_each_picture_it_learns_from():
    pairs = [pair for pair, _ in painter.cases().first(5)]
    styles = np.concatenate(pairs)[..., 1].reshape(100, -1)
    assert len(np.unique(styles, axis=0)) == 100
    tried = np.array(painter.unseen())[:, 0, ..., 1].reshape(3, -1)
    every = np.concatenate([pair[..., 1].reshape(20, -1) for pair, _ in painter.cases()])
    assert not (every[:, None] == tried).all(axis=2).any()
