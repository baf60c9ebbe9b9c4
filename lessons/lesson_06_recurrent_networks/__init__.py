"""Lesson 6: Recurrent networks.

Sequences have no fixed length. A network that reads one step after the other and keeps a state
is a loop: what a loop becomes in a graph, how a gradient runs back through it, and how such a
network reads a sentence of a film review and says whether its writer was pleased.
"""
