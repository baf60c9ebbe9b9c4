"""How the tests treat lesson 11: long trainings cut short, and how each claim is broken."""

import numpy as np

# Where nothing pays for spreading codes, last bits grow: 600 steps are too many for TensorFlow
# 1.15.5 to go along.
STEPS = {"11.3": 8}

BROKEN = {
    "11.1": {
        "claim_what_an_op_draws_has_no_gradient": (
            "        loss = tf.reduce_mean(tf.square(z - TARGET))\n        assert",
            "        loss = tf.reduce_mean(tf.square(z + mu - TARGET))\n        assert",
        ),
        "claim_random_normal_is_reparametrised_already": [
            ("tf.random.normal([], mu, sigma)", "tf.random.normal([]) + 0 * mu * sigma"),
            ("tf.random.categorical([[mu, sigma]], 1)", "mu * sigma"),
        ],
        "claim_there_is_a_second_formula_and_it_trembles": [
            ("(eps - TARGET) ** 2 * eps", "(eps - TARGET) * eps"),
            ("return 2 * (eps - TARGET),", "return 2 * (2 * eps - TARGET),"),
        ],
    },
    "11.2": {
        "claim_the_formula_is_the_mean_of_what_is_sampled": [
            ("tf.square(mu) + tf.exp(s) - 1 - s)", "tf.square(mu) + tf.exp(s) - s)"),
            ("tf.square(z) - tf.square(eps) - s", "tf.square(z) - s"),
        ],
        "claim_the_gap_is_a_divergence_too": ("(mu - X * 2 / 3)", "(mu - X / 3)"),
    },
    "11.3": {
        "claim_keras_takes_the_mean_over_the_pixels": (
            "tf.reduce_sum(tf.nn.softplus(logits)",
            "tf.reduce_mean(tf.nn.softplus(logits)",
        ),
    },
}

# Of five seeds the worst: `mu` 2.997 and `sigma` 0.1114 in 11.1; in 11.2 a gap of 0.0043.
EVIDENCE = np.array([[-2.45503, -1.20503, -4.12170]])  # log p(x) of -2, 0.5 and 3
ALIKE, OTHER = np.zeros([2, 3, 84, 784])
OTHER[2, 1] = 0.1
SPOILED = {
    "11.1": {"claim_it_stops_drawing": {"mu": (2.997, 2.98), "sigma": (0.1114, 0.13)}},
    "11.2": {
        "claim_a_divergence_is_not_negative_and_a_sampled_one_may_be": {
            "kl": (np.float64(0.1), np.float64(-0.1)),
            "sampled": (-0.1, 0.1),
        },
        "claim_it_is_a_bound": {"exact": (EVIDENCE - 0.01, EVIDENCE + 0.01)},
    },
    "11.3": {
        "claim_the_bound_is_highest_where_beta_is_1": {
            "error": (np.array([267, 268, 385]), np.array([267, 285, 385])),
            "kl": (np.array([28, 6, 0]), np.array([15, 6, 0])),
        },
        "claim_at_784_the_code_is_not_used": {
            "kl": (np.array([28, 6, 0]), np.array([28, 6, 0.1])),
            "pictures": (ALIKE, OTHER),
        },
    },
}
