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
    "21.2": {
        "claim_numpy_function_has_no_gradient_and_nobody_says_so": [
            ("call(leak, [z, z], tf.float32)", "tf_leak(z)"),
            ("alpha=0.25", "alpha=0.5"),
            ("lambda dy: tf1.py_func(leak, [z, dy], tf.float32)", "lambda dy: 0 * dy"),
        ],
        "claim_py_function_has_the_gradient_of_what_tensorflow_computes": [
            ("(tf_leak, 2.5, 0.05)", "(lambda z: leak(z, z), 2.5, 0.05)"),
            ("(lambda z: leak(z, z), 0, 2.42)", "(tf_leak, 0, 2.42)"),
        ],
        "claim_a_graph_holds_a_token_and_no_python": [
            ("(np.abs, np.negative)", "(np.abs, np.abs)"),
            ('run(b"pyfunc_of_another_process")', "run(other)"),
        ],
    },
}
