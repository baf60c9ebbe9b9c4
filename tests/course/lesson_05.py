"""How the tests treat lesson 5: long trainings cut short, and how each claim is broken."""

# Until the 20th step TensorFlow 1.15.5 goes along; then Adam has made much of the last bits.
STEPS = {"5.1": 20}
# The first steps are all of one task, and what is claimed takes both. All 900 are taken where the
# part is held against TensorFlow 1.15.5.
SHORTER = {"5.2": ('["rebuild"] * 600 + ["name"] * 300', '["rebuild"] * 6 + ["name"] * 3')}

BROKEN = {
    "5.1": {
        "claim_a_number_of_rows_must_not_be_built_in": ("[100, 14, 14, 16]", "[7, 14, 14, 16]"),
    },
    "5.2": {
        "claim_the_encoder_is_frozen": [
            ("adam.minimize(wrong, var_list=head)", "adam.minimize(wrong)"),
            (
                "zip(tape.gradient(loss, self.head), self.head)",
                "zip(tape.gradient(loss, self.encoder), self.encoder)",
            ),
        ],
        "claim_reuse_is_asked_for_in_a_graph_and_fails_in_eager": [
            ("assert w(tf1.AUTO_REUSE) is w(", "assert w(tf1.AUTO_REUSE) is not w("),
            ("            w(None)", "            w(True)"),
            ("assert w(tf1.AUTO_REUSE) is not w(", "assert w(tf1.AUTO_REUSE) is w("),
        ],
    },
}

SPOILED = {
    "5.1": {"claim_32_numbers_bring_a_picture_back": {"mse": (0.0117, 0.0144)}},
    "5.2": {"claim_two_numbers_name_half_of_the_pictures": {"accuracy": (0.55, 0.49)}},
}
