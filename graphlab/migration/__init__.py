"""What does a TensorFlow 1 program need?

    migrate(Path("train.py"))[0].constructs     # what it did, and what becomes of each in TF2

A script is run as it is and, where that does not do, with the fewest edits. Nothing is told that
was not executed, but for the names that will stop it further on:

    found.py          what is said of a script
    symbols.py        what became of a name of TensorFlow 1; make_symbols.py writes its table
    names.py          the names of TensorFlow that a text uses
    edits.py          the fewest edits with which it runs on compat.v1
    calls.py          which functions of TensorFlow 1 it calls
    executed.py       what its sessions ran, as constructs; constructs.py says what becomes of each
    order.py          which control dependencies matter
    optimizers.py     which optimizers give other numbers in Keras
    wants.py          which line cannot run, and what it wants
    oracle.py         what the real TensorFlow 1.15.5 gives
    run.py            all of it for one script
"""
