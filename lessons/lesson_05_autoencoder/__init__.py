"""Lesson 5: Autoencoders.

A network that must rebuild its input from fewer numbers than the input has learns, without a
single label, what the inputs have in common. How such a bottleneck is built and trained, and how
its better half is then frozen and put to work for another task.
"""
