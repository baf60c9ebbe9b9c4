"""What lesson 10 promises beyond the contract of a part: what each step is made of."""

import numpy as np
import pytest
import tensorflow as tf

from graphlab.lesson import (
    captions,
    edges,
    fashion_mnist,
    following,
    kinds_named,
    things_seen,
    worn,
)
from lessons.lesson_10_adversarial_networks import part_1_two_steps as two_steps
from lessons.lesson_10_adversarial_networks import part_2_batch_normalisation as averages
from lessons.lesson_10_adversarial_networks import part_3_conditioned as conditioned
from lessons.lesson_10_adversarial_networks import part_4_text_to_image as speaking
from lessons.lesson_10_adversarial_networks import part_5_image_to_image as painting


def test_the_losses_are_the_cross_entropies_of_lesson_2():
    start, (x, z, _) = two_steps.cases().start, two_steps.cases()[0]
    real, made = (
        two_steps.net(start["D"], x),
        two_steps.net(start["D"], two_steps.net(start["G"], z)),
    )
    surprise = tf.nn.sigmoid_cross_entropy_with_logits
    wanted = surprise(tf.ones_like(real), real) + surprise(tf.zeros_like(made), made)
    found = two_steps.d_loss_of(start["G"], start["D"], x, z)
    np.testing.assert_allclose(found, np.mean(wanted), rtol=1e-6)
    found = two_steps.g_loss_of(start["G"], start["D"], z)
    np.testing.assert_allclose(found, np.mean(surprise(tf.ones_like(made), made)), rtol=1e-6)


def test_where_d_says_nothing_the_sum_has_no_slope_and_the_loss_of_g_has():
    logits = tf.zeros([4, 1])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        g_loss = tf.reduce_sum(tf.nn.softplus(-logits))
        both = tf.reduce_sum(tf.nn.softplus(logits)) + g_loss
    assert tape.gradient(both, logits).numpy().tolist() == [[0.0]] * 4
    assert tape.gradient(g_loss, logits).numpy().tolist() == [[-0.5]] * 4


def test_each_of_two_train_ops_has_its_own_list():
    tf1, start = tf.compat.v1, two_steps.cases().start
    with tf.Graph().as_default():
        D, G = ([tf1.Variable(v) for v in start[k]] for k in "DG")
        x, z = (tf1.placeholder(tf.float32, [None, 2]) for _ in "xz")
        loss = two_steps.d_loss_of(G, D, x, z)
        adam = tf1.train.AdamOptimizer()
        chosen, told = (adam.compute_gradients(loss, v) for v in (None, D))
        assert [v.op.name for _, v in chosen] == [v.op.name for v in (*D, *G)]
        assert [v.op.name for _, v in told] == [v.op.name for v in D]


def test_another_seed_draws_other_points_and_starts_elsewhere():
    first, other = two_steps.cases(), two_steps.cases(seed=1)
    assert np.array_equal(first[0][0], two_steps.cases()[0][0])
    assert not np.array_equal(first[0][0], other[0][0])
    assert not np.array_equal(first.start["G"][0], other.start["G"][0])


