"""Lesson 11: The latent random variable.

A number nobody has seen, drawn at random, from which a picture is made. How a mean and a width are
learned although a draw has no gradient, what the evidence lower bound bounds, and a variational
autoencoder that draws clothes nobody has sewn.
"""
