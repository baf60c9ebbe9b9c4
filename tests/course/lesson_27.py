"""How the tests treat lesson 27: how each claim is broken."""

BROKEN = {
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
