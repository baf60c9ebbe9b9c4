"""What lesson 6 promises beyond the contract of a part."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from graphlab.lesson import Cases
from lessons.lesson_06_recurrent_networks import part_1_recurrence as recurrence
from lessons.lesson_06_recurrent_networks import part_2_many_to_one as mood


@pytest.fixture(scope="module")
def reviews():
    """To learn from, to be tested with, and the numbers of the words."""
    return mood.sentences()


def test_the_gradients_of_a_recurrence_are_those_of_numpy():
    """Backwards through time by hand: tanh' = 1 - tanh^2, and every step adds its share to dU."""
    found = recurrence.graph(recurrence.CASES, "CPU:0")
    W, U = recurrence.W, recurrence.U
    for i, x in enumerate(recurrence.CASES):
        h = [np.zeros([x.shape[1], 4]), *found["h"][i]]
        dU, dx, dh = np.zeros([4, 4]), np.zeros(x.shape), np.ones_like(h[0])
        for t in reversed(range(len(x))):
            dz = dh * (1 - h[t + 1] ** 2)
            dU += h[t].T @ dz
            dx[t], dh = dz @ W.T, dz @ U.T
        np.testing.assert_allclose(found["dU"][i], dU, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found["dx"][i], dx, rtol=1e-5, atol=1e-6)


def test_the_units_forget_as_the_prose_says():
    """After the pulse at step 2: gone at once, less by a fifth a step, and both signs."""
    h = recurrence.eager(recurrence.CASES[2:], "CPU:0")["h"][0][:, 0]
    assert (h[2, 0] > 0.7, h[3, 0]) == (True, 0.0)
    np.testing.assert_allclose(h[8:12, 1] / h[7:11, 1], 0.8, atol=0.03)
    assert all(h[3:18, unit].min() < 0 < h[3:18, unit].max() for unit in (2, 3))


def test_sentences_are_learned_from_or_tested_with(reviews):
    """One sentence is in the data twice, with two ratings."""
    known, others, _ = reviews
    assert (len(known), len(others)) == (8346, 1391)
    both = {" ".join(words) for _, words in known} & {" ".join(words) for _, words in others}
    assert [words.split()[3] for words in both] == ["silver"]
    assert min(abs(rating) for rating, _ in known + others) > 0.5


def test_the_moods_to_be_told_are_as_often_good_as_bad(reviews):
    """So that always to answer the same is right in one of two."""
    good = np.mean([rating > 0 for rating, _ in reviews[1]])
    assert 0.48 < good < 0.52


def test_the_vocabulary_knows_only_what_is_learned_from(reviews):
    known, _, number = reviews
    counts = collections.Counter(word for _, words in known for word in words)
    assert sorted(number.values()) == list(range(2, len(number) + 2))
    assert {word for word in counts if counts[word] > 1} == set(number)


def test_sentences_are_padded_behind_and_unknown_words_are_1():
    words, pleased = mood.numbers([(-4.0, ["a", "b", "?"]), (2.0, ["b"])], {"a": 2, "b": 3})
    assert words.tolist() == [[2, 3], [3, 0], [1, 0]]
    assert pleased.tolist() == [0.0, 0.75]


def test_another_seed_reads_in_another_order():
    first, other = mood.cases(), mood.cases(seed=1)
    assert len(first) == len(other) == 249
    assert np.array_equal(first[0][0], mood.cases()[0][0])
    assert not np.array_equal(first.start["table"], other.start["table"])
    assert not np.array_equal(first[0][1], other[0][1])


def test_adam_of_keras_squares_each_place_of_a_word_and_tf1_their_sum():
    """Four slices for one row: TF1 moves it by the rate, Keras by 4 / sqrt(4) of it."""
    moved = []
    for adam in (
        tf.compat.v1.train.AdamOptimizer(0.01),
        tf.keras.optimizers.Adam(0.01, epsilon=1e-8),
    ):
        table = tf.Variable([[1.0], [1.0]])
        adam.apply_gradients([(tf.IndexedSlices([[1.0]] * 4, [0] * 4, [2, 1]), table)])
        moved.append(table.numpy()[:, 0])
    np.testing.assert_allclose(moved, [[0.99, 1.0], [0.98, 1.0]], rtol=1e-5)


def test_the_masks_of_keras_are_ours():
    """The first loss, before any step, is the same: so padding changes nothing there either."""
    cases = mood.cases()
    padded = next(i for i, (words, _) in enumerate(cases) if not words.all())
    cases = Cases(cases[padded : padded + 1], **cases.start)
    ours, theirs = (way(cases, "CPU:0")["loss"] for way in (mood.function, mood.keras))
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)
