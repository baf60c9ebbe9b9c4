"""How the tests treat lesson 3: the long training cut short, and how each claim is broken."""

# 1,200 steps; the claims about all of them are in SPOILED.
STEPS = {"3.4": 60}

BROKEN = {
    "3.1": {
        "claim_xor_is_solved": [
            ("np.float32([0, -1])", "np.float32([0, 0])"),
            ("tf.nn.relu(", "tf.abs(", 3),
        ],
        "claim_without_the_relu_two_layers_are_one": (
            'Layer("output")(Layer("hidden")(TABLE))',
            'Layer("output")(tf.nn.relu(Layer("hidden")(TABLE)))',
        ),
        "claim_a_name_scope_does_not_keep_variables_apart": (
            "with tf1.name_scope(name):",
            "with tf1.variable_scope(name):",
        ),
        "claim_a_module_that_does_not_enter_its_scope_loses_its_name": [
            ("[Careless(name).W.name", "[Layer(name).W.name"),
            ("with self.name_scope:", "if name:"),
        ],
    },
    "3.2": {
        "claim_xor_is_learned": ("RATE = 0.1", "RATE = 0.0"),
        "claim_layers_that_start_at_zero_never_learn": [
            ("0 * value for name", "0.1 + 0 * value for name"),
            ("Cases(cases()[:20], **zeros)", "cases().first(20)"),
        ],
        "claim_a_tape_plays_back_once": (
            "tf.GradientTape() as tape, tf",
            "tf.GradientTape(persistent=True) as tape, tf",
        ),
    },
    "3.3": {
        "claim_the_mean_is_kept": [
            ("return x * kept / (1 - RATE)", "return x * kept", 3),
            ("200) for n, each", "201) for n, each"),
        ],
        "claim_tensorflow_drops_the_same": ("drawn >= RATE", "drawn < RATE", 3),
        "claim_08_was_to_keep_and_is_to_drop": [
            ("tf.math.count_nonzero(tf.nn.dropout(x", "tf.math.count_nonzero(tf1.nn.dropout(x"),
            ("tf.nn.dropout(x, keep_prob=", "tf1.nn.dropout(x, keep_prob="),
        ],
        "claim_a_switch_left_on_gives_a_picture_two_answers": (
            "[(x, one, True), (x, other, True)]",
            "[(x, one, False), (x, other, False)]",
        ),
        "claim_a_mask_that_python_draws_is_drawn_once": (
            "    @tf.function\n    def dropout(x):",
            "    def dropout(x):",
        ),
        "claim_a_function_that_answers_has_no_random_ops": ("ops(False) ==", "ops(True) =="),
    },
    "3.4": {
        "claim_shirts_are_the_hardest": (
            "np.mean(named[labels == one] == other)",
            "np.mean(labels[labels == one] == other)",
        ),
        "claim_an_epoch_in_order_learns_only_its_end": (
            'np.argsort(labels, kind="stable")',
            "np.arange(len(labels))[::-1]",
        ),
        "claim_keras_takes_logits_for_probabilities": (
            "loss()(label, logits)",
            "loss(from_logits=True)(label, logits)",
        ),
    },
}

SPOILED = {"3.4": {"claim_84_of_100_pictures_never_seen_are_named": {"accuracy": (0.86, 0.83)}}}
