"""How the tests treat lesson 8: long trainings cut short, and how each claim is broken."""

STEPS = {}

BROKEN = {
    "8.1": {
        "claim_a_head_at_the_edge_is_lost_in_part": (
            'smeared = tf.nn.conv2d(points, BELL, 1, "SAME")',
            'smeared = tf.nn.conv2d(points / inside, BELL, 1, "SAME")',
            3,
        ),
        "claim_the_density_sums_to_the_count": [
            ("conv2d(points / inside, BELL, 1", "conv2d(points, BELL, 1", 3),
            ("16 * tf.nn.avg_pool2d(density", "tf.nn.avg_pool2d(density", 3),
        ],
        "claim_two_heads_at_one_place_are_two": ("[20, 20], [20, 20]", "[20, 20], [20, 21]"),
        "claim_a_mean_is_no_sum": (
            "small = tf.nn.avg_pool2d(",
            "small = tf.nn.max_pool2d(",
        ),
    },
}

SPOILED = {}
