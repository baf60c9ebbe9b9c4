"""Where do two programs part?

    compare("old_tf1.py", "new_tf2.py").frontier      # run, and aligned by value
    structure.compare(graph, other).changed           # two graphs as they stand, nothing run

In come two targets, or two Graphs; out come frozen, plain data that go to JSON and back:

    found.py       what a comparison says
    structure.py   two graphs without running them
    side.py        a target run, and every value that its recorded calls computed
    values.py      which values are the same, near, rearranged or scaled
    parting.py     from results that differ back to the ops where that begins
    variables.py   which variable of one side is which of the other
    run.py         all of it for two targets
"""
