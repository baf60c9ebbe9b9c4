"""Lesson 23: Functions.

What was a graph and a session becomes a function, and Python is read in it as it never was: once.
Which calls share a trace, what of Python is left when the graph runs, and who makes a variable
that must be there once.
"""
