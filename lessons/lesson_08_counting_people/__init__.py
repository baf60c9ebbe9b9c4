"""Lesson 8: Counting people.

A picture of a crowd becomes a map of how densely people stand, and the sum of the map is their
number. Why it sums to that, what pooling takes from such a map, and what the class of a whole
picture knows that its quarters do not.
"""
