"""Whatever the command line is pointed at: a lesson's part, a script, a model's file.

    asked = target.parse("train.py:model")
    watched = run.watch(asked, device=None, seed=None)
    watched.runs

In comes the text that a person typed; out come a Target (what it means) and a Watched (what was
seen while it ran, or what its file holds).
"""
