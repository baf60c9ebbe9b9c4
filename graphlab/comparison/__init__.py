"""Where do two programs part?

    compare("old_tf1.py", "new_tf2.py").frontier      # run, and aligned by value
    structure.compare(graph, other).changed           # two graphs as they stand, nothing run

In come two targets, or two Graphs; out come frozen, plain data that go to JSON and back:

    found.py       what a comparison says
    structure.py   two graphs without running them
    run.py         all of it for two targets
    recorded.py    a target's calls replayed: reading.py makes the events of a side.py,
                   lines.py tells their lines
    starts.py      where such a call begins
    index.py       which values are the same, or near
    values.py      how values that are not the same are related
    variables.py   which variable of one side is which of the other
    influence.py   told by what moves when one is moved; columns.py: when a column is
    pieces.py      variables that one side has in one and the other in several
    results.py     what both give, and what their variables hold after each call (held.py)
    doubts.py      what makes a comparison prove less than it seems to
    known.py       which values a side has in which call, for the other to ask
    parting.py     from results that differ back to the ops where that begins
    pairing.py     which of those ops are partners
    lone.py        what is told of those that have none
    fork.py        where programs that are built alike go different ways
    pipeline.py    where pipelines of tf.data do
    frontier.py    what is told of all of them, and in what order (order.py)
    aligning.py    which tensors of a call have the same value
    places.py      events as what is said of them
    answer.py      all that there is to say of two sides
    begins.py      where what differs begins, from what is wrong
    calls.py       each call by itself, and the events of both in one order
"""
