"""How the tests treat lesson 7: long trainings cut short, and how each claim is broken."""

STEPS = {}

BROKEN = {
    "7.1": {
        "claim_a_number_written_stays_until_the_next": (
            "np.float32([-10, 10, 0, -10])",
            "np.float32([-10, 1, 0, -10])",
        ),
        "claim_the_gradient_reaches_back_to_who_wrote": (
            "np.float32([-10, 10, 0, -10])",
            "np.float32([-10, 1, 0, -10])",
        ),
        "claim_weights_of_tf1_are_in_another_order": (
            "np.concatenate([i, g, f, o])",
            "np.concatenate([i, f, g, o])",
        ),
    },
}

SPOILED = {}
