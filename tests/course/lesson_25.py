"""How the tests treat lesson 25: how each claim is broken."""

BROKEN = {
    "25.1": {
        "claim_batches_first_is_another_program": [
            ("_learned(data.batch(4).repeat(2))", "_learned(data.repeat(2).batch(4))"),
            ("_learned(data.repeat(2).batch(4))", "_learned(data.batch(4).repeat(2))"),
            ("/ 2\n    return sizes", "/ 4\n    return sizes"),
        ],
        "claim_two_batches_meet_in_the_middle_of_an_epoch": [
            ("RECORDS, None, 2, shuffle", "RECORDS[:4], None, 3, shuffle"),
            ("data = data.repeat(2).batch(4)", "data = data.batch(4).repeat(2)", 2),
        ],
        "claim_a_last_batch_is_dropped_unless_you_ask_for_it": (
            "batch(4, drop_remainder=True)",
            "batch(4)",
        ),
        "claim_an_iterator_made_in_the_loop_reads_the_first_batch_forever": (
            "_learned(next(iter(data)) for _ in CASES)",
            "_learned(rows for rows in data)",
        ),
        "claim_a_queue_ends_with_an_error_and_waits_where_nobody_fills_it": [
            ("queue.close(), queue", "queue.enqueue(1.0), queue"),
            ("if close else []", ""),
        ],
    },
    "25.2": {
        "claim_a_count_moved_into_the_branch_misses_the_others": [
            ("log(h) * seen.assign_add(1.0)) if", "log(h) * seen) if"),
            ("    bump = seen.assign_add(1.0)\n    with", "    bump = seen + 0.0\n    with"),
        ],
        "claim_where_is_no_cond": [
            (
                "tf.where(x > 0, tf.math.log(x), tf.zeros([]))",
                "tf.cond(x > 0, lambda: tf.math.log(x), lambda: tf.zeros([]))",
            ),
            (
                "slope(lambda x: tf.cond(x > 0, lambda: tf.math.log(x), lambda: tf.zeros([])))",
                "slope(lambda x: tf.where(x > 0, tf.math.log(x), tf.zeros([])))",
            ),
        ],
        "claim_what_a_called_function_counts_is_counted_once": [
            ('count["body"] += 1\n            more()', 'count["called"] += 1\n            more()'),
            ("            more()\n", '            count["called"] += 1\n'),
        ],
        "claim_both_branches_must_set_a_name": (
            "        if x > 0:\n            y = tf.math.log(x)\n",
            "        y = x\n        if x > 0:\n            y = tf.math.log(x)\n",
        ),
    },
}
