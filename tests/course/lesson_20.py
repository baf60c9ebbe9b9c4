"""How the tests treat lesson 20: how each claim is broken."""

BROKEN = {
    "20.1": {
        "claim_an_update_written_last_makes_every_mean_late": (
            "        return mean\n\n    right",
            "        return total / count\n\n    right",
        ),
        "claim_a_mean_made_above_the_block_waits_for_nothing": (
            "            mean = above",
            "            mean = tf.identity(above)",
        ),
        "claim_a_fetch_beside_its_own_update_is_a_coin_toss": [
            ("use_resource=resource", "use_resource=True"),
            ("use_resource=resource", "use_resource=False"),
            ("            add = v.assign_add(1.0)", "            add = tf.constant(1.0)"),
        ],
        "claim_a_function_puts_the_dependencies_in": (
            "return total.assign_add(4.0).read_value() / count.assign_add(1.0).read_value()",
            "return total.read_value() / count.read_value() + total.assign_add(4.0) "
            "+ count.assign_add(1.0)",
        ),
    },
}
