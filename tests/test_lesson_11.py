"""What lesson 11 promises beyond the contract of a part."""

import numpy as np

from lessons.lesson_11_variational_autoencoder import part_1_reparametrisation as drawing
from lessons.lesson_11_variational_autoencoder import part_2_evidence_lower_bound as bound
from lessons.lesson_11_variational_autoencoder import part_3_clothes as clothes


def test_keras_takes_the_first_steps_of_the_others():
    few = clothes.cases().first(3)
    ours, theirs = (getattr(clothes, way)(few, "CPU:0") for way in ("function", "keras"))
    for name in ("loss", "error", "kl"):
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-4)


def test_the_three_networks_begin_alike_and_only_beta_parts_them():
    few = clothes.cases().first(1)
    assert all(
        np.array_equal(w[0], w[1]) and np.array_equal(w[0], w[2]) for w in few.start.values()
    )
    codes = clothes.function(few, "CPU:0")["codes"]
    assert np.abs(codes[0] - codes[2]).max() > 1e-4


def test_a_network_beside_others_learns_what_it_learns_alone(monkeypatch):
    few = clothes.cases().first(3)
    beside = clothes.function(few, "CPU:0")["kl"][1]
    monkeypatch.setattr(clothes, "BETA", np.float32([1, 1, 1]))
    np.testing.assert_allclose(clothes.function(few, "CPU:0")["kl"], [beside] * 3, rtol=1e-5)


def test_another_seed_draws_other_noise():
    for part in (drawing, bound):
        assert np.array_equal(part.cases()[0], part.cases()[0])
        assert not np.array_equal(part.cases()[0], part.cases(seed=1)[0])


def test_the_divergence_is_the_integral():
    mu, s = 0.7, -0.4
    z = np.linspace(-12, 12, 240_001)
    log_q = -((z - mu) ** 2 / np.exp(s) + s + np.log(2 * np.pi)) / 2
    log_p = -(z**2 + np.log(2 * np.pi)) / 2
    integral = np.sum(np.exp(log_q) * (log_q - log_p)) * (z[1] - z[0])
    np.testing.assert_allclose(bound.divergence(np.float32(mu), np.float32(s)), integral, rtol=1e-5)


def test_the_evidence_is_the_integral_over_all_z():
    z = np.linspace(-12, 12, 240_001)[:, np.newaxis]
    prior = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    likely = np.exp(-((bound.X - z) ** 2) / 2 / bound.NOISE) / np.sqrt(2 * np.pi * bound.NOISE)
    integral = np.sum(prior * likely, axis=0) * (z[1, 0] - z[0, 0])
    np.testing.assert_allclose(bound.EVIDENCE, np.log(integral), rtol=1e-5)
