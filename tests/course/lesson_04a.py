"""How the tests treat lesson 4, parts 4.1 to 4.5: how each claim is broken."""

BROKEN = {
    "4.1": {
        "claim_pixel_by_pixel_a_moved_x_is_another": (
            "np.roll(X, 1, axis=1)",
            "np.roll(X, 2, axis=1)",
        ),
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
    "4.3": {
        "claim_it_multiplies_by_the_transposed_matrix": [
            ("filters, stride, padding), [n * n", "filters[::-1], stride, padding), [n * n"),
            ("x, grad_ys=y", "x, grad_ys=2 * y"),
            ("output_gradients=tf.constant(y)", "output_gradients=tf.ones_like(y)"),
        ],
        "claim_nine_matches_paint_the_x": ("for i in (1, 2, 4, 5)", "for i in (2, 4, 5)"),
        "claim_it_does_not_undo_a_convolution": (
            "np.ones([3, 3, 1, 1], np.float32)\n    lit",
            "np.ones([1, 1, 1, 1], np.float32)\n    lit",
        ),
        "claim_the_size_must_be_told": ("CASES[2][:4], 9)", "CASES[2][:4], 8)"),
        "claim_none_is_no_size": ("[y.shape[0], 8", "[tf.shape(y)[0], 8"),
    },
    "4.4": {
        "claim_the_slides_stride_2_is_no_average": [
            ('SLIDE_2 = """1.00 0.33', 'SLIDE_2 = """0.39 0.17'),
            ("tf.nn.avg_pool(x, 2, s, padding)", "tf.nn.max_pool(x, 2, s, padding)", 2),
        ],
        "claim_the_slides_averaged_what_they_had_cut": (
            "np.trunc(np.float64",
            "np.rint(np.float64",
        ),
        "claim_outside_counts_for_nothing": ("(-MAP, 2", "(MAP, 2"),
        "claim_a_step_within_a_window_is_forgotten": ("range(2, 5)] = 1", "range(1, 4)] = 1"),
        "claim_a_gradient_goes_back_to_the_largest": ("MAP[:, :2, :2]", "-MAP[:, :2, :2]"),
        "claim_a_window_too_large_is_refused_by_graphs_only": ("(MAP, 8, 1", "(MAP, 7, 1", 2),
    },
    "4.5": {
        "claim_relu_of_the_map_has_20_zeros": ("tf.nn.relu(x), leaky", "tf.abs(x), leaky"),
        "claim_a_saturated_unit_hardly_learns": ("tf.tanh(x), tf", "0.1 * x, tf"),
        "claim_a_dead_unit_stays_dead": [
            ("(tf.nn.relu, lambda z: tf.nn.leaky_relu(z, 0.1))", "(tf.nn.relu, tf.nn.relu)"),
            ("w = tf.Variable(-1.0)", "w = tf.Variable(0.5)"),
        ],
        "claim_leaky_is_a_maxout": ("[x, 0.1 * x]", "[x, 0.2 * x]"),
        "claim_a_tape_ignores_the_override": ("y = tf.sign(x)", "y = tf.identity(x)"),
        "claim_a_registered_name_is_taken": (
            '("Ramp of lesson 4.5", "Ramp of lesson 4.5")',
            '(f"Ramp {id(object())}",)',
        ),
    },
}
