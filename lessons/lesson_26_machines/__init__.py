"""Lesson 26: Machines.

A TF1 program says for each operation where it runs, and a program on many machines is one graph
that is cut between them. In TF2 a device is a wish, and a strategy copies the program: what is
placed where, and what the copies have to tell each other so that they learn what one would.
"""
