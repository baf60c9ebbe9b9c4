"""How the tests treat lesson 10: long trainings cut short, and how each claim is broken."""

import numpy as np

# After 30 turns TensorFlow 1.15.5 is 0.01 off in a point: Adam makes much of the last bits.
STEPS = {"10.1": 8, "10.3": 3, "10.4": 3, "10.5": 3}

BROKEN = {
    "10.1": {
        "claim_a_step_of_one_leaves_the_other_as_it_was": [
            ("adam.minimize(d_loss, var_list=D)", "adam.minimize(d_loss)"),
            (
                "zip(tape.gradient(loss, self.G), self.G)",
                "zip(tape.gradient(loss, self.D), self.D)",
            ),
        ],
        "claim_the_sum_of_both_losses_teaches_nothing": ("first(300)", "first(3)"),
        "claim_a_run_needs_only_what_its_fetches_need": (
            "session.run(d_loss, fed)",
            "session.run(g_loss, fed)",
        ),
    },
    "10.2": {
        "claim_layers_that_always_move_spoil_only_what_is_made_afterwards": [
            (
                "            moved(self.G, g_batch)\n        return loss",
                "            pass\n        return loss",
            ),
            (
                "            moved(self.D, d_batch)\n\n    def results",
                "            pass\n\n    def results",
            ),
            ("nets.always = True", "nets.always = False"),
        ],
        "claim_a_frozen_layer_of_keras_does_not_look_at_its_batch": (
            "layer.trainable = False",
            "layer.trainable = True",
        ),
        "claim_all_updates_in_one_list_ask_for_real_points": (
            "session.run([g_batch, d_batch]",
            "session.run([g_batch, g_batch]",
        ),
    },
    "10.3": {
        "claim_the_same_noise_gives_another_shoe_for_another_kind": (
            "tf.concat([z, kind], 1)",
            "tf.concat([z, 0 * kind], 1)",
        ),
        "claim_a_kind_is_a_row_and_no_number": (
            "np.float32([2, 0])",
            "np.float32([[0, 0, 1], [1, 0, 0]])",
        ),
    },
    "10.4": {
        "claim_a_sum_of_words_has_no_order": [
            ("WORDS.index(word) for word in words]", "WORDS.index(word) for word in words[1:]]"),
            ('"purple", "boot"]', '"red", "boot"]'),
        ],
    },
    "10.5": {
        "claim_a_logit_judges_a_patch": [
            ("x[1, 0, 0] = 1", "x[1, 9, 9] = 1"),
            ('return conv2d(h, D[4], 1, "SAME")', 'return conv2d(h, D[4][:1, :1], 1, "SAME")'),
        ],
        "claim_a_side_must_halve_to_what_the_way_up_expects": ("[1, 30, 30, 1]", "[1, 28, 28, 1]"),
    },
}

# Over seeds 0 to 4 the points of 10.1's two functions are after 300 turns 0.09 to 0.20 from the
# circle, where more than 0.3 would be red, and those of the one function 0.93 to 3.52 (0.8). The
# mean of what 10.3 has named is 0.87 to 0.95 (0.8). Of the garments of 10.4 0.905 to 0.969 are
# right (0.8), of the green bags 0.68 or more are bags (0.5), of sizes and colours 1.00 (0.99).
SPOILED = {
    "10.3": {
        "claim_80_of_100_are_of_the_kind_that_was_asked_for": {
            "named": ([0.98, 0.73, 0.91], [0.9, 0.8, 0.6])
        }
    },
    "10.4": {
        "claim_80_of_100_garments_are_those_that_were_asked_for": {
            "followed": (np.array([1.0, 1.0, 0.9]), np.array([1.0, 1.0, 0.79]))
        },
        "claim_a_green_bag_was_never_shown": {
            "unseen": (np.array([1.0, 1.0, 0.68]), np.array([1.0, 1.0, 0.45]))
        },
    },
    "10.5": {
        "claim_l1_alone_is_nearer_and_smoother": {
            "l1": ([0.07, 0.09], [0.09, 0.07]),
            "ssim": ([0.6, 0.5], [0.5, 0.6]),
            "variation": ([0.77, 0.81], [0.77, 0.78]),
        }
    },
}
