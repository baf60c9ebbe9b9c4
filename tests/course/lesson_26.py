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
}
