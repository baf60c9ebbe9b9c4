"""Lesson 4: Convolutional networks.

A picture is no row of numbers: what is beside what matters. A small filter looks for one pattern
everywhere; strides, padding and pooling say how large its map is, an activation what is kept of
it. Put together and trained they are the networks that won ImageNet, and we look at what such a
network sees.
"""
