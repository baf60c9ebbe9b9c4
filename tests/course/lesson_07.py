"""How the tests treat lesson 7: long trainings cut short, and how each claim is broken."""

# Parts too long for the tests take only so many steps there (and under TensorFlow 1.15.5).
STEPS = {"7.2": 12, "7.3": 12}

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
    "7.2": {
        "claim_padding_marked_by_a_class_that_is_none_breaks_the_loss": ("([3, -1]", "([3, 0]"),
    },
    "7.3": {
        "claim_the_decks_table_round_trips": ('"boston 266', '"boston 444'),
        "claim_a_reversed_batch_begins_with_padding": ("tf.reverse(words, [0])", "words"),
    },
}

# Claims about whole trainings, which the tests cut short: a result that holds, one that does not.
ANSWERS = {
    "deck": "O O O O O O O B-fromloc.city_name O B-toloc.city_name O B-depart_date.day_name O "
    "B-depart_date.date_relative O O".split(),
    "to": "O O O B-fromloc.city_name O B-toloc.city_name O".split(),
    "from": "O O O B-toloc.city_name O B-fromloc.city_name O".split(),
}
SPOILED = {
    "7.2": {"claim_94_of_100_words_in_files_never_seen": {"accuracy": (0.944, 0.93)}},
    "7.3": {
        "claim_slots_are_found_with_names_never_seen": {
            "f1": (0.97, 0.94),
            "deck": (ANSWERS["deck"], ANSWERS["deck"][::-1]),
        },
        "claim_the_word_after_decides": {
            "to": (ANSWERS["to"], ANSWERS["from"]),
            "from": (ANSWERS["from"], ANSWERS["to"]),
        },
    },
}
