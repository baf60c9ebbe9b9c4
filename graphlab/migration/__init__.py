"""What does a TensorFlow 1 program need?

    migrate(Path("train.py")).constructs     # what it did, with what becomes of each in TF2

A script is run, as it is and, where that does not work, with the fewest edits:

    make_symbols.py   writes symbols.json: which names are gone, moved, or fail when called
    symbols.py        what became of one name
"""
