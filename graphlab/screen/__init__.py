"""What a lesson looks like in a terminal: pure functions that give rich renderables.

Nothing here prints; `graphlab.cli` does.
"""
