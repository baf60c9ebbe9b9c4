"""How the tests treat lesson 26: how each claim is broken."""

BROKEN = {
    "26.1": {
        "claim_a_wrong_name_moves_the_work_to_the_cpu": (
            '        with tf.device("GPU:7"):',
            '        with tf.device("CPU:1"):',
        ),
        "claim_a_session_refuses_it_unless_it_may_move_the_work": [
            ('as g, tf.device("GPU:7"):', 'as g, tf.device("CPU:0"):'),
            ("in (False, True))", "in (True, True))"),
            ("in (False, True))", "in (False, False))"),
        ],
        "claim_a_device_function_is_refused": ('device(lambda op: "CPU:1")', 'device("CPU:1")'),
        "claim_what_crosses_is_sent_and_received": (
            "(STORE if stored else device)",
            "STORE",
        ),
    },
    "26.2": {
        "claim_a_keras_optimizer_adds_the_gradients_of_the_replicas": [
            (
                "strategy.run(step, (shares(strategy, CASES[0], first),))",
                "step(CASES[0])",
            ),
            ('replica.all_reduce("MEAN", ', 'replica.all_reduce("SUM", '),
        ],
        "claim_the_mean_of_means_is_not_the_mean_of_unequal_shares": [
            ("tf.reduce_mean(losses) / 2, 3)", "tf.reduce_mean(losses) / 2)"),
            ("tf.reduce_sum(losses) / 4, 3)", "tf.reduce_sum(losses) / 2, 3)"),
        ],
        "claim_replicas_that_do_not_talk_part": ("        if together:", "        if loss:"),
        "claim_a_machine_that_is_not_in_the_cluster_is_refused": (
            '"/job:worker/task:1"):',
            '"/cpu:0"):',
        ),
    },
}
