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
    "20.2": {
        "claim_two_layers_begin_as_one_and_part": [
            ('*(tf.Variable(CASES.start["w"]) for _ in "12")', "*[found_by_name()] * 2"),
            ("two.apart(LEFT, LEFT)", "two.apart(LEFT, RIGHT)"),
        ],
        "claim_auto_reuse_kept_in_eager_learns_nothing": (
            "[Twins(found_by_name(), found_by_name()).step(*case).numpy() for case in CASES]",
            "(lambda two: [two.step(*case).numpy() for case in CASES])("
            "Twins(found_by_name(), found_by_name()))",
        ),
        "claim_auto_reuse_kept_in_functions_joins_them": (
            "tf.function(lambda: found.append(found_by_name()))()",
            "found.append(found_by_name())",
        ),
        "claim_a_misspelt_name_is_a_second_variable": [
            ('found_by_name("v")', "found_by_name()"),
            ('found_by_name("W", reuse=True)', 'found_by_name("w", reuse=True)'),
        ],
    },
    "20.3": {
        "claim_without_the_updates_only_the_answer_is_wrong": [
            ('trained_without("keep", None)', 'trained_without("other", None)'),
            ('trained_without("keep", None)', 'trained_without("penalty", 0.0)'),
        ],
        "claim_without_the_penalty_the_first_loss_is_off": (
            'trained_without("penalty", 0.0)',
            'trained_without("keep", None)',
        ),
        "claim_outside_of_a_graph_a_loss_is_in_no_list": (
            '    with raises(ValueError, match="at least one Tensor"):\n',
            '    with tf.Graph().as_default(), raises(ValueError, match="at least one Tensor"):\n'
            "        tf1.losses.mean_squared_error(X, X + 2)\n",
        ),
        "claim_a_layer_of_keras_moves_its_mean_except_in_a_session": [
            ("    layer(X, training=True)", "    layer(X)"),
            (
                "        session.run([y, ",
                "        session.run(layer.moving_mean.value.assign([1.5, 1.5]))\n"
                "        session.run([y, ",
            ),
        ],
    },
}
