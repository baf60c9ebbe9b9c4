"""How the tests treat lesson 28: how each claim is broken."""

BROKEN = {
    "28.1": {
        "claim_by_the_picture_eight_of_fifteen_numbers_are_wrong": [
            ("tf.matmul(CASES[0], W)", "tf.matmul(CASES[0], W, transpose_b=True)"),
            ("tf.matmul(x, self.w, transpose_b=True)", "tf.matmul(x, self.w)"),
            ("tf.matmul(x, w, transpose_b=True)", "tf.matmul(x, w)"),
        ],
        "claim_only_a_square_weight_says_nothing": (
            "tf.matmul(CASES[1], V, transpose_b=True)",
            "tf.matmul(CASES[1], W, transpose_b=True)",
        ),
        "claim_an_imported_graph_has_nothing_to_train": [
            ('self.w = tf.Variable(W, name="w")', "self.w = tf.constant(W)"),
            (
                'tf1.wrap_function(lambda: tf.import_graph_def(known, name=""), [])',
                "Model()",
            ),
            ("assign_sub(0.001", "assign_add(0.001"),
        ],
    },
    "28.2": {
        "claim_copied_backward_lines_do_not_follow_a_change": [
            ("tf.matmul(x, above * (1 - h * h), ", "tf.matmul(x, above * (1 - h), "),
            ("f(tf.matmul(x, w1)) * W2, 1)", "tf.tanh(tf.matmul(x, w1)) * W2, 1)"),
            ("accum.assign(accum * momentum + grad)", "accum.assign(accum * momentum + 2 * grad)"),
        ],
        "claim_most_ops_of_the_file_were_derived": (
            'startswith("gradients/")',
            'startswith("gradients/loss")',
        ),
        "claim_a_tape_must_see_the_forward_lines": (
            "    with tf.GradientTape() as tape:\n        pass",
            "    with tf.GradientTape() as tape:\n"
            "        loss = tf.reduce_mean(tf.square(w * x - 1.0))",
        ),
    },
    "28.3": {
        "claim_a_loop_written_out_is_right_for_one_number": [
            ("for _ in range(times):", "for _ in range(2 * times):"),
            ("n += 1", "n += 2"),
            ("initializer=0.4", "initializer=0.5"),
        ],
        "claim_the_file_has_a_circle_and_no_loop": (
            "    tf1.disable_control_flow_v2()\n",
            "",
        ),
        "claim_a_loop_variable_keeps_its_shape": (
            "tf.concat([numbers, numbers], 0)",
            "tf.concat([numbers, numbers], 0)[:1] + 4.0",
        ),
    },
}
