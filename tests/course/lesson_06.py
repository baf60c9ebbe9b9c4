"""How the tests treat lesson 6: long trainings cut short, and how each claim is broken."""

# TensorFlow 1.15.5 goes along to the end; here it is only to be quick.
STEPS = {"6.2": 12}

BROKEN = {
    "6.1": {
        "claim_an_unrolled_graph_grows_and_a_loop_does_not": [
            ("(range(len(x)), size)", "(tf.range(len(x)), size)"),
            ("(tf.range(len(x)), 39)", "(range(len(x)), 39)"),
            ("return tf.gradients(h, x)[0]", "return tf.gradients(h, x)[0] * len(steps)"),
        ],
        "claim_a_write_whose_answer_is_dropped_is_lost": [
            (
                "                states.write(t, 7.0)",
                "                states = states.write(t, 7.0)",
            ),
            ("kept.append(tf.cast(t, tf.float32))", "kept.append(7.0)"),
        ],
        "claim_a_state_keeps_its_shape": ("[tf.zeros([1, 4])]", "[tf.zeros([tf.shape(x)[1], 4])]"),
        "claim_tf1_wrote_out_what_is_one_op_here": (
            "        dU, dx = tf.gradients(tf.reduce_sum(h), [u, x])",
            "        dU, dx = u, x",
        ),
    },
    "6.2": {
        "claim_padding_changes_nothing": [
            ("mask[t] * (new - h)", "1.0 * (new - h)", 3),
            ("for word in (0, 1):", "for word in (0, 0):"),
        ],
    },
}

SPOILED = {
    "6.2": {"claim_75_of_100_moods_are_told": {"accuracy": (0.774, 0.74)}},
}
