"""How the tests treat lesson 23: how each claim is broken."""

BROKEN = {
    "23.1": {
        "claim_who_is_asked_first_decides_for_all": [
            (
                "tf.convert_to_tensor(n) * SIDE * SIDE",
                "tf.cast(n, tf.float32) * SIDE * SIDE",
            ),
            ("((True, 1, 1.0), True)", "((True, 1, 2), True)"),
        ],
        "claim_the_ways_do_not_depend_on_the_order": (
            "        n = tf.cast(n, tf.float32)",
            "        n = tf.convert_to_tensor(n)",
        ),
        "claim_minus_zero_is_zero_to_a_trace": [
            ("[invert(n).numpy() for n in (0.0", "[invert(np.float32(n)).numpy() for n in (0.0"),
            ("in np.float32([0.0, -0.0])", "in (0.0, -0.0)"),
        ],
        "claim_numbers_and_shapes_multiply": [
            ("for n in range(5)", "for n in range(4)"),
            ("x, scalar = tf.TensorSpec([None])", "x, scalar = tf.TensorSpec([3])"),
        ],
        "claim_a_function_made_in_a_loop_is_traced_in_each_round": (
            "(lambda x: tf.function(double)(x), once)",
            "(once, once)",
        ),
        "claim_a_signature_converts_numbers_and_refuses_tensors": (
            "call(tf.constant(1))",
            "call(tf.constant(1.0))",
        ),
    },
    "23.2": {
        "claim_a_rate_that_python_holds_is_read_once": [
            ("    @tf.function\n    def descend(self)", "    def descend(self)"),
            ("[0.25] * 4 + [0.125] * 4", "[0.25] * 8"),
        ],
        "claim_a_counter_counts_traces_and_a_list_keeps_no_number": (
            "    @tf.function\n    def descend(self)",
            "    def descend(self)",
        ),
        "claim_an_iterator_gives_its_first_batch_for_ever": (
            "lambda x: x + next(batches)",
            "lambda x: x + tf.py_function(lambda: next(batches), [], tf.float32)",
        ),
        "claim_what_runs_is_not_what_was_written": [
            ("tf.multiply(x * 1e30, 1e-30", "tf.multiply(tf.exp(x), 1e-30"),
            ("tf.multiply(x * 1e30, 1e-30", "tf.multiply(x * 1e20, 1e-20"),
        ],
    },
    "23.3": {
        "claim_a_variable_of_each_call_learns_nothing": [
            ("    w = tf.Variable(0.0)\n", "    w = vars(tf).setdefault('w', tf.Variable(0.0))\n"),
            (
                "sgd = tf1.train.GradientDescentOptimizer(1 / 16)",
                "sgd = tf1.train.GradientDescentOptimizer(0.0)",
            ),
        ],
        "claim_one_singleton_is_shared_by_all_who_call": [
            ("one, two = Lazy(), Lazy()", "one = two = Lazy()"),
            (
                "        if not kept:\n            kept.append(tf.Variable(0.0))\n",
                "        kept.insert(0, x + 0.0)\n",
            ),
        ],
        "claim_what_a_variable_starts_from_is_asked_once": (
            "return kept[0].assign_add(1.0)",
            "return kept[0].assign(start + 1.0)",
        ),
        "claim_a_module_finds_its_own_but_nothing_in_keras": (
            "module.dense = tf.keras.layers.Dense(1)\n    module.dense(tf.ones([1, 1]))",
            "module.dense = Lazy()\n    module.dense(tf.ones([1, 1]))",
        ),
    },
}
