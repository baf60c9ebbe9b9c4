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
}
