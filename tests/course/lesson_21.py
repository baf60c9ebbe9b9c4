"""How the tests treat lesson 21: how each claim is broken."""

BROKEN = {
    "21.1": {
        "claim_two_functions_draw_twice": [
            ("draws.normal([2, 2])", "tf.ones([2, 2])"),
            ("    return z, decode(z)", "    return z, decode(z + 1)"),
        ],
        "claim_the_ends_decide_what_runs": [
            ("session.run(fetch, feed)", "session.run([fetch, y], feed)"),
            ("(x @ A, n.assign_add(1))", "(x @ A, n + 1)"),
        ],
        "claim_a_session_makes_numbers_of_what_it_is_fed": [
            ("            call(value)", "            call(np.array(0))"),
            ('(tf.float32, "3.5")', '(tf.string, "3.5")'),
        ],
    },
}
