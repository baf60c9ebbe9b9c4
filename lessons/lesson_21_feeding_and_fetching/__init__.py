"""Lesson 21: Feeding and fetching.

A session may be given any tensor and asked for any, and runs what lies between; a function has
the ends that it was written with. What that means for a program that is ported: where it has to
be cut, what is drawn once and what twice, what a feed silently makes of text, and what becomes of
the Python that a graph calls back.
"""
