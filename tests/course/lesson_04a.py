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
}
