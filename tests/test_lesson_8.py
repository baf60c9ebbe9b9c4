"""What lesson 8 promises beyond the contract of a part."""

import operator

import numpy as np
import pytest
import tensorflow as tf

from graphlab.course import make_features
from graphlab.lesson import crowds, data_file, densities
from graphlab.lesson.crowds import _drawn
from lessons.lesson_08_counting_people import part_1_density_map as density_map
from lessons.lesson_08_counting_people import part_2_fractional_strides as strides
from lessons.lesson_08_counting_people import part_3_context as context
from lessons.lesson_08_counting_people import part_4_estimator as estimator
from lessons.lesson_08_counting_people import part_5_fusion as fusion


def test_a_crowd_is_the_same_for_the_same_seed_and_another_for_another():
    (one, heads), (other, _) = crowds(3, 5), crowds(3, 6)
    _drawn.cache_clear()
    again, places = crowds(3, 5)
    assert one is not again
    assert one.tobytes() == again.tobytes() != other.tobytes()
    assert [each.tolist() for each in heads] == [each.tolist() for each in places]


def test_a_crowd_is_drawn_once_for_all_ways_and_none_can_write_into_it():
    (one, heads), (again, places) = crowds(3, 5), crowds(3, 5)
    assert one is again and all(map(operator.is_, heads, places))
    assert not any(each.flags.writeable for each in (one, *heads))
    heads.clear()  # a list of one's own
    assert len(crowds(3, 5)[1]) == 3


def test_pictures_are_grey_from_0_to_1_and_every_head_stands_in_its_picture():
    pictures, heads = crowds(50, 0)
    assert (pictures.shape, pictures.dtype) == ((50, 48, 48, 1), np.float32)
    assert 0 <= pictures.min() < 0.2 and 0.9 < pictures.max() <= 1
    for places in heads:
        assert (places.shape[1], places.dtype) == (2, np.int64)
        assert places.min() >= 0 and places.max() < 48 and 4 <= len(places) < 150


def test_heads_are_of_many_sizes_and_some_are_hidden():
    """Near heads are large: each covers more pixels of the lower rows than of the upper."""
    pictures, heads = crowds(200, 1)
    rows = np.concatenate([places[:, 0] for places in heads])
    lit = (pictures[:, 34:, :, 0] > 0.45).sum(), (pictures[:, 26:34, :, 0] > 0.45).sum()
    standing = (rows >= 34).sum(), ((rows >= 26) & (rows < 34)).sum()
    assert lit[0] / standing[0] > 2 * lit[1] / standing[1]
    same = [len(places) - len(np.unique(places, axis=0)) for places in heads]
    assert sum(same) > 0  # who stands on a pixel behind another is seen by nobody, and counts


@pytest.mark.parametrize("seed", range(3))
def test_the_density_that_later_parts_learn_is_that_of_part_1(seed):
    heads = density_map.cases(seed)
    found = density_map.expected(heads)["density"]
    np.testing.assert_allclose(densities(heads)[..., 0], found, atol=1e-6)


def test_keras_takes_the_first_steps_of_the_others_at_two_pools():
    few = strides.cases().first(4)
    ours, theirs = (getattr(strides, way)(few, "CPU:0") for way in ("function", "keras"))
    np.testing.assert_allclose(theirs["loss"], ours["loss"], rtol=1e-4)
    np.testing.assert_allclose(theirs["maps"], ours["maps"], atol=1e-3)


def test_both_networks_of_two_pools_have_as_many_numbers_in_between():
    start = strides.cases().start
    points = strides.unseen()[0][:2]
    shapes = [strides.pooled(start, net, points).shape for net in strides.NETS]
    assert shapes == [(2, 12, 12, 24), (2, 12, 12, 24)]


def test_no_map_that_is_the_same_all_over_a_cell_is_nearer_than_the_true_sums():
    _, true = strides.unseen()
    sums = 16 * true.reshape(-1, 12, 4, 12, 4, 1).mean(axis=(2, 4))
    best = strides.far(strides.spread(sums).numpy() / 16, true)
    random = np.random.RandomState(0)
    for _ in range(10):
        other = sums + random.normal(scale=0.01, size=sums.shape)
        assert strides.far(strides.spread(other).numpy() / 16, true) > best


