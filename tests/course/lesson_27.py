"""How the tests treat lesson 27: how each claim is broken."""

BROKEN = {
    "27.1": {
        "claim_a_dense_of_the_same_weights_is_another_layer": [
            ("layer = tf.keras.layers.Dense(3)\n", 'layer = tf.keras.layers.Dense(3, "relu")\n'),
            (
                "        y = tf.nn.relu(tf.matmul(x, self.w) + self.b)",
                "        y = tf.matmul(x, self.w)",
            ),
        ],
        "claim_the_l2_of_keras_is_twice_that_of_contrib": [
            ("L2(SCALE)(W)", "L2(SCALE / 2)(W)"),
            ("L2(SCALE / 2)\n", "L2(SCALE)\n"),
        ],
        "claim_contrib_is_gone_also_from_compat_v1": (
            "no attribute 'contrib'",
            "no attribute of that name",
        ),
    },
    "27.2": {
        "claim_a_range_of_max_steps_trains_on": [
            ("max(0, max_steps - model.step.numpy())", "max_steps"),
            ("first(case[0] or case[1])", "first(case[0] or 1)"),
            ("first(steps or max_steps - session.run(step))", "first(steps or max_steps)"),
        ],
        "claim_the_loss_of_evaluate_is_a_mean_of_means": [
            ("BATCHES = [X[:2], X[2:4], X[4:]]", "BATCHES = [X[:1], X[1:3], X[3:]]"),
            ('"loss": np.mean(losses)', '"loss": np.mean((np.hstack(ys) - 2 * X) ** 2)'),
        ],
        "claim_estimators_are_gone": (
            "module.estimator.Estimator",
            "module.no_estimator.Estimator",
        ),
    },
    "27.3": {
        "claim_the_layers_of_keras_3_keep_a_smaller_variance": [
            ("epsilon=EPSILON)\n    dense", "epsilon=EPSILON * 2)\n    dense"),
            ("m, v = tf.nn.moments(h, [0])", "m, v = tf.nn.moments(h, [0])\n            v *= 1.01"),
        ],
        "claim_what_the_kernel_of_tf1_keeps_is_divided_by_n_minus_1": (
            "tf.reshape(tf.range(8.0), [8, 1, 1, 1])",
            "tf.reshape(tf.range(9.0), [9, 1, 1, 1])",
        ),
        "claim_the_layers_of_tf1_are_refused_when_called": (
            "tf1.layers.dense(np.ones([1, 2], np.float32), 3)",
            "callable(tf1.layers)",
        ),
        "claim_a_layer_as_tf1_saved_it_is_refused": ('{"dtype": "float32"}}', "{}}"),
    },
}
