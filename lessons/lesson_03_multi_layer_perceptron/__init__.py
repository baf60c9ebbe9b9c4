"""Lesson 3: Multi-layer perceptron.

What one weighted sum cannot decide, two in a row can: layers that compose, the chain rule that
finds a gradient for each of them, the switch by which a network behaves otherwise while it
trains, and a network of two layers on the pictures of clothing, which now meets Keras.
"""