def test_keras_takes_the_first_steps_of_the_others_with_classes():
    few = context.cases().first(3)
    ours, theirs = (getattr(context, way)(few, "CPU:0") for way in ("function", "keras"))
    np.testing.assert_allclose(theirs["loss"], ours["loss"], rtol=1e-4)
    assert theirs["right"] == ours["right"]


def test_quarters_and_their_classes_come_in_one_order():
    pictures, heads = crowds(3, 4)
    cut = context.quarters(pictures).numpy()[..., 0]
    numbers = context.numbers(densities(heads))["quarter"]
    at = 0
    for picture, places in zip(pictures[..., 0], heads, strict=True):
        for y in (0, 24):
            for x in (0, 24):
                assert np.array_equal(cut[at], picture[y : y + 24, x : x + 24])
                inside = (places >= [y, x]).all(axis=1) & (places < [y + 24, x + 24]).all(axis=1)
                assert abs(numbers[at] - inside.sum()) < 0.25 * len(places) ** 0.5 + 3
                at += 1


def test_keras_takes_the_first_steps_of_the_others_in_columns():
    few = estimator.cases().first(3)
    ours, theirs = (getattr(estimator, way)(few, "CPU:0") for way in ("function", "keras"))
    np.testing.assert_allclose(theirs["loss"], ours["loss"], rtol=1e-4)
    np.testing.assert_allclose(theirs["miscounted"], ours["miscounted"], rtol=1e-3)


def test_what_the_estimator_learns_sums_to_the_number_of_people():
    heads = crowds(5, 2)[1]
    sums = estimator.cells(densities(heads)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(sums, [len(each) for each in heads], rtol=1e-5)


def test_the_kept_networks_are_those_of_part_3_and_name_as_it_does():
    start = context.cases().start
    with np.load(data_file(make_features.CONTEXT)) as file:
        kept = dict(file)
    assert {k: v.shape for k, v in kept.items()} == {k: v.shape for k, v in start.items()}
    pictures, _ = crowds(3, 0)
    found = context.summary([], lambda x: context.look(kept, x))
    assert found["miscounted"][0] < 0.9 * found["miscounted"][1]
    whole, quarter = (np.array(each) for each in context.look(kept, pictures))
    told = np.array(fusion.context(tf.constant(pictures)))
    np.testing.assert_allclose(told[:, 5, 7, :5], whole, rtol=1e-5, atol=1e-6)
    by_quarter = told[:, [0, 0, 6, 6], [5, 11, 5, 11], 5:]
    np.testing.assert_allclose(by_quarter.reshape(-1, 5), quarter, rtol=1e-5, atol=1e-6)


def test_the_kept_networks_are_made_by_the_steps_of_part_3():
    made, few = make_features.context(steps=2), context.cases().first(2)
    networks = context.Networks(few.start)
    for case in few:
        networks.step(*case)
    for name, value in networks.w.items():
        np.testing.assert_allclose(made[name], value.numpy(), rtol=1e-3, atol=1e-4)


def test_blind_and_fused_begin_alike_and_the_judge_comes_first():
    start = fusion.cases().start
    assert [name[:5] for name in list(start)[:6]] == ["judge"] * 6
    assert not any("judge" in name for name in list(start)[6:])
    fused = [name for name in start if "fused" in name]
    for name in fused:
        assert np.array_equal(start[name], start[name.replace("fused", "blind")])


def test_blind_has_no_slope_from_its_context_and_the_fusion_has():
    (x, true, _), start = fusion.cases()[0], fusion.cases().start
    nets = fusion.Networks(start)
    with tf.GradientTape() as tape:
        _, count = fusion.losses_of(nets.w, x, true)
    of = tape.gradient(count, {net: nets.w[net + "_mix"] for net in ("blind", "fused")})
    known = {net: np.abs(slope[:, :, 36:]).max() for net, slope in of.items()}
    assert known["blind"] == 0 < known["fused"]
