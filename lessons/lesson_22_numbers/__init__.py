"""Lesson 22: Numbers.

A port may run, and learn, and still not compute what the program of TF1 did. What a gradient is
taken of, where random numbers come from, and what an optimizer's name leaves open: where the
numbers part, how far, and what brings them together again.
"""
