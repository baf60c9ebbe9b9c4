"""Lesson 2: Logistic regression.

From one neuron that learns two logic gates to a classifier of ten kinds of clothing: what a
weighted sum can and cannot decide, how a score becomes a probability and a loss, how the
gradient of that loss is a graph of its own, and how all of it trains on real pictures.
"""
