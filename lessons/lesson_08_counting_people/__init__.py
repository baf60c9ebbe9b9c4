"""Lesson 8: Counting people.

A picture of a crowd becomes a map of how densely people stand, and the sum of the map is their
number. Why it sums to that, and what pooling takes from such a map; what the class of a picture
knows, what an estimator that sees a few pixels, and what both do together.
"""
