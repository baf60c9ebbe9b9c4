"""How the tests treat lesson 3: how each claim is broken."""

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
        "claim_xor_is_learned": ("RATE = 0.2", "RATE = 0.0"),
        "claim_layers_that_start_at_zero_never_learn": [
            ("0 * value for name", "0.1 + 0 * value for name"),
            ("Cases(cases()[:20], **zeros)", "cases().first(20)"),
        ],
        "claim_a_tape_plays_back_once": (
            "tf.GradientTape() as tape, tf",
            "tf.GradientTape(persistent=True) as tape, tf",
        ),
    },
}
