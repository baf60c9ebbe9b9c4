"""How the tests treat lesson 4, parts 4.6 to 4.8: trainings cut short, how each claim is broken."""

STEPS = {"4.6": 20, "4.8": 5}

BROKEN = {
    "4.6": {
        "claim_filters_of_zeros_stay_zeros": ("np.zeros_like(value)", "np.full_like(value, 0.1)"),
        "claim_a_picture_needs_its_channel": (
            "tf1.placeholder(tf.float32, [None, 28, 28])",
            "tf1.placeholder(tf.float32, [None, 28, 28, 1])",
        ),
    },
    "4.7": {
        "claim_60_965_224_parameters": [
            ("[5, 5, 48, 128]", "[3, 3, 48, 128]"),
            ("34944, 307456", "34944, 614656"),
        ],
        "claim_the_neurons_are_the_papers_but_for_a_misprint": (
            '4, "VALID", "norm pool"',
            '4, "SAME", "norm pool"',
        ),
        "claim_224_pixels_do_not_fit": ("tf.zeros([1, 224, 224", "tf.zeros([1, 227, 227"),
    },
    "4.8": {
        "claim_the_deconvnet_is_a_gradient_with_another_relu": [
            ("(tf.nn.relu(x), tf.nn.relu)", "(tf.nn.relu(x), tf.identity)"),
            ("conv2d_transpose(tf.nn.relu(signal)", "conv2d_transpose(tf.abs(signal)"),
            ("switches[layer - 1], [-1, 1])", "switches[layer - 1] * 0, [-1, 1])"),
        ],
        "claim_a_tensor_does_not_leave_its_trace": (
            "tf.function(lambda x: kept",
            "(lambda x: kept",
        ),
    },
}

SPOILED = {
    "4.6": {"claim_87_of_100_pictures_never_seen_are_named": {"accuracy": (0.88, 0.86)}},
}
