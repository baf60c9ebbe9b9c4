"""What a learner ports, and a checker that cannot be fooled.

    check(original, port, draws, seed=1).rungs     # nine probes, up to the first that breaks

In come two files with a `build()`, the original and the port; out comes a Ladder, frozen and plain.
Each program runs in a process of its own. What it is asked and what it answers are plain arrays;
the port is given neither the original, nor its numbers, nor the seed that all is drawn from.

A port's `build()` gives an object with

    train_step(**feeds)     a dict of fetches by name, or one value
    predict(**feeds)        the same, in inference
    variables               by name, or a list: weights, and slots of optimizers
    save(path), restore(path)

A program that keeps a Session calls it `session`. To add an exercise, make a folder in
`programs/` as `exercise.py` says: text and draws, the original, a start, a solution, and the wrong
ports that the checker must refuse, as pairs of texts in tests/exercises/exercise_NN.py.

    exercise.py    exercises found, and what they draw
    drawn.py       what a reader's own program draws
    wire.py        messages between processes
    worker.py      the process that a program runs in
    sides.py       both programs, asked the same at once
    differences.py where numbers are not the same
    probes.py      nine questions, and what a wrong answer usually means
    ladder.py      all of them in order
    because.py     where both part, op by op, once one has broken
    turned.py      the roles turned round: a weak checker that is to be fooled
    mutants.py     known mistakes, each a text edit of a port
    mutation.py    which of them a reader's own tests miss
    watched.py     its programs called once, for its page
    progress.py    how far a reader is
"""

SECONDS = 120.0  # that a check may take
