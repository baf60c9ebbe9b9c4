"""Lesson 10: Generative adversarial networks.

Nobody can write down a loss for "looks like a shoe". So a second network learns it: one makes
pictures out of noise, the other tells them from real ones, and each is trained by what the other
does. Two networks that meet in one graph, and must not be trained by each other's step.
"""
