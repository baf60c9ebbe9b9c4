"""How the tests treat lesson 9: long trainings cut short, and how each claim is broken."""

STEPS = {"9.2": 20, "9.3": 5}

BROKEN = {
    "9.1": {
        "claim_moved_stripes_are_other_content_and_the_same_style": [
            ("np.roll(STRIPES, 2, axis=0)", "np.roll(STRIPES, 4, axis=0)"),
            ("F, F, transpose_a=True)", "F[:, :28], F[:, :28], transpose_a=True)"),
        ],
        "claim_places_may_be_shuffled": [
            ("F, F, transpose_a=True)", "F[:, 1:], F[:, :-1], transpose_a=True)"),
            (".permutation(784)", ".permutation(1) + np.arange(784)"),
        ],
        "claim_only_style_can_be_taken_from_a_picture_of_another_size": [
            ("[:1, :20, :20]", "[:1, :28, :28]"),
            ("F, F, transpose_a=True)", "F, F, transpose_b=True)"),
        ],
    },
    "9.2": {
        "claim_a_measure_that_is_trained_flatters": [
            ("own.trained += own.at.values() if everything", "own.trained += [] if everything"),
            ('some.start["filters"], own.picture', "own.at, own.picture"),
        ],
        "claim_a_tape_does_not_watch_a_picture_that_is_no_variable": (
            "own.picture = tf.constant(",
            "own.picture = tf.Variable(",
        ),
    },
    "9.3": {
        "claim_pixels_as_bytes_let_no_gradient_through": (
            "w, pair), tf.uint8)",
            "w, pair), tf.float32)",
        ),
    },
}

# Over seeds 0 to 4 the mean of 9.3 is 2.066 to 2.098; the claim wants less than 0.92 of 2.371, the
# best simple answer, which is 2.18. The losses that 9.2 claims are 0.003 to 0.004 where more than
# 0.01 would be red, 2.78 to 2.90 (2.5) and 1.01 to 1.04 (1.5).
SPOILED = {
    "9.3": {"claim_it_is_nearer_than_simpler_answers": {"mean": (2.16, 2.2)}},
}
