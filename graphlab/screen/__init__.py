"""What the terminal shows: pure functions that give rich renderables.

In come Parts, Reports, Watcheds and facts; out come renderables that fit the width they are
given. Nothing here prints: `graphlab.commands` does.
"""
