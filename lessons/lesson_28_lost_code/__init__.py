"""Lesson 28: Lost code.

A file is left, and nobody has the program that made it: a frozen graph, a training graph, a graph
with a loop in it. All that it computes stands in the file, and none of what its author would have
told. Read back into code that one can change, with `graphlab port` or by hand: what an op's name
does not say, what the author never wrote, and what turns in a circle.
"""
