"""Lesson 24: Saving.

What a program leaves behind outlives it: checkpoints, models to be served, curves of its training.
TF2 writes each in another form, reads some of the old ones, and where it finds nothing it may say
nothing. How the old ones are read, and how one sees that all of it has arrived.
"""
