"""How the tests treat lesson 24: how each claim is broken."""

BROKEN = {
    "24.1": {
        "claim_restore_finds_nothing_and_says_nothing_until_it_is_asked": [
            (
                'self.w = tf.Variable([0.0, 0.0], name="w")',
                'self.w = tf.Variable([0.0, 0.0], name="line/w")',
            ),
            ("        status.assert_consumed()", "        status.expect_partial()"),
        ],
        "claim_a_slot_that_stays_behind_shows_one_step_later": [
            ('    port.w = tf.Variable([0.0, 0.0], name="line/w")\n', ""),
            ('name="slot")', 'name="line/w/Momentum")'),
        ],
        "claim_a_name_that_was_forgotten_is_told": [
            ('checkpoint(folder), {"line/w": "w"})', "checkpoint(folder))"),
            ("len(left), 0,", "0, 0,"),
        ],
    },
    "24.2": {
        "claim_plain_python_is_not_saved": (
            "    def __call__(self, x):",
            "    @tf.function(input_signature=[tf.TensorSpec([None, 2])])\n"
            "    def __call__(self, x):",
        ),
        "claim_what_was_traced_for_three_rows_answers_three": [
            ("port.served(CASES[1])\n", "port.served(CASES[1]), port.served(CASES[2])\n"),
            ("model.served(CASES[2])", "model.served(CASES[1])"),
        ],
        "claim_an_output_without_a_name_gets_one": ('port(x)["y"], input', "port(x), input"),
        "claim_a_client_of_tf1_reads_the_new_one_by_its_signature": [
            ('return {"y": tf.matmul(x, self.w)}', 'return {"z": tf.matmul(x, self.w)}'),
            ('return {"y": tf.matmul(x, self.w)}', 'return {"y": 2 * tf.matmul(x, self.w)}'),
        ],
    },
    "24.3": {
        "claim_a_function_that_was_traced_before_the_writer_never_writes": [
            ("    early()\n", ""),
            ("(tf.function(lambda: tf.summary", "((lambda: tf.summary"),
        ],
        "claim_a_step_that_python_counts_is_the_step_of_the_trace": [
            ("(record, tf.function(record))", "(record, record)"),
            ("        counted.assign_add(1)\n", ""),
        ],
        "claim_without_a_step_it_raises_and_without_a_writer_it_does_not": [
            ("9.0), [None])", "9.0))"),
            ("        tf1.summary.merge_all()\n", "        tf1.summary.merge_all\n"),
        ],
    },
}
