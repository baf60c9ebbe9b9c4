"""How the tests treat lesson 22: how each claim is broken."""

BROKEN = {
    "22.1": {
        "claim_a_slope_from_an_earlier_tape_teaches_nothing": [
            ("dx = first.gradient(score, x)", "dx = 2 * first.gradient(score, x)"),
            ("            dx = inner.gradient(score, x)", "            dx = x + 0.0"),
        ],
        "claim_what_was_not_watched_is_none": [
            (
                "as tape:\n        score = tf.tanh(tf.matmul(x, W))",
                "as tape:\n        tape.watch(x)\n        score = tf.tanh(tf.matmul(x, W))",
            ),
            ("[(tape.gradient(score, x), W)", "[(W + 0.0, W)"),
            ("        tf.gradients(score, x)\n", "        tf.function(tf.gradients)(score, x)\n"),
        ],
        "claim_stop_gradients_is_no_argument_of_a_tape": [
            ("stop_gradients=[b]", "stop_gradients=[]"),
            ("a * hold(2 * a)", "a * hold(2.0) * a"),
        ],
        "claim_a_row_read_again_is_another_slice": [
            ("tf.gather(table, [0, 0, 0, 2])", "tf.gather(table, [0, 1, 0, 2])"),
            ("(dt, tf.convert_to_tensor(dt))", "(dt, dt)"),
        ],
    },
}
