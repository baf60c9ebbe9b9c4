"""How the tests treat lesson 8: long trainings cut short, and how each claim is broken."""

STEPS = {"8.2": 4}

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
    "8.2": {
        "claim_a_pool_alone_counts_windows": [
            ("[8, 9], [10, 11]", "[8, 8], [10, 11]"),
            ("[10, 11], [40, 3]", "[12, 11], [40, 3]"),
        ],
    },
}

# Over seeds 0 to 4 the maps of 8.2 leave 0.158 to 0.161 and 0.029 to 0.042, where more than 0.072
# would be red, and both miscount by 0.96 to 1.27.
SPOILED = {
    "8.2": {
        "claim_painted_maps_are_nearer_than_cells_can_be": {
            "off": ([0.158, 0.042], [0.158, 0.08]),
        },
        "claim_how_many_is_not_lost": {"miscounted": ([1.07, 1.27], [1.07, 2.1])},
    },
}
