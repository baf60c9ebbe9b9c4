"""Lesson 20: State and order.

The first of the lessons that port: what a TF1 graph kept for its programs, and what becomes of it
in TensorFlow 2. The order in which state changes, the variables that are found again by name, and
the lists into which layers put what the training step must not forget. Each part shows first the
port that runs and is wrong, by how much, and then the one that holds.
"""
