"""How the tests treat lesson 12: long trainings cut short, and how each claim is broken."""

import numpy as np

STEPS = {"12.3": 4, "12.4": 4}

SQUASH = "v = tf.sqrt(q + LITTLE) / (1 + q) * s"
BROKEN = {
    "12.1": {
        "claim_no_vector_is_longer_than_1": (SQUASH, SQUASH.replace("(1 + q)", "(q - 0.5)"), 3),
        "claim_as_it_is_written_it_is_not_a_number": (
            "written = length**2 / (1 + length**2) * s / length",
            "written = length / (1 + length**2) * s",
        ),
        "claim_without_a_little_it_depends_on_the_kernel": (
            "length = tf.norm(s, axis=1, keepdims=True)\n            v",
            "length = tf.norm(s + 1e-9, axis=1, keepdims=True)\n            v",
        ),
        "claim_a_capsule_of_zeros_learns_nothing": (SQUASH, "v = s / (1 + q)", 3),
    },
    "12.2": {
        "claim_a_part_is_shared_out_whole": (
            "c = tf.nn.softmax(b, axis=1)",
            "c = tf.nn.softmax(b, axis=0)",
            3,
        ),
        "claim_a_softmax_over_the_parts_gives_shares_of_nothing": (
            "tf.nn.softmax(b, axis=0)",
            "tf.nn.softmax(b, axis=1)",
        ),
        "claim_parts_go_where_they_agree": (
            "b = b + tf.reduce_sum(u * v, axis=2)",
            "b = b - tf.reduce_sum(u * v, axis=2)",
            3,
        ),
    },
    "12.3": {
        "claim_the_slope_of_a_length_needs_a_little_too": (
            "tf.sqrt(tf.reduce_sum(tf.square(v), axis=-1) + LITTLE)",
            "tf.sqrt(tf.reduce_sum(tf.square(v), axis=-1))",
        ),
    },
    "12.4": {
        "claim_a_loop_without_an_end_has_no_gradient_that_is_compiled": (
            "compiled(tf.constant(2.0), None)",
            "compiled(tf.constant(2.0), 7)",
        ),
    },
}


def leaning(*own):
    """Couplings, [3, 10, 10], of which the true capsule has such a share in each round."""
    return np.array([np.where(np.eye(10), share, (1 - share) / 9) for share in own])


# Of five seeds the worst: 0.871 named in 12.3. In 12.4 three rounds gained from 0.002 to 0.012, and
# the true capsule's share was 0.126 at the end.
SPOILED = {
    "12.3": {"claim_86_of_100_pictures_never_seen_are_named": {"accuracy": (0.871, 0.855)}},
    "12.4": {
        "claim_the_agreement_brings_little": {
            "accuracy": (0.8785, 0.9),
            "one_shot": (0.868, 0.885),
        },
        "claim_the_parts_lean_and_do_not_choose": {
            "couplings": (leaning(0.1, 0.109, 0.126), leaning(0.1, 0.1, 0.1)),
        },
    },
}
