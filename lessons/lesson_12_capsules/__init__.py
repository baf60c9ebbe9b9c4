"""Lesson 12: Capsules.

A capsule answers with a vector: how long it is says whether something is there, where it points
says how it looks. How vectors are squashed, how parts agree on the whole that they belong to, and
what the agreement is worth on clothing.
"""
