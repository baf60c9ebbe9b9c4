"""How the tests treat lesson 2: how each claim is broken."""

BROKEN = {
    "2.1": {
        "claim_and_and_or_are_learned": ("error = target - answer", "error = answer - target", 3),
        "claim_xor_is_not": ("[1, 1, 0]]", "[1, 1, 1]]"),
        "claim_a_python_if_cannot_decide_in_a_graph": (
            "tf1.placeholder(tf.float32, [])",
            "np.float32(1)",
        ),
    },
    "2.2": {
        "claim_rows_of_softmax_sum_to_1": [
            ("tf.nn.softmax(z)", "tf.sigmoid(z)", 3),
            (
                "rows = cross_entropy(labels=target, logits=z)",
                'rows = -tf.reduce_sum(target * tf.math.log(found["softmax"]), axis=1)',
                3,
            ),
        ],
        "claim_the_formula_as_written_overflows": ("[1000.0, 0.0]", "[10.0, 0.0]"),
        "claim_the_sum_must_run_over_j": ("sum(np.exp(y[i])", "sum(np.exp(y[j])"),
        "claim_squared_error_shrugs_at_a_confident_mistake": ("ONE_HOT[[1]])", "ONE_HOT[[0]])"),
    },
    "2.3": {
        "claim_the_gradient_equals_finite_differences": ("tf.square(error)", "tf.abs(error)", 3),
        "claim_descent_ends_at_the_closed_form": ("* 200", "* 20"),
        "claim_a_rate_too_large_diverges": ("in (0.9, 1.1)", "in (0.9, 0.95)"),
        "claim_a_yes_or_no_has_no_gradient": ("tf.cast(W > 0, tf.float32)", "tf.sigmoid(W)"),
    },
    "2.4": {
        "claim_81_of_100_pictures_never_seen_are_named": ("self.W.assign_sub", "self.W.assign_add"),
        "claim_pixels_from_0_to_255_do_not_train": ("255 * images", "1 * images"),
        "claim_a_tf_data_pipeline_can_feed_the_loop": (".batch(250)", ".shuffle(10000).batch(250)"),
    },
}
