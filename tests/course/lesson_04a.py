"""How the tests treat lesson 4, parts 4.1 to 4.5: how each claim is broken."""

VALID_BY_ONE = 'tf.nn.conv2d(x, FILTERS, [1, 1, 1, 1], "VALID"'

BROKEN = {
    "4.1": {
        "claim_a_sum_counts_the_cells_that_differ": ("np.maximum(DOWN, UP)", "DOWN + UP"),
        "claim_the_slides_cut_and_misprint_one_number": [
            ('SLIDE_3 = """ 0.33 -0.55 -0.11', 'SLIDE_3 = """ 0.33 -0.55  0.11'),
            ("np.trunc(", "np.round("),
            ("[DOWN, UP, CROSSING], axis=-1", "[UP, DOWN, CROSSING], axis=-1"),
        ],
        "claim_the_maps_move_with_the_picture": ("np.roll(X, 1, axis=1)", "np.roll(X, 1, axis=0)"),
        "claim_filters_are_stacked_last": (
            "np.stack([DOWN, UP, CROSSING])[..., np.newaxis]",
            "FILTERS",
        ),
        "claim_conv2d_does_not_turn_the_filter": ("np.float32([1, 2, 3])", "np.float32([1, 2, 1])"),
    },
    "4.2": {
        "claim_the_formula_gives_every_size": ("(n - k + 1) / stride", "(n - k) / stride"),
        "claim_a_stride_cannot_be_fed": [
            ("look(tf1.placeholder(tf.int32, []))", "look(2)"),
            ("(tf.constant(2))", "(2)"),
        ],
        "claim_a_window_must_fit_into_the_picture": (
            'ones(3, 5), 1, "VALID"',
            'ones(3, 5), 1, "SAME"',
        ),
        "claim_an_unknown_side_is_known_when_it_runs": (
            "[None, None, None, 1])\n",
            "[None, 8, 8, 1])\n",
        ),
        "claim_same_with_stride_2_is_not_a_rim_of_one": ("(1, 1), (1, 1)", "(0, 1), (0, 1)"),
    },
}
