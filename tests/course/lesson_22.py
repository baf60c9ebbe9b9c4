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
    "22.2": {
        "claim_a_seed_of_the_graph_alone_is_two_sequences": [
            ("    found = [draw([3])[0]", "    found = [draw([3], seed=5)[0]"),
            ("(tf1.random_uniform([3])[0]", "(tf1.random_uniform([3], seed=0)[0]"),
            ("        tf.set_random_seed(7)\n", "        tf1.set_random_seed(7)\n"),
        ],
        "claim_what_1_15_wrote_in_the_node_draws_its_numbers": ("seed=3)", "seed=4)"),
        "claim_two_ops_of_one_seed_take_turns_in_eager_mode": (
            "tf.random.uniform([3], seed=5), tf.random.uniform([3], seed=5)",
            "tf.random.uniform([3], seed=5), tf.random.uniform([3], seed=6)",
        ),
        "claim_a_sequence_begins_again_in_a_new_session_or_function": [
            (
                "[tf.function(lambda: tf.random.uniform([3], seed=5))",
                "[(lambda: tf.random.uniform([3]))",
            ),
            (
                'tf1.random_uniform([3], seed=5, name="drawn")',
                "tf.timestamp() * tf.ones([3], tf.float64)",
            ),
            ("    tf.random.set_seed(7)\n    assert (tf", "    assert (tf"),
        ],
        "claim_numbers_of_numpy_are_drawn_while_tracing": (
            "tf.function(noisy)",
            "noisy",
        ),
        "claim_compiled_a_seed_is_ignored_or_means_other_numbers": [
            ("drawn(True, tf", "drawn(False, tf"),
            ("found = [drawn(jit", "found = [drawn(False"),
            ("found = [drawn(jit, draw, seed=(7, 5)", "found = [drawn(jit, draw, seed=(7, jit)"),
        ],
    },
    "22.3": {
        "claim_adam_parts_where_gradients_are_small": (
            "apart = _apart(K.Adam(),",
            "apart = _apart(K.Adam(epsilon=1e-8),",
        ),
        "claim_epsilon_is_not_that_of_the_paper": ("/ (1 - 0.999)", "/ 1.0"),
        "claim_rmsprop_starts_at_one_and_cannot_be_told_to": [
            ("apart = _apart(K.RMSprop(),", "apart = _apart(K.RMSprop(rho=1.0),"),
            ("K.RMSprop(initial", "K.Adagrad(initial"),
        ],
        "claim_momentum_parts_when_the_rate_changes": [
            ("apart = _apart(K.SGD(momentum=0.9),", "apart = _apart(K.SGD(momentum=0.8),"),
            ("(0.1 if n < 4 else 0.05,", "(0.1,"),
        ],
    },
}