def test_the_averages_of_one_turn_are_a_tenth_of_what_numpy_finds():
    some = averages.cases().first(1)
    (x, noise, more), (D, G) = some[0], (some.start[name] for name in "DG")
    found = averages.eager(some, "CPU:0")["kept"]

    def tenth(batch):
        return 0.1 * batch.mean(axis=0), 0.9 + 0.1 * batch.var(axis=0)

    made = averages.run(G, noise)[0].numpy()
    np.testing.assert_allclose(
        found[0], tenth(np.concatenate([x, made]) @ D[0]), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(found[1], tenth(more @ G[0]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("side", "times"), [(4, {4}), (5, {4, 6, 9})])
def test_at_stride_2_filters_of_4_overlap_evenly_and_those_of_5_do_not(side, times):
    filters = np.ones([side, side, 1, 1], np.float32)
    painted = conditioned.up(np.ones([1, 7, 7, 1], np.float32), filters, [1, 14, 14, 1], 2)
    assert set(np.array(painted)[0, 2:-2, 2:-2, 0].ravel()) == times


def test_a_condition_is_the_kind_of_the_picture_beside_it():
    images, kinds = conditioned.fashion_mnist("train")
    for pictures, asked, *_ in conditioned.cases().first(3):
        for picture, row in zip(pictures, asked, strict=True):
            assert sorted(row) == [0, 0, 1]
            same = (images == picture[..., 0]).all(axis=(1, 2))
            assert conditioned.KINDS[row.argmax()] in kinds[same]


def test_nine_of_ten_real_shoes_get_their_name():
    images, kinds = conditioned.fashion_mnist("test")
    for kind in conditioned.KINDS:
        assert np.mean(conditioned.named(images[kinds == kind][..., None]) == kind) > 0.9


def test_keras_trains_10_3_by_the_same_losses_until_rounding_parts_them():
    def losses(way):
        seen = []
        with following(lambda found: seen.append(float(found[-1]))):
            way(conditioned.cases().first(4), "CPU:0")
        return seen

    np.testing.assert_allclose(
        losses(conditioned.keras), losses(conditioned.function), rtol=1e-4, atol=1e-4
    )


def test_a_caption_says_what_its_picture_shows():
    random = np.random.RandomState(0)
    drawn = captions(random, 500)
    for words, thing in drawn:
        assert set(thing) < set(words) <= set(speaking.WORDS)
    things = [thing for _, thing in drawn]
    grey, light = worn(random, things, "test")
    right = np.equal(things, np.array(things_seen(grey * light), str)).mean(axis=0)
    assert right[:2].tolist() == [1.0, 1.0] and right[2] > 0.88


def test_the_kept_network_names_in_numpy_what_it_names_in_tensorflow():
    images, _ = fashion_mnist("test")
    wanted = conditioned.named(images[:200, ..., None])
    assert kinds_named(images[:200]).tolist() == wanted.numpy().tolist()


def test_a_black_picture_shows_a_thing_of_no_certain_garment_and_is_no_error():
    assert things_seen(np.zeros([1, 28, 28, 3]))[0][0] == "large"


def test_d_sees_each_picture_with_its_own_words_and_with_its_neighbours():
    start, (words, grey, light, z, *_) = speaking.cases().start, speaking.cases().first(1)[0]
    D, G, x = start["D"], start["G"], grey * light
    right, wrong = speaking.judge(D, words, x), speaking.judge(D, np.roll(words, 1, axis=0), x)
    made = speaking.judge(D, words, speaking.make(G, words, z))
    wanted = np.mean(np.logaddexp(0, -right) + (np.logaddexp(0, wrong) + np.logaddexp(0, made)) / 2)
    np.testing.assert_allclose(speaking.d_loss_of(D, G, words, x, z), wanted, rtol=1e-5)


def test_edges_are_where_the_neighbours_of_a_pixel_differ():
    picture = np.zeros([1, 5, 5, 1], np.float32)
    picture[:, :, 3:] = 1
    wanted = [[0, 0, 1, 1, 1]] * 5  # and about the picture is black
    wanted[0] = wanted[4] = [0, 0, 1, 1, 1]
    assert edges(picture)[0, ..., 0].tolist() == wanted


def test_a_logit_in_the_middle_sees_18_by_18_pixels():
    x = tf.zeros([1, 28, 28, 1])
    with tf.GradientTape() as tape:
        tape.watch(x)
        logit = painting.judge(painting.cases().start["D"], x, tf.zeros_like(x))[0, 3, 3, 0]
    rows, columns = np.nonzero(tape.gradient(logit, x).numpy()[0, ..., 0])
    assert [np.ptp(rows) + 1, np.ptp(columns) + 1] == [18, 18]


def test_p_gets_in_the_sum_the_gradient_that_it_gets_alone():
    (D, P, G), (x, y, _) = (
        [painting.cases().start[k] for k in "DPG"],
        painting.cases().first(1)[0],
    )
    net = [tf.Variable(v) for v in P]
    with tf.GradientTape(persistent=True) as tape:
        both = painting.g_loss_of(D, G, net, x, y)
        alone = painting.NEAR * tf.reduce_mean(tf.abs(painting.paint(net, x) - y))
    for in_sum, own in zip(tape.gradient(both, net), tape.gradient(alone, net), strict=True):
        np.testing.assert_allclose(in_sum, own, rtol=1e-4, atol=1e-6)
